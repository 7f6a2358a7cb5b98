"""Does a policy approve without a person what it may, and nothing else?"""

import os
from functools import partial

import pytest
from pytest_django.fixtures import Settings

from orders.models import AttentionItem, Order, Seller
from orders.timeline import attention
from refunds.decisions import review
from refunds.decisions.auto_approve import approve_by_rule
from refunds.execution import execute
from refunds.models import Refund
from tests.builders import make_seller
from tests.refunds.people import kinds, make_refund, manager, seen
from tests.refunds.policies import make_limit
from tests.refunds.racing import race
from tests.refunds.raw_sql import propose_in_sql, refused, set_status, sql

pytestmark = pytest.mark.django_db
ROUNDS = max(1, int(os.environ.get("RACE_ROUNDS", "20")) // 4)


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


@pytest.mark.parametrize("obstacle", ["taken back", "on hold", "attention", "blocked", "two people", "by staff"])
def test_the_rule_keeps_away_from_what_a_person_must_look_at(obstacle: str) -> None:
    seller, anna = make_seller(), manager("anna")
    refund = make_refund(seller=seller)
    make_limit(seller, unattended_upto=9999)
    if obstacle == "taken back":
        assert approve_by_rule() == 1
        review.revoke_approval(refund.pk, by=anna, why="let me see")
    elif obstacle == "on hold":
        review.hold(refund.pk, by=anna, why="let me see")
    elif obstacle == "attention":
        AttentionItem.objects.create(kind="quantity_mismatch", subject="x", order=refund.order, summary="x")
    elif obstacle == "blocked":
        Order.objects.update(refund_blocks=["unknown_sku"])
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


def flood(seller: Seller, count: int) -> list[Refund]:
    return [make_refund(seller=seller, reference=f"F-{Refund.objects.count()}") for _ in range(count)]


def held_back() -> list[tuple[str, bool]]:
    """What was said of too many at once: about whom, and whether it is still open."""
    items = AttentionItem.objects.filter(kind="many_refunds").order_by("id")
    return [(item.subject, item.closed_at is None) for item in items]


def statuses(refunds: list[Refund]) -> list[str]:
    found = dict(Refund.objects.values_list("pk", "status"))
    return [found[refund.pk] for refund in refunds]


def test_of_too_many_at_once_the_policy_approves_none_and_says_so_while_other_sellers_go_on(
    settings: Settings,
) -> None:
    settings.UNATTENDED_PER_HOUR = 3
    mistaken, other = make_seller("mistaken"), make_seller("other")
    for seller in (mistaken, other):
        make_limit(seller, unattended_upto=9999)
    many, few = flood(mistaken, 4), flood(other, 3)

    assert (approve_by_rule(), approve_by_rule()) == (3, 0)

    assert statuses(many) == ["proposed"] * 4
    assert statuses(few) == ["approved"] * 3
    item = AttentionItem.objects.get(kind="many_refunds")
    assert (item.subject, item.seller, item.closed_at) == (f"many:{mistaken.pk}", mistaken, None)
    assert item.summary == (
        "4 refunds at once, where at most 3 an hour are approved without a person. The policy approves none of them: "
        "look whether the warehouse made a mistake, then decide on them together."
    )


def test_a_stream_is_stopped_as_a_flood_is(settings: Settings) -> None:
    settings.UNATTENDED_PER_HOUR = 3
    seller = make_seller()
    make_limit(seller, unattended_upto=9999)
    first = flood(seller, 2)
    assert approve_by_rule() == 2

    later = flood(seller, 2)

    assert approve_by_rule() == 0
    assert (statuses(first), statuses(later)) == (["approved"] * 2, ["proposed"] * 2)
    assert held_back() == [(f"many:{seller.pk}", True)]


def test_a_stream_is_stopped_too_when_it_had_waited_for_long(settings: Settings) -> None:
    settings.UNATTENDED_PER_HOUR = 3
    seller = make_seller()
    make_limit(seller, unattended_upto=9999)
    approved = []
    for _ in range(3):
        flood(seller, 2)
        sql("UPDATE refunds_refund SET proposed_at = now() - interval '2 hours' WHERE status = 'proposed'")

        approved.append(approve_by_rule())

    assert approved == [2, 0, 0]
    assert held_back() == [(f"many:{seller.pk}", True)]


def test_what_a_person_closed_is_said_again_of_each_that_comes_after_it(settings: Settings) -> None:
    settings.UNATTENDED_PER_HOUR = 1
    seller, anna = make_seller(), manager("anna")
    make_limit(seller, unattended_upto=9999)
    flood(seller, 1)
    assert approve_by_rule() == 1
    flood(seller, 1)
    assert approve_by_rule() == 0
    attention.close(AttentionItem.objects.get(kind="many_refunds"), by=anna)

    flood(seller, 1)

    assert approve_by_rule() == 0
    assert held_back() == [(f"many:{seller.pk}", False), (f"many:{seller.pk}", True)]


def test_nothing_is_said_where_nothing_waits(settings: Settings) -> None:
    seller = make_seller()
    make_limit(seller, unattended_upto=9999)
    flood(seller, 2)
    assert approve_by_rule() == 2

    settings.UNATTENDED_PER_HOUR = 1

    assert (approve_by_rule(), held_back()) == (0, [])


def test_when_people_have_decided_on_all_of_them_the_policy_goes_on(settings: Settings) -> None:
    settings.UNATTENDED_PER_HOUR = 1
    seller, anna = make_seller(), manager("anna")
    make_limit(seller, unattended_upto=9999)
    many = flood(seller, 2)
    assert approve_by_rule() == 0
    review.reject(many[0].pk, by=anna, why="a mistake", seen=seen(many[0]))
    assert approve_by_rule() == 0
    assert held_back() == [(f"many:{seller.pk}", True)]
    review.approve(many[1].pk, by=anna, seen=seen(many[1]))

    assert approve_by_rule() == 0
    assert held_back() == [(f"many:{seller.pk}", False)]
    [one] = flood(seller, 1)
    assert approve_by_rule() == 1
    assert statuses([*many, one]) == ["rejected", "approved", "approved"]


def test_closing_what_was_said_approves_nothing_that_came_before(settings: Settings) -> None:
    settings.UNATTENDED_PER_HOUR = 1
    seller, anna = make_seller(), manager("anna")
    make_limit(seller, unattended_upto=9999)
    many = flood(seller, 2)
    assert approve_by_rule() == 0

    attention.close(AttentionItem.objects.get(kind="many_refunds"), by=anna)

    assert approve_by_rule() == 0
    assert statuses(many) == ["proposed"] * 2
    assert held_back() == [(f"many:{seller.pk}", False)]


@pytest.mark.django_db(transaction=True)
def test_two_workers_and_a_flood_approve_no_more_than_is_allowed(settings: Settings) -> None:
    settings.UNATTENDED_PER_HOUR = 3
    for n in range(ROUNDS):
        seller = make_seller(f"seller-{n}")
        make_limit(seller, unattended_upto=9999)
        flood(seller, 2)

        race(approve_by_rule, approve_by_rule, partial(flood, seller, 4))
        approve_by_rule()

        of_seller = Refund.objects.filter(seller=seller)
        assert of_seller.filter(status="approved").count() <= 3
        assert of_seller.filter(status="proposed").count() >= 3
