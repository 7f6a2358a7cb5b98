"""Book refunds that were made at the provider past us, and take back those that fell through there later.

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
from refunds.execution import execute
from refunds.models import Refund, RefundAttempt, RefundItem, RefundStatus
from refunds.proposals.propose import IncomingRefund, propose

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


def known(provider: str, *, key: UUID | None, reference: str) -> Refund | None:
    """The refund that a provider's refund is here: by our key, or by the reference that was noted."""
    attempts = RefundAttempt.objects.filter(gateway=provider).select_related("refund")
    found = attempts.filter(key=key).first() if key else None
    found = found or attempts.filter(provider_reference=reference).order_by("-id").first()
    return found.refund if found else None


def book(order_id: int, outside: Outside) -> Refund | None:
    """Book a refund that is not ours; None when it is in another currency. A second call answers with the first.

    Proposals and approvals for the same units or amount are withdrawn, or shrink. Raises NotYet.
    """
    with transaction.atomic():
        of_order = ledger.load([order_id], all_of_them=True)[order_id]
        before = known(outside.provider, key=None, reference=outside.reference)
        if before is not None:
            return before
        if outside.currency != of_order.currency:
            _say_other_currency(of_order, outside)
            return None
        found = spread(of_order, outside.amount)
        if found.rest and any(r.status in (RefundStatus.EXECUTING, RefundStatus.IN_DOUBT) for r in of_order.refunds):
            raise NotYet
        return _write(of_order, outside, found)


def _write(of_order: ledger.OrderLedger, outside: Outside, found: Share) -> Refund:
    sequence = max((refund.sequence for refund in of_order.refunds), default=0) + 1
    refund = Refund(
        order_id=of_order.id,
        seller_id=of_order.seller_id,
        sequence=sequence,
        number=f"{of_order.reference}-R{sequence}",
        origin=Refund.Origin.EXTERNAL,
        kind=found.kind,
        status=RefundStatus.EXECUTED,
        reason=Refund.Reason.AT_PROVIDER,
        currency=of_order.currency,
        items_amount=sum(entry.amount for entry in found.entries),
        shipping_amount=found.shipping,
        rounding_amount=found.rounding,
        amount=outside.amount - found.rest,
        tax_amount=sum(entry.tax for entry in found.entries),
        provider=outside.provider,
        provider_reference=outside.reference,
        executed_at=outside.made_at,
    )
    stored = ledger.ExistingRefund(
        0,
        sequence,
        refund.number,
        refund.status,
        refund.origin,
        refund.kind,
        refund.reason,
        "",
        refund.amount,
        refund.shipping_amount,
        refund.rounding_amount,
        entries=list(found.entries),
    )
    why = f"it was refunded at {outside.provider}: {outside.reference}"
    actor = f"provider:{outside.provider}"
    propose([of_order.id], actor=actor, joining=IncomingRefund(stored, found.instead_of, why))
    transitions.forget_failure(sorted(found.instead_of))
    _save(refund, found, at=outside.made_at)
    facts = {"refund": refund.number, "amount": text(refund.amount, refund.currency), "reference": outside.reference}
    booked = events.Event(of_order.id, of_order.seller_id, "refund.booked", outside.made_at, actor, facts)
    events.record([booked])
    if found.rest:
        _say_over_limit(of_order, outside, refund, found.rest)
    return refund


def _save(refund: Refund, found: Share, *, at: datetime) -> None:
    refund.save()
    # In one statement: the database takes the items of such a refund once.
    RefundItem.objects.bulk_create(
        RefundItem(
            refund=refund,
            item_id=entry.item_id,
            quantity=entry.quantity,
            amount=entry.amount,
            tax=entry.tax,
            overdue_quantity=entry.overdue,
        )
        for entry in found.entries
    )
    RefundAttempt.objects.create(
        refund=refund,
        number=1,
        gateway=refund.provider,
        amount=refund.amount,
        currency=refund.currency,
        outcome=RefundAttempt.Outcome.PAID,
        provider_reference=refund.provider_reference,
        detail="made at the provider, not by us",
        started_at=at,
        finished_at=at,
    )


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


def _say_other_currency(of_order: ledger.OrderLedger, outside: Outside) -> None:
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


def reverse_failed_payment(refund_id: int, *, reference: str, detail: str) -> bool:
    """A refund that was paid failed at the provider afterwards: the money is owed again, and a person must look.

    Says whether it was we who noted it; a second call says False. Raises NotYet while ours is under way.
    """
    with transaction.atomic():
        refund = Refund.objects.locked(refund_id)
        if refund.status in (RefundStatus.EXECUTING, RefundStatus.IN_DOUBT):
            raise NotYet
        # What was sent again since, under another reference, did not fall through.
        if refund.status != RefundStatus.EXECUTED or refund.provider_reference != reference:
            return False
        said = f"paid, then failed at {refund.provider}: {detail}"[:500]
        paid = refund.attempts.filter(outcome=RefundAttempt.Outcome.PAID)
        paid.update(outcome=RefundAttempt.Outcome.REVERSED, detail=said)
        Refund.objects.move(refund.pk, RefundStatus.EXECUTED, RefundStatus.FAILED)
        execute.record_outcome(refund, RefundStatus.FAILED, detail=said, reference=reference)
    return True
