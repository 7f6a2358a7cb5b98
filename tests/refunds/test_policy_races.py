"""Does a policy hold when people, workers and managers act at the same moment?"""

import os
from functools import partial

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from orders.models import Seller
from refunds import errors
from refunds.decisions import review
from refunds.decisions.auto_approve import approve_by_rule
from refunds.decisions.reconsider import reconsider
from refunds.execution import ceiling, execute
from refunds.models import Refund
from tests.builders import make_seller, make_staff
from tests.refunds.people import approved, make_refund, manager, seen
from tests.refunds.policies import make_limit
from tests.refunds.racing import assert_the_rules_hold, race
from tests.warehouse import despatched, tell

pytestmark = pytest.mark.django_db(transaction=True)
RUNS = int(os.environ.get("RACE_ROUNDS", "20"))


def save_limit(seller: Seller, **fields: int) -> int:
    """What the page does when a manager saves a policy."""
    with transaction.atomic():
        limit = make_limit(seller)
        limit.policy.save()
        for name, amount in fields.items():
            setattr(limit, name, amount)
        limit.save()
        return reconsider(seller.pk)


def waiting(seller: Seller, number: int, by: User) -> Refund:
    return approved(make_refund(seller=seller, reference=f"W-{number}", payment_provider="sandbox"), by)


def test_many_workers_never_pay_beyond_the_ceiling_while_others_save_and_lift() -> None:
    anna, mary = manager("anna"), make_staff("mary", permissions=["refunds.lift_ceiling"])
    for run in range(RUNS):
        seller = make_seller()
        make_limit(seller, daily_ceiling=2 * 2999)
        refunds = [waiting(seller, number, anna) for number in range(4)]
        claims = [partial(execute.claim_refund, refund.pk, old="approved") for refund in refunds]
        lifts = [partial(ceiling.lift, seller, "GBP", by=mary, why="so")] if run % 4 == 3 else []

        ends = race(*claims, partial(save_limit, seller, second_approver_above=run), *lifts)

        claimed = sum(end is not None for end in ends[:4])
        assert claimed == 2 if not lifts else 2 <= claimed <= 4
        assert ceiling.today(seller.pk, "GBP")[1] == claimed * 2999
    assert_the_rules_hold()


def test_a_person_the_policy_and_the_warehouse_decide_once() -> None:
    anna, ends_seen = manager("anna"), set()
    for run in range(RUNS):
        seller = make_seller()
        make_limit(seller, unattended_upto=2999)
        refund = make_refund(seller=seller)
        approve = partial(review.approve, refund.pk, by=anna, seen=seen(refund))
        ship = partial(tell, refund.order, despatched(f"D-{run}", at=5, TEE=2))

        race(approve_by_rule, approve, ship, expect=(errors.DecisionRefused,))

        end = Refund.objects.get(pk=refund.pk)
        # Shipped units are never left approved, whoever was first.
        assert (end.status, bool(end.approved_by) and bool(end.approved_by_rule)) == ("withdrawn", False)
        ends_seen.add("anna" if end.approved_by else end.approved_by_rule and "policy")
    assert_the_rules_hold()
    assert ends_seen <= {"", "anna", "policy"}


def test_a_limit_lowered_meanwhile_never_lets_one_person_too_few_approve() -> None:
    anna = manager("anna")
    for _ in range(RUNS):
        seller = make_seller()
        make_limit(seller, second_approver_above=5000, unattended_upto=0)
        refund = make_refund(seller=seller)

        answer, _saved = race(
            partial(review.approve, refund.pk, by=anna, seen=seen(refund)),
            partial(save_limit, seller, second_approver_above=100),
        )

        end = Refund.objects.get(pk=refund.pk)
        expected = {"approved": ("approved", 1), "first": ("proposed", 2)}[answer]
        assert (end.status, end.approvals_needed) == expected
    assert_the_rules_hold()


def test_what_the_policy_no_longer_approves_is_not_approved_by_it() -> None:
    for _ in range(RUNS):
        seller = make_seller()
        make_limit(seller, unattended_upto=2999)
        refund = make_refund(seller=seller)

        count, _saved = race(approve_by_rule, partial(save_limit, seller, unattended_upto=100))

        assert Refund.objects.get(pk=refund.pk).status == ("approved" if count else "proposed")
    assert_the_rules_hold()
