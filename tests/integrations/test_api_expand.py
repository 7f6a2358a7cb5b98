"""What else comes with a row where it is asked for, and does its version say how new it is?"""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from integrations.outbox.publish import publish
from integrations.webhooks import endpoints, payload
from integrations.webhooks.models import WebhookDelivery, WebhookEndpoint
from integrations.webhooks.outbox import WEBHOOKS
from orders.models import Order, OrderEvent, Shipment
from tests.api import make_reader, make_writer, rows, send
from tests.builders import PLACED_AT, make_order
from tests.warehouse import make_part

pytestmark = pytest.mark.django_db
EVERYTHING = "refunds,events"


@pytest.fixture
def order() -> Order:
    """An order with a despatch, a hold and a proposed refund."""
    order = make_order("W-1", items=(("TEE", 2, 5998), ("CAP", 1, 1000)))
    Shipment.objects.create(
        order=order,
        fulfilment_order=make_part(order),
        seller=order.seller,
        number="D-1",
        despatched_at=PLACED_AT,
        changed_at=PLACED_AT,
        message=1,
    )
    writer = make_writer()
    send(writer, "post", f"/api/v1/orders/{order.pk}/hold/", {"why": "fraud check"})
    refund = {"order_id": order.pk, "reason": "goodwill", "items": [{"sku": "TEE", "quantity": 1}]}
    send(writer, "post", "/api/v1/refunds/", refund)
    return order


def test_an_order_comes_with_its_refunds_and_its_timeline_where_they_are_expanded(order: Order) -> None:
    reader = make_reader()
    plain = reader.get(f"/api/v1/orders/{order.pk}/").json()

    whole = reader.get(f"/api/v1/orders/{order.pk}/?expand={EVERYTHING}").json()

    assert whole.keys() - plain.keys() == {"refunds", "events"}
    assert {name: whole[name] for name in plain} == plain
    assert whole["refunds"] == rows(reader, "/api/v1/refunds/")
    assert [(event["kind"], event["order"], event["actor"]) for event in whole["events"]] == [
        ("order.hold_placed", "W-1", "key:core"),
        ("order.held", "W-1", "key:core"),
        ("refund.proposed", "W-1", "key:core"),
    ]


@pytest.mark.parametrize("kind", ["refunds", "shipments"])
def test_a_refund_and_a_shipment_come_with_their_whole_order_where_it_is_expanded(kind: str, order: Order) -> None:
    reader = make_reader()

    (one,) = rows(reader, f"/api/v1/{kind}/")
    (whole,) = rows(reader, f"/api/v1/{kind}/?expand=full_order")

    assert whole == one | {"full_order": reader.get(f"/api/v1/orders/{order.pk}/").json()}


def test_what_is_expanded_stands_beside_the_fields_that_were_chosen(order: Order) -> None:
    found = make_reader().get(f"/api/v1/orders/{order.pk}/?fields=reference&expand=refunds").json()

    assert (found.keys(), found["refunds"][0]["number"]) == ({"reference", "refunds"}, "W-1-R1")


@pytest.mark.parametrize(
    ("scope", "address", "lacks"),
    [
        ("orders:read", "/api/v1/orders/?expand=events,refunds", "Expanding events needs the scope events:read"),
        ("orders:read", "/api/v1/orders/{order}/?expand=refunds", "Expanding refunds needs the scope refunds:read"),
        ("refunds:read", "/api/v1/refunds/?expand=full_order", "Expanding full_order needs the scope orders:read"),
    ],
)
def test_expanding_shows_a_key_nothing_beyond_its_scopes(scope: str, address: str, lacks: str, order: Order) -> None:
    response = make_reader(scopes=[scope]).get(address.format(order=order.pk))

    assert (response.status_code, response.json()["detail"]) == (403, f"{lacks}, which this key lacks.")


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("orders/?expand=items", "expand"),
        ("orders/?fields=refunds", "fields"),
        ("refunds/?expand=order", "expand"),
        ("attention/?expand=full_order", "expand"),
        ("orders/{order}/?fields=nothing", "fields"),
    ],
)
def test_what_cannot_be_expanded_is_refused_by_name(address: str, field: str, order: Order) -> None:
    response = make_reader().get(f"/api/v1/{address.format(order=order.pk)}")

    assert (response.status_code, [error["field"] for error in response.json()["errors"]]) == (400, [field])


def test_expanding_costs_the_same_statements_whatever_a_page_holds(order: Order) -> None:
    for number in range(2, 20):
        make_order(f"W-{number}")
    reader = make_reader()

    for wanted in (1, 19):
        with CaptureQueriesContext(connection) as asked:
            assert len(rows(reader, f"/api/v1/orders/?expand={EVERYTHING}&page_size={wanted}")) == wanted
        # The key, its use, the place of each row, the rows.
        assert len(asked) == 4


@pytest.mark.django_db(transaction=True)
def test_the_version_of_an_order_is_what_the_newest_webhook_about_it_carries(order: Order) -> None:
    endpoint, _ = endpoints.create(endpoints.EndpointSpec("core", "https://93.184.215.14/", ("*",), None))
    WebhookEndpoint.objects.update(created_at=PLACED_AT)
    reader, writer = make_reader(), make_writer("other")
    address = f"/api/v1/orders/{order.pk}/"

    before = reader.get(address).json()["version"]
    after = send(writer, "post", f"{address}notes/", {"note": "called"}).json()["version"]
    publish(WEBHOOKS)

    told = [
        endpoints.message_of(row).message["data"]["version"] for row in WebhookDelivery.objects.order_by("event_id")
    ]
    assert (told[-2:], before < after) == ([before, after], True)
    assert after == reader.get(address).json()["version"] == OrderEvent.objects.latest("id").pk
    assert [row["order_version"] for kind in ("refunds", "shipments") for row in rows(reader, f"/api/v1/{kind}/")] == [
        after,
        after,
    ]
    assert payload.TEST not in endpoint.deliveries.values_list("kind", flat=True)
