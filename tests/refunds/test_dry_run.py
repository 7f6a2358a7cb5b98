"""Does a dry run say what a policy would have done, and leave everything as it is?"""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from orders.models import Seller
from refunds.decisions import review
from refunds.models import Refund
from refunds.proposals.dry_run import Row, Total, dry_run
from refunds.rules.policy import Limit, Policy
from tests.builders import make_order, make_seller
from tests.refunds.people import approved, make_refund, manager, seen
from tests.refunds.policies import make_limit
from tests.refunds.raw_sql import rows as everything
from tests.warehouse import cancelled, despatched, reported, tell

pytestmark = pytest.mark.django_db

ONE_PERSON = {"GBP": Limit(), "EUR": Limit()}
IN_FORCE = Policy(limits=ONE_PERSON)
"""The policy of the sellers of these tests."""


def make_news(seller: Seller) -> None:
    """Today, in GBP: 29.99 cancelled, 59.98 with a first despatch short, 10.00 rejected, and 20.00 in EUR."""
    make_refund(seller=seller, reference="W-1")
    short = make_order("W-2", items=[("TEE", 3, 8997)], seller=seller, placed_at=timezone.now() - timedelta(days=9))
    tell(short, despatched("D-2", TEE=1, order="W-2"), reported("Despatched", order="W-2", at=1))
    rejected = make_refund(seller=seller, reference="W-3", paid=2000)
    review.reject(rejected.pk, by=manager("anna"), why="no", seen=seen(rejected))
    make_refund(seller=seller, reference="W-4", paid=4000, currency="EUR")
    # Refunds proposed later than others are later in a dry run.
    for number, refund in enumerate(Refund.objects.filter(seller=seller).order_by("id")):
        Refund.objects.filter(pk=refund.pk).update(proposed_at=timezone.now() - timedelta(seconds=10 - number))


def brief(row: Row) -> tuple[str, str, int, int, int, int, bool]:
    was, would = row.was, row.would
    return row.reference, row.currency, was.amount, was.approvals, would.amount, would.approvals, would.stopped


def test_the_policy_in_force_makes_no_difference() -> None:
    seller = make_seller()
    make_news(seller)

    result = dry_run(seller, IN_FORCE, days=30)

    assert (result.orders, result.left_out, result.rows) == (4, 0, [])
    gbp = Total(proposals=3, amount=9997, one_person=3)
    eur = Total(proposals=1, amount=2000, one_person=1)
    assert result.totals == {"GBP": (gbp, gbp), "EUR": (eur, eur)}


def test_what_would_not_be_proposed_or_by_others_be_approved_is_shown_beside_what_happened() -> None:
    seller = make_seller()
    make_news(seller)
    limits = ONE_PERSON | {"GBP": Limit(second_approver_above=2000, unattended_upto=1000)}

    result = dry_run(seller, Policy(propose_closed_short=False, limits=limits), days=30)

    assert [brief(row) for row in result.rows] == [
        ("W-3", "GBP", 1000, 1, 1000, 0, False),
        ("W-2", "GBP", 5998, 1, 0, 0, False),
        ("W-1", "GBP", 2999, 1, 2999, 2, False),
    ]
    assert result.totals["GBP"][1] == Total(proposals=2, amount=3999, without_person=1, two_people=1)
    assert result.totals["EUR"][1] == Total(proposals=1, amount=2000, one_person=1)


def test_what_a_ceiling_would_have_stopped_is_marked_oldest_first_and_per_currency() -> None:
    seller = make_seller()
    make_news(seller)

    result = dry_run(seller, Policy(limits=ONE_PERSON | {"GBP": Limit(daily_ceiling=3000)}), days=30)

    # 29.99 fits, 59.98 does not; the rejected 10.00 moves no money.
    assert [brief(row) for row in result.rows] == [("W-2", "GBP", 5998, 1, 5998, 1, True)]
    assert result.totals["GBP"][1] == Total(proposals=3, amount=9997, one_person=3, stopped=1, stopped_amount=5998)


def test_what_the_ceiling_or_the_brake_stops_is_not_promised_as_approved_without_a_person(settings: Settings) -> None:
    seller = make_seller()
    make_news(seller)
    ceiling = Policy(limits=ONE_PERSON | {"GBP": Limit(unattended_upto=9999, daily_ceiling=3000)})
    brake = Policy(limits=ONE_PERSON | {"GBP": Limit(unattended_upto=9999)})
    Refund.objects.update(proposed_at=timezone.now() - timedelta(minutes=1))

    settings.UNATTENDED_PER_HOUR = 3
    [stopped] = [row for row in dry_run(seller, ceiling, days=30).rows if row.reference == "W-2"]
    settings.UNATTENDED_PER_HOUR = 2
    braked = dry_run(seller, brake, days=30)

    assert (stopped.would.approvals, stopped.would.held_back, stopped.would.stopped) == (1, "daily cap", True)
    assert (braked.totals["GBP"][1].without_person, braked.rows) == (0, [])


def test_orders_that_would_be_overdue_appear() -> None:
    seller = make_seller()
    order = make_order("W-1", seller=seller, placed_at=timezone.now() - timedelta(days=9), shipping_charge=495)
    tell(order, reported("Processing"))

    found = {days: dry_run(seller, Policy(overdue_after=days, limits=ONE_PERSON), days=5) for days in (3, 5, 10)}

    assert [brief(row) for row in found[5].rows] == [("W-1", "GBP", 0, 0, 6493, 1, False)]
    assert (found[3].orders, found[10].orders) == (0, 0)


def test_other_sellers_and_older_days_are_left_alone() -> None:
    seller, other = make_seller(), make_seller()
    make_refund(seller=other, reference="W-1")
    old = make_refund(seller=seller, reference="W-2")
    Refund.objects.filter(pk=old.pk).update(proposed_at=timezone.now() - timedelta(days=31))
    # The warehouse's word itself is from March 2026, months ago.

    assert dry_run(seller, IN_FORCE, days=30).orders == 0
    assert dry_run(seller, IN_FORCE, days=32).orders == 1


def test_what_two_refunds_gave_counts_as_one() -> None:
    seller = make_seller()
    first = approved(make_refund(seller=seller, units=3, paid=8997))
    tell(first.order, cancelled(at=5, of={"TEE": (2, 3)}))
    assert Refund.objects.count() == 2

    result = dry_run(seller, IN_FORCE, days=30)

    assert result.rows == []
    assert result.totals["GBP"][0] == Total(proposals=1, amount=5998, one_person=1)


def test_a_dry_run_writes_nothing_locks_nothing_and_asks_a_constant_number_of_questions() -> None:
    seller = make_seller()
    make_limit(seller, second_approver_above=100)
    counts = []
    for many in (1, 8):
        for number in range(many):
            make_refund(seller=seller, reference=f"W-{many}-{number}")
        before = everything()
        with CaptureQueriesContext(connection) as queries:
            dry_run(seller, Policy(limits={"GBP": Limit(unattended_upto=10_000)}), days=30)
        counts.append(len(queries))
        assert everything() == before
        assert not [
            q["sql"] for q in queries if not q["sql"].lstrip().startswith("SELECT") or " FOR NO KEY" in q["sql"]
        ]

    # One of them asks which SKUs no warehouse has listed, one for the payments of the orders.
    assert counts == [11, 11]
