"""Is what the warehouse has begun and not finished proposed when a seller no longer waits?"""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from orders.models import Order
from refunds.decisions import review
from refunds.models import Refund, RefundItem
from refunds.proposals.overdue import propose_overdue
from tests.builders import make_order
from tests.refunds.people import approved, manager, seen
from tests.refunds.policies import make_policy, parts
from tests.warehouse import cancelled, despatched, reported, tell

pytestmark = pytest.mark.django_db


def make_late(days: float = 10, reference: str = "W-1", **fields: Any) -> Order:
    """An order placed that many days ago, three TEEs for 89.97, of which one has shipped."""
    placed = timezone.now() - timedelta(days=days)
    order = make_order(reference, items=[("TEE", 3, 8997)], placed_at=placed, **fields)
    tell(order, despatched("D-1", order=reference, TEE=1))
    return order


@pytest.mark.parametrize(("days", "on_hold", "proposed"), [(6.9, False, 0), (7.1, False, 1), (7.1, True, 0)])
def test_what_is_still_short_after_the_days_of_the_policy_is_proposed(
    days: float, on_hold: bool, proposed: int
) -> None:
    order = make_late(days)
    make_policy(order.seller, propose_overdue_after=7)
    if on_hold:
        tell(order, reported("On Hold", at=1))

    assert (propose_overdue(), propose_overdue()) == (proposed, 0)
    assert parts(order) == [("still_short", 5998, 0, "proposed", (2, 2))] * proposed


def test_an_order_that_the_warehouse_has_not_begun_is_not_overdue() -> None:
    order = make_order("W-1", placed_at=timezone.now() - timedelta(days=30))
    make_policy(order.seller, propose_overdue_after=7)

    assert propose_overdue() == 0
    assert parts(order) == []


def test_the_shipping_charge_goes_with_an_order_of_which_nothing_has_come() -> None:
    order = make_order("W-1", placed_at=timezone.now() - timedelta(days=30), shipping_charge=495)
    make_policy(order.seller, propose_overdue_after=7)
    tell(order, reported("Processing"))

    assert parts(order) == [("still_short", 6493, 495, "proposed", (2, 2))]
    approved(Refund.objects.get())
    tell(order, reported("Picking", at=1))
    assert parts(order) == [("still_short", 6493, 495, "approved", (2, 2))]


def test_a_shipment_that_comes_after_all_shrinks_then_withdraws_what_was_overdue() -> None:
    order = make_late()
    make_policy(order.seller, propose_overdue_after=7)
    propose_overdue()

    tell(order, despatched("D-2", at=10, TEE=1))
    assert parts(order) == [("still_short", 2999, 0, "proposed", (1, 1))]
    tell(order, despatched("D-3", at=20, TEE=1))
    assert parts(order) == [("still_short", 2999, 0, "withdrawn", (1, 1))]


def test_an_approved_overdue_refund_stands_until_its_units_ship() -> None:
    order = make_late()
    make_policy(order.seller, propose_overdue_after=7)
    propose_overdue()
    approved(Refund.objects.get())

    tell(order, reported("Processing", at=5))
    assert [row[3] for row in parts(order)] == ["approved"]
    tell(order, cancelled(at=6, of={"TEE": (2, 3)}))
    assert [row[3] for row in parts(order)] == ["approved"]
    make_policy(order.seller, propose_overdue_after=None)
    tell(order, cancelled(at=7, of={"TEE": (1, 3)}))
    assert [row[3] for row in parts(order)] == ["approved"]
    tell(order, despatched("D-2", at=10, TEE=1))
    assert [row[:2] + row[3:] for row in parts(order)] == [
        ("still_short", 5998, "withdrawn", (2, 2)),
        ("cancelled_by_warehouse", 2999, "proposed", (1, 0)),
    ]


def test_whoever_rejects_an_overdue_refund_is_not_asked_again_until_the_warehouse_cancels() -> None:
    order, anna = make_late(), manager("anna")
    make_policy(order.seller, propose_overdue_after=7)
    propose_overdue()
    refund = Refund.objects.get()
    review.reject(refund.pk, by=anna, why="they wait", seen=seen(refund))

    assert propose_overdue() == 0
    tell(order, cancelled(at=5, of={"TEE": (1, 3)}))

    assert parts(order) == [
        ("still_short", 5998, 0, "rejected", (2, 2)),
        ("cancelled_by_warehouse", 2999, 0, "proposed", (1, 0)),
    ]


def test_cancelled_and_overdue_units_share_one_proposal() -> None:
    order = make_late()
    make_policy(order.seller, propose_overdue_after=7)

    tell(order, cancelled(at=5, of={"TEE": (1, 3)}))

    assert parts(order) == [("still_short", 5998, 0, "proposed", (2, 1))]
    assert RefundItem.objects.get().cancelled_upto == 1
