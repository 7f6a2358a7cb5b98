"""Is just the right refund proposed, and kept true until somebody decides?"""

from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from orders.fulfilment.apply import apply
from orders.models import Order
from refunds.decisions import review
from refunds.models import Refund
from refunds.proposals.propose import propose
from tests.builders import make_channel, make_order, make_seller
from tests.refunds.people import kinds, make_refund, manager, open_attention, seen
from tests.refunds.policies import make_limit
from tests.warehouse import ACTOR, cancelled, despatched, reported, tell, warehouse_of

pytestmark = pytest.mark.django_db


def refunds(order: Order) -> list[tuple[str, str, int]]:
    """Number, status and amount of each refund, the first one first."""
    return list(order.refunds.order_by("sequence").values_list("number", "status", "amount"))


def entries(refund: Refund) -> list[tuple[str, int, int, int]]:
    """SKU, units, amount and tax of each item."""
    return list(refund.items.order_by("item__position").values_list("item__sku", "quantity", "amount", "tax"))


# What is proposed


def test_a_unit_that_will_not_ship_is_proposed_with_its_amount_tax_and_evidence() -> None:
    order = make_order(
        "W-1", items=[("TEE", 3, 1000, 200), ("CAP", 1, 500, 0)], shipping_charge=495, payment_provider="stripe"
    )

    tell(order, reported("Processing", message=7, cancel_reason="out of stock", TEE=(3, None, 1)))

    refund = Refund.objects.get()
    assert (refund.number, refund.status, refund.origin, refund.kind) == (
        *("W-1-R1", "proposed", "warehouse", "pre_shipment"),
    )
    assert (refund.amount, refund.items_amount, refund.tax_amount, refund.shipping_amount) == (333, 333, 67, 0)
    assert (refund.currency, refund.provider, refund.approvals_needed) == ("GBP", "stripe", 1)
    assert (refund.reason, refund.reason_note, refund.messages) == ("cancelled_by_warehouse", "out of stock", [7])
    assert entries(refund) == [("TEE", 1, 333, 67)]
    assert kinds(order) == ["order.units_cancelled", "order.started", "refund.proposed"]


def test_an_order_closed_short_is_one_refund_of_all_that_did_not_ship() -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998), ("CAP", 1, 500)], shipping_charge=495)

    tell(order, despatched(TEE=1, message=1), reported("Despatched", at=1, message=2))

    refund = Refund.objects.get()
    assert (refund.amount, refund.shipping_amount, refund.reason) == (3499, 0, "closed_short")
    assert refund.messages == [1, 2]
    assert entries(refund) == [("TEE", 1, 2999, 0), ("CAP", 1, 500, 0)]


def test_when_nothing_ships_shipping_and_rounding_go_back_too() -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998)], shipping_charge=495, total_paid=6494)

    tell(order, reported("Cancelled"))

    refund = Refund.objects.get()
    assert (refund.amount, refund.shipping_amount, refund.rounding_amount) == (6494, 495, 1)


def test_units_that_cost_nothing_earn_no_refund() -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998), ("PIN", 1, 0)])

    tell(order, reported("Processing", PIN=(1, None, 1)))

    assert refunds(order) == []


@pytest.mark.parametrize(("above", "needed"), [(2999, 1), (2998, 2)])
def test_above_the_seller_s_limit_two_people_are_needed(above: int, needed: int) -> None:
    seller = make_seller()
    make_limit(seller, second_approver_above=above)

    assert make_refund(seller=seller).approvals_needed == needed


# Until somebody decides


def test_a_proposal_grows_and_shrinks_with_the_warehouse_s_word() -> None:
    order = make_order("W-1", items=[("TEE", 3, 3000)])

    tell(order, cancelled(of={"TEE": (1, 3)}))
    tell(order, cancelled(1, of={"TEE": (3, 3)}))
    tell(order, cancelled(2, of={"TEE": (2, 3)}))

    assert refunds(order) == [("W-1-R1", "proposed", 2000)]
    assert Refund.objects.get().version == 3
    assert [kind for kind in kinds(order) if kind.startswith("refund.")] == [
        *("refund.proposed", "refund.changed", "refund.changed"),
    ]


def test_a_proposal_is_withdrawn_when_the_units_ship_after_all_and_needs_no_attention() -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998)])
    tell(order, cancelled(of={"TEE": (2, 2)}))

    tell(order, despatched(at=1, TEE=2))

    assert refunds(order) == [("W-1-R1", "withdrawn", 5998)]
    assert open_attention(order) == []
    assert Order.objects.get().committed_amount == 0


def test_a_proposal_that_shrinks_needs_no_attention() -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998)])
    tell(order, cancelled(of={"TEE": (2, 2)}))

    tell(order, despatched(at=1, TEE=1))

    assert refunds(order) == [("W-1-R1", "proposed", 2999)]
    assert open_attention(order) == []


def test_a_proposal_on_hold_follows_too() -> None:
    refund = make_refund(2, 2)
    review.hold(refund.pk, by=manager("anna"), why="asking the warehouse")

    tell(refund.order, despatched(at=1, TEE=1))

    assert refunds(refund.order) == [("W-1-R1", "on_hold", 2999)]


def test_a_change_voids_the_first_of_two_approvals() -> None:
    seller = make_seller()
    make_limit(seller, second_approver_above=0)
    refund = make_refund(2, 2, seller=seller)
    assert review.approve(refund.pk, by=manager("anna"), seen=seen(refund)) == "first"

    tell(refund.order, despatched(at=1, TEE=1))

    refund.refresh_from_db()
    assert (refund.status, refund.approved_by, refund.amount) == ("proposed", None, 2999)


def test_newer_evidence_alone_is_noted_but_asks_nobody_to_look_again() -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998)])
    tell(order, reported("Processing", message=1, TEE=(2, None, 1)))

    tell(order, reported("Picking", at=1, message=2, cancel_reason="damaged", TEE=(2, None, 1)))

    refund = Refund.objects.get()
    assert (refund.version, refund.messages, refund.reason_note) == (1, [2], "damaged")
    assert [kind for kind in kinds(order) if kind.startswith("refund.")] == ["refund.proposed"]


def test_a_second_call_changes_nothing() -> None:
    refund = make_refund()
    before = refunds(refund.order), kinds(refund.order)

    assert propose([refund.order_id], actor="again") == 0

    assert (refunds(refund.order), kinds(refund.order)) == before


# How


def test_two_hundred_orders_cost_as_many_statements_as_five() -> None:
    seller, channel = make_seller(), make_channel()
    orders = [make_order(f"W-{n}", seller=seller, channel=channel) for n in range(205)]
    figures: Any = {"TEE": (2, None, 1)}
    for order in orders:
        tell(order, reported("Picking", order=order.reference))

    def page(some: list[Order]) -> None:
        tell(some[0], *(reported("Picking", at=1, order=order.reference, **figures) for order in some))

    with CaptureQueriesContext(connection) as few:
        page(orders[:5])
    with CaptureQueriesContext(connection) as many:
        page(orders[5:])

    assert len(many) == len(few)
    assert Refund.objects.filter(amount=2999).count() == 205


def test_with_proposals_off_none_is_begun_but_those_there_are_kept_true() -> None:
    refund = make_refund(2, 2)
    new = make_order("W-2", seller=refund.seller)

    with transaction.atomic():
        page = [despatched(at=1, TEE=1), reported("Cancelled", order="W-2")]
        applied = apply(refund.seller_id, page, actor=ACTOR, warehouse=warehouse_of(refund.seller_id).pk)
        assert propose(applied.touched, actor=ACTOR, open_new=False) == 0

    assert (refunds(refund.order), refunds(new)) == ([("W-1-R1", "proposed", 2999)], [])


def test_propose_refuses_to_work_outside_a_transaction(transactional_db: None) -> None:
    with pytest.raises(RuntimeError, match="belongs inside the transaction"):
        propose([1], actor="x")
