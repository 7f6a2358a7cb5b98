"""Does a policy approve without a person what it may, and nothing else?"""

import pytest

from orders.models import AttentionItem
from refunds import execute, review
from refunds.models import Refund
from refunds.unattended import approve_by_rule
from tests.builders import make_seller
from tests.refunds.people import kinds, make_refund, manager, seen
from tests.refunds.policies import make_limit
from tests.refunds.raw_sql import propose_in_sql, refused, set_status

pytestmark = pytest.mark.django_db


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
