"""Does a second, independent person confirm whatever loosens a limit, at every door and in the database?"""

import json
import os
from dataclasses import asdict
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from orders.errors import ActionRefused
from orders.models import AttentionItem, Seller
from refunds import errors, independence, sending
from refunds.decisions import limit_changes, pending_changes
from refunds.execution import ceiling
from refunds.models import CeilingLift, PendingChange, RefundLimit, RefundPolicy
from refunds.rules.policy import Limit, raises, stricter
from tests.builders import make_seller, make_staff
from tests.refunds.policies import make_limit
from tests.refunds.racing import race
from tests.refunds.raw_sql import refused, sql

pytestmark = pytest.mark.django_db
RUNS = int(os.environ.get("RACE_ROUNDS", "20"))
L = Limit(20_000, 5_000, 100_000)
some = st.none() | st.integers(0, 4)


@pytest.fixture
def went_live() -> None:
    """From here on a second person confirms what loosens."""
    sending.go_live(for_good=True)


def limited(**fields: Any) -> RefundLimit:
    """A seller's limits as they were set before going live."""
    found = make_limit(make_seller(), **({"second_approver_above": 20_000, "daily_ceiling": 100_000} | fields))
    sending.go_live(for_good=True)
    return found


def ask(limit: RefundLimit, by: User, **fields: int | None) -> PendingChange | None:
    row = RefundLimit.objects.get(pk=limit.pk)
    for name, amount in fields.items():
        setattr(row, name, amount)
    return limit_changes.save(row, by=by)


def code(act: Any) -> str:
    with pytest.raises(ActionRefused) as found:
        act()
    return found.value.code


def now(limit: RefundLimit) -> tuple[int | None, int | None, int | None]:
    row = RefundLimit.objects.get(pk=limit.pk)
    return row.second_approver_above, row.unattended_upto, row.daily_ceiling


@pytest.mark.parametrize(
    ("old", "new", "answer"),
    [
        (None, L, True),
        (L, Limit(20_000, 5_000, 100_001), True),
        (L, Limit(20_001, 0, 0), True),
        (L, Limit(None, 5_000, 100_000), True),
        (L, Limit(20_000, 5_000, None), True),
        # Without its line a currency has no cap either; the specification has a cap of 0 there.
        (L, None, True),
        (Limit(20_000, 5_000, None), None, False),
        (L, L, False),
        (L, Limit(1, 1, 1), False),
    ],
)
def test_raising_needs_two_and_lowering_one(old: Limit | None, new: Limit | None, answer: bool) -> None:
    assert raises(old, new) is answer


@given(old=st.tuples(some, some, some), new=st.tuples(some, some, some))
def test_the_stricter_of_both_loosens_nothing(old: tuple[Any, ...], new: tuple[Any, ...]) -> None:
    one, other = Limit(*old), Limit(*new)

    assert not raises(one, stricter(one, other))
    assert not raises(other, stricter(one, other))
    assert raises(one, other) is (stricter(one, other) != other)


@given(old=st.tuples(some, some, some), new=st.tuples(some, some, some))
def test_the_database_and_the_pure_rule_say_the_same(old: tuple[Any, ...], new: tuple[Any, ...]) -> None:
    for one, other in ((Limit(*old), Limit(*new)), (None, Limit(*new)), (Limit(*old), None)):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT refunds_loosens(jsonb_populate_record(NULL::refunds_refundlimit, %s::jsonb),"
                " jsonb_populate_record(NULL::refunds_refundlimit, %s::jsonb))",
                [json.dumps(asdict(side) | {"id": 1}) if side else "{}" for side in (one, other)],
            )
            assert cursor.fetchone()[0] is raises(one, other)


def test_before_going_live_one_person_sets_everything() -> None:
    limit = make_limit(make_seller(), second_approver_above=20_000)

    assert ask(limit, make_staff("mia", "Manager"), second_approver_above=50_000) is None
    assert now(limit)[0] == 50_000


def test_what_loosens_waits_and_what_tightens_counts_at_once() -> None:
    limit = limited()

    change = ask(limit, make_staff("mia", "Manager"), second_approver_above=50_000, daily_ceiling=10_000)

    assert change is not None
    assert now(limit) == (20_000, None, 10_000)
    pending_changes.confirm(change.pk, by=make_staff("ann", "Approver"))
    assert now(limit) == (50_000, None, 10_000)


@pytest.mark.parametrize(
    "fields",
    [{"second_approver_above": None}, {"unattended_upto": 1}, {"daily_ceiling": 100_001}, {"daily_ceiling": None}],
)
def test_each_way_of_loosening_waits(fields: dict[str, int | None]) -> None:
    limit = limited()
    before = now(limit)

    change = ask(limit, make_staff("mia", "Manager"), **fields)

    assert change is not None
    assert now(limit) == before


def test_a_line_of_another_currency_begins_strict() -> None:
    limit, mia = limited(), make_staff("mia", "Manager")

    new = RefundLimit(policy=limit.policy, currency="EUR", second_approver_above=9_000, daily_ceiling=90_000)
    change = limit_changes.save(new, by=mia)

    assert now(new) == (0, None, 90_000)
    assert change is not None
    pending_changes.confirm(change.pk, by=make_staff("ann", "Manager"))
    assert now(new) == (9_000, None, 90_000)


def test_removing_a_cap_with_its_line_waits_too() -> None:
    limit, mia = limited(), make_staff("mia", "Manager")

    change = limit_changes.remove(limit, by=mia)

    assert change is not None
    assert RefundLimit.objects.filter(pk=limit.pk).exists()
    pending_changes.confirm(change.pk, by=make_staff("ann", "Manager"))
    assert not RefundLimit.objects.filter(pk=limit.pk).exists()


def test_lifting_the_cap_for_a_day_waits_too() -> None:
    limit, mia = limited(), make_staff("mia", "Manager")
    seller = limit.policy.seller

    assert limit_changes.lift(seller, "GBP", by=mia, why="A recall") is None

    assert not CeilingLift.objects.exists()
    change = PendingChange.objects.get(state="waiting")
    pending_changes.confirm(change.pk, by=make_staff("ann", "Approver"))
    assert ceiling.today(seller.pk, "GBP")[2]
    assert CeilingLift.objects.get().lifted_by == mia
    ceiling.restore(seller, "GBP", by=mia, why="over")
    assert not ceiling.today(seller.pk, "GBP")[2]


def test_only_an_independent_person_with_the_right_confirms() -> None:
    mia, ann = make_staff("mia", "Manager"), make_staff("ann", "Approver")
    change = ask(limited(), mia, second_approver_above=50_000)
    assert change is not None
    independence.record_reset(ann, by=mia)

    assert code(lambda: pending_changes.confirm(change.pk, by=mia)) == "own_change"
    assert code(lambda: pending_changes.confirm(change.pk, by=ann)) == "not_independent"
    assert code(lambda: pending_changes.confirm(change.pk, by=make_staff("rita", "Reviewer"))) == "not_permitted"
    root = make_staff("root", is_superuser=True)
    assert code(lambda: pending_changes.confirm(change.pk, by=root)) == "superusers_decide_nothing"
    for person, sentence in ((ann, "stand behind two"), (root, "superusers do not"), (mia, "nobody_confirms")):
        with refused(sentence):
            sql("UPDATE refunds_pendingchange SET state = 'confirmed', decided_by_id = %s", person.pk)


def test_a_change_is_decided_once_and_stays_what_it_was() -> None:
    limit, mia, ann = limited(), make_staff("mia", "Manager"), make_staff("ann", "Approver")
    change = ask(limit, mia, second_approver_above=50_000)
    assert change is not None

    pending_changes.refuse(change.pk, by=ann, why="Too high")

    assert code(lambda: pending_changes.confirm(change.pk, by=ann)) == "already_decided"
    assert now(limit)[0] == 20_000
    with refused("stays what it was"):
        sql("UPDATE refunds_pendingchange SET wanted = 'null'")
    with refused("stays on record"):
        sql("DELETE FROM refunds_pendingchange")


def test_a_newer_request_takes_the_place_of_the_one_that_waits() -> None:
    limit, mia = limited(), make_staff("mia", "Manager")
    first = ask(limit, mia, second_approver_above=50_000)
    second = ask(limit, mia, second_approver_above=60_000)
    assert first is not None
    assert second is not None

    assert code(lambda: pending_changes.confirm(first.pk, by=make_staff("ann", "Approver"))) == "already_decided"
    assert AttentionItem.objects.filter(kind="change_waiting", closed_at=None).count() == 1
    ask(limit, mia, second_approver_above=20_000)
    assert not AttentionItem.objects.filter(kind="change_waiting", closed_at=None).exists()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE refunds_refundlimit SET second_approver_above = 20001",
        "UPDATE refunds_refundlimit SET second_approver_above = NULL",
        "UPDATE refunds_refundlimit SET unattended_upto = 0",
        "UPDATE refunds_refundlimit SET daily_ceiling = NULL",
        "DELETE FROM refunds_refundlimit",
        "INSERT INTO refunds_refundlimit (policy_id, currency, second_approver_above)"
        " SELECT seller_id, 'EUR', 1 FROM refunds_refundpolicy",
    ],
)
def test_the_database_refuses_what_nobody_confirmed(statement: str) -> None:
    limited()

    with refused("a second person confirms before a limit is raised"):
        sql(statement)


def test_the_database_refuses_a_lift_that_nobody_confirmed_and_keeps_since_when() -> None:
    limit, mia = limited(), make_staff("mia", "Manager")

    with refused("before a cap is lifted"):
        ceiling.lift(limit.policy.seller, "GBP", by=mia, why="so")
    with refused("since when two people"):
        sql("UPDATE refunds_sendingswitch SET went_live_at = NULL")
    with refused("since when two people"):
        sql("DELETE FROM refunds_sendingswitch")
    with refused("a limit stays in its currency"):
        sql("UPDATE refunds_refundlimit SET currency = 'EUR'")


def test_a_new_seller_begins_with_limits_as_ever(went_live: None) -> None:
    seller = Seller.objects.create(code="north", name="North", currency="GBP", time_zone="Europe/London")

    assert RefundLimit.objects.get(policy=seller.pk).second_approver_above == 9_000


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_decides() -> None:
    # The roles are gone after another test with transactions of its own.
    mia = make_staff("mia")
    ann, bob = (make_staff(name, permissions=["refunds.confirm_change"]) for name in ("ann", "bob"))
    limit = limited()
    for run in range(RUNS):
        change = ask_alone(limit, mia, 30_000 + run)

        ends = race(
            partial(pending_changes.confirm, change.pk, by=ann),
            partial(pending_changes.refuse, change.pk, by=bob, why="no"),
            partial(ask_alone, limit, mia, 20_000),
            expect=(errors.DecisionRefused,),
        )

        change.refresh_from_db()
        confirmed = not isinstance(ends[0], Exception)
        assert (change.state == "confirmed") is confirmed
        # Whoever saved last tightened it, unless the confirmation came after; nobody loosened it alone.
        assert now(limit)[0] in ({20_000, 30_000 + run} if confirmed else {20_000})
        ask_alone(limit, mia, 20_000)


def ask_alone(limit: RefundLimit, by: User, above: int) -> Any:
    with transaction.atomic():
        # As the page does: the policy is saved first.
        RefundPolicy.objects.filter(pk=limit.policy_id).update(refund_shipping=True)
        return ask(limit, by, second_approver_above=above)
