"""Does a seller's policy decide what is proposed, what customers are told, and who approves?"""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders.models import AttentionItem, Order
from refunds import execute, review
from refunds.models import ReasonWords, Refund, RefundItem
from refunds.overdue import propose_overdue
from refunds.propose import propose
from refunds.reconsider import reconsider
from refunds.unattended import approve_by_rule
from tests.builders import make_channel, make_order, make_seller
from tests.refunds.people import approved, kinds, make_refund, manager, seen
from tests.refunds.policies import make_limit, make_policy
from tests.refunds.raw_sql import propose_in_sql, refused, set_status
from tests.warehouse import cancelled, despatched, reported, tell

pytestmark = pytest.mark.django_db


def parts(order: Order) -> list[tuple[Any, ...]]:
    """What is proposed for the order: reason, amount, shipping, status, and units with those overdue among them."""
    rows = Refund.objects.filter(order=order).order_by("sequence")
    return [
        (r.reason, r.amount, r.shipping_amount, r.status, *r.items.values_list("quantity", "overdue_quantity"))
        for r in rows
    ]


def make_late(days: float = 10, reference: str = "W-1", **fields: Any) -> Order:
    """An order placed that many days ago, three TEEs for 89.97, of which one has shipped."""
    placed = timezone.now() - timedelta(days=days)
    order = make_order(reference, items=[("TEE", 3, 8997)], placed_at=placed, **fields)
    tell(order, despatched("D-1", order=reference, TEE=1))
    return order


def test_a_seller_without_a_policy_has_the_defaults_of_one() -> None:
    plain, same = make_seller(), make_seller()
    make_policy(same)
    found = []
    for seller in (plain, same):
        gone = make_order("W-1", seller=seller, shipping_charge=495)
        short = make_order("W-2", seller=seller)
        late = make_late(reference="W-3", seller=seller)
        tell(gone, reported("Cancelled"))
        tell(short, despatched("D-9", TEE=1, order="W-2"), reported("Despatched", order="W-2"))
        propose_overdue()
        found.append([parts(gone), parts(short), parts(late)])

    assert found[0] == found[1]
    assert found[0] == [
        [("cancelled_by_warehouse", 6493, 495, "proposed", (2, 0))],
        [("closed_short", 2999, 0, "proposed", (1, 0))],
        [],
    ]


def test_a_cause_that_is_off_earns_nothing_and_the_other_one_does() -> None:
    seller = make_seller()
    make_policy(seller, propose_closed_short=False)
    short, gone = make_order("W-1", seller=seller), make_order("W-2", seller=seller)

    tell(short, despatched("D-1", TEE=1), reported("Despatched"))
    tell(gone, reported("Cancelled", order="W-2"))

    assert (parts(short), parts(gone)) == ([], [("cancelled_by_warehouse", 5998, 0, "proposed", (2, 0))])


def test_of_an_order_closed_short_only_the_units_cancelled_by_name_are_proposed() -> None:
    seller = make_seller()
    make_policy(seller, propose_closed_short=False)
    order = make_order("W-1", items=[("TEE", 2, 4000), ("TEE", 2, 4000)], seller=seller)

    tell(order, cancelled(of={"TEE": (1, 4)}))
    tell(order, despatched("D-1", TEE=1), reported("Despatched", at=5, TEE=(4, 1, 1)))

    assert parts(order) == [("closed_short", 2000, 0, "proposed", (1, 0))]


def test_a_cause_that_is_switched_off_withdraws_with_the_next_word_and_says_why() -> None:
    refund = make_refund()
    make_policy(refund.seller, propose_cancelled=False)

    tell(refund.order, cancelled(at=5, of={"TEE": (1, 2)}))

    assert parts(refund.order) == [("cancelled_by_warehouse", 2999, 0, "withdrawn", (1, 0))]
    fact = refund.order.events.get(kind="refund.withdrawn")
    assert fact.data["why"] == "the seller's policy does not propose this"


def test_shipping_stays_paid_when_the_policy_says_so() -> None:
    seller = make_seller()
    make_policy(seller, refund_shipping=False)
    order = make_order("W-1", seller=seller, shipping_charge=495)

    tell(order, reported("Cancelled"))

    assert parts(order) == [("cancelled_by_warehouse", 5998, 0, "proposed", (2, 0))]


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


def test_a_policy_costs_propose_no_statement_more() -> None:
    counts = []
    for many in (1, 40):
        seller = make_seller()
        make_policy(seller, propose_overdue_after=7)
        make_limit(seller, second_approver_above=100)
        orders = [make_order(f"W-{n}", seller=seller) for n in range(many)]
        Order.objects.filter(seller=seller).update(cancelled_units=1)
        for order in orders:
            order.items.update(cancelled_quantity=1)
        with transaction.atomic(), CaptureQueriesContext(connection) as queries:
            propose([order.pk for order in orders], actor="test")
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert counts[1] <= 12


def test_customers_are_told_the_words_of_their_channel() -> None:
    seller, amazon, shop = make_seller(), make_channel(kind="marketplace"), make_channel()
    ReasonWords.objects.create(
        policy=make_policy(seller), channel=amazon, reason="cancelled_by_warehouse", words="NoInventory"
    )
    refunds = [make_refund(seller=seller, channel=channel, reference=f"W-{channel.pk}") for channel in (amazon, shop)]

    assert [execute.told_as(refund) for refund in refunds] == ["NoInventory", "Cancelled by the warehouse"]


def test_two_people_are_asked_for_above_the_limit_only() -> None:
    seller = make_seller()
    make_limit(seller, second_approver_above=2999)

    assert make_refund(seller=seller, reference="W-1").approvals_needed == 1
    assert make_refund(seller=seller, reference="W-2", paid=6000).approvals_needed == 2
    assert make_refund(seller=seller, reference="W-3", paid=6000, currency="EUR").approvals_needed == 1


def test_a_changed_limit_counts_for_open_proposals_but_keeps_asking_for_a_second_person() -> None:
    seller, anna = make_seller(), manager("anna")
    limit = make_limit(seller, second_approver_above=100)
    begun, untouched = make_refund(seller=seller, reference="W-1"), make_refund(seller=seller, reference="W-2")
    assert review.approve(begun.pk, by=anna, seen=seen(begun)) == "first"

    with transaction.atomic():
        limit.second_approver_above = 5000
        limit.save()
        assert (reconsider(seller.pk), reconsider(seller.pk)) == (1, 0)

    needed = dict(Refund.objects.values_list("pk", "approvals_needed"))
    assert needed == {begun.pk: 2, untouched.pk: 1}


def test_a_limit_that_was_lowered_unseen_is_asked_for_at_the_approval() -> None:
    refund, anna, bert = make_refund(), manager("anna"), manager("bert")
    make_limit(refund.seller, second_approver_above=100)

    with refused("above the limit: two people"):
        set_status(refund, "approved", f", approved_by_id = {anna.pk}")
    assert review.approve(refund.pk, by=anna, seen=seen(refund)) == "first"
    assert review.approve(refund.pk, by=bert, seen=seen(refund)) == "approved"


def test_small_refunds_are_approved_without_a_person_when_the_policy_says_so() -> None:
    seller = make_seller()
    small, large = make_refund(seller=seller, reference="W-1"), make_refund(seller=seller, reference="W-2", paid=9000)
    assert approve_by_rule() == 0

    make_limit(seller, unattended_upto=2999)

    assert (approve_by_rule(), approve_by_rule()) == (1, 0)
    small.refresh_from_db()
    large.refresh_from_db()
    assert (small.status, small.approved_by, small.approved_by_rule) == (
        "approved",
        None,
        "up to 29.99 GBP without a person (policy version 1)",
    )
    assert large.status == "proposed"
    assert kinds(small.order)[-1] == "refund.approved"
    assert small.order.events.latest("id").actor == "policy"
    assert execute.claim_refund(small.pk, old="approved") is not None


@pytest.mark.parametrize("obstacle", ["taken back", "on hold", "attention", "two people", "by staff"])
def test_the_rule_keeps_away_from_what_a_person_must_look_at(obstacle: str) -> None:
    seller, anna = make_seller(), manager("anna")
    refund = make_refund(seller=seller)
    make_limit(seller, unattended_upto=9999)
    if obstacle == "taken back":
        assert approve_by_rule() == 1
        review.take_back(refund.pk, by=anna, why="let me see")
    elif obstacle == "on hold":
        review.hold(refund.pk, by=anna, why="let me see")
    elif obstacle == "attention":
        AttentionItem.objects.create(kind="quantity_mismatch", subject="x", order=refund.order, summary="x")
    elif obstacle == "two people":
        Refund.objects.update(approvals_needed=2)
    else:
        review.reject(refund.pk, by=anna, why="no", seen=seen(refund))
        propose_in_sql(refund.order, amount=100, rounding_amount=100)
    before = list(Refund.objects.values("pk", "status", "approved_by_rule"))

    assert approve_by_rule() == 0
    assert list(Refund.objects.values("pk", "status", "approved_by_rule")) == before
    assert {row["approved_by_rule"] for row in before} == {""}


def test_the_database_refuses_an_approval_by_a_rule_that_the_policy_does_not_have() -> None:
    seller, anna = make_seller(), manager("anna")
    refund = make_refund(seller=seller)

    with refused("no policy approves"):
        set_status(refund, "approved", ", approved_by_rule = 'mine'")
    make_limit(seller, unattended_upto=2998)
    with refused("no policy approves"):
        set_status(refund, "approved", ", approved_by_rule = 'mine'")
    make_limit(seller, unattended_upto=2999)
    with refused("a_rule_approves_alone"):
        set_status(refund, "approved", f", approved_by_rule = 'mine', approved_by_id = {anna.pk}")
    by_staff = Refund.objects.get(pk=propose_in_sql(refund.order, amount=100, rounding_amount=100))
    with refused("a_rule_approves_alone"):
        set_status(by_staff, "approved", ", approved_by_rule = 'mine'")
    set_status(refund, "approved", ", approved_by_rule = 'mine'")
    with refused("who approved"):
        set_status(refund, "approved", ", approved_by_rule = 'yours'")
