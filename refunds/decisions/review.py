"""Decide on refunds: what a person may do with a proposal, each act checked and done in one step.

Every verb locks the order first, then the refund, the same way the intake does. What cannot be done is refused
with a sentence (`DecisionRefused`) and changes nothing.
"""

from typing import Any

from django.contrib.auth.models import User
from django.db.models.functions import Now

from orders.backoffice.proof import Proof, require_recent_proof
from orders.errors import require_reason
from orders.money import text
from refunds.decisions import second_person
from refunds.errors import DecisionRefused, NotYours
from refunds.execution.another_way import expect_none
from refunds.execution.outside import expect_explained
from refunds.models import UNAPPROVED, UNDECIDED, Refund, RefundLimit, RefundPolicy, RefundStatus
from refunds.proposals.approvals import given_today, reconsider_orders
from refunds.proposals.propose import propose
from refunds.rights import expect_right, locked
from refunds.transitions import ExpectedVersion, actor, expect, expect_unchanged, forget_failure, move, record


def approve(refund_id: int, *, by: User, seen: ExpectedVersion, proof: Proof | None = None) -> str:
    """Approve what was seen. Answers "approved", or "first" when a second person has to approve too.

    Above the limit a person with a session proves again who they are, unless they did in the last ten minutes.
    """
    with locked(refund_id, by, "refunds.approve_refund") as refund:
        expect(refund, {RefundStatus.PROPOSED}, "approved")
        expect_unchanged(refund, seen)
        expect_explained(refund)
        if (refused := second_person.refusal(refund, by)) is not None:
            raise refused
        _ask_for_enough(refund)
        if refund.approvals_needed > 1:
            require_recent_proof(proof)
        if refund.approvals_needed > 1 and refund.approved_by_id is None:
            Refund.objects.filter(pk=refund.pk).update(approved_by=by, approved_at=Now(), updated_at=Now())
            record(refund, "refund.first_approved", by, amount=text(refund.amount, refund.currency))
            return "first"
        own: dict[str, Any] = {"approved_by": by, "approved_at": Now()}
        if refund.approved_by_id is not None:
            own = {"second_approved_by": by, "second_approved_at": Now()}
        move(refund, RefundStatus.APPROVED, decided_at=Now(), **own)
        record(refund, "refund.approved", by, amount=text(refund.amount, refund.currency))
        reconsider_orders([refund.order_id])
        return "approved"


def reject(refund_id: int, *, by: User, why: str, seen: ExpectedVersion) -> None:
    """Say no to a proposal, or give up on a failed refund; its units and money are free again."""
    with locked(refund_id, by, "refunds.reject_refund") as refund:
        expect(refund, {*UNDECIDED, RefundStatus.FAILED}, "rejected")
        expect_unchanged(refund, seen)
        expect_none(refund, "rejected")
        reason = require_reason(why)
        move(refund, RefundStatus.REJECTED, decided_at=Now(), rejected_by=by, why=reason)
        record(refund, "refund.rejected", by, why=reason)
        forget_failure([refund.pk])
        # What this one held may be owed under another name, or be shipped without harm now.
        propose([refund.order_id], actor=actor(by))


def hold(refund_id: int, *, by: User, why: str) -> None:
    """Set a proposal aside until somebody releases it."""
    with locked(refund_id, by, "refunds.reject_refund") as refund:
        expect(refund, {RefundStatus.PROPOSED}, "put on hold")
        reason = require_reason(why)
        move(refund, RefundStatus.ON_HOLD, why=reason, approved_by=None, approved_at=None)
        record(refund, "refund.held", by, why=reason)


def release(refund_id: int, *, by: User) -> None:
    """Put a refund that was set aside back into the queue."""
    with locked(refund_id, by, "refunds.reject_refund") as refund:
        expect(refund, {RefundStatus.ON_HOLD}, "released")
        move(refund, RefundStatus.PROPOSED, why="")
        record(refund, "refund.released", by)


def revoke_approval(refund_id: int, *, by: User, why: str) -> None:
    """Take back an approval before the money moves: the refund is up for decision again."""
    with locked(refund_id, by, "refunds.approve_refund") as refund:
        expect(refund, {RefundStatus.APPROVED}, "taken back")
        reason = require_reason(why)
        by_itself = {"origin": Refund.Origin.WAREHOUSE, "edited_by": None}
        others = Refund.objects.filter(order_id=refund.order_id, status__in=UNDECIDED, **by_itself)
        if refund.origin == Refund.Origin.WAREHOUSE and refund.edited_by_id is None and others.exists():
            # One undecided refund per order: what this one held goes over to the one that is there.
            move(refund, RefundStatus.WITHDRAWN, decided_at=Now(), why=reason)
            record(refund, "refund.withdrawn", by, why=reason)
            propose([refund.order_id], actor=actor(by))
            return
        move(refund, RefundStatus.PROPOSED, why=reason, version=refund.version + 1, **UNAPPROVED)
        reconsider_orders([refund.order_id])
        record(refund, "refund.approval_taken_back", by, why=reason)


def retry(refund_id: int, *, by: User, proof: Proof | None = None) -> str:
    """Send a failed refund again, with the approvals that its amount needs today.

    Answers "approved"; or "first" when this was a missing approval and a second person has to try again too.
    """
    with locked(refund_id, by, "refunds.settle_refund") as refund:
        expect(refund, {RefundStatus.FAILED}, "tried again")
        if refund.origin == Refund.Origin.EXTERNAL:
            raise DecisionRefused(
                f"{refund.number} was made at {refund.provider} and can only be tried again there.",
                code="paid_elsewhere",
            )
        expect_explained(refund)
        expect_none(refund, "tried again")
        if approval := _missing_approval(refund, by):
            require_recent_proof(proof)
            Refund.objects.filter(pk=refund.pk).update(updated_at=Now(), **approval)
            record(refund, "refund.approved_again", by, amount=text(refund.amount, refund.currency))
            if "approved_by" in approval and _approvals_today(refund) > 1:
                return "first"
        move(refund, RefundStatus.APPROVED)
        record(refund, "refund.retried", by)
        forget_failure([refund.pk])
        return "approved"


def needs_approval_again(refund: Refund) -> bool:
    """Whether a failed refund has fewer approvals than its amount needs today."""
    limit = RefundLimit.objects.limit_of(refund.seller_id, refund.currency)
    if refund.approved_by_rule:
        return not limit.unattended(refund.amount)
    return limit.approvals(refund.amount) > 1 and refund.second_approved_by_id is None


def _missing_approval(refund: Refund, by: User) -> dict[str, Any]:
    """The approval that this person gives by trying again, where one is missing; refused if it is not theirs."""
    needed = _approvals_today(refund)
    if not needs_approval_again(refund):
        return {}
    try:
        expect_right(by, "refunds.approve_refund")
    except NotYours:
        raise NotYours(
            f"{refund.number} needs another approval by today’s limits: somebody who may approve must try it again.",
            code="second_person_needed",
        ) from None
    if (refused := second_person.refusal(refund, by)) is not None:
        raise refused
    if refund.approved_by_id is None:
        return {"approved_by": by, "approved_at": Now(), "approved_by_rule": ""}
    return {"second_approved_by": by, "second_approved_at": Now(), "approvals_needed": needed}


def _ask_for_enough(refund: Refund) -> None:
    """Ask for as many people as the policy does by now; a second one is still asked for after the first."""
    # Another refund of the order is waited for: its lock is ours, and what was approved of it today counts.
    needed = _approvals_today(refund, given_today([refund])[refund.pk])
    if needed > refund.approvals_needed or (needed < refund.approvals_needed and refund.approved_by_id is None):
        Refund.objects.filter(pk=refund.pk).update(approvals_needed=needed, updated_at=Now())
        refund.approvals_needed = needed


def _approvals_today(refund: Refund, given: int = 0) -> int:
    # A manager who saves the policy at this moment is waited for: the database would refuse one person too few.
    RefundPolicy.objects.select_for_update(no_key=True).filter(pk=refund.seller_id).order_by("pk").first()
    return RefundLimit.objects.limit_of(refund.seller_id, refund.currency).approvals(refund.amount, given)
