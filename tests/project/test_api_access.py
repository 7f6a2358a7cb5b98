"""Is every endpoint closed to whoever has no key, the wrong scope, or a key of another seller?

The list of endpoints is the router's own: a new one is tried without anybody adding it here.
"""

import re
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from integrations.api.access import scope_of
from integrations.models import Account, Connection, Scope, SyncRun
from integrations.webhooks.models import WebhookDelivery, WebhookEndpoint
from orders.models import AttentionItem, Shipment
from refunds.models import Refund
from tests.api import make_writer, send
from tests.builders import PLACED_AT, make_order, make_seller
from tests.warehouse import make_part

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Endpoint:
    method: str
    path: str
    scope: str | None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def endpoints() -> list[Endpoint]:
    found: list[Endpoint] = []
    _walk(get_resolver().url_patterns, "", found)
    return found


def _walk(patterns: Any, before: str, found: list[Endpoint]) -> None:
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            _walk(pattern.url_patterns, path, found)
        elif isinstance(pattern, URLPattern) and path.startswith("api/v1/"):
            callback: Any = pattern.callback
            for method, action in callback.actions.items():
                view = callback.cls()
                view.action = action
                found.append(Endpoint(method, "/" + path, scope_of(view)))


ENDPOINTS = endpoints()


def address(endpoint: Endpoint, row_id: int = 1) -> str:
    return re.sub(r"<[^>]+>", str(row_id), endpoint.path)


def ask(client: Client, endpoint: Endpoint, row_id: int = 1) -> Any:
    return send(client, endpoint.method, address(endpoint, row_id), None if endpoint.method == "get" else {})


def test_the_endpoints_are_found() -> None:
    assert len(ENDPOINTS) >= 23
    assert {str(endpoint) for endpoint in ENDPOINTS} >= {"get /api/v1/orders/", "post /api/v1/orders/<int:pk>/cancel/"}


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=str)
def test_nothing_is_done_without_a_key(endpoint: Endpoint) -> None:
    response = ask(Client(), endpoint)

    assert (response.status_code, response["Content-Type"]) == (401, "application/problem+json")


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=str)
def test_nothing_is_done_with_every_scope_but_the_right_one(endpoint: Endpoint) -> None:
    assert endpoint.scope in Scope.values
    client = make_writer(scopes=[scope for scope in Scope.values if scope != endpoint.scope])

    response = ask(client, endpoint)

    assert (response.status_code, response["Content-Type"]) == (403, "application/problem+json")
    assert response.json()["detail"] == f"This needs the scope {endpoint.scope}, which this key lacks."


def rows_of_another_seller() -> dict[str, int]:
    order = make_order("W-1", seller=make_seller("theirs"))
    shipment = Shipment.objects.create(
        order=order,
        fulfilment_order=make_part(order),
        seller=order.seller,
        number="D-1",
        despatched_at=PLACED_AT,
        changed_at=PLACED_AT,
        message=1,
    )
    refund = Refund.objects.create(
        order=order,
        seller=order.seller,
        sequence=1,
        number="W-1-R1",
        origin="staff",
        kind="pre_shipment",
        reason="goodwill",
        currency="GBP",
        items_amount=0,
        amount=0,
        provider="manual",
    )
    item = AttentionItem.objects.create(kind="unknown_sku", subject="x", seller=order.seller, order=order, summary="x")
    connection = Connection.objects.create(name="main", base_url="https://prosku.example")
    account = Account.objects.create(connection=connection, seller=order.seller, key="secret")
    run = SyncRun.objects.create(account=account, lease_until=PLACED_AT)
    endpoint = WebhookEndpoint.objects.create(name="theirs", url="https://93.184.215.14/", kinds=["*"], secret="x")
    endpoint.sellers.set([order.seller])
    return {
        "webhooks": endpoint.pk,
        "webhook-deliveries": WebhookDelivery.objects.create(endpoint=endpoint, kind="webhook.test").pk,
        "orders": order.pk,
        "shipments": shipment.pk,
        "refunds": refund.pk,
        "attention": item.pk,
        "sync-runs": run.pk,
        "sellers": order.seller_id,
        "channels": order.channel_id,
    }


def kind_of(endpoint: Endpoint) -> str:
    return endpoint.path.split("/")[3]


@pytest.mark.parametrize("endpoint", [e for e in ENDPOINTS if "<" in e.path], ids=str)
def test_what_belongs_to_another_seller_is_not_there(endpoint: Endpoint) -> None:
    row_id = rows_of_another_seller()[kind_of(endpoint)]
    stranger = make_writer("stranger", sellers=[make_seller("mine")])

    response = ask(stranger, endpoint, row_id)

    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
    if endpoint.method == "get":
        assert ask(make_writer("all"), endpoint, row_id).status_code == 200


@pytest.mark.parametrize(
    "endpoint",
    [e for e in ENDPOINTS if e.method == "get" and "<" not in e.path],
    ids=str,
)
def test_lists_show_nothing_of_another_seller(endpoint: Endpoint) -> None:
    rows_of_another_seller()
    mine = make_seller("mine")
    stranger = make_writer("stranger", sellers=[mine])

    found = ask(stranger, endpoint).json()["results"]

    assert found == [] or [row["code"] for row in found] == ["mine"]
