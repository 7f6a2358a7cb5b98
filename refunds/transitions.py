"""One step of a refund from a state to the next: the state and version it must have, the move, the record."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User

from orders.models import AttentionItem
from orders.money import text
from orders.timeline import attention, events
from refunds.errors import AlreadyDecided, Changed
from refunds.models import Refund

FAILURES = (AttentionItem.Kind.REFUND_FAILED, AttentionItem.Kind.CURRENCY_MISMATCH)
"""What a failed refund raises, and what goes away when it goes on."""


@dataclass(frozen=True, slots=True)
class ExpectedVersion:
    """What stood on the person's screen: the refund's version and its amount in minor units."""

    version: int
    amount: int


def forget_failure(refund_ids: Iterable[int]) -> None:
    """Close what the failures of these refunds raised: they have gone on."""
    subjects = [f"refund:{refund_id}" for refund_id in refund_ids]
    for kind in FAILURES:
        attention.resolve(kind, subjects)


def actor(by: User) -> str:
    """How a person is named on the timeline."""
    return events.staff(by)


def expect(refund: Refund, states: set[str], act: str) -> None:
    """Refuse in a sentence, with who decided and when, unless the refund is in one of these states."""
    if refund.status in states:
        return
    who = refund.second_approved_by or refund.rejected_by or refund.approved_by
    when = f" at {refund.decided_at:%H:%M on %d %b %Y} UTC" if refund.decided_at else ""
    named = who.get_username() if who else refund.approved_by_rule and "the policy"
    already = f"already {refund.get_status_display().lower()}"
    raise AlreadyDecided(f"{refund.number} cannot be {act}: {already}{f' by {named}{when}' if named else ''}.")


def expect_unchanged(refund: Refund, seen: ExpectedVersion) -> None:
    """Refuse if the refund is no longer what stood on the person's screen."""
    if (refund.version, refund.amount) != (seen.version, seen.amount):
        now, then = text(refund.amount, refund.currency), text(seen.amount, refund.currency)
        raise Changed(
            f"{refund.number} has changed since you opened it: it is {now} {refund.currency} now, you saw {then}. "
            "Check again, then decide."
        )


def move(refund: Refund, new: str, **changes: Any) -> None:
    """Move a locked refund on, or refuse if somebody was faster."""
    if not Refund.objects.move(refund.pk, refund.status, new, **changes):
        raise AlreadyDecided(f"{refund.number} has just been decided by someone else.")
    refund.status = new


def record(refund: Refund, kind: str, by: User, **data: Any) -> None:
    """Put what a person did with a refund on its order's timeline."""
    facts = {"refund": refund.number, **data}
    events.record([events.Event(refund.order_id, refund.seller_id, kind, None, actor(by), facts)])
