"""Does a seller stop paying back when it has paid back enough for one day?"""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import F
from pytest_django.fixtures import Settings

from orders.models import AttentionItem, Seller
from refunds.decisions.reconsider import reconsider
from refunds.execution import ceiling, execute, manual_payment
from refunds.gateway import Receipt
from refunds.models import CeilingLift, Refund, RefundAttempt
from tests.builders import make_seller, make_staff
from tests.refunds.people import approved, make_refund, manager
from tests.refunds.policies import make_limit
from tests.refusals import refused

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def provider_is_set_up(settings: Settings) -> None:
    """These tests claim what the provider would pay, and never call it."""
    settings.PAYMENT_SANDBOX_URL = "http://127.0.0.1:9"


def waiting(seller: Seller, number: int, by: User, **fields: Any) -> Refund:
    """An approved refund of 29.99 that the sandbox provider would pay."""
    refund = make_refund(seller=seller, reference=f"W-{number}", payment_provider="sandbox", **fields)
    return approved(refund, by)


def make_lifter(username: str = "mary") -> User:
    return make_staff(username, permissions=["refunds.lift_ceiling"])


def said(seller: Seller) -> list[str]:
    items = AttentionItem.objects.filter(kind="ceiling_reached", seller=seller, closed_at=None)
    return list(items.values_list("summary", flat=True))


def pay(refund: Refund) -> bool:
    claim = execute.claim_refund(refund.pk, old="approved")
    return claim is not None and execute.record_paid(claim, Receipt(f"re_{refund.pk}", refund.amount, refund.currency))


def statuses(seller: Seller) -> list[str]:
    return list(Refund.objects.filter(seller=seller).order_by("id").values_list("status", flat=True))


def test_a_refund_that_just_fits_is_claimed_and_the_next_one_waits() -> None:
    seller, anna = make_seller(), manager("anna")
    make_limit(seller, daily_ceiling=5998)
    first, second, third = (waiting(seller, number, anna) for number in (1, 2, 3))

    assert (pay(first), pay(second), pay(third)) == (True, True, False)

    day, spent, lifted = ceiling.today(seller.pk, "GBP")
    assert (spent, lifted) == (5998, False)
    assert statuses(seller) == ["executed", "executed", "approved"]
    assert said(seller) == [
        f"W-3-R1 waits: 59.98 of the daily cap of 59.98 GBP was refunded on {day}, and 29.99 more would exceed it. "
        "A manager can lift the cap for the day."
    ]
    assert RefundAttempt.objects.filter(refund=third).count() == 0


def test_refunds_under_way_and_in_doubt_count() -> None:
    seller, anna = make_seller(), manager("anna")
    make_limit(seller, daily_ceiling=5998)
    under_way, doubtful, third = (waiting(seller, number, anna) for number in (1, 2, 3))

    assert execute.claim_refund(under_way.pk, old="approved") is not None
    claim = execute.claim_refund(doubtful.pk, old="approved")
    assert claim is not None
    execute.record_unclear(claim, "no answer")

    assert execute.claim_refund(third.pk, old="approved") is None
    assert statuses(seller) == ["executing", "in_doubt", "approved"]


def test_declined_refunds_do_not_count() -> None:
    seller, anna = make_seller(), manager("anna")
    make_limit(seller, daily_ceiling=2999)
    declined, second = waiting(seller, 1, anna), waiting(seller, 2, anna)
    claim = execute.claim_refund(declined.pk, old="approved")
    assert claim is not None
    execute.record_declined(claim, "no")

    assert pay(second)


def test_a_refund_that_never_arrived_is_not_sent_again_beyond_the_ceiling() -> None:
    seller, anna = make_seller(), manager("anna")
    make_limit(seller, daily_ceiling=2999)
    lost, second = waiting(seller, 1, anna), waiting(seller, 2, anna)
    claim = execute.claim_refund(lost.pk, old="approved")
    assert claim is not None
    execute.record_unclear(claim, "no answer")
    RefundAttempt.objects.filter(pk=claim.attempt_id).update(outcome="absent")
    assert pay(second)

    assert execute.claim_refund(lost.pk, old="in_doubt") is None
    assert statuses(seller) == ["in_doubt", "executed"]


def test_other_sellers_currencies_and_sellers_without_a_ceiling_go_on() -> None:
    strict, free, anna = make_seller("strict"), make_seller("free"), manager("anna")
    make_limit(strict, daily_ceiling=0)
    make_limit(free, second_approver_above=10_000)
    blocked = [waiting(strict, number, anna) for number in range(1, 23)]
    euros, other = waiting(strict, 30, anna, currency="EUR"), waiting(free, 31, anna)

    stopped: set[tuple[int, str]] = set()
    claims = [execute.claim_next(stopped), execute.claim_next(stopped), execute.claim_next(stopped)]

    assert [claim and claim.refund_id for claim in claims] == [euros.pk, other.pk, None]
    assert stopped == {(strict.pk, "GBP")}
    assert set(Refund.objects.filter(pk__in=[one.pk for one in blocked]).values_list("status", flat=True)) == {
        "approved"
    }
    assert len(said(strict)) == 1


def test_nothing_younger_slips_past_a_refund_that_waits_for_the_ceiling() -> None:
    seller, anna = make_seller(), manager("anna")
    make_limit(seller, daily_ceiling=3000)
    large, small = waiting(seller, 1, anna, paid=10_000), waiting(seller, 2, anna, paid=200)

    assert execute.claim_next() is None
    assert [Refund.objects.get(pk=one.pk).status for one in (large, small)] == ["approved", "approved"]


def test_the_day_is_that_of_the_sellers_time_zone() -> None:
    anna = manager("anna")
    east, west = make_seller(time_zone="Pacific/Kiritimati"), make_seller(time_zone="Pacific/Niue")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (now() AT TIME ZONE 'Pacific/Kiritimati')::date, (now() AT TIME ZONE 'Pacific/Niue')::date"
        )
        expected = cursor.fetchone()

    assert (ceiling.today(east.pk, "GBP")[0], ceiling.today(west.pk, "GBP")[0]) == expected
    assert expected[0] != expected[1]
    make_limit(east, daily_ceiling=2999)
    assert pay(waiting(east, 1, anna))
    RefundAttempt.objects.update(started_at=F("started_at") - timedelta(days=1))
    assert ceiling.today(east.pk, "GBP")[1] == 0
    assert pay(waiting(east, 2, anna))


def test_lifting_lets_the_rest_of_the_day_go_and_closes_what_was_said() -> None:
    seller, anna, mary = make_seller(name="North"), manager("anna"), make_lifter()
    make_limit(seller, daily_ceiling=100)
    refund = waiting(seller, 1, anna)
    assert execute.claim_next() is None

    lift = ceiling.lift(seller, "GBP", by=mary, why=" The recall of Monday ")

    assert (lift.lifted_by, lift.why, lift.day) == (mary, "The recall of Monday", ceiling.today(seller.pk, "GBP")[0])
    assert said(seller) == []
    assert pay(refund)
    with refused("ceiling_already_lifted"):
        ceiling.lift(seller, "GBP", by=mary, why="again")


@pytest.mark.parametrize(
    ("rights", "why", "currency", "code"),
    [
        ([], "because", "GBP", "not_permitted"),
        (["refunds.lift_ceiling"], " ", "GBP", "reason_required"),
        (["refunds.lift_ceiling"], "because", "EUR", "no_ceiling"),
    ],
)
def test_what_is_no_lift_is_refused_and_lifts_nothing(rights: list[str], why: str, currency: str, code: str) -> None:
    seller, anna = make_seller(name="North"), manager("anna")
    make_limit(seller, daily_ceiling=100)
    refund = waiting(seller, 1, anna)

    with refused(code):
        ceiling.lift(seller, currency, by=make_staff("bob", permissions=rights), why=why)

    assert CeilingLift.objects.count() == 0
    assert execute.claim_refund(refund.pk, old="approved") is None


def test_the_next_day_closes_what_was_said_and_lifts_are_over() -> None:
    seller, anna = make_seller(), manager("anna")
    make_limit(seller, daily_ceiling=100)
    waiting(seller, 1, anna)
    assert execute.claim_next() is None
    assert ceiling.forget_past_days() == 0
    yesterday = ceiling.today(seller.pk, "GBP")[0] - timedelta(days=1)
    AttentionItem.objects.update(
        evidence={"day": yesterday.isoformat()}, subject=f"ceiling:{seller.pk}:GBP:{yesterday}"
    )
    CeilingLift.objects.create(seller=seller, currency="GBP", day=yesterday, why="then", lifted_by=anna)

    assert ceiling.forget_past_days() == 1
    assert said(seller) == []
    assert execute.claim_next() is None
    assert len(said(seller)) == 1


def test_a_higher_ceiling_closes_what_was_said() -> None:
    seller, anna = make_seller(), manager("anna")
    limit = make_limit(seller, daily_ceiling=100)
    refund = waiting(seller, 1, anna)
    assert execute.claim_next() is None

    with transaction.atomic():
        limit.daily_ceiling = 2999
        limit.save()
        reconsider(seller.pk)

    assert said(seller) == []
    assert pay(refund)


def test_a_payment_made_by_hand_counts_and_is_never_refused() -> None:
    seller, anna = make_seller(), manager("anna")
    make_limit(seller, daily_ceiling=100)
    refund = approved(make_refund(seller=seller, reference="W-1", payment_provider="manual"), anna)

    manual_payment.record_payment(refund.pk, by=anna, reference="BACS 1")

    assert ceiling.today(seller.pk, "GBP")[1] == 2999
