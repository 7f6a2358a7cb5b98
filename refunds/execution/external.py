"""Book refunds that were made at the provider past us.

The money has moved, whatever we think of it: what is left of the order pays for it on paper, and what exceeds that is
said in an attention item. Amounts are minor units of their currency.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from orders.models import AttentionItem
from orders.money import text
from orders.timeline import attention, events
from refunds import transitions
from refunds.calculation import ledger
from refunds.calculation.distribution import Share, spread
from refunds.models import Refund, RefundAttempt, RefundStatus
from refunds.proposals.approvals import reconsider_orders
from refunds.proposals.propose import IncomingRefund, create_beside_others
from refunds.proposals.write import NewRefund
from refunds.rules.payments import Route

Kind = AttentionItem.Kind


class NotYet(Exception):
    """A payment of ours is under way, and what it leaves decides about this: ask again in a minute."""


@dataclass(frozen=True, slots=True)
class Outside:
    """A refund as its provider tells of it, by the provider's own reference."""

    provider: str
    reference: str
    amount: int
    currency: str
    made_at: datetime
    payments: tuple[str, ...] = ()
    """The provider's names of the payment that it was made of."""


def known(provider: str, *, key: UUID | None, reference: str) -> RefundAttempt | None:
    """The newest attempt that a provider's refund is here: by our key, or by the reference that was noted."""
    attempts = RefundAttempt.objects.filter(gateway=provider).select_related("refund").order_by("-id")
    found = attempts.filter(key=key).first() if key else None
    return found or attempts.filter(provider_reference=reference).first()


def book(order_id: int, outside: Outside) -> Refund | None:
    """Book a refund that is not ours; None when it is in another currency. A second call answers with the first.

    Proposals and approvals for the same units or amount are withdrawn, or shrink. Raises NotYet.
    """
    with transaction.atomic():
        of_order = ledger.load([order_id], all_of_them=True)[order_id]
        before = known(outside.provider, key=None, reference=outside.reference)
        if before is not None:
            return before.refund
        if outside.currency != of_order.currency:
            say_other_currency(of_order, outside)
            return None
        found = spread(of_order, outside.amount)
        if found.rest and any(r.status in (RefundStatus.EXECUTING, RefundStatus.IN_DOUBT) for r in of_order.refunds):
            raise NotYet
        return write(of_order, outside, found)


def write(of_order: ledger.OrderLedger, outside: Outside, found: Share) -> Refund:
    """Write the refund that `found` says into the locked order; refunds that it was made instead of are withdrawn."""
    new = NewRefund(
        of_order,
        of_order.last_sequence + 1,
        found,
        found.entries,
        Refund.Reason.AT_PROVIDER,
        origin=Refund.Origin.EXTERNAL,
        kind=found.kind,
        status=RefundStatus.EXECUTED,
        paid_back_by=Route(outside.provider, _payment(of_order, outside)),
        provider_reference=outside.reference,
        executed_at=outside.made_at,
    )
    why = f"it was refunded at {outside.provider}: {outside.reference}"
    actor = f"provider:{outside.provider}"
    refund = create_beside_others(IncomingRefund(new, found.instead_of, why), actor=actor)
    transitions.forget_failure(sorted(found.instead_of))
    RefundAttempt.objects.create(
        refund=refund,
        number=1,
        gateway=refund.provider,
        amount=refund.amount,
        currency=refund.currency,
        outcome=RefundAttempt.Outcome.PAID,
        provider_reference=refund.provider_reference,
        detail="made at the provider, not by us",
        started_at=outside.made_at,
        finished_at=outside.made_at,
    )
    facts = {"refund": refund.number, "amount": text(refund.amount, refund.currency), "reference": outside.reference}
    booked = events.Event(of_order.id, of_order.seller_id, "refund.booked", outside.made_at, actor, facts)
    events.record([booked])
    reconsider_orders([of_order.id])
    if found.rest:
        _say_over_limit(of_order, outside, refund, found.rest)
    return refund


def _payment(of_order: ledger.OrderLedger, outside: Outside) -> int | None:
    mine = [payment for payment in of_order.payments if payment.provider == outside.provider]
    named = [payment for payment in mine if payment.reference in outside.payments]
    return next((payment.id for payment in [*named, *mine]), None)


def _say_over_limit(of_order: ledger.OrderLedger, outside: Outside, refund: Refund, rest: int) -> None:
    amount, over = text(outside.amount, outside.currency), text(rest, outside.currency)
    summary = (
        f"{outside.provider} paid back {amount} {outside.currency} under {outside.reference}: {over} more than was "
        f"left of {of_order.reference}. {refund.number} counts what was left."
    )
    evidence = {"reference": outside.reference, "amount": amount, "over": over, "refund": refund.number}
    subject = f"external:{outside.provider}:{outside.reference}"[:160]
    concern = attention.AttentionRequest(
        Kind.EXTERNAL_OVER_LIMIT, subject, summary, of_order.seller_id, of_order.id, evidence
    )
    attention.open_items([concern])


def say_other_currency(of_order: ledger.OrderLedger, outside: Outside) -> None:
    """Raise attention for a refund in another currency than the order: it is not counted."""
    summary = (
        f"{outside.provider} paid back {text(outside.amount, outside.currency)} {outside.currency} under "
        f"{outside.reference}; {of_order.reference} was paid in {of_order.currency}. It is not counted."
    )
    subject = f"external:{outside.provider}:{outside.reference}"[:160]
    evidence = {"reference": outside.reference}
    concern = attention.AttentionRequest(
        Kind.CURRENCY_MISMATCH, subject, summary, of_order.seller_id, of_order.id, evidence
    )
    attention.open_items([concern])
