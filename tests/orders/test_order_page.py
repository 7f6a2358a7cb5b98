"""Does the page of an order tell all of it: money, units, parcels, customer, events; and at what cost?"""

import re
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders.actions import hold
from orders.backoffice.totals import bill
from orders.models import Order, OrderItem, Shipment
from orders.timeline import events
from refunds.execution import manual_payment
from tests.builders import PLACED_AT, make_channel, make_order, make_seller, make_staff
from tests.refunds.people import approved, make_refund, manager
from tests.warehouse import despatched, make_part, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(make_staff("anna", "Viewer"))
    return client


def text(client: Client, order: Order, query: str = "", **headers: str) -> str:
    answer = client.get(reverse("admin:orders_order_change", args=[order.pk]) + query, headers=headers)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("\N{NO-BREAK SPACE}", " ").split())


def parcel(order: Order, number: str, **fields: str) -> Shipment:
    at = {"despatched_at": PLACED_AT, "changed_at": PLACED_AT}
    return Shipment.objects.create(
        order=order,
        fulfilment_order=make_part(order),
        seller=order.seller,
        number=number,
        version="1",
        message=1,
        **at,
        **fields,
    )


def note(order: Order, count: int, **about: int) -> None:
    facts = [
        events.Event(order.pk, order.seller_id, "order.noted", None, "staff:anna", {"note": f"Note {n}."}, **about)
        for n in range(count)
    ]
    events.record(facts)


def test_the_sums_of_an_order_are_told_line_by_line() -> None:
    order = make_order(
        "W-1",
        items=[("TEE", 2, 5400, 900), ("CAP", 1, 1000, 167)],
        shipping_charge=499,
        total_paid=6900,
        discounts=[{"name": "SUMMER", "amount": 300}],
    )
    OrderItem.objects.filter(order=order, sku="TEE").update(unit_price=3000, discount=300, discount_share=300)

    told = bill(order, order.items.all())

    assert told.lines == (
        ("Items", 7000),
        ("Discounts on items", -300),
        ("SUMMER", -300),
        ("Shipping", 499),
        ("Rounding", 1),
    )
    assert (sum(amount for _, amount in told.lines), told.paid, told.tax) == (6900, 6900, 1067)


def test_tax_that_was_added_is_a_line_of_its_own() -> None:
    order = make_order("W-1", items=[("TEE", 2, 6000, 1000)], prices_include_tax=False)
    OrderItem.objects.update(unit_price=2500, discount=0)

    assert bill(order, order.items.all()).lines == (("Items", 5000), ("Tax", 1000))


def test_money_is_told_as_refunded_pending_and_left(client: Client) -> None:
    refund = make_refund(lost=1, units=2, paid=5998, reference="W-1")
    order = refund.order

    pending = words(text(client, order))
    assert "Refunded 0.00 Pending refunds 29.99 Refundable balance 29.99 GBP" in pending

    bob = manager("bob")
    manual_payment.record_payment(approved(refund, bob).pk, by=bob, reference="BACS 7")
    assert "Refunded 29.99 Pending refunds 0.00 Refundable balance 29.99 GBP" in words(text(client, order))


@pytest.mark.parametrize(("currency", "paid"), [("JPY", "Paid 3,000 JPY"), ("KWD", "Paid 3.000 KWD")])
def test_amounts_have_the_decimals_of_their_currency(client: Client, currency: str, paid: str) -> None:
    order = make_order("W-1", items=[("TEE", 2, 3000)], currency=currency, customer_email="", shipping_address={})

    shown = words(text(client, order))

    assert paid in shown
    assert "Shipping address No address given." in shown


def test_parcels_lead_to_their_carriers_in_a_new_page(client: Client) -> None:
    order = make_order("W-1")
    parcel(order, "DN-1", carrier="DPD", tracking_number="155 0<b>")
    parcel(order, "DN-2", carrier="Own van", tracking_number="VAN-7")

    shown = text(client, order)

    link = 'href="https://track.dpd.co.uk/parcels/1550%3Cb%3E" target="_blank" rel="noopener noreferrer"'
    assert link in shown
    assert shown.count("noopener") == 1
    assert "<bdi>VAN-7</bdi>" in shown


def test_other_orders_of_the_customer_are_those_of_the_same_seller_in_any_case(client: Client) -> None:
    seller, channel = make_seller("acme"), make_channel("web")
    of: dict[str, Any] = {"seller": seller, "channel": channel}
    order = make_order("W-0", customer_email="Ada@Example.com", **of)
    for n in range(1, 7):
        make_order(f"W-{n}", customer_email="ada@example.COM", **of)
    make_order("X-1", customer_email="ada@example.com")
    make_order("X-2", customer_email="", **of)

    shown = text(client, order)
    card = shown[shown.index("Other orders of this customer") :]

    assert re.findall(r"<bdi>([WX]-\d)</bdi>", card) == ["W-6", "W-5", "W-4", "W-3", "W-2"]
    assert "?q=Ada%40Example.com" in card
    assert "Other orders" not in text(client, make_order("X-3", customer_email="", **of))


def test_a_held_order_says_who_holds_it_and_why(client: Client) -> None:
    order = make_order("W-1")
    hold.hold(order.pk, why="Wrong address", actor="staff:bob")

    shown = words(text(client, order))

    assert "On hold by bob, " in shown
    assert "Wrong address" in shown


def test_the_timeline_leads_back_to_its_first_event(client: Client) -> None:
    order = make_order("W-1")
    note(order, 120)

    shown, seen, query = text(client, order), [], ""
    while True:
        seen += [int(number) for number in re.findall(r"Note: Note (\d+)\.", shown)]
        older = re.search(r'href="(\?before=\d+)#timeline" data-older', shown)
        if older is None:
            break
        query = older[1]
        shown = text(client, order, query)

    assert seen == list(range(119, -1, -1))
    assert "Newest events" in shown


def test_older_events_come_alone_when_a_script_asks_for_them(client: Client) -> None:
    order = make_order("W-1")
    note(order, 60)
    before = re.search(r"\?before=\d+", text(client, order))
    assert before is not None

    part = text(client, order, before[0], **{"X-Part": "timeline"})

    assert len(re.findall(r"Note: Note \d+\.", part)) == 10
    assert "<main" not in part


@pytest.mark.parametrize("query", ["?before=x", "?before=", "?before=-1", "?before=" + "9" * 30])
def test_a_place_in_the_timeline_that_makes_no_sense_is_its_beginning(client: Client, query: str) -> None:
    order = make_order("W-1")
    note(order, 2)

    assert "Note: Note 1." in text(client, order, query)


def test_evidence_unfolds_in_place_and_is_a_link_without_a_script(client: Client) -> None:
    order = make_order("W-1", items=[("TEE", 1, 100)])
    tell(order, despatched("D-1", TEE=1, message=42))

    shown = text(client, order)

    address = reverse("admin:integrations_archivedmessage_change", args=[42])
    assert f'<details class="d-evidence" data-load="{address}">' in shown
    assert f'<a class="d-link" href="{address}">Message 42</a>' in shown


def test_of_many_items_those_that_did_not_ship_as_ordered_come_first(client: Client) -> None:
    order = make_order("W-1", items=[(f"S-{n:02}", 1, 100) for n in range(20)])
    items = OrderItem.objects.filter(order=order)
    items.update(shipped_quantity=1)
    items.filter(sku__in=("S-07", "S-18")).update(shipped_quantity=0, cancelled_quantity=1)

    shown = text(client, order)

    skus = re.findall(r'<th scope="row">\s*<bdi>(S-\d\d)</bdi>', shown)
    assert skus == ["S-07", "S-18", *(f"S-{n:02}" for n in range(20) if n not in (7, 18))]
    assert shown.count('<tr class="d-rest">') == 8
    few = make_order("W-2", items=[(f"S-{n:02}", 1, 100) for n in range(12)])
    OrderItem.objects.filter(order=few, sku="S-00").update(shipped_quantity=1)
    assert re.findall(r'<th scope="row">\s*<bdi>(S-\d\d)</bdi>', text(client, few))[0] == "S-00"


def test_more_than_was_ordered_is_said_on_the_item_and_on_the_order(client: Client) -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998), ("CAP", 1, 1500)])
    tell(order, despatched("D-1", TEE=3))

    shown = words(text(client, order))

    assert shown.count("3 of 3 shipped, 1 too many , 1 outstanding") == 1
    assert shown.count("3 of 2 shipped, 1 too many") == 1


def test_of_many_units_in_a_parcel_the_first_few_are_shown_and_the_others_unfold(client: Client) -> None:
    order = make_order("W-1", items=[("S-1", 9, 900)])
    shipment = parcel(order, "DN-1")
    for n in range(7):
        shipment.items.create(sku=f"S-{n}", quantity=n + 1)

    shown = words(text(client, order))

    assert "5 × S-4 2 more SKUs, 28 units in total 6 × S-5 7 × S-6" in shown


def fill(order: Order, items: int, parcels: int, facts: int) -> None:
    start = order.items.count()
    OrderItem.objects.bulk_create(
        OrderItem(order=order, position=start + n + 1, sku=f"S-{start + n}", quantity=1, unit_price=1, paid=1)
        for n in range(items)
    )
    for n in range(parcels):
        shipment = parcel(order, f"DN-{start}-{n}", carrier="DPD", tracking_number=str(n))
        shipment.items.create(sku="S-1", quantity=1)
        shipment.items.create(sku="S-2", quantity=1)
    note(order, facts, message=1)


def test_the_page_costs_the_same_for_a_hundred_items_thirty_parcels_and_a_thousand_events(client: Client) -> None:
    refund = make_refund(reference="W-1")
    order = refund.order
    fill(order, 1, 1, 1)
    make_order("W-2", seller=order.seller, channel=order.channel)

    def cost() -> int:
        text(client, order)
        with CaptureQueriesContext(connection) as queries:
            text(client, order)
        return len(queries)

    few = cost()
    fill(order, 100, 30, 1000)
    for n in range(9):
        make_order(f"W-1{n}", seller=order.seller, channel=order.channel)

    assert cost() == few
    assert len(text(client, order)) < 200_000
    assert few <= 30
