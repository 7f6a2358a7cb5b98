"""A refund that its provider paid and that failed there afterwards: the money is owed again, and staff are alarmed."""

from django.db import transaction

from refunds.execution.external import NotYet
from refunds.execution.outcome import record_outcome
from refunds.models import Refund, RefundAttempt, RefundStatus


def take_back(refund_id: int, *, reference: str, detail: str) -> bool:
    """A refund that was paid failed at the provider afterwards: the money is owed again, and a person must look.

    Says whether it was we who noted it; a second call says False. Raises NotYet while ours is under way.
    """
    with transaction.atomic():
        refund = Refund.objects.locked(refund_id)
        if refund.status in (RefundStatus.EXECUTING, RefundStatus.IN_DOUBT):
            raise NotYet
        # What was sent again since, under another reference, did not fall through.
        if refund.status not in (RefundStatus.EXECUTED, RefundStatus.PENDING) or (
            refund.provider_reference != reference
        ):
            return False
        if refund.status == RefundStatus.PENDING:
            attempt = refund.attempts.get(outcome=RefundAttempt.Outcome.PENDING)
            record_outcome(refund, attempt, RefundAttempt.Outcome.DECLINED, detail=detail, reference=reference)
            return True
        why = f"paid, then failed at {refund.provider}: {detail}"[:500]
        paid = refund.attempts.get(outcome=RefundAttempt.Outcome.PAID)
        record_outcome(refund, paid, RefundAttempt.Outcome.REVERSED, detail=why, reference=reference)
    return True
