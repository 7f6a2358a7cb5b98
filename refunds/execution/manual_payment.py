"""Record under which reference a refund was paid by a person, or which one they found at the provider."""

from hashlib import blake2b

from django.contrib.auth.models import User
from django.db import connection
from django.db.models.functions import Upper

from orders import texts
from orders.errors import require_reason
from orders.money import shown
from refunds import rights, transitions
from refunds.errors import DecisionRefused
from refunds.execution.execute import begin_attempt
from refunds.execution.outcome import Outcome, record_outcome
from refunds.execution.outside import expect_explained
from refunds.gateway import gateway_for
from refunds.models import Refund, RefundStatus


def instruction(refund: Refund) -> str:
    """What a person has to do about an approved refund that no provider pays, in a sentence."""
    amount = f"{shown(refund.amount, refund.currency)} {refund.currency}"
    to = refund.order.customer_name or refund.order.customer_email or f"the customer of {refund.order.reference}"
    return f"Pay {amount} by bank transfer to {to}, then record it."


def require_reference(reference: str) -> str:
    """The reference as it is stored: one line of what the eye sees. Refused when there is none."""
    tidy = texts.identifier(reference)
    if not tidy:
        raise DecisionRefused("Enter the payment reference.", code="reference_required", field="reference")
    if not texts.fit(tidy) or len(tidy) > 200:
        raise DecisionRefused(
            "This is not a payment reference: it is longer than 200 characters, or holds characters that are not text.",
            code="reference_unreadable",
            field="reference",
        )
    if lost := texts.shortened(tidy):
        raise DecisionRefused(f"The payment reference {lost}.", code="reference_unreadable", field="reference")
    return tidy


def users_of(reference: str, refund: Refund) -> list[Refund]:
    """The other refunds of the seller that stand as paid under this reference, in any case of letters."""
    paid = Refund.objects.filter(seller=refund.seller_id, status=RefundStatus.EXECUTED).exclude(pk=refund.pk)
    named = paid.annotate(named=Upper("provider_reference")).filter(named=reference.upper())
    return list(named.order_by("pk")[:5])


def in_use(reference: str, refund: Refund) -> str:
    """Which refunds were paid under this reference before, in a sentence; empty when none was."""
    others = [f"{one.number} ({shown(one.amount, one.currency)} {one.currency})" for one in users_of(reference, refund)]
    return f"{reference} is already the payment reference of {', '.join(others)}." if others else ""


def record_payment(refund_id: int, *, by: User, reference: str, why: str = "") -> None:
    """A person paid an approved refund elsewhere and says under which reference. Refused when it was paid before.

    A reference under which another refund was paid takes a reason: one transfer may pay several.
    """
    with rights.locked(refund_id, by, "refunds.settle_refund") as refund:
        reference = require_reference(reference)
        if not gateway_for(refund.provider).by_hand:
            raise DecisionRefused(
                f"{refund.number} is paid by {refund.provider} itself, not by hand.", code="paid_by_provider"
            )
        transitions.expect(refund, {RefundStatus.APPROVED}, "recorded as paid")
        expect_explained(refund)
        shared = expect_unused(reference, refund, unless=why)
        attempt = begin_attempt(refund)
        detail = f"{shared} Recorded all the same: {require_reason(why)}" if shared else ""
        record_outcome(refund, attempt, Outcome.PAID, detail=detail, reference=reference, by=by)


def expect_unused(reference: str, refund: Refund, *, unless: str = "") -> str:
    """Refuse a reference under which another refund was paid, `unless` there is a reason; answers as `in_use` does."""
    # Two people who record one reference at the same moment wait for each other here.
    name = f"{refund.seller_id} {reference.upper()}".encode()
    lock = int.from_bytes(blake2b(name, digest_size=8).digest(), signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock])
    taken = in_use(reference, refund)
    if taken and not unless.strip():
        raise DecisionRefused(
            f"{taken} Check that {refund.number} was really paid, and under which reference.",
            code="reference_in_use",
            field="reference",
        )
    return taken
