"""Does what a dry run says of a policy come true, when the same messages are applied under that policy?

Two sellers get the same messages at the same moments: one has the policy, the other is asked in a dry run afterwards.
Where the policy has one, people decide on everything else at once. Ceilings and the hourly brake are included.
"""

from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest
from django.conf import settings as installed
from django.db import transaction
from hypothesis import given
from hypothesis import settings as config
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from orders.models import AttentionItem, Order, Seller
from refunds.decisions import review
from refunds.models import Refund, RefundPolicy
from refunds.proposals.dry_run import Row, dry_run
from refunds.tasks import execute_approved
from tests.builders import make_order, make_seller
from tests.refunds.people import manager, seen
from tests.refunds.policies import make_limit, make_policy
from tests.refunds.raw_sql import sql
from tests.warehouse import cancelled, despatched, reported, tell

pytestmark = pytest.mark.django_db
PROVIDERS = dict(installed.REFUND_GATEWAYS)


class Message(NamedTuple):
    """What happens to one order, so many minutes after what happened before."""

    minutes: int
    currency: str
    paid: int
    short: bool
    """The warehouse closes it short; otherwise it cancels a unit by name."""
    looked_at: bool
    """Something else about the order must be looked at."""


messages = st.builds(
    Message,
    minutes=st.sampled_from([0, 0, 1, 2, 30, 70, 1440, 2880]),
    currency=st.sampled_from(["GBP", "GBP", "EUR"]),
    paid=st.sampled_from([200, 400, 600, 1000, 2000]),
    short=st.booleans(),
    looked_at=st.sampled_from([False, False, False, True]),
)
amount = st.sampled_from([None, 100, 200, 300, 500, 1000])
limits = st.fixed_dictionaries({"second_approver_above": amount, "unattended_upto": amount, "daily_ceiling": amount})


def in_the_afternoon() -> str:
    """A zone where it is between two and three now.

    The database's clock stands while what has happened is moved back, so a day must begin between the same events
    then as it did when they happened: hours after the first of a day, and hours before its end.
    """
    ahead = 14 - datetime.now(UTC).hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "UTC"


def happen(sellers: list[Seller], number: int, one: Message) -> None:
    for seller in sellers:
        order = make_order(
            f"W-{number}",
            seller=seller,
            items=[("TEE", 2, one.paid)],
            currency=one.currency,
            limits=False,
            payment_provider="pays",
        )
        if one.looked_at:
            AttentionItem.objects.create(kind="quantity_mismatch", subject=f"x{order.pk}", order=order, summary="x")
        if one.short:
            tell(
                order,
                despatched(f"D-{order.pk}", TEE=1, order=order.reference),
                reported("Despatched", order=order.reference, at=1),
            )
        else:
            tell(order, cancelled(of={"TEE": (1, 2)}, order=order.reference))


def minute_passes(seller: Seller, people: list[Any]) -> None:
    """The tasks run once; people decide on what the policy left to them, and that is paid."""
    sql("UPDATE refunds_refund SET proposed_at = date_trunc('minute', now()) WHERE proposed_at >= now()")
    execute_approved()
    for refund in Refund.objects.filter(seller=seller, status="proposed").order_by("id"):
        for person in people[: refund.approvals_needed]:
            review.approve(refund.pk, by=person, seen=seen(refund))
    execute_approved()


def time_passes(minutes: int) -> None:
    """All that has happened was so many minutes earlier."""
    ago = f"- interval '{minutes} minutes'"
    moments = ("proposed_at", "approved_at", "second_approved_at", "decided_at", "executed_at", "updated_at")
    sql(f"UPDATE refunds_refund SET {', '.join(f'{name} = {name} {ago}' for name in moments)}")
    sql(f"UPDATE refunds_refundattempt SET started_at = started_at {ago}, finished_at = finished_at {ago}")
    sql(f"UPDATE orders_attentionitem SET opened_at = opened_at {ago}, closed_at = closed_at {ago}")


def idle(minutes: int, seller: Seller, people: list[Any]) -> None:
    """Minutes in which nothing new waits; the tasks run in the first of them, and on every day."""
    steps = [1, *[700] * ((minutes - 1) // 700)] if minutes else []
    for step in steps:
        time_passes(step)
        minute_passes(seller, people)
    time_passes(minutes - sum(steps))


def outcome(seller: Seller, stopped: set[int]) -> dict[str, tuple[int, int, bool]]:
    """By order, what really was refunded, how many people approved it, and whether a ceiling stopped it that day."""
    found = {}
    for order in Order.objects.filter(seller=seller):
        refund = Refund.objects.filter(order=order).first()
        approvals = 0 if refund is None or refund.approved_by_rule else refund.approvals_needed
        found[order.reference] = (
            refund.amount if refund else 0,
            approvals,
            refund is not None and refund.pk in stopped,
        )
    return found


def foretold(row: Row) -> tuple[int, int, bool]:
    return row.would.amount, row.would.approvals, row.would.stopped


@given(
    happens=st.lists(messages, min_size=1, max_size=6),
    policy=st.fixed_dictionaries({"propose_cancelled": st.booleans(), "propose_closed_short": st.booleans()}),
    amounts=st.fixed_dictionaries({"GBP": limits}, optional={"EUR": limits}),
    most=st.sampled_from([1, 2, 3]),
)
@config(max_examples=config().max_examples // 2)
def test_what_a_dry_run_says_comes_true(
    settings: Settings, happens: list[Message], policy: dict[str, bool], amounts: dict[str, Any], most: int
) -> None:
    settings.UNATTENDED_PER_HOUR = most
    settings.REFUND_GATEWAYS = {**PROVIDERS, "pays": "tests.refunds.provider_that_pays.PaysAtOnce"}
    with transaction.atomic():
        zone = in_the_afternoon()
        asked, real = make_seller(time_zone=zone), make_seller(time_zone=zone, limits=False)
        make_policy(real, **policy)
        for currency, fields in amounts.items():
            make_limit(real, currency, **_consistent(fields))

        stopped = apply_all(happens, asked, real)
        result = dry_run(asked, RefundPolicy.objects.get(seller=real).rules(), days=30)

        # Where the policy makes no difference, what happened at the seller that was asked would have happened.
        would = outcome(asked, set()) | {row.reference: foretold(row) for row in result.rows}
        came_true = outcome(real, stopped)
        # The next example begins with empty tables.
        transaction.set_rollback(True)
    assert would == came_true


def apply_all(happens: list[Message], asked: Seller, real: Seller) -> set[int]:
    """Both sellers get the messages, and the tasks run; the refunds of `real` that a ceiling stopped on their day."""
    people = [manager(f"anna-{real.pk}"), manager(f"bert-{real.pk}")]
    stopped: set[int] = set()
    for number, one in enumerate(happens):
        if one.minutes and number:
            idle(one.minutes - 1, real, people)
            time_passes(1)
        happen([asked, real], number, one)
        if number + 1 == len(happens) or happens[number + 1].minutes:
            minute_passes(real, people)
            waiting = Refund.objects.filter(seller=real, status="approved")
            stopped |= set(waiting.values_list("pk", flat=True))
    return stopped


def _consistent(fields: dict[str, Any]) -> dict[str, Any]:
    above, upto = fields["second_approver_above"], fields["unattended_upto"]
    if above is not None and upto is not None:
        return fields | {"unattended_upto": min(above, upto)}
    return fields
