"""Find out what became of refunds that were sent and never answered: ask the provider by key, then decide.

Nothing is ever sent again before the provider has said that it has no refund under our key.
"""

import logging
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models.functions import Now

from orders.models import AttentionItem
from orders.timeline import attention
from refunds import rights, transitions
from refunds.execution import execute
from refunds.execution.manual_payment import expect_unused, require_reference
from refunds.execution.outcome import PENDING_ASKED_AFTER, record_outcome
from refunds.gateway import Declined, Receipt, RefundRequest, Unclear, gateway_for
from refunds.models import Refund, RefundAttempt, RefundStatus

log = logging.getLogger(__name__)
Outcome = RefundAttempt.Outcome

ASK_AGAIN_AFTER = timedelta(minutes=5)
"""How long a provider that could not be asked is left alone."""
ASKED_ABOUT = (RefundStatus.IN_DOUBT, RefundStatus.PENDING)
REMIND_AFTER = timedelta(days=5)
"""So long a provider may have a refund pending before a person is asked to look."""


def reconcile(*, at_most: int = 100) -> int:
    """Settle refunds whose lease ended, ask providers about those in doubt or pending; say how many were looked at."""
    sweep()
    remind()
    due = Refund.objects.filter(status__in=ASKED_ABOUT, lease_until__lt=Now(), provider__in=execute.ready_providers())
    looked_at = 0
    for refund_id in due.order_by("lease_until").values_list("pk", flat=True)[:at_most]:
        try:
            looked_at += _ask(refund_id)
        except Exception:
            # It stays as it is and is asked about again later; the others go on.
            log.exception("the provider's answer about a refund was not recorded", extra={"refund": refund_id})
    return looked_at


def sweep() -> int:
    """Put refunds whose worker died between claim and settle in doubt; say how many. A second call finds none."""
    swept = 0
    ended = Refund.objects.filter(status=RefundStatus.EXECUTING, lease_until__lt=Now())
    for refund_id in ended.values_list("pk", flat=True):
        with transaction.atomic():
            refund = Refund.objects.locked(refund_id)
            late = Refund.objects.filter(pk=refund_id, status=RefundStatus.EXECUTING, lease_until__lt=Now())
            if not late.exists():
                continue
            detail = "the worker stopped before the provider's answer was recorded"
            record_outcome(refund, refund.attempts.get(outcome=""), Outcome.UNCLEAR, detail=detail)
            swept += 1
    return swept


def remind() -> None:
    """Say of each refund that has been pending for long that somebody should ask the provider."""
    waiting = Refund.objects.filter(status=RefundStatus.PENDING, status_since__lt=Now() - REMIND_AFTER)
    attention.open_items(
        [
            attention.AttentionRequest(
                AttentionItem.Kind.REFUND_PENDING,
                f"refund:{refund.pk}",
                f"{refund.number} has been pending at {refund.provider} since {refund.status_since:%-d %b %Y}.",
                refund.seller_id,
                refund.order_id,
                {"refund": refund.number, "reference": refund.provider_reference},
            )
            for refund in waiting.order_by("id")
        ]
    )


def _ask(refund_id: int) -> bool:
    """Ask about one refund in doubt or pending, unless another worker is asking; say whether we did."""
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    waits = PENDING_ASKED_AFTER if refund.status == RefundStatus.PENDING else ASK_AGAIN_AFTER
    due = Refund.objects.filter(pk=refund_id, status=refund.status, lease_until__lt=Now())
    if refund.status not in ASKED_ABOUT or due.update(lease_until=Now() + waits) != 1:
        return False
    attempt = refund.attempts.latest("number")
    request = execute.request_of(refund, attempt)
    try:
        receipt = gateway_for(refund.provider).find(request)
    except Unclear as unclear:
        _say(refund, str(unclear))
        return True
    except Declined as declined:
        _record_answer(refund, attempt, Outcome.DECLINED, detail=str(declined))
        return True
    if receipt is None and refund.status == RefundStatus.PENDING:
        _say(refund, "the provider, which had accepted it, does not list it any more")
    elif receipt is None:
        _send_again(refund_id, attempt)
    elif _differs(receipt, request):
        _say(refund, f"the provider paid {receipt.amount} {receipt.currency} instead")
    elif refund.status != RefundStatus.PENDING or not receipt.pending:
        _record_answer(refund, attempt, execute.outcome_of(receipt), reference=receipt.reference)
    return True


def _differs(receipt: Receipt, request: RefundRequest) -> bool:
    return (receipt.amount, receipt.currency) != (request.amount, request.currency)


def _say(refund: Refund, what: str) -> None:
    log.warning("a refund could not be looked up", extra={"refund": refund.number, "why": what})
    if refund.status == RefundStatus.PENDING:
        # It is accepted, and its own reminder comes when it takes too long.
        return
    kind, subject = AttentionItem.Kind.REFUND_IN_DOUBT, f"refund:{refund.pk}"
    summary, evidence = f"{refund.number} is in doubt: {what}", {"refund": refund.number, "answer": what[:300]}
    attention.open_items(
        [attention.AttentionRequest(kind, subject, summary, refund.seller_id, refund.order_id, evidence)]
    )


def _send_again(refund_id: int, attempt: RefundAttempt) -> None:
    attempt_is_last = RefundAttempt.objects.filter(pk=attempt.pk, outcome=Outcome.UNCLEAR)
    attempt_is_last.update(outcome=Outcome.ABSENT, detail="the provider was asked and has no refund under this key")
    claim = execute.claim_refund(refund_id, old=RefundStatus.IN_DOUBT)
    if claim is not None:
        execute.call(claim)


def _record_answer(asked: Refund, attempt: RefundAttempt, outcome: str, **said: Any) -> bool:
    with transaction.atomic():
        refund = Refund.objects.locked(asked.pk)
        if refund.status != asked.status:
            return False
        record_outcome(refund, attempt, outcome, **said)
    return True


def settle_by_hand(refund_id: int, *, by: User, reference: str, why: str = "") -> None:
    """A person has looked at the provider: paid under `reference`, or not paid ("") and `why` they are sure.

    Refused if not in doubt.
    """
    with rights.locked(refund_id, by, "refunds.settle_refund") as refund:
        transitions.expect(refund, {RefundStatus.IN_DOUBT}, "settled by hand")
        attempt = refund.attempts.latest("number")
        if reference.strip():
            reference = require_reference(reference)
            # At a provider one reference is one refund: there is no reason for a second.
            expect_unused(reference, refund)
            record_outcome(refund, attempt, Outcome.PAID, reference=reference, by=by)
        else:
            detail = ": ".join(filter(None, [f"{by.get_username()} looked, it was not paid", why.strip()]))
            # A person may be mistaken: only the provider's own no allows another key.
            record_outcome(refund, attempt, Outcome.ABSENT, detail=detail, by=by)
