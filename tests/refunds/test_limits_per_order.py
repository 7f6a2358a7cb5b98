"""Do limits count per order and day of the seller, at every door? (2 × 150.00 of one order is 300.00)"""

import os
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from orders.models import Order
from refunds import errors
from refunds.decisions import bulk, edit, review
from refunds.decisions.auto_approve import approve_by_rule
from refunds.execution.external import Outside, book
from refunds.models import Refund
from refunds.proposals.manual import propose_by_hand
from refunds.proposals.refund_request import RefundRequest
from refunds.rules.policy import Limit
from tests.builders import make_order, make_seller, make_staff
from tests.refunds.people import approved, make_refund, manager, seen
from tests.refunds.policies import make_limit
from tests.refunds.racing import assert_the_rules_hold, race
from tests.refunds.raw_sql import refused, set_status, sql

pytestmark = pytest.mark.django_db
RUNS = int(os.environ.get("RACE_ROUNDS", "20"))


def two_of_150(reference: str = "W-1") -> tuple[Order, Refund, Refund]:
    """Two proposals of 150.00 each of one order, where one person approves up to 200.00."""
    seller = make_seller()
    make_limit(seller, second_approver_above=20_000)
    order = make_order(reference, items=[("TEE", 2, 30_000), ("CAP", 2, 30_000)], seller=seller)
    tee, cap = order.items.order_by("position")
    refunds = [
        propose_by_hand(
            order.pk,
            by=make_staff(permissions=["refunds.propose_refund"]),
            wish=RefundRequest(units={one.pk: 1}),
            reason="goodwill",
            note="",
        )
        for one in (tee, cap)
    ]
    return order, refunds[0], refunds[1]


@pytest.mark.parametrize(
    ("amount", "before", "approvals", "unattended"),
    [
        (15_000, 0, 1, False),
        (20_000, 0, 1, False),
        (20_001, 0, 2, False),
        (15_000, 15_000, 2, False),
        (5_000, 0, 1, True),
        (4_000, 4_000, 1, False),
    ],
)
def test_the_cases_of_the_specification(amount: int, before: int, approvals: int, unattended: bool) -> None:
    limit = Limit(20_000, 5_000, 100_000)

    assert limit.approvals(amount, before) == approvals
    assert limit.unattended(amount, before) is unattended


@given(before=st.integers(0, 6), amount=st.integers(0, 6), above=st.none() | st.integers(0, 8), upto=st.integers(0, 4))
def test_an_order_in_two_parts_needs_as_many_people_as_in_one(
    before: int, amount: int, above: int | None, upto: int
) -> None:
    limit = Limit(above, upto)

    assert limit.approvals(amount, before) == limit.approvals(amount + before)
    assert limit.unattended(amount, before) == limit.unattended(amount + before)


def test_the_second_150_of_an_order_needs_a_second_person() -> None:
    _, one, two = two_of_150()
    anna = manager("anna")

    assert (one.approvals_needed, two.approvals_needed) == (1, 1)
    assert review.approve(one.pk, by=anna, seen=seen(one)) == "approved"
    two.refresh_from_db()
    assert two.approvals_needed == 2
    assert review.approve(two.pk, by=anna, seen=seen(two)) == "first"
    assert review.approve(two.pk, by=manager("bert"), seen=seen(two)) == "approved"


def test_what_was_approved_on_another_day_of_the_seller_does_not_count() -> None:
    order, one, two = two_of_150()
    approved(one)
    midnight = datetime.now(ZoneInfo(order.seller.time_zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    sql("UPDATE refunds_refund SET decided_at = %s WHERE id = %s", midnight - timedelta(seconds=1), one.pk)

    assert review.approve(two.pk, by=manager("anna"), seen=seen(two)) == "approved"


def test_what_was_approved_today_and_released_again_does_not_count() -> None:
    _, one, two = two_of_150()
    anna = manager("anna")
    review.revoke_approval(approved(one).pk, by=anna, why="a mistake")

    two.refresh_from_db()
    assert two.approvals_needed == 1
    assert review.approve(two.pk, by=anna, seen=seen(two)) == "approved"


def test_what_was_paid_past_us_counts() -> None:
    order = make_order("W-1", items=[("TEE", 4, 60_000)])
    make_limit(order.seller, second_approver_above=12_000)
    book(order.pk, Outside("sandbox", "re_1", 10_000, "GBP", timezone.now()))
    wish, by = RefundRequest(units={order.items.get().pk: 1}), make_staff(permissions=["refunds.propose_refund"])
    refund = propose_by_hand(order.pk, by=by, wish=wish, reason="goodwill", note="")

    assert (refund.amount, refund.approvals_needed) == (5_000, 2)
    assert review.approve(refund.pk, by=manager("anna"), seen=seen(refund)) == "first"


def test_the_policy_approves_no_more_of_an_order_in_a_day_than_its_limit() -> None:
    order = make_order("W-1", items=[("TEE", 4, 16_000)])
    make_limit(order.seller, second_approver_above=20_000, unattended_upto=5_000)
    first = make_refund(1, 4, order=order)
    assert approve_by_rule() == 1

    second = make_refund(2, 4, order=order)

    assert (first.amount, second.amount) == (4_000, 4_000)
    assert approve_by_rule() == 0


def test_both_in_one_bulk_action_are_not_approved_by_one_person() -> None:
    anna = manager("anna")
    _, one, two = two_of_150()
    rows = list(Refund.objects.select_related("seller", "order").order_by("pk"))

    plan = bulk.plan(rows, "approve", by=anna)
    assert [refund.pk for refund in plan.included] == [one.pk]
    assert [why for _, why in plan.left_out] == [
        "Above the limit with what is approved of its order today: two people must approve it, each on its own page."
    ]
    # Whoever posts both nevertheless.
    batch = bulk.begin("approve", [(refund.pk, seen(refund)) for refund in (one, two)], by=anna)
    bulk.decide()
    assert sorted(batch.items.values_list("state", flat=True)) == ["done", "refused"]
    two.refresh_from_db()
    assert (two.status, two.approved_by_id) == ("proposed", None)


def test_what_is_proposed_or_edited_later_asks_for_as_many_people_as_the_day_does() -> None:
    order, one, _ = two_of_150()
    approved(one)
    mia, units = make_staff("mia", permissions=["refunds.propose_refund"]), {item.pk: 1 for item in order.items.all()}

    third = propose_by_hand(order.pk, by=mia, wish=RefundRequest(units=units), reason="goodwill", note="")
    fewer = RefundRequest(units=dict(list(units.items())[:1]))
    edit.edit(third.pk, by=mia, wish=fewer, why="fewer", seen=seen(third))

    assert third.approvals_needed == 2
    assert Refund.objects.get(pk=third.pk).approvals_needed == 2


def test_the_database_counts_the_day_too() -> None:
    _, one, two = two_of_150()
    by = f", approved_by_id = {manager('anna').pk}, decided_at = now()"
    set_status(one, "approved", by)

    with refused("two people approve it"):
        set_status(two, "approved", by)


def test_what_was_approved_without_a_moment_counts_as_today() -> None:
    _, one, two = two_of_150()
    by = f", approved_by_id = {manager('anna').pk}"
    set_status(one, "approved", by)

    with refused("two people approve it"):
        set_status(two, "approved", by)


def test_a_failed_refund_is_not_sent_again_above_a_limit_that_was_lowered() -> None:
    _, one, _ = two_of_150()
    anna = manager("anna")
    approved(one, anna)
    sql("UPDATE refunds_refund SET status = 'executing', lease_until = now() WHERE id = %s", one.pk)
    sql("UPDATE refunds_refund SET status = 'failed' WHERE id = %s", one.pk)
    make_limit(one.seller, second_approver_above=10_000)

    with pytest.raises(errors.NotYours) as error:
        review.retry(one.pk, by=anna)

    assert error.value.code == "second_person_needed"
    with refused("more people approve it"):
        set_status(one, "approved")


def test_the_page_says_why_two_people_are_needed() -> None:
    _, one, two = two_of_150()
    approved(one)
    client = Client()
    client.force_login(make_staff("mary", "Manager"))

    page = client.get(reverse("admin:refunds_refund_change", args=[two.pk])).content.decode()
    words = " ".join(page.replace("\xa0", " ").replace("&nbsp;", " ").split())

    assert "2 approvers" in words
    assert "200.00 GBP per order and day; 150.00 GBP of this order was already approved today" in words


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_never_approve_both_alone() -> None:
    anna, bert = manager("anna"), manager("bert")
    for run in range(RUNS):
        _, one, two = two_of_150(f"W-{run}")

        answers = race(
            partial(review.approve, one.pk, by=anna, seen=seen(one)),
            partial(review.approve, two.pk, by=bert, seen=seen(two)),
        )

        assert sorted(answers) == ["approved", "first"]
    assert_the_rules_hold()


@pytest.mark.django_db(transaction=True)
def test_two_statements_at_once_never_approve_both_alone() -> None:
    anna = manager("anna")

    def in_sql(refund: Refund) -> str:
        try:
            with transaction.atomic():
                set_status(refund, "approved", f", approved_by_id = {anna.pk}, decided_at = now()")
        except IntegrityError:
            return "refused"
        return "approved"

    for run in range(RUNS):
        _, one, two = two_of_150(f"W-{run}")

        assert sorted(race(partial(in_sql, one), partial(in_sql, two))) == ["approved", "refused"]
