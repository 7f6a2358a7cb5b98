"""Record that a failed refund was paid by another way: by bank transfer, in cash, as store credit.

It counts as refunded, so that nothing is refunded twice. Above the limit a second person confirms it; until then the
refund is neither tried again nor rejected, because the customer may have the money.
"""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models.functions import Now

from orders.backoffice.proof import Proof, require_recent_proof
from orders.errors import require_reason
from refunds import independence, rights, transitions
from refunds.errors import AlreadyDecided, DecisionRefused, NotYours
from refunds.execution.manual_payment import expect_unused, require_reference
from refunds.execution.outcome import Outcome, record_event, record_outcome
from refunds.execution.outside import expect_explained
from refunds.models import OtherPayment, Refund, RefundAttempt, RefundLimit, RefundPolicy, RefundStatus

RIGHT = "refunds.settle_refund"


@dataclass(frozen=True, slots=True)
class Payment:
    """How it was paid, under which reference, and what else there is to say."""

    method: str
    reference: str
    why: str


def record_paid_another_way(refund_id: int, payment: Payment, *, by: User) -> str:
    """Answers "executed"; or "first" when a second person has to confirm it."""
    with rights.locked(refund_id, by, RIGHT) as refund:
        _expect_failed(refund)
        if unconfirmed(refund):
            raise AlreadyDecided(
                f"{refund.number} is already recorded as paid another way: confirm or withdraw that.",
                code="already_recorded",
            )
        reference, reason = require_reference(payment.reference), require_reason(payment.why)
        if payment.method not in OtherPayment.Method.values:
            raise DecisionRefused("Choose how it was paid.", code="method_required", field="method")
        shared = expect_unused(reference, refund, unless=reason)
        row = OtherPayment.objects.create(
            refund=refund,
            method=payment.method,
            reference=reference,
            why=f"{shared} {reason}".strip()[:300],
            recorded_by=by,
        )
        if _people(refund) > 1:
            facts = {"method": row.get_method_display(), "reference": reference, "why": reason}
            record_event(refund, "refund.another_way_recorded", by=by, **facts)
            return "first"
        _execute(refund, row, by)
        return "executed"


def confirm(refund_id: int, *, by: User, proof: Proof | None = None) -> None:
    """A second person says the same, and proves again who they are: the refund counts as paid."""
    with rights.locked(refund_id, by, RIGHT) as refund:
        _expect_failed(refund)
        row = _expect_unconfirmed(refund)
        if by.is_superuser:
            raise NotYours(rights.SUPERUSER, code="superusers_decide_nothing")
        if row.recorded_by_id in independence.inseparable(by):
            raise NotYours(
                f"You recorded it, or could be who did: somebody else must confirm that {refund.number} was paid.",
                code="second_person_needed",
            )
        require_recent_proof(proof)
        OtherPayment.objects.filter(pk=row.pk).update(confirmed_by=by, confirmed_at=Now())
        _execute(refund, row, by)


def withdraw(refund_id: int, *, by: User, why: str) -> None:
    """It was not paid another way after all: the refund can be tried again or rejected."""
    with rights.locked(refund_id, by, RIGHT) as refund:
        _expect_failed(refund)
        row, reason = _expect_unconfirmed(refund), require_reason(why)
        OtherPayment.objects.filter(pk=row.pk).update(withdrawn_at=Now())
        record_event(refund, "refund.another_way_withdrawn", by=by, why=reason)


def unconfirmed(refund: Refund) -> OtherPayment | None:
    """What one person has recorded, and nobody has confirmed or withdrawn."""
    return OtherPayment.objects.filter(refund=refund, confirmed_by=None, withdrawn_at=None).first()


def expect_none(refund: Refund, act: str) -> None:
    """Refuse an act while somebody has recorded that the customer was paid another way."""
    if row := unconfirmed(refund):
        raise DecisionRefused(
            f"{refund.number} cannot be {act}: {row.recorded_by.get_username()} recorded that it was paid another way. "
            "Confirm or withdraw that first.",
            code="paid_another_way",
        )


def _expect_failed(refund: Refund) -> None:
    transitions.expect(refund, {RefundStatus.FAILED}, "recorded as paid another way")
    if refund.origin == Refund.Origin.EXTERNAL:
        raise DecisionRefused(f"{refund.number} was made at {refund.provider}.", code="paid_elsewhere")
    expect_explained(refund)


def _expect_unconfirmed(refund: Refund) -> OtherPayment:
    row = unconfirmed(refund)
    if row is None:
        raise AlreadyDecided(f"Nobody has recorded that {refund.number} was paid another way.", code="not_recorded")
    return row


def _people(refund: Refund) -> int:
    # A manager who saves the policy at this moment is waited for, as at an approval.
    RefundPolicy.objects.select_for_update(no_key=True).filter(pk=refund.seller_id).order_by("pk").first()
    return RefundLimit.objects.limit_of(refund.seller_id, refund.currency).approvals(refund.amount)


def _execute(refund: Refund, row: OtherPayment, by: User) -> None:
    last = refund.attempts.order_by("-number").values_list("number", flat=True).first() or 0
    attempt = RefundAttempt.objects.create(
        refund=refund,
        number=last + 1,
        gateway=row.method,
        amount=refund.amount,
        currency=refund.currency,
        outcome=Outcome.PAID,
        finished_at=Now(),
        provider_reference=row.reference,
    )
    detail = f"Paid another way ({row.get_method_display().lower()}): {row.why}"
    record_outcome(refund, attempt, Outcome.PAID, detail=detail, reference=row.reference, by=by)
