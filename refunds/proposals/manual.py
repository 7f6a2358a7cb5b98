"""Propose a refund by hand: what staff want refunded of an order, within what is left of it."""

from django.contrib.auth.models import User
from django.db import transaction

from orders.money import text
from orders.timeline import events
from refunds import errors, transitions
from refunds.calculation import ledger
from refunds.calculation.refundable import Limits, limits
from refunds.models import Refund, RefundItem, RefundLimit
from refunds.proposals.propose import IncomingRefund, propose
from refunds.proposals.refund_request import REASONS, RefundRequest, work_out
from refunds.rules.amounts import Sum


def left_of(order_id: int) -> tuple[Limits, int]:
    """What is left of an order, as its page shows it, and how many refunds it has; nothing is locked."""
    book = ledger.load([order_id], all_of_them=True, locked=False)[order_id]
    return limits(book), _last(book)


def propose_by_hand(
    order_id: int,
    *,
    by: User,
    wish: RefundRequest,
    reason: str,
    note: str,
    seen: transitions.ExpectedVersion | None = None,
) -> Refund:
    """Propose what is wished; the automatic proposal of the same units shrinks or is withdrawn.

    `seen` is what stood on the preview: how many refunds the order had (as its version), and the amount. A second
    call with the same is refused.
    """
    with transaction.atomic():
        transitions.expect_right(by, "refunds.propose_refund")
        return propose_for(order_id, actor=transitions.actor(by), by=by, wish=wish, reason=reason, note=note, seen=seen)


def propose_for(
    order_id: int,
    *,
    actor: str,
    by: User | None = None,
    wish: RefundRequest,
    reason: str,
    note: str,
    seen: transitions.ExpectedVersion | None = None,
) -> Refund:
    """The same for another system, which has no right to ask for here: its scope was asked for at the door."""
    with transaction.atomic():
        if reason not in REASONS:
            raise errors.DecisionRefused("Choose one of the reasons.", code="unknown_reason")
        book = ledger.load([order_id], all_of_them=True).get(order_id)
        if book is None:
            raise errors.DecisionRefused("There is no such order.", code="order_not_found")
        total = work_out(limits(book), wish)
        _expect_unchanged(book, total, seen)
        refund = _unsaved(book, total, kind=wish.kind, reason=reason, note=note, by=by)
        # First the others make room: the database counts at every statement.
        propose([book.id], actor=actor, joining=IncomingRefund(stored(refund, total)))
        refund.save()
        RefundItem.objects.bulk_create(
            RefundItem(refund=refund, item_id=p.item_id, quantity=p.quantity, amount=p.amount, tax=p.tax)
            for p in total.parts
        )
        facts = {"refund": refund.number, "amount": text(refund.amount, refund.currency), "reason": reason}
        if refund.reason_note:
            facts["detail"] = refund.reason_note
        fact = events.Event(book.id, book.seller_id, "refund.proposed", None, actor, facts)
        events.record([fact])
    refund.refresh_from_db()
    return refund


def _unsaved(book: ledger.OrderLedger, total: Sum, *, kind: str, reason: str, note: str, by: User | None) -> Refund:
    return Refund(
        order_id=book.id,
        seller_id=book.seller_id,
        sequence=_last(book) + 1,
        number=f"{book.reference}-R{_last(book) + 1}",
        origin=Refund.Origin.STAFF,
        kind=kind,
        reason=reason,
        reason_note=note.strip()[:500],
        currency=book.currency,
        items_amount=total.items_amount,
        shipping_amount=total.shipping,
        rounding_amount=total.rounding,
        amount=total.amount,
        tax_amount=total.tax,
        proposed_by=by,
        approvals_needed=approvals_needed(book.seller_id, book.currency, total.amount),
        provider=book.provider,
    )


def stored(refund: Refund, total: Sum) -> ledger.ExistingRefund:
    """A refund that is not written yet, as the books have it."""
    return ledger.ExistingRefund(
        0,
        refund.sequence,
        refund.number,
        refund.status,
        refund.origin,
        refund.kind,
        refund.reason,
        refund.reason_note,
        refund.amount,
        refund.shipping_amount,
        refund.rounding_amount,
        entries=[ledger.RefundLine(p.item_id, p.quantity, p.amount, p.tax) for p in total.parts],
    )


def approvals_needed(seller_id: int, currency: str, amount: int) -> int:
    """How many different people must approve this amount, by the seller's policy."""
    limit = RefundLimit.objects.filter(policy=seller_id, currency=currency).first()
    return limit.rule().approvals(amount) if limit else 1


def _last(book: ledger.OrderLedger) -> int:
    return max((refund.sequence for refund in book.refunds), default=0)


def _expect_unchanged(book: ledger.OrderLedger, total: Sum, seen: transitions.ExpectedVersion | None) -> None:
    if seen is not None and (seen.version, seen.amount) != (_last(book), total.amount):
        now, then = text(total.amount, book.currency), text(seen.amount, book.currency)
        what = f"this is {now} {book.currency} now, you saw {then}"
        if seen.amount == total.amount:
            what = "another refund of it was proposed"
        raise errors.Changed(f"{book.reference} has changed since you looked: {what}. Look again, then propose.")
