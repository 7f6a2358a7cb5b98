"""What follows for refunds that were decided when the warehouse goes on speaking?"""

import pytest

from orders.models import Order
from refunds.decisions import review
from refunds.models import Refund
from tests.builders import make_order
from tests.refunds.people import approved, kinds, make_refund, manager, open_attention, seen
from tests.refunds.raw_sql import make_executed
from tests.warehouse import cancelled, despatched, reported, tell

pytestmark = pytest.mark.django_db


def refunds(order: Order) -> list[tuple[str, str, int]]:
    """Number, status and amount of each refund, the first one first."""
    return list(order.refunds.order_by("sequence").values_list("number", "status", "amount"))


def entries(refund: Refund) -> list[tuple[str, int, int, int]]:
    """SKU, units, amount and tax of each item."""
    return list(refund.items.order_by("item__position").values_list("item__sku", "quantity", "amount", "tax"))


# After a decision


def test_further_units_after_an_approval_are_a_second_refund() -> None:
    refund = approved(make_refund(1, 3, paid=1000))

    tell(refund.order, cancelled(1, of={"TEE": (3, 3)}))

    assert refunds(refund.order) == [("W-1-R1", "approved", 333), ("W-1-R2", "proposed", 667)]


def test_an_approved_refund_whose_units_ship_is_withdrawn_before_money_moves() -> None:
    refund = approved(make_refund(2, 2))

    tell(refund.order, despatched(at=1, TEE=1))

    assert refunds(refund.order) == [("W-1-R1", "withdrawn", 5998), ("W-1-R2", "proposed", 2999)]
    assert open_attention(refund.order) == []


def test_shipping_that_was_approved_is_withdrawn_when_something_ships_after_all() -> None:
    order = make_order("W-1", items=[("TEE", 1, 1000), ("CAP", 1, 500)], shipping_charge=495)
    tell(order, reported("Processing", TEE=(1, None, 1)))
    tee = Refund.objects.get()
    review.reject(tee.pk, by=manager("bert"), why="sent by another way", seen=seen(tee))
    tell(order, reported("Processing", at=1, TEE=(1, None, 1), CAP=(1, None, 1)))
    approved(Refund.objects.get(sequence=2))
    assert refunds(order)[1] == ("W-1-R2", "approved", 995)

    tell(order, despatched(at=2, TEE=1))

    assert refunds(order)[1:] == [("W-1-R2", "withdrawn", 995), ("W-1-R3", "proposed", 500)]


def test_units_that_ship_after_the_money_moved_raise_attention() -> None:
    refund = approved(make_refund(2, 2))
    make_executed(refund)

    tell(refund.order, despatched(at=1, TEE=1))

    assert refunds(refund.order) == [("W-1-R1", "executed", 5998)]
    item = refund.order.attention.get(closed_at=None)
    assert (item.kind, item.summary) == ("shipped_after_refund", "W-1: shipped after refund: 1 of TEE")
    assert item.evidence == {"units": {"TEE": 1}}


def test_the_attention_goes_when_the_shipment_was_a_mistake() -> None:
    refund = approved(make_refund(2, 2))
    make_executed(refund)
    tell(refund.order, despatched(at=1, TEE=1))

    tell(refund.order, despatched(at=1, changed=2, withdrawn=True, TEE=1))

    assert open_attention(refund.order) == []


@pytest.mark.parametrize("lost", [(1, 3), (2, 3)])
def test_what_was_rejected_is_not_proposed_again_but_further_units_are(lost: tuple[int, int]) -> None:
    first, second = lost
    refund = make_refund(first, 3, paid=3000)
    review.reject(refund.pk, by=manager("anna"), why="goodwill voucher instead", seen=seen(refund))

    tell(refund.order, cancelled(1, of={"TEE": (first, 3)}))
    assert refunds(refund.order) == [("W-1-R1", "rejected", 1000 * first)]

    tell(refund.order, cancelled(2, of={"TEE": (second, 3)}))
    assert refunds(refund.order)[1:] == [("W-1-R2", "proposed", 1000 * (second - first))]


def test_what_was_rejected_stays_rejected_when_further_units_were_approved() -> None:
    refund = make_refund(1, 3, paid=3000)
    review.reject(refund.pk, by=manager("anna"), why="goodwill voucher instead", seen=seen(refund))
    tell(refund.order, cancelled(1, of={"TEE": (2, 3)}))
    approved(Refund.objects.get(sequence=2))

    tell(refund.order, cancelled(2, of={"TEE": (2, 3)}))
    assert refunds(refund.order) == [("W-1-R1", "rejected", 1000), ("W-1-R2", "approved", 1000)]

    tell(refund.order, cancelled(3, of={"TEE": (3, 3)}))
    assert refunds(refund.order)[2:] == [("W-1-R3", "proposed", 1000)]


# The warehouse contradicts itself


def closed_then_reopened(order: Order) -> None:
    tell(order, reported("Picking", at=9, message=9))


def test_a_status_that_goes_backwards_takes_an_approval_back() -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998)])
    tell(order, reported("Cancelled"))
    approved(Refund.objects.get())

    closed_then_reopened(order)

    refund = Refund.objects.get()
    assert (refund.status, refund.approved_by, 9 in refund.messages) == ("proposed", None, True)
    assert kinds(order)[-1] == "refund.approval_taken_back"
    assert open_attention(order) == ["status_backwards"]


def test_who_approves_in_spite_of_it_is_not_asked_again_and_again() -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998)])
    tell(order, reported("Cancelled"))
    approved(Refund.objects.get())
    closed_then_reopened(order)
    approved(Refund.objects.get(), by=manager("bert"))

    tell(order, reported("Picking", at=9, message=9), reported("Processing", at=3))

    assert refunds(order) == [("W-1-R1", "approved", 5998)]


def test_of_two_approvals_that_a_backward_status_takes_back_one_refund_is_left() -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998)])
    tell(order, cancelled(of={"TEE": (1, 2)}))
    approved(Refund.objects.get(), by=manager("anna"))
    tell(order, reported("Cancelled", at=1))
    approved(Refund.objects.get(sequence=2), by=manager("bert"))

    closed_then_reopened(order)

    open_ones = [row for row in refunds(order) if row[1] == "proposed"]
    assert [row[2] for row in open_ones] == [5998]
    assert [row[1] for row in refunds(order)].count("withdrawn") == 1
