"""What do other systems read of refunds?"""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from orders.models import Order, OrderItem
from refunds.models import Refund, RefundAttempt, RefundItem
from tests.api import make_reader, rows
from tests.builders import PLACED_AT, make_channel, make_order, make_seller, make_staff

pytestmark = pytest.mark.django_db


def make_refund(order: Order, *, shipping: int = 0, sequence: int = 1) -> Refund:
    """A proposal for one unit of the order's first item, at half of what was paid for it."""
    item: OrderItem = order.items.all()[0]
    with transaction.atomic():
        refund = Refund.objects.create(
            order=order,
            seller=order.seller,
            sequence=sequence,
            number=f"{order.reference}-R{sequence}",
            origin=Refund.Origin.WAREHOUSE,
            kind=Refund.Kind.PRE_SHIPMENT,
            reason=Refund.Reason.CLOSED_SHORT,
            currency=order.currency,
            items_amount=item.paid // 2,
            shipping_amount=shipping,
            amount=item.paid // 2 + shipping,
            tax_amount=item.tax // 2,
            proposed_at=PLACED_AT,
            provider="manual",
        )
        RefundItem.objects.create(refund=refund, item=item, quantity=1, amount=item.paid // 2, tax=item.tax // 2)
    return refund


def test_a_proposed_refund_says_what_and_why() -> None:
    order = make_order("W-1", seller=make_seller("acme"), items=(("TEE", 2, 5998, 1000),), shipping_charge=395)
    refund = make_refund(order, shipping=395)

    answer = make_reader().get(f"/api/v1/refunds/{refund.pk}/").json()

    assert answer.pop("updated_at").endswith("Z")
    assert answer.pop("order_version") == 0
    assert answer == {
        "id": refund.pk,
        "number": "W-1-R1",
        "order": "W-1",
        "order_id": order.pk,
        "seller": "acme",
        "version": 1,
        "status": "proposed",
        "origin": "warehouse",
        "kind": "pre_shipment",
        "reason": "closed_short",
        "reason_note": None,
        "messages": [],
        "currency": "GBP",
        "amount": "33.94",
        "shipping_amount": "3.95",
        "tax_amount": "5.00",
        "items": [{"sku": "TEE", "quantity": 1, "amount": "29.99", "tax": "5.00"}],
        "proposed_at": "2026-03-02T09:30:00Z",
        "decided_at": None,
        "executed_at": None,
        "provider": "manual",
        "provider_reference": None,
        "attempts": [],
    }


def test_an_executed_refund_carries_its_moments_and_the_providers_reference() -> None:
    refund, decided = make_refund(make_order("W-1")), PLACED_AT + timedelta(hours=1)
    executed = decided + timedelta(minutes=1)
    approved = {"approved_by": make_staff(), "approved_at": decided, "decided_at": decided}
    assert Refund.objects.move(refund.pk, "proposed", "approved", **approved)
    assert Refund.objects.move(refund.pk, "approved", "executing", lease_until=executed)
    attempt = RefundAttempt.objects.create(
        refund=refund, number=1, gateway="manual", amount=refund.amount, currency=refund.currency
    )
    RefundAttempt.objects.filter(pk=attempt.pk).update(outcome=RefundAttempt.Outcome.PAID, finished_at=executed)
    settled = {"executed_at": executed, "provider_reference": "re_1"}
    assert Refund.objects.move(refund.pk, "executing", "executed", **settled)

    answer = make_reader().get(f"/api/v1/refunds/{refund.pk}/").json()

    assert {name: answer[name] for name in ("status", "decided_at", "executed_at", "provider_reference")} == {
        "status": "executed",
        "decided_at": "2026-03-02T10:30:00Z",
        "executed_at": "2026-03-02T10:31:00Z",
        "provider_reference": "re_1",
    }


def test_an_order_tells_what_is_committed_to_refunds() -> None:
    make_refund(make_order("W-1", items=(("TEE", 2, 5998),), shipping_charge=395), shipping=395)

    (order,) = rows(make_reader(), "/api/v1/orders/")

    assert (order["committed_amount"], order["committed_shipping"]) == ("33.94", "3.95")
    assert (order["items"][0]["committed_quantity"], order["items"][0]["committed_amount"]) == (1, "29.99")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["W-2-R1", "W-1-R1"]),
        ("number=W-1-R1", ["W-1-R1"]),
        ("order=W-2", ["W-2-R1"]),
        ("order=W", []),
        ("seller=acme", ["W-1-R1"]),
        ("seller=acme&order=W-2", []),
        ("status=withdrawn", ["W-1-R1"]),
        ("status=proposed", ["W-2-R1"]),
        ("status=executed", []),
    ],
)
def test_refunds_are_filtered(query: str, found: list[str]) -> None:
    refund = make_refund(make_order("W-1", seller=make_seller("acme")))
    assert Refund.objects.move(refund.pk, "proposed", "withdrawn")
    make_refund(make_order("W-2", seller=make_seller("brand")))

    assert [refund["number"] for refund in rows(make_reader(), f"/api/v1/refunds/?{query}")] == found


def test_a_page_costs_the_same_statements_whatever_it_holds() -> None:
    reader, seller, channel = make_reader(), make_seller(), make_channel()
    for number in range(60):
        make_refund(make_order(f"W-{number}", seller=seller, channel=channel))

    for rows_wanted in (3, 60):
        with CaptureQueriesContext(connection) as asked:
            found = rows(reader, f"/api/v1/refunds/?page_size={rows_wanted}")
        assert len(found) == rows_wanted
        # The key, its use, the place of each row, the rows.
        assert len(asked) == 4
