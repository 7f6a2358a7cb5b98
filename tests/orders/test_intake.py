"""Do orders come into being once, change while they may, and cost the same few statements however many there are?"""

import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.documents import check
from orders.fulfilment.apply import apply
from orders.fulfilment.messages import DespatchLine, DespatchNote, WarehouseMessage
from orders.intake.upsert import IntakeResult, Outcome, upsert_orders
from orders.models import Order, OrderEvent, OrderItem, PaymentShare, SalesChannel, Seller
from refunds.models import Refund, RefundItem
from tests.builders import make_channel, make_seller
from tests.orders.documents import line, raw_order, small_order
from tests.warehouse import warehouse_of

pytestmark = pytest.mark.django_db


def take(*raws: dict[str, Any], create_sellers: bool = True) -> list[IntakeResult]:
    return upsert_orders([check(raw) for raw in raws], create_sellers=create_sellers, actor="test")


def outcomes(taken: list[IntakeResult]) -> list[str]:
    return [result.outcome.value for result in taken]


def rows() -> list[Any]:
    """Everything that taking in could have written."""
    return [list(model.objects.order_by("pk").values()) for model in (Order, OrderItem, OrderEvent)]


def last_event() -> OrderEvent:
    return OrderEvent.objects.latest("id")


def ship(order: Order, sku: str, quantity: int) -> None:
    at = datetime(2026, 3, 3, tzinfo=UTC)
    note = DespatchNote("D-1", at, at, (DespatchLine(sku, quantity),))
    message = WarehouseMessage(1, "v", order.reference, "", (note,))
    apply(order.seller_id, [message], actor="prosku:main", warehouse=warehouse_of(order.seller_id).pk)


def propose_one_of(item: OrderItem) -> Refund:
    refund = Refund.objects.create(
        order=item.order,
        seller=item.order.seller,
        sequence=1,
        number=f"{item.order.reference}-R1",
        origin="staff",
        kind="pre_shipment",
        reason="other",
        currency=item.order.currency,
        items_amount=1,
        amount=1,
        approvals_needed=2,
        provider="manual",
    )
    RefundItem.objects.create(refund=refund, item=item, quantity=1, amount=1)
    return refund


def test_a_new_order_is_kept_with_everything_it_says() -> None:
    take(raw_order())

    order = Order.objects.get()
    assert (order.reference, order.seller.code, order.channel.code, order.source) == (
        "W-1001",
        "acme",
        "acme-web",
        "web",
    )
    assert (order.total_paid, order.shipping_charge, order.rounding, order.currency) == (7243, 495, 0, "GBP")
    assert (order.ordered_units, order.outstanding_units, order.status) == (3, 3, "new")
    assert order.discounts == [{"name": "SPRING", "amount": 750}]
    assert order.shipping_address == {"name": "Ada Lovelace", "line1": "12 St James's Square", "city": "London"}
    assert list(order.items.values_list("position", "sku", "quantity", "discount_share", "paid", "status")) == [
        (1, "TEE", 2, 600, 5398, "new"),
        (2, "CAP", 1, 150, 1350, "new"),
    ]
    event = OrderEvent.objects.get()
    assert (event.kind, event.occurred_at, event.actor) == ("order.placed", order.placed_at, "test")
    assert event.data["total_paid"] == "72.43"


def test_the_same_document_again_writes_nothing() -> None:
    take(raw_order(), small_order())
    before = rows()

    taken = take(raw_order(), small_order())

    assert outcomes(taken) == ["unchanged", "unchanged"]
    assert rows() == before


def test_a_changed_document_changes_the_order_and_says_so_without_personal_values() -> None:
    take(raw_order())

    taken = take(raw_order(customer={"name": "Grace Hopper"}, shipping_method="Express"))

    order = Order.objects.get()
    assert outcomes(taken) == ["updated"]
    assert (order.customer_name, order.customer_email, order.shipping_method) == ("Grace Hopper", "", "Express")
    assert last_event().kind == "order.changed"
    assert last_event().data == {
        "changes": [
            {"field": "customer_name"},
            {"field": "customer_email"},
            {"field": "customer_phone"},
            {"field": "shipping_method", "from": "Standard", "to": "Express"},
        ]
    }


def test_items_change_places_quantities_and_skus_while_nothing_has_shipped() -> None:
    take(small_order(items=[line("A", 1, "1.00"), line("B", 1, "2.00"), line("A", 2, "3.00")], total_paid="9.00"))
    ids = dict(OrderItem.objects.values_list("position", "id"))

    taken = take(
        small_order(items=[line("B", 5, "2.00"), line("A", 1, "1.00"), line("C", 1, "4.00")], total_paid="15.00")
    )

    order = Order.objects.get()
    assert outcomes(taken) == ["updated"]
    assert list(order.items.values_list("position", "sku", "quantity", "paid")) == [
        (1, "B", 5, 1000),
        (2, "A", 1, 100),
        (3, "C", 1, 400),
    ]
    assert list(order.items.values_list("id", flat=True))[:2] == [ids[2], ids[1]]
    assert (order.ordered_units, order.outstanding_units, order.total_paid) == (7, 7, 1500)
    changes = last_event().data["changes"]
    assert changes[0] == {"field": "total_paid", "from": "9.00", "to": "15.00"}
    assert [(each["sku"], each["quantity"], each["paid"]) for each in changes[1]["to"]] == [
        ("B", 5, "10.00"),
        ("C", 1, "4.00"),
    ]


def test_an_item_that_the_warehouse_had_shipped_already_is_counted_once_the_order_has_it() -> None:
    take(small_order())
    ship(Order.objects.get(), "CAP", 1)

    take(small_order(items=[line(), line("CAP", 1, "1.00")], total_paid="60.98"))

    order = Order.objects.get()
    assert (order.shipped_units, order.ordered_units, order.status) == (1, 3, "partially_shipped")
    assert not order.attention.filter(closed_at__isnull=True).exists()


def test_once_units_have_shipped_items_and_amounts_are_fixed() -> None:
    take(small_order())
    ship(Order.objects.get(), "TEE", 1)
    before = rows()

    taken = take(small_order(items=[line(quantity=1)], total_paid="29.99", notes="late"))

    assert outcomes(taken) == ["refused"]
    assert [fault.message for fault in taken[0].faults] == [
        "items can no longer change: the warehouse has shipped or cancelled units",
    ]
    assert rows() == before


def test_once_units_have_shipped_people_addresses_and_names_may_still_change() -> None:
    take(small_order())
    ship(Order.objects.get(), "TEE", 1)

    taken = take(
        small_order(
            items=[line(name="T-shirt")], notes="late", payment={"reference": "pi_2"}, billing_address={"city": "Bath"}
        )
    )

    order = Order.objects.get()
    assert outcomes(taken) == ["updated"]
    assert (order.notes, order.billing_address) == ("late", {"city": "Bath"})
    assert order.payment_shares.get().payment.reference == "pi_2"
    assert (order.items.get().name, order.items.get().shipped_quantity, order.status) == (
        "T-shirt",
        1,
        "partially_shipped",
    )


def test_while_a_refund_holds_money_the_payment_is_fixed() -> None:
    take(small_order())
    propose_one_of(OrderItem.objects.get())

    taken = take(small_order(payment={"provider": "stripe", "reference": "pi_2"}))

    assert [fault.field for fault in taken[0].faults] == ["payments"]
    assert PaymentShare.objects.get().payment.reference == ""


def test_an_item_that_a_withdrawn_refund_names_stays_on_its_order() -> None:
    take(small_order())
    refund = propose_one_of(OrderItem.objects.get())
    Refund.objects.move(refund.pk, "proposed", "withdrawn")
    taken = take(small_order(items=[line("CAP")]), small_order(items=[line(quantity=1)], total_paid="29.99"))

    assert outcomes(taken) == ["refused", "updated"]
    assert [fault.message for fault in taken[0].faults] == ["TEE can no longer leave the order: other records name it"]
    assert OrderItem.objects.get().sku == "TEE"


def test_unknown_and_inactive_sellers_and_channels_are_refused_by_name() -> None:
    make_seller("acme", active=False)
    make_channel("acme-web")

    taken = take(small_order(), small_order(seller="nobody", channel="nowhere"), create_sellers=False)

    assert [[fault.message for fault in result.faults] for result in taken] == [
        ["seller acme is not active"],
        ["seller nobody is not known here", "channel nowhere is not known here"],
    ]
    assert not Order.objects.exists()


def test_sellers_and_channels_are_made_when_asked_for() -> None:
    take(small_order(currency="JPY", source="marketplace", items=[line(unit_price="10")], total_paid="20"))

    assert list(Seller.objects.values_list("code", "name", "currency")) == [("acme", "acme", "JPY")]
    assert list(SalesChannel.objects.values_list("code", "kind")) == [("acme-web", "marketplace")]
    assert Order.objects.get().source == "marketplace"


def test_a_refused_order_harms_no_other() -> None:
    make_seller("acme")
    make_channel("acme-web")

    taken = take(small_order("W-1"), small_order("W-2", seller="nobody"), small_order("W-3"), create_sellers=False)

    assert outcomes(taken) == ["created", "refused", "created"]
    assert set(Order.objects.values_list("reference", flat=True)) == {"W-1", "W-3"}


def test_documents_of_one_order_in_a_batch_are_taken_in_one_after_the_other() -> None:
    taken = take(small_order(), small_order(notes="a"), small_order("W-2"), small_order(notes="a"), small_order())

    assert outcomes(taken) == ["created", "updated", "created", "unchanged", "updated"]
    assert Order.objects.get(reference="W-1").notes == ""


def test_the_same_reference_in_another_channel_or_of_another_seller_is_another_order() -> None:
    taken = take(small_order(), small_order(channel="ebay"), small_order(seller="other"))

    assert outcomes(taken) == ["created"] * 3


def test_five_hundred_orders_cost_as_many_statements_as_five() -> None:
    take(small_order("first"))

    def statements(count: int, prefix: str) -> list[int]:
        costs = []
        new = [small_order(f"{prefix}{n}") for n in range(count)]
        more_caps = [small_order(f"{prefix}{n}", items=[line(), line("CAP", 1, "0")]) for n in range(count)]
        for raws, expected in ((new, "created"), (new, "unchanged"), (more_caps, "updated"), (new, "updated")):
            with CaptureQueriesContext(
                connection,
            ) as captured:
                assert set(outcomes(take(*raws))) == {expected}
            costs.append(len(captured))
        return costs

    assert statements(500, "b") == statements(5, "a")


@pytest.mark.django_db(transaction=True)
def test_the_same_new_orders_taken_in_twice_at_the_same_moment_are_made_once() -> None:
    take(small_order("first"))
    raws = [small_order(f"W-{n}") for n in range(20)]
    start = threading.Barrier(4)
    found: list[list[IntakeResult]] = []

    def run(mine: list[dict[str, Any]]) -> None:
        try:
            start.wait()
            found.append(take(*mine))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(raws[::step],)) for step in (1, -1, 1, -1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    results = [result.outcome for taken in found for result in taken]
    assert (results.count(Outcome.CREATED), results.count(Outcome.UNCHANGED)) == (20, 60)
    assert Order.objects.count() == 21
    assert OrderItem.objects.count() == 21
    assert OrderEvent.objects.count() == 21
