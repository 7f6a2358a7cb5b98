"""Propose a refund by hand: what staff want refunded of an order, within what is left of it."""

from collections.abc import Sequence

from django.contrib.auth.models import User
from django.db import transaction

from orders.money import text
from orders.timeline import events
from refunds import errors, rights, transitions
from refunds.calculation import ledger
from refunds.calculation.refundable import Limits, limits
from refunds.models import Refund
from refunds.proposals.propose import IncomingRefund, create_beside_others, left_after
from refunds.proposals.refund_request import REASONS, RefundRequest, work_out
from refunds.proposals.write import NewRefund
from refunds.rules.amounts import Sum


def left_of(order_id: int) -> tuple[Limits, int]:
    """What is left of an order, as its page shows it, and how many refunds it has; nothing is locked."""
    book = ledger.load([order_id], all_of_them=True, locked=False)[order_id]
    return limits(book), book.last_sequence


def preview(order_id: int, wish: RefundRequest) -> tuple[Sum, int]:
    """What would be proposed, and what that leaves of the order to refund. Refused as the proposal would be."""
    book = ledger.load([order_id], all_of_them=True, locked=False)[order_id]
    total = work_out(limits(book), wish)
    return total, left_after(book, IncomingRefund(_new(book, total, kind=wish.kind, reason="", note="", by=None)))


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
        rights.expect_right(by, "refunds.propose_refund")
        return propose_for(order_id, actor=transitions.actor(by), by=by, wish=wish, reason=reason, note=note, seen=seen)


def propose_for(
    order_id: int,
    *,
    actor: str,
    by: User | None = None,
    behind: Sequence[int] = (),
    wish: RefundRequest,
    reason: str,
    note: str,
    seen: transitions.ExpectedVersion | None = None,
) -> Refund:
    """The same for another system, which has no right to ask for here: its scope was asked for at the door.

    `behind` are the people who know its key: none of them approves what it proposes.
    """
    with transaction.atomic():
        if reason not in REASONS:
            raise errors.DecisionRefused("Choose one of the reasons.", code="unknown_reason")
        book = ledger.load([order_id], all_of_them=True).get(order_id)
        if book is None:
            raise errors.DecisionRefused("There is no such order.", code="order_not_found")
        total = work_out(limits(book), wish)
        _expect_unchanged(book, total, seen)
        new = _new(book, total, kind=wish.kind, reason=reason, note=note, by=by, behind=behind)
        refund = create_beside_others(IncomingRefund(new), actor=actor)
        facts = {"refund": refund.number, "amount": text(refund.amount, refund.currency), "reason": reason}
        if refund.reason_note:
            facts["detail"] = refund.reason_note
        fact = events.Event(book.id, book.seller_id, "refund.proposed", None, actor, facts)
        events.record([fact])
    return refund


def _new(
    book: ledger.OrderLedger,
    total: Sum,
    *,
    kind: str,
    reason: str,
    note: str,
    by: User | None,
    behind: Sequence[int] = (),
) -> NewRefund:
    return NewRefund(
        book,
        book.last_sequence + 1,
        total,
        [ledger.RefundLine(part.item_id, part.quantity, part.amount, part.tax) for part in total.parts],
        reason,
        note.strip()[:500],
        origin=Refund.Origin.STAFF,
        kind=kind,
        proposed_by=by.pk if by else None,
        behind=behind,
    )


def _expect_unchanged(book: ledger.OrderLedger, total: Sum, seen: transitions.ExpectedVersion | None) -> None:
    if seen is not None and (seen.version, seen.amount) != (book.last_sequence, total.amount):
        now, then = text(total.amount, book.currency), text(seen.amount, book.currency)
        what = f"this is {now} {book.currency} now, you saw {then}"
        if seen.amount == total.amount:
            what = "another refund of it was proposed"
        raise errors.Changed(f"{book.reference} has changed since you looked: {what}. Check again, then propose.")
