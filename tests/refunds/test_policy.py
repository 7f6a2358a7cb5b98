"""Does a seller's policy decide what is proposed, what customers are told, and who approves?"""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders.models import Order
from refunds.decisions import review
from refunds.decisions.reconsider import reconsider
from refunds.execution import execute
from refunds.models import ReasonWords, Refund
from refunds.proposals.overdue import propose_overdue
from refunds.proposals.propose import propose
from tests.builders import make_channel, make_order, make_seller
from tests.refunds.people import make_refund, manager, seen
from tests.refunds.policies import make_limit, make_policy, parts
from tests.refunds.raw_sql import refused, set_status
from tests.warehouse import cancelled, despatched, reported, tell

pytestmark = pytest.mark.django_db


def test_a_seller_without_a_policy_has_the_defaults_of_one() -> None:
    plain, same = make_seller(), make_seller()
    make_policy(same)
    found = []
    for seller in (plain, same):
        gone = make_order("W-1", seller=seller, shipping_charge=495)
        short = make_order("W-2", seller=seller)
        late = make_order("W-3", items=[("TEE", 3, 8997)], seller=seller, placed_at=timezone.now() - timedelta(days=99))
        tell(late, despatched("D-3", order="W-3", TEE=1))
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

    assert [execute.reason_for_customer(refund) for refund in refunds] == ["NoInventory", "Cancelled by the warehouse"]


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
