"""Propose, change and withdraw refunds after orders were applied, in the same transaction."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from orders.models import AttentionItem
from orders.money import text
from orders.timeline import attention, events
from refunds.calculation import ledger
from refunds.calculation.warehouse_parts import Part
from refunds.models import Refund, RefundStatus
from refunds.proposals import write
from refunds.proposals.wanted import Wanted, overtaken, refunded_and_shipped, wanted
from refunds.rules.price_choices import price_choices


@dataclass(frozen=True, slots=True)
class IncomingRefund:
    """A refund that is about to be written into an order, and which others stand back for it (and why)."""

    refund: write.NewRefund
    instead_of: frozenset[int] = frozenset()
    why: str = ""


def propose(
    order_ids: Collection[int], *, actor: str, open_new: bool = True, joining: IncomingRefund | None = None
) -> int:
    """Bring the undecided refunds of these orders in line with what will not ship; say how many are new.

    One undecided refund per order: it grows, shrinks or is withdrawn with the warehouse's word until somebody
    decides. What was decided stays; a unit that ships after money moved raises attention. A second call changes
    nothing. With `open_new` off no refund is begun, but those there are still kept true. What is `joining` (the
    one order) gets its room before it is written.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("propose belongs inside the transaction that applied the messages")
    if not order_ids:
        return 0
    shelf = ledger.load(order_ids)
    batch = write.Batch()
    concerns: list[attention.AttentionRequest] = []
    for book in shelf.values():
        if joining is not None:
            _make_room(book, joining, batch, actor)
        _withdraw_overtaken(book, batch, actor)
        _bring_in_line(book, wanted(book), batch, actor, open_new=open_new)
        both = refunded_and_shipped(book)
        if both:
            concerns.append(_both(book, both))
    write.flush(batch)
    events.record(batch.facts)
    attention.sync_items(order_ids, [AttentionItem.Kind.SHIPPED_AFTER_REFUND], concerns)
    return len(batch.new)


def create_beside_others(joining: IncomingRefund, *, actor: str) -> Refund:
    """Write a refund of one order, after the order's other refunds have made room for it."""
    # First the others make room: the database counts at every statement.
    propose([joining.refund.book.id], actor=actor, joining=joining)
    [refund_id] = write.create([joining.refund])
    return Refund.objects.get(pk=refund_id)


def left_after(book: ledger.OrderLedger, joining: IncomingRefund) -> int:
    """What would be left of the order to refund once this is written and the others have made room; nothing is."""
    unwritten = write.Batch()
    _make_room(book, joining, unwritten, "")
    _withdraw_overtaken(book, unwritten, "")
    decided = sum(refund.amount for refund in book.refunds if refund.holds and not refund.open)
    return book.total_paid - decided - max(wanted(book).sum.amount, 0)


def _make_room(book: ledger.OrderLedger, joining: IncomingRefund, batch: write.Batch, actor: str) -> None:
    for refund in book.refunds:
        if refund.id in joining.instead_of and refund.unpaid:
            _withdraw(book, refund, batch, actor, joining.why)
    book.refunds.append(joining.refund.as_existing())


def _withdraw_overtaken(book: ledger.OrderLedger, batch: write.Batch, actor: str) -> None:
    for refund in overtaken(book):
        _withdraw(book, refund, batch, actor, "the units ship after all")
    for part in book.reopened:
        for refund in book.refunds:
            # Who approved with this report before them is not asked about it again.
            if refund.status == RefundStatus.APPROVED and part.report_message not in refund.messages:
                _ask_again(book, part, refund, batch, actor)


def _ask_again(
    book: ledger.OrderLedger, part: Part, refund: ledger.ExistingRefund, batch: write.Batch, actor: str
) -> None:
    why = f"the warehouse said {part.external_status} after it had closed the order"
    by_itself = refund.origin == Refund.Origin.WAREHOUSE and not refund.edited
    if by_itself and any(other.open for other in book.refunds):
        # One undecided refund per order: what this one held goes over to the one that is there.
        _withdraw(book, refund, batch, actor, why)
        return
    batch.taken_back.append(refund.id)
    refund.status = RefundStatus.PROPOSED.value
    batch.facts.append(_fact(book, "refund.approval_taken_back", actor, refund.number, why=why))


def _bring_in_line(book: ledger.OrderLedger, want: Wanted, batch: write.Batch, actor: str, *, open_new: bool) -> None:
    stored = next((refund for refund in book.refunds if refund.open), None)
    amount = text(want.sum.amount, book.currency)
    if stored is None:
        if open_new and want.sum.amount > 0:
            new = write.NewRefund(
                book, book.last_sequence + 1, want.sum, want.entries, want.reason, want.note, want.messages
            )
            batch.new.append(new)
            chosen = price_choices((item, item.cancelled) for item in book.items)
            data = {"amount": amount, "reason": want.reason} | ({"price_choices": chosen} if chosen else {})
            batch.facts.append(_fact(book, "refund.proposed", actor, new.number, **data))
    elif want.sum.amount <= 0:
        _withdraw(book, stored, batch, actor, _why_not(book, stored))
    elif not want.same_as(stored):
        batch.changed.append((stored.id, want))
        was = text(stored.amount, book.currency)
        batch.facts.append(_fact(book, "refund.changed", actor, stored.number, amount=amount, was=was))
    elif not want.rests_on_the_same(stored):
        batch.restated.append((stored.id, want))


def _why_not(book: ledger.OrderLedger, stored: ledger.ExistingRefund) -> str:
    mine = {entry.item_id for entry in stored.entries}
    beside = [r for r in book.refunds if r.holds and r.origin != Refund.Origin.WAREHOUSE]
    if any(entry.item_id in mine and entry.amount for refund in beside for entry in refund.entries):
        return "another refund pays for these units"
    waited = any(entry.overdue for entry in stored.entries)
    if waited and not book.overdue and book.outstanding_units:
        return "the order is waited for again"
    unwanted = not (book.policy.propose_cancelled and book.policy.propose_closed_short)
    if unwanted and any(item.cancelled for item in book.items):
        return "the seller's policy does not propose this"
    return "the units ship after all"


def _withdraw(
    book: ledger.OrderLedger, refund: ledger.ExistingRefund, batch: write.Batch, actor: str, why: str
) -> None:
    batch.withdrawn.append(refund.id)
    refund.status = RefundStatus.WITHDRAWN.value
    batch.facts.append(_fact(book, "refund.withdrawn", actor, refund.number, why=why))


def _both(book: ledger.OrderLedger, both: dict[str, int]) -> attention.AttentionRequest:
    units = ", ".join(f"{count} of {sku}" for sku, count in both.items())
    return attention.AttentionRequest(
        AttentionItem.Kind.SHIPPED_AFTER_REFUND,
        f"order:{book.id}",
        f"{book.reference}: shipped after refund: {units}",
        book.seller_id,
        book.id,
        {"units": both},
    )


def _fact(book: ledger.OrderLedger, kind: str, actor: str, number: str, **data: Any) -> events.Event:
    message = max(book.evidence(), default=None)
    return events.Event(book.id, book.seller_id, kind, None, actor, {"refund": number, **data}, message)
