"""What do other systems read of orders and shipments?"""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.documents.shape import ADDRESS
from orders.models import Order, OrderItem, Shipment, ShipmentItem
from tests.api import make_reader, rows
from tests.builders import PLACED_AT, make_channel, make_order, make_seller
from tests.warehouse import make_part, reported, tell

pytestmark = pytest.mark.django_db


def make_shipment(order: Order, number: str, **units: int) -> Shipment:
    shipment = Shipment.objects.create(
        order=order,
        fulfilment_order=make_part(order),
        seller=order.seller,
        number=number,
        carrier="Royal Mail",
        tracking_number="RM 1",
        despatched_at=PLACED_AT,
        changed_at=PLACED_AT,
        version="1",
        message=1,
    )
    for sku, quantity in units.items():
        ShipmentItem.objects.create(shipment=shipment, sku=sku, quantity=quantity)
    return shipment


def make_half_shipped_order() -> Order:
    order = make_order(
        "W-1",
        seller=make_seller("acme", currency="GBP"),
        channel=make_channel("shop"),
        items=(("TEE", 2, 5998, 1000), ("CAP", 1, 1000)),
        shipping_charge=395,
        total_paid=7394,
        discounts=[{"name": "SPRING", "amount": 250}],
        shipping_address={"line1": "1 High Street", "postcode": "AB1 2CD"},
    )
    OrderItem.objects.filter(order=order, sku="TEE").update(shipped_quantity=1)
    Order.objects.filter(pk=order.pk).update(shipped_units=1, outstanding_units=2)
    make_shipment(order, "D-1", TEE=1)
    return order


def test_an_order_tells_who_bought_it_and_what_it_cost() -> None:
    order = make_half_shipped_order()

    answer = make_reader().get(f"/api/v1/orders/{order.pk}/").json()

    assert answer.pop("updated_at").endswith("Z")
    assert (len(answer.pop("items")), len(answer.pop("shipments"))) == (2, 1)
    assert answer == {
        "id": order.pk,
        "version": 0,
        "reference": "W-1",
        "channel_id": None,
        "seller": "acme",
        "channel": "shop",
        "source": "web",
        "placed_at": "2026-03-02T09:30:00Z",
        "status": "partially_shipped",
        "shipped_short": False,
        "status_detail": None,
        "held_because": None,
        "currency": "GBP",
        "prices_include_tax": True,
        "customer": {"name": "Ada Lovelace", "email": "ada@example.com", "phone": None},
        "shipping_address": dict.fromkeys(ADDRESS) | {"line1": "1 High Street", "postcode": "AB1 2CD"},
        "billing_address": dict.fromkeys(ADDRESS),
        "shipping_method": None,
        "shipping_charge": "3.95",
        "discounts": [{"name": "SPRING", "amount": "2.50"}],
        "rounding": "0.01",
        "total": "73.94",
        "total_paid": "73.94",
        "payment_status": "paid",
        "committed_amount": "0.00",
        "committed_shipping": "0.00",
        "left_to_refund": answer["total_paid"],
        "payments": [{"provider": "manual", "reference": None, "amount": "73.94", "captured_amount": None}],
        "notes": None,
        "language": None,
    }


def test_an_order_tells_what_became_of_each_unit() -> None:
    order = make_half_shipped_order()

    answer = make_reader().get(f"/api/v1/orders/{order.pk}/").json()

    items = answer["items"]
    assert [item["sku"] for item in items] == ["TEE", "CAP"]
    assert items[0] == {
        "sku": "TEE",
        "name": "Tee",
        "channel_line": None,
        "ships": True,
        "properties": {},
        "status": "partially_shipped",
        "shipped_short": False,
        "quantity": 2,
        "shipped_quantity": 1,
        "cancelled_quantity": 0,
        "outstanding_quantity": 1,
        "unit_price": "29.99",
        "discount": "0.00",
        "discount_share": "0.00",
        "tax": "10.00",
        "paid": "59.98",
        "committed_quantity": 0,
        "committed_amount": "0.00",
    }
    assert answer["shipments"] == [
        {
            "id": order.shipments.get().pk,
            "number": "D-1",
            "carrier": "Royal Mail",
            "service": None,
            "tracking_number": "RM 1",
            "tracking_url": None,
            "despatched_at": "2026-03-02T09:30:00Z",
            "withdrawn": False,
            "planned": False,
            "sent_to": answer["shipping_address"],
            "fulfilment_order": order.fulfilment_orders.get().pk,
            "items": [{"sku": "TEE", "quantity": 1}],
        }
    ]


def test_an_order_is_expanded_by_what_each_warehouse_reports() -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998)])
    tell(order, reported("Part Despatched", warehouse_number="E-7", TEE=(2, 1, 1)), warehouse="east")

    answer = make_reader().get(f"/api/v1/orders/{order.pk}/?expand=fulfilment_orders").json()

    assert answer["fulfilment_orders"] == [
        {
            "id": order.fulfilment_orders.get().pk,
            "warehouse": "east",
            "state": "in_progress",
            "number": "E-7",
            "external_status": "Part Despatched",
            "external_status_at": "2026-03-03T08:00:00Z",
            "closed_as": None,
            "closed_at": None,
            "cancel_reason": None,
            "items": [{"sku": "TEE", "requested": 2, "shipped": 1, "released": 1, "to_ship": 0}],
        }
    ]


@pytest.mark.parametrize(("currency", "paid"), [("JPY", "5998"), ("KWD", "5.998")])
def test_an_amount_has_the_decimals_of_its_currency(currency: str, paid: str) -> None:
    make_order("W-1", seller=make_seller(currency=currency))

    (order,) = rows(make_reader(), "/api/v1/orders/")

    assert (order["total_paid"], order["items"][0]["paid"]) == (paid, paid)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["W-3", "W-2", "W-1"]),
        ("reference=W-2", ["W-2"]),
        ("reference=w-2", []),
        ("reference=%20", []),
        ("seller=acme", ["W-3", "W-1"]),
        ("seller=acme&channel=shop", ["W-1"]),
        ("channel=market", ["W-3"]),
        ("seller=nobody", []),
        ("status=cancelled", ["W-2"]),
        ("status=new", ["W-3", "W-1"]),
    ],
)
def test_orders_are_filtered(query: str, found: list[str]) -> None:
    acme, shop = make_seller("acme"), make_channel("shop")
    make_order("W-1", seller=acme, channel=shop)
    make_order("W-2", seller=make_seller("brand"), channel=shop, cancelled_units=1)
    Order.objects.filter(reference="W-2").update(outstanding_units=0)
    make_order("W-3", seller=acme, channel=make_channel("market"))

    assert [order["reference"] for order in rows(make_reader(), f"/api/v1/orders/?{query}")] == found


@pytest.mark.parametrize(("query", "found"), [("", ["D-2", "D-1"]), ("order=W-1", ["D-1"]), ("seller=brand", ["D-2"])])
def test_shipments_are_listed_with_their_order(query: str, found: list[str]) -> None:
    first = make_shipment(make_order("W-1", seller=make_seller("acme")), "D-1", TEE=2)
    make_shipment(make_order("W-2", seller=make_seller("brand")), "D-2", TEE=2)
    reader = make_reader()

    assert [shipment["number"] for shipment in rows(reader, f"/api/v1/shipments/?{query}")] == found

    one = reader.get(f"/api/v1/shipments/{first.pk}/").json()
    assert (one["order"], one["order_id"], one["seller"]) == ("W-1", first.order_id, "acme")
    assert one["items"] == [{"sku": "TEE", "quantity": 2}]


def test_pages_go_forth_and_back_and_new_orders_do_not_shift_them() -> None:
    seller, channel = make_seller(), make_channel()
    for number in range(1, 6):
        make_order(f"W-{number}", seller=seller, channel=channel)
    reader = make_reader()

    first = reader.get("/api/v1/orders/?page_size=2&channel=" + channel.code).json()
    make_order("W-6", seller=seller, channel=channel)
    second = reader.get(first["next"]).json()
    third = reader.get(second["next"]).json()
    back = reader.get(third["previous"]).json()
    newest = reader.get(back["previous"]).json()
    new = reader.get(newest["previous"]).json()

    pages = [[order["reference"] for order in page["results"]] for page in (first, second, third, back, newest, new)]
    assert pages == [["W-5", "W-4"], ["W-3", "W-2"], ["W-1"], ["W-3", "W-2"], ["W-5", "W-4"], ["W-6"]]
    assert first["previous"] is None
    assert third["next"] is None
    assert new["previous"] is None
    assert "channel=" + channel.code in first["next"]


def test_a_full_last_page_leads_nowhere() -> None:
    make_order("W-1", seller=make_seller(), channel=make_channel())

    page = make_reader().get("/api/v1/orders/?page_size=1").json()

    assert (page["next"], page["previous"], len(page["results"])) == (None, None, 1)


@pytest.mark.parametrize(("kind", "statements"), [("orders", 4), ("shipments", 4)])
def test_a_page_costs_the_same_statements_whatever_it_holds(kind: str, statements: int) -> None:
    reader, seller, channel = make_reader(), make_seller(), make_channel()
    for number in range(60):
        order = make_order(f"W-{number}", seller=seller, channel=channel, items=(("TEE", 1, 100), ("CAP", 1, 100)))
        make_shipment(order, f"D-{number}", TEE=1, CAP=1)

    for rows_wanted in (3, 60):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            found = rows(reader, f"/api/v1/{kind}/?page_size={rows_wanted}")
        assert len(found) == rows_wanted
        # The key, its use, the place of each row, the rows.
        assert len(asked) == statements


def test_an_order_names_its_place_in_the_warehouse_only_while_processing() -> None:
    order = make_order("W-1", items=(("TEE", 2, 5998),), started=True, status_detail="picking")
    reader = make_reader()

    def told() -> tuple[str, str | None]:
        answer = reader.get(f"/api/v1/orders/{order.pk}/").json()
        return answer["status"], answer["status_detail"]

    assert told() == ("processing", "picking")
    Order.objects.filter(pk=order.pk).update(shipped_units=2, outstanding_units=0)
    assert told() == ("shipped", None)
