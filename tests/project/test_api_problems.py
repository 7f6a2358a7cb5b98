"""How does the API refuse?"""

import json
from typing import Any

import pytest
import requests
from django.db import connection, transaction
from django.http import HttpRequest
from django.test import Client
from django.test.client import RequestFactory

from hemi_intake.api import refusals
from tests.api import make_reader, make_writer, send
from tests.integrations.api_server import web
from tests.waiting import WITHIN

pytestmark = pytest.mark.django_db

ORDERS = "/api/v1/orders/"
ENDPOINTS = ("/api/v1/orders/", "/api/v1/orders/1/", "/api/v1/shipments/", "/api/v1/shipments/1/", "/api/v1/refunds/")


@pytest.mark.parametrize("address", [*ENDPOINTS, "/api/v1/refunds/1/"])
@pytest.mark.parametrize("shown", ["", "Bearer", "Bearer hemi_0_0", "Basic YTpi", "Bearer hemi_\xff"])
def test_nothing_is_read_without_a_valid_key(address: str, shown: str) -> None:
    response = Client(headers={"Authorization": shown} if shown else {}).get(address)

    assert (response.status_code, response["Content-Type"]) == (401, "application/problem+json")
    assert response["WWW-Authenticate"] == "Bearer"
    assert response.json()["type"] == "urn:hemi-intake:problem:not-authenticated"


def test_a_problem_names_the_parameter_and_the_request(caplog: pytest.LogCaptureFixture) -> None:
    response = make_reader().get("/api/v1/refunds/?status=paid&sellr=a")

    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")
    logged = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    known = (
        "amount_from, amount_to, changed_since, cursor, expand, fields, number, order, ordering, page_size, "
        "proposed_before, proposed_from, reason, seller, status"
    )
    unknown = f"Unknown. Known here: {known}."
    assert response.json() == {
        "type": "urn:hemi-intake:problem:invalid-request",
        "title": "The request is not valid",
        "status": 400,
        "code": "invalid_request",
        "detail": f"sellr: {unknown}",
        "request_id": logged[-1]["request_id"],
        "errors": [{"field": "sellr", "detail": unknown}],
    }


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("status=paid", "status"),
        ("status=", "status"),
        ("seller=", "seller"),
        ("seller=a&seller=b", "seller"),
        ("reference=a%00b", "reference"),
        ("page_size=0", "page_size"),
        ("page_size=101", "page_size"),
        ("page_size=ten", "page_size"),
        ("page_size=%D9%A3", "page_size"),
        ("cursor=nonsense", "cursor"),
        ("cursor=n0.9999999999999999999", "cursor"),
        ("format=json", "format"),
    ],
)
def test_a_wrong_parameter_is_refused_by_name(query: str, parameter: str) -> None:
    response = make_reader().get(f"/api/v1/orders/?{query}")

    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [parameter]


@pytest.mark.parametrize("kind", ["orders", "shipments", "refunds"])
def test_one_row_takes_only_what_chooses_its_fields(kind: str) -> None:
    response = make_reader().get(f"/api/v1/{kind}/1/?status=new")

    assert response.status_code == 400
    assert response.json()["errors"] == [{"field": "status", "detail": "Unknown. Known here: expand, fields."}]


@pytest.mark.parametrize(
    "address",
    [
        "/api/",
        "/api/v2/orders/",
        "/api/v1/orders",
        "/api/v1/orders/7/",
        "/api/v1/orders/abc/",
        "/api/v1/orders/-1/",
        f"/api/v1/orders/{'9' * 40}/",
        f"/api/v1/orders/{'9' * 5000}/",
    ],
)
def test_what_is_not_there_is_a_problem_and_no_page(address: str) -> None:
    response = make_reader().get(address)

    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
    assert response.json()["type"] == "urn:hemi-intake:problem:not-found"


@pytest.mark.parametrize("method", ["put", "delete"])
@pytest.mark.parametrize("address", ["/api/v1/orders/", "/api/v1/shipments/", "/api/v1/refunds/", "/api/v1/events/"])
def test_what_an_address_does_not_take_is_a_problem(method: str, address: str) -> None:
    response = getattr(make_reader(), method)(address, data="{", content_type="application/json")

    assert (response.status_code, response["Content-Type"]) == (405, "application/problem+json")
    assert response.json()["type"] == "urn:hemi-intake:problem:method-not-allowed"


@pytest.mark.parametrize("media_type", ["application/xml", "text/plain", "application/x-www-form-urlencoded", "json"])
def test_anything_but_json_is_refused(media_type: str) -> None:
    response = make_writer().post(ORDERS, b"{}", content_type=media_type, headers={"Idempotency-Key": "k-1"})

    assert (response.status_code, response["Content-Type"]) == (415, "application/problem+json")
    assert response.json()["type"] == "urn:hemi-intake:problem:unsupported-media-type"


def test_a_body_beyond_measure_is_refused() -> None:
    body = b'{"notes": "' + b"x" * 10_000_000 + b'"}'

    response = make_writer().post(ORDERS, body, content_type="application/json", headers={"Idempotency-Key": "k-1"})

    assert (response.status_code, response["Content-Type"]) == (413, "application/problem+json")
    assert response.json()["type"] == "urn:hemi-intake:problem:too-large"


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"quantity": ' + b"9" * 5000 + b"}",
        b'{"quantity": NaN}',
        b'{"notes": "\xff"}',
        "{}".encode("utf-16"),
    ],
    ids=["cut off", "deep lists", "deep objects", "huge number", "NaN", "no UTF-8", "UTF-16"],
)
@pytest.mark.parametrize("address", ["orders/", "orders/batch/", "orders/1/hold/", "refunds/", "webhooks/"])
def test_what_cannot_be_read_as_json_is_refused(address: str, body: bytes) -> None:
    headers = {"Idempotency-Key": "k-1"}
    response = make_writer().post(f"/api/v1/{address}", body, content_type="application/json", headers=headers)

    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")
    assert response.json()["detail"].startswith("JSON parse error")


@pytest.mark.parametrize("address", ["orders/", "orders/batch/", "refunds/", "webhooks/"])
@pytest.mark.parametrize("body", [[], None, 7, "x", True, {"\ud800": 1}, {"\x00": 1}, {"a" * 100_000: 1}])
def test_what_is_json_of_another_shape_is_refused_by_a_problem(address: str, body: Any) -> None:
    response = send(make_writer(), "post", f"/api/v1/{address}", json.dumps(body))

    assert (response.status_code, response["Content-Type"]) == (422, "application/problem+json")
    assert len(response.content) < 2000


def test_another_format_than_json_is_refused_in_json() -> None:
    response = make_reader().get("/api/v1/orders/", headers={"Accept": "text/html"})

    assert (response.status_code, response["Content-Type"]) == (406, "application/problem+json")


@pytest.mark.parametrize(("address", "media_type"), [("/api/v1/x", "application/problem+json"), ("/x", "text/html")])
def test_a_fault_of_ours_is_a_problem_below_api(address: str, media_type: str, rf: RequestFactory) -> None:
    request: HttpRequest = rf.get(address)

    for response in (refusals.server_error(request), refusals.bad_request(request, ValueError("secret"))):
        assert response["Content-Type"].split(";")[0] == media_type
        assert b"secret" not in response.content


def test_a_failing_database_shows_nothing_of_itself(caplog: pytest.LogCaptureFixture) -> None:
    reader = make_reader()
    reader.raise_request_exception = False
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE orders_shipment RENAME TO gone")

    response = reader.get("/api/v1/shipments/")

    # The statement that failed has ended the test's transaction.
    transaction.set_rollback(True)
    logged = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    assert (response.status_code, response["Content-Type"]) == (500, "application/problem+json")
    assert response.json() == {
        "type": "urn:hemi-intake:problem:server-error",
        "title": "This is our fault",
        "status": 500,
        "code": "server_error",
        "detail": "Something went wrong, and our logs have it under this request id.",
        "request_id": logged[-1]["request_id"],
    }


def test_a_request_for_a_foreign_host_is_a_problem_below_api() -> None:
    response = Client(headers={"Host": "evil.example"}).get("/api/v1/orders/")

    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")


def test_while_the_database_is_away_a_problem_says_so_and_when_to_come_again() -> None:
    bearer = {"Authorization": f"Bearer hemi_{'0' * 8}_{'0' * 64}"}
    with web(DATABASE_URL="postgresql://127.0.0.1:1/nowhere") as server:
        read = requests.get(f"{server.url}/api/v1/orders/", headers=bearer, timeout=WITHIN)
        written = server.send("post", "/api/v1/orders/", {}, bearer=f"hemi_{'0' * 8}_{'0' * 64}", key="k-1")

    for answer in (read, written):
        assert (answer.status_code, answer.headers["Content-Type"]) == (503, "application/problem+json")
        assert (answer.json()["type"], answer.headers["Retry-After"]) == ("urn:hemi-intake:problem:unavailable", "5")
        assert answer.json()["detail"].startswith("The database did not answer, and nothing was done.")
