"""Undo a decision: for a few seconds, by the person who decided, and only while nothing has followed from it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now

from orders.models import OrderEvent
from refunds import errors, rights, transitions
from refunds.models import UNDECIDED, Refund, RefundStatus
from refunds.proposals.propose import propose

NOBODY: dict[str, Any] = {"approved_by": None, "approved_at": None}


@dataclass(frozen=True, slots=True)
class Offer:
    """What this person may still undo, in a word, and for how many seconds."""

    refund: Refund
    what: str
    seconds: int


@dataclass(frozen=True, slots=True)
class _Step:
    """How one kind of decision is undone: what it is called, the right it takes, and what happens."""

    what: str
    permission: str
    back: Callable[[Refund, User], None]


def offered(refund_id: int, *, to: User) -> Offer | None:
    """What this person may undo of a refund now; None when it is too late, or was not theirs."""
    refund = Refund.objects.filter(pk=refund_id).first()
    fact = _newest(refund) if refund else None
    if refund is None or fact is None or fact.actor != transitions.actor(to):
        return None
    left = settings.UNDO_SECONDS - int(fact.age.total_seconds())
    return Offer(refund, _STEPS[fact.kind].what, left) if left > 0 else None


def undo(refund_id: int, *, by: User, only: str = "", until: datetime | None = None) -> str:
    """Undo this person's decision, and say in a word what was undone. Refused when it is too late or not theirs.

    With `only` no other kind of decision is undone, with `until` none that was made later. A person keeps what was
    undone: no policy approves it afterwards. A second call is refused.
    """
    refund = Refund.objects.filter(pk=refund_id).first()
    fact = _newest(refund) if refund else None
    later = fact is not None and until is not None and fact.recorded_at > until
    if refund is None or fact is None or later or only not in ("", _STEPS[fact.kind].what):
        raise errors.DecisionRefused("Too late to undo this.", code="too_late_to_undo")
    step = _STEPS[fact.kind]
    with rights.locked(refund_id, by, step.permission) as refund:
        now = _newest(refund)
        if now is None or now.pk != fact.pk:
            raise errors.DecisionRefused(
                f"Too late to undo this: {refund.number} has moved on.", code="too_late_to_undo"
            )
        if fact.actor != transitions.actor(by):
            raise errors.NotYours(
                f"Only the person who decided on {refund.number} can undo it.", code="not_your_decision"
            )
        step.back(refund, by)
        transitions.record(refund, f"refund.{step.what}_undone", by)
        # What came in meanwhile was not brought in line with a refund that was decided.
        propose([refund.order_id], actor=transitions.actor(by))
    return step.what


def _newest(refund: Refund) -> Any:
    """The newest fact about a refund, if it is a decision of the last seconds: any other has followed from it."""
    facts = OrderEvent.objects.filter(order=refund.order_id, kind__startswith="refund.", data__refund=refund.number)
    fact = facts.annotate(age=Now() - F("recorded_at")).order_by("-id").first()
    if fact is None or fact.kind not in _STEPS or fact.age >= timedelta(seconds=settings.UNDO_SECONDS):
        return None
    return fact


def _approval(refund: Refund, by: User) -> None:
    transitions.expect(refund, {RefundStatus.APPROVED}, "undone")
    _expect_room(refund)
    nobody = NOBODY if refund.approved_by_id == by.pk else {"second_approved_by": None, "second_approved_at": None}
    transitions.move(refund, RefundStatus.PROPOSED, decided_at=None, why="Approval undone", **nobody)


def _first_approval(refund: Refund, by: User) -> None:
    waits = Refund.objects.filter(pk=refund.pk, status=RefundStatus.PROPOSED, approved_by=by, second_approved_by=None)
    if not waits.update(updated_at=Now(), why="Approval undone", **NOBODY):
        raise errors.AlreadyDecided(f"{refund.number} has just been decided by someone else.")


def _rejection(refund: Refund, by: User) -> None:
    transitions.expect(refund, {RefundStatus.REJECTED}, "undone")
    if refund.attempts.exists():
        raise errors.DecisionRefused(
            f"{refund.number} had failed before it was rejected: propose a new refund.", code="failed_before"
        )
    _expect_room(refund)
    try:
        with transaction.atomic():
            transitions.move(refund, RefundStatus.PROPOSED, decided_at=None, rejected_by=None, why="Rejection undone")
    except IntegrityError:
        raise errors.DecisionRefused(
            f"The units of {refund.number} are now in another refund.", code="in_another_refund"
        ) from None


def _hold(refund: Refund, by: User) -> None:
    transitions.expect(refund, {RefundStatus.ON_HOLD}, "undone")
    transitions.move(refund, RefundStatus.PROPOSED, why="Hold undone")


def _expect_room(refund: Refund) -> None:
    """Refuse where the warehouse has caused another proposal: there is one undecided refund per order."""
    by_itself = {"origin": Refund.Origin.WAREHOUSE, "edited_by": None}
    others = Refund.objects.filter(order_id=refund.order_id, status__in=UNDECIDED, **by_itself)
    if refund.origin == Refund.Origin.WAREHOUSE and refund.edited_by_id is None and others.exists():
        raise errors.DecisionRefused(
            f"Another refund has been proposed since: {refund.number} stays decided.", code="another_proposal"
        )


_STEPS = {
    "refund.approved": _Step("approval", "refunds.approve_refund", _approval),
    "refund.first_approved": _Step("approval", "refunds.approve_refund", _first_approval),
    "refund.rejected": _Step("rejection", "refunds.reject_refund", _rejection),
    "refund.held": _Step("hold", "refunds.reject_refund", _hold),
}
