"""What did the provider do with a refund? Recorded in one step: attempt, refund, timeline and attention."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models.functions import Now

from orders.models import AttentionItem
from orders.timeline import attention, events
from refunds import transitions
from refunds.models import Refund, RefundAttempt, RefundStatus

Outcome = RefundAttempt.Outcome
BECOMES = {
    Outcome.PENDING: RefundStatus.PENDING,
    Outcome.PAID: RefundStatus.EXECUTED,
    Outcome.DECLINED: RefundStatus.FAILED,
    Outcome.NOT_SET_UP: RefundStatus.FAILED,
    Outcome.UNCLEAR: RefundStatus.IN_DOUBT,
    Outcome.ABSENT: RefundStatus.FAILED,
    Outcome.REVERSED: RefundStatus.FAILED,
}
"""What each outcome of an attempt makes of the refund."""
PENDING_ASKED_AFTER = timedelta(hours=6)
"""So often a provider is asked what became of a refund that it has accepted; its event mostly comes first."""
_MOST_DOUBLINGS = 6
"""Of REFUND_QUIET_SECONDS: from a minute to an hour."""
_KINDS = {
    RefundStatus.PENDING: "refund.pending",
    RefundStatus.EXECUTED: "refund.executed",
    RefundStatus.FAILED: "refund.failed",
    RefundStatus.IN_DOUBT: "refund.in_doubt",
}


def record_outcome(
    refund: Refund,
    attempt: RefundAttempt,
    outcome: str,
    *,
    detail: str = "",
    reference: str = "",
    by: User | None = None,
    other_currency: bool = False,
) -> None:
    """Record what became of the refund's last attempt; the refund is locked, and moves as the outcome says.

    `by` is the person who found out, if it was one; `reference` is what the provider calls the refund.
    """
    status, reference = BECOMES[Outcome(outcome)], reference[:200]
    answer: dict[str, Any] = {"outcome": outcome, "detail": detail[:500]}
    if outcome != Outcome.REVERSED:
        # What was paid stays on record with its moment and reference.
        answer |= {"finished_at": Now(), "provider_reference": reference}
    RefundAttempt.objects.filter(pk=attempt.pk).update(**answer)
    transitions.move(refund, status, lease=None, **_changes(refund, status, reference))
    facts = {"detail": detail[:300]} if detail else {}
    if reference:
        facts["reference"] = reference
    record_event(refund, _KINDS[status], by=by, **facts)
    _report(refund, status, detail, other_currency=other_currency)


def record_unsent(refund: Refund, attempt: RefundAttempt, detail: str) -> None:
    """Record that nothing was sent under the locked refund's last attempt: it waits again, and keeps its key."""
    answer = {"outcome": Outcome.ABSENT, "detail": detail[:500], "finished_at": Now()}
    RefundAttempt.objects.filter(pk=attempt.pk).update(**answer)
    transitions.move(refund, RefundStatus.APPROVED, lease=None, lease_until=None)
    record_event(refund, "refund.not_sent", detail=detail[:300])


def record_too_little(refund: Refund, why: str) -> None:
    """Of the payment of a locked, approved refund too little is left: nothing was sent, and a person must look."""
    transitions.move(refund, RefundStatus.FAILED)
    record_event(refund, _KINDS[RefundStatus.FAILED], detail=why[:300])
    _report(refund, RefundStatus.FAILED, why, other_currency=False)


def _changes(refund: Refund, status: RefundStatus, reference: str) -> dict[str, Any]:
    if status == RefundStatus.EXECUTED:
        return {"lease_until": None, "provider_reference": reference, "executed_at": Now()}
    if status == RefundStatus.PENDING:
        return {"lease_until": Now() + PENDING_ASKED_AFTER, "provider_reference": reference}
    if status == RefundStatus.IN_DOUBT:
        # An answer that is still on its way must have arrived before the provider is asked; and what failed often
        # fails again, so that it is looked up, and sent again, less and less often.
        waits = settings.REFUND_QUIET_SECONDS * 2 ** min(refund.attempts.count() - 1, _MOST_DOUBLINGS)
        return {"lease_until": Now() + timedelta(seconds=waits)}
    return {"lease_until": None}


def _report(refund: Refund, status: str, detail: str, *, other_currency: bool) -> None:
    """Raise the attention that goes with an outcome, and clear what no longer holds."""
    subject, kinds = f"refund:{refund.pk}", AttentionItem.Kind
    wanted = {}
    if status == RefundStatus.FAILED:
        wanted[kinds.REFUND_FAILED] = f"{refund.number} failed: {detail}"
    if status == RefundStatus.IN_DOUBT:
        wanted[kinds.REFUND_IN_DOUBT] = f"{refund.number} is in doubt: {detail}"
    if other_currency:
        wanted[kinds.CURRENCY_MISMATCH] = f"{refund.number} is in another currency than its payment: {detail}"
    for kind in (*transitions.FAILURES, kinds.REFUND_IN_DOUBT, kinds.REFUND_PENDING):
        if kind not in wanted:
            attention.resolve(kind, [subject])
    evidence = {"refund": refund.number, "attempts": refund.attempts.count()} if wanted else {}
    attention.open_items(
        [
            attention.AttentionRequest(kind, subject, summary, refund.seller_id, refund.order_id, evidence)
            for kind, summary in wanted.items()
        ]
    )


def record_event(refund: Refund, kind: str, by: User | None = None, **data: Any) -> None:
    """Put what happened to a refund on its order's timeline."""
    actor = transitions.actor(by) if by else "system"
    facts = {"refund": refund.number, **data}
    events.record([events.Event(refund.order_id, refund.seller_id, kind, None, actor, facts)])
