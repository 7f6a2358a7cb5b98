"""Does the API keep what its schema promises?"""

import io
import os
import uuid
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import negative_data_rejection

from hemi_intake.wsgi import application
from integrations.api import keys as api_keys
from integrations.models import Scope
from orders.models import Order, Shipment, ShipmentItem
from tests.builders import PLACED_AT, make_order
from tests.warehouse import make_part

pytestmark = pytest.mark.django_db

# What is well-formed may still be refused (422): sums that do not add up, an order that is not here.
_REFUSED = {"positive_data_acceptance": {"expected-statuses": ["2xx", "3xx", "404", "422"]}}
schema = schemathesis.openapi.from_wsgi(
    "/api/schema/", application, config=schemathesis.Config.from_dict({"checks": _REFUSED})
)
# Several thousand cases by night, a few hundred at all times.
NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
EXAMPLES = settings(
    max_examples=200 if NIGHTLY else 10,
    derandomize=not NIGHTLY,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def bearer(db: None) -> Iterator[dict[str, str]]:
    """What a key's owner sends. A request then leaves open the connection that carries the test's transaction."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    plain = api_keys.create("fuzzer", scopes=Scope.values, per_minute=1_000_000)[1]
    # What the WSGI transport cannot unpack must not come packed.
    yield {"Authorization": f"Bearer {plain}", "Accept-Encoding": "identity"}
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def order(db: None) -> Order:
    order = make_order("W-1", discounts=[{"name": "SPRING", "amount": 250}], shipping_address={"line1": "1 High St"})
    shipment = Shipment.objects.create(
        order=order,
        fulfilment_order=make_part(order),
        seller=order.seller,
        number="D-1",
        despatched_at=PLACED_AT,
        changed_at=PLACED_AT,
        message=1,
    )
    ShipmentItem.objects.create(shipment=shipment, sku="TEE", quantity=1)
    return order


@schema.parametrize()
@EXAMPLES
def test_every_answer_is_one_that_the_schema_declares(case: Case[Any], bearer: dict[str, str], order: Order) -> None:
    # With one key for all, only the first body would ever be read.
    headers = bearer if case.method == "GET" else bearer | {"Idempotency-Key": str(uuid.uuid4())}
    # A header that we send ourselves is never wrong, and a parameter that is an empty list stands in no address;
    # each order of a batch has its own answer.
    wrong = wrong_parts(case)
    carried = wrong != {ParameterLocation.QUERY} or all(value != [] for value in (case.query or {}).values())
    harmless = ParameterLocation.HEADER in wrong or not carried or case.path.endswith("/batch/")
    case.call_and_validate(headers=headers, excluded_checks=[negative_data_rejection] if harmless else [])


def wrong_parts(case: Case[Any]) -> set[ParameterLocation]:
    """Which parts of a request were made wrong on purpose."""
    parts = case.meta.components if case.meta else {}
    return {location for location, part in parts.items() if part.mode.is_negative}


def test_what_is_found_by_its_id_is_as_the_schema_says(bearer: dict[str, str], order: Order) -> None:
    found = {"orders": order.pk, "shipments": order.shipments.get().pk}

    for kind, row_id in found.items():
        case = schema[f"/api/v1/{kind}/{{id}}/"]["GET"].Case(path_parameters={"id": row_id})
        assert case.call_and_validate(headers=bearer).status_code == 200


def test_every_body_and_every_answer_has_an_example_that_its_schema_allows() -> None:
    document: Any = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    shown = 0
    for methods in document["paths"].values():
        for operation in methods.values():
            assert operation["security"]
            medias = [operation["requestBody"]] if "requestBody" in operation else []
            for media in (m for part in [*medias, *operation["responses"].values()] for m in _medias(part)):
                whole = {**media["schema"], "components": document["components"]}
                (name,) = media["examples"]
                value = document["components"]["examples"][name]["value"]
                jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker()).validate(value)
                shown += 1
    assert shown > 300


def _medias(part: dict[str, Any]) -> list[dict[str, Any]]:
    return list(part.get("content", {}).values())


def test_the_schema_is_made_without_a_warning() -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=io.StringIO())


def test_the_schema_and_the_page_to_try_it_are_readable_without_a_key() -> None:
    described, page = Client().get("/api/schema/"), Client().get("/api/docs/")
    again = Client().get("/api/schema/", headers={"If-None-Match": described["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert described["Cache-Control"] == "public, max-age=300"
    assert (described.status_code, described.json()["openapi"]) == (200, "3.1.0")
    assert page.status_code == 200
    assert b"<style" not in page.content
    assert b"://" not in page.content
    assert page.content.count(b"<script") == page.content.count(b"<script src=") == 2
