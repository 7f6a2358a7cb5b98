"""Decide on refunds: what a person may do with a proposal, each act checked and done in one step.

Every verb locks the order first, then the refund, the same way the intake does. What cannot be done is refused
with a sentence (`Refused`) and changes nothing.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models.functions import Now

from orders import attention, events, reach
from orders.models import AttentionItem
from orders.money import text
from refunds.models import UNDECIDED, Refund, RefundLimit, RefundPolicy, RefundStatus
from refunds.propose import propose

FAILURES = (AttentionItem.Kind.REFUND_FAILED, AttentionItem.Kind.CURRENCY_MISMATCH)
"""What a failed refund raises, and what goes away when it goes on."""


class Refused(Exception):
    """The act did not happen; the message is a sentence for the person who tried."""


class AlreadyDecided(Refused):
    """Somebody or something was faster."""


class Changed(Refused):
    """The refund is no longer what the person saw."""


class NotYours(Refused):
    """This person may not do this with this refund."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What stood on the person's screen: the refund's version and its amount in minor units."""

    version: int
    amount: int


def approve(refund_id: int, *, by: User, seen: Seen) -> str:
    """Approve what was seen. Answers "approved", or "first" when a second person has to approve too."""
    with locked(refund_id, by, "refunds.approve_refund") as refund:
        expect(refund, {RefundStatus.PROPOSED}, "approved")
        expect_unchanged(refund, seen)
        _expect_other_person(refund, by)
        _ask_for_enough(refund)
        if refund.approvals_needed > 1 and refund.approved_by_id is None:
            Refund.objects.filter(pk=refund.pk).update(approved_by=by, approved_at=Now(), updated_at=Now())
            record(refund, "refund.first_approved", by, amount=text(refund.amount, refund.currency))
            return "first"
        own: dict[str, Any] = {"approved_by": by, "approved_at": Now()}
        if refund.approved_by_id is not None:
            own = {"second_approved_by": by, "second_approved_at": Now()}
        move(refund, RefundStatus.APPROVED, decided_at=Now(), **own)
        record(refund, "refund.approved", by, amount=text(refund.amount, refund.currency))
        return "approved"


def reject(refund_id: int, *, by: User, why: str, seen: Seen) -> None:
    """Say no to a proposal, or give up on a failed refund; its units and money are free again."""
    with locked(refund_id, by, "refunds.reject_refund") as refund:
        expect(refund, {*UNDECIDED, RefundStatus.FAILED}, "rejected")
        expect_unchanged(refund, seen)
        move(refund, RefundStatus.REJECTED, decided_at=Now(), rejected_by=by, why=given(why))
        record(refund, "refund.rejected", by, why=why)
        forget_failure([refund.pk])
        # What this one held may be owed under another name, or be shipped without harm now.
        propose([refund.order_id], actor=actor(by))


def hold(refund_id: int, *, by: User, why: str) -> None:
    """Set a proposal aside until somebody releases it."""
    with locked(refund_id, by, "refunds.reject_refund") as refund:
        expect(refund, {RefundStatus.PROPOSED}, "put on hold")
        move(refund, RefundStatus.ON_HOLD, why=given(why), approved_by=None, approved_at=None)
        record(refund, "refund.held", by, why=why)


def release(refund_id: int, *, by: User) -> None:
    """Put a refund that was set aside back into the queue."""
    with locked(refund_id, by, "refunds.reject_refund") as refund:
        expect(refund, {RefundStatus.ON_HOLD}, "released")
        move(refund, RefundStatus.PROPOSED, why="")
        record(refund, "refund.released", by)


def take_back(refund_id: int, *, by: User, why: str) -> None:
    """Take back an approval before the money moves: the refund is up for decision again."""
    with locked(refund_id, by, "refunds.approve_refund") as refund:
        expect(refund, {RefundStatus.APPROVED}, "taken back")
        reason = given(why)
        by_itself = {"origin": Refund.Origin.WAREHOUSE, "edited_by": None}
        others = Refund.objects.filter(order_id=refund.order_id, status__in=UNDECIDED, **by_itself)
        if refund.origin == Refund.Origin.WAREHOUSE and refund.edited_by_id is None and others.exists():
            # One undecided refund per order: what this one held goes over to the one that is there.
            move(refund, RefundStatus.WITHDRAWN, decided_at=Now(), why=reason)
            record(refund, "refund.withdrawn", by, why=why)
            propose([refund.order_id], actor=actor(by))
            return
        approvals = ("approved_by", "approved_at", "second_approved_by", "second_approved_at", "decided_at")
        nobody: dict[str, Any] = {**dict.fromkeys(approvals), "approved_by_rule": ""}
        move(refund, RefundStatus.PROPOSED, why=reason, version=refund.version + 1, **nobody)
        record(refund, "refund.approval_taken_back", by, why=why)


def retry(refund_id: int, *, by: User) -> None:
    """Send a failed refund again, as a new attempt with a new key: the provider said that no money moved."""
    with locked(refund_id, by, "refunds.settle_refund") as refund:
        expect(refund, {RefundStatus.FAILED}, "tried again")
        if refund.origin == Refund.Origin.EXTERNAL:
            raise Refused(f"{refund.number} was made at {refund.provider}: only there it can be tried again.")
        move(refund, RefundStatus.APPROVED)
        record(refund, "refund.retried", by)
        forget_failure([refund.pk])


def forget_failure(refund_ids: Iterable[int]) -> None:
    """Close what the failures of these refunds raised: they have gone on."""
    subjects = [f"refund:{refund_id}" for refund_id in refund_ids]
    for kind in FAILURES:
        attention.clear(kind, subjects)


def actor(by: User) -> str:
    """How a person is named on the timeline."""
    return events.staff(by)


def expect_right(by: User, permission: str) -> User:
    """The person as they stand now; refused unless they may do this. Asked in the transaction of the act."""
    # Read afresh: the right may have been withdrawn since the page was loaded.
    person = User.objects.get(pk=by.pk)
    if not person.is_active or not person.has_perm(permission):
        raise NotYours("You do not have the right to do this.")
    return person


@contextmanager
def locked(refund_id: int, by: User, permission: str) -> Iterator[Refund]:
    """The refund, locked behind its order, for a person whose right is read in the same transaction."""
    with transaction.atomic():
        sellers = reach.of(expect_right(by, permission))
        try:
            refund = Refund.objects.locked(refund_id)
            if sellers is not None and refund.seller_id not in sellers:
                raise Refund.DoesNotExist
        except Refund.DoesNotExist:
            raise Refused("There is no such refund.") from None
        yield refund


def expect(refund: Refund, states: set[str], act: str) -> None:
    """Refuse in a sentence, with who decided and when, unless the refund is in one of these states."""
    if refund.status in states:
        return
    who = refund.second_approved_by or refund.rejected_by or refund.approved_by
    when = f" at {refund.decided_at:%H:%M on %d %b %Y} UTC" if refund.decided_at else ""
    named = who.get_username() if who else refund.approved_by_rule and "the policy"
    name = f" (last decision: {named}{when})" if named else ""
    raise AlreadyDecided(f"{refund.number} cannot be {act}: it is {refund.get_status_display().lower()}{name}.")


def expect_unchanged(refund: Refund, seen: Seen) -> None:
    """Refuse if the refund is no longer what stood on the person's screen."""
    if (refund.version, refund.amount) != (seen.version, seen.amount):
        now, then = text(refund.amount, refund.currency), text(seen.amount, refund.currency)
        raise Changed(
            f"{refund.number} has changed since you opened it: it is {now} {refund.currency} now, you saw {then}. "
            "Look again, then decide."
        )


def _ask_for_enough(refund: Refund) -> None:
    """Ask for a second person if the policy does by now; one who was asked for stays asked for."""
    # A manager who saves the policy at this moment is waited for: the database would refuse one person too few.
    RefundPolicy.objects.select_for_update(no_key=True).filter(pk=refund.seller_id).order_by("pk").first()
    limit = RefundLimit.objects.filter(policy=refund.seller_id, currency=refund.currency).first()
    needed = limit.rule().approvals(refund.amount) if limit else 1
    if needed > refund.approvals_needed:
        Refund.objects.filter(pk=refund.pk).update(approvals_needed=needed, updated_at=Now())
        refund.approvals_needed = needed


def _expect_other_person(refund: Refund, by: User) -> None:
    if refund.proposed_by_id == by.pk:
        raise NotYours(f"You proposed {refund.number} yourself: somebody else must approve it.")
    if refund.edited_by_id == by.pk:
        raise NotYours(f"You edited {refund.number} last: somebody else must approve it.")
    if refund.approved_by_id == by.pk:
        raise NotYours(f"You have approved {refund.number} already: the second approval is somebody else's.")


def move(refund: Refund, new: str, **changes: Any) -> None:
    """Move a locked refund on, or refuse if somebody was faster."""
    if not Refund.objects.move(refund.pk, refund.status, new, **changes):
        raise AlreadyDecided(f"{refund.number} was decided by somebody else just now.")


def given(why: str) -> str:
    """The reason that a person gave; refused when there is none."""
    if not why.strip():
        raise Refused("Please give a reason: it stays on the timeline.")
    return why.strip()[:300]


def record(refund: Refund, kind: str, by: User, **data: Any) -> None:
    """Put what a person did with a refund on its order's timeline."""
    facts = {"refund": refund.number, **data}
    events.record([events.Fact(refund.order_id, refund.seller_id, kind, None, actor(by), facts)])
