"""Edit a proposal: fewer units, without the shipping charge, another amount. What it was is kept beside it."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import F
from django.db.models.functions import Now

from orders.errors import require_reason
from orders.money import text
from orders.timeline import events
from refunds import errors, rights, transitions
from refunds.calculation import ledger
from refunds.calculation.refundable import limits
from refunds.models import UNDECIDED, Refund, RefundItem, RefundLimit, RefundRevision
from refunds.proposals.propose import propose
from refunds.proposals.refund_request import RefundRequest, work_out
from refunds.rules.amounts import Part, Sum


@dataclass(frozen=True, slots=True)
class Edited:
    """What an edit would make of a proposal."""

    total: Sum
    entries: tuple[ledger.RefundLine, ...]


def preview(refund: Refund, wish: RefundRequest) -> Sum:
    """What the proposal would become; refused as the edit would be. Nothing is locked."""
    book = ledger.load([refund.order_id], all_of_them=True, locked=False)[refund.order_id]
    return _plan(book, _find(book, refund.pk), wish).total


def edit(refund_id: int, *, by: User, wish: RefundRequest, why: str, seen: transitions.ExpectedVersion) -> None:
    """Leave units or shipping out of a proposal, or change an amount that staff proposed.

    Its first approval is void, and who edited last never approves it. What is left out of a proposal that the
    warehouse caused counts as considered: it is not proposed again until more is cancelled. A second call with the
    same `seen` is refused.
    """
    with rights.locked(refund_id, by, "refunds.propose_refund") as refund:
        transitions.expect(refund, set(UNDECIDED), "edited")
        transitions.expect_unchanged(refund, seen)
        why = require_reason(why)
        book = ledger.load([refund.order_id], all_of_them=True)[refund.order_id]
        edited = _plan(book, _find(book, refund.pk), wish)
        _keep(refund, by, why)
        _write(refund, edited, by)
        facts = {"refund": refund.number, "amount": text(edited.total.amount, refund.currency), "why": why}
        facts["was"] = text(refund.amount, refund.currency)
        events.record(
            [events.Event(refund.order_id, refund.seller_id, "refund.edited", None, transitions.actor(by), facts)]
        )
        propose([refund.order_id], actor=transitions.actor(by))


def _find(book: ledger.OrderLedger, refund_id: int) -> ledger.ExistingRefund:
    return next(refund for refund in book.refunds if refund.id == refund_id)


def _plan(book: ledger.OrderLedger, refund: ledger.ExistingRefund, wish: RefundRequest) -> Edited:
    before = {entry.item_id: entry for entry in refund.entries}
    for item_id, count in wish.units.items():
        entry = before.get(item_id)
        if count > (entry.quantity if entry else 0):
            raise errors.DecisionRefused(
                "Editing can only remove units. Propose another refund to add some.", code="edit_adds_units"
            )
    for item_id, amount in wish.amounts.items():
        entry = before.get(item_id)
        if amount and (entry is None or entry.quantity or refund.origin != Refund.Origin.STAFF):
            raise errors.DecisionRefused(
                "Only an amount that staff proposed can be changed.", code="amount_not_editable"
            )
    if wish.shipping and not refund.shipping:
        raise errors.DecisionRefused(
            "Editing can only remove the shipping charge. Propose another refund to add it.", code="edit_adds_shipping"
        )
    if not (any(wish.units.values()) or any(wish.amounts.values()) or wish.shipping):
        raise errors.DecisionRefused("Nothing would remain: reject it instead.", code="nothing_would_remain")
    wish = RefundRequest(refund.kind, units=wish.units, amounts=wish.amounts, shipping=wish.shipping)
    total = work_out(limits(book, without=refund.id), wish)
    parts = {part.item_id: part for part in total.parts}
    entries = [_entry(entry, parts.get(entry.item_id), refund.origin) for entry in refund.entries]
    kept = tuple(e for e in entries if e.quantity or e.amount or e.left_out or e.left_waiting)
    if kept == tuple(refund.entries) and total.shipping == refund.shipping:
        raise errors.DecisionRefused("Nothing was changed.", code="nothing_changed")
    return Edited(total, kept)


def _entry(before: ledger.RefundLine, part: Part | None, origin: str) -> ledger.RefundLine:
    now = part or Part(before.item_id, 0, 0, 0)
    if origin != Refund.Origin.WAREHOUSE:
        return ledger.RefundLine(now.item_id, now.quantity, now.amount, now.tax)
    lost = before.quantity - before.overdue
    overdue = max(0, now.quantity - lost)
    return ledger.RefundLine(
        now.item_id,
        now.quantity,
        now.amount,
        now.tax,
        before.cancelled_upto,
        overdue,
        left_out=before.left_out + lost - (now.quantity - overdue),
        left_waiting=before.left_waiting + before.overdue - overdue,
    )


def _keep(refund: Refund, by: User, why: str) -> None:
    items = [
        {"sku": part.item.sku, "quantity": part.quantity, "amount": part.amount, "tax": part.tax}
        for part in refund.items.select_related("item")
    ]
    RefundRevision.objects.create(
        refund=refund,
        version=refund.version,
        items=items,
        shipping_amount=refund.shipping_amount,
        rounding_amount=refund.rounding_amount,
        amount=refund.amount,
        edited_by=by,
        why=why,
    )


def _write(refund: Refund, edited: Edited, by: User) -> None:
    total = edited.total
    RefundItem.objects.filter(refund=refund).delete()
    Refund.objects.filter(pk=refund.pk).update(
        items_amount=total.items_amount,
        shipping_amount=total.shipping,
        rounding_amount=total.rounding,
        amount=total.amount,
        tax_amount=total.tax,
        version=F("version") + 1,
        edited_by=by,
        approved_by=None,
        approved_at=None,
        approvals_needed=RefundLimit.objects.limit_of(refund.seller_id, refund.currency).approvals(total.amount),
        updated_at=Now(),
    )
    RefundItem.objects.bulk_create(
        RefundItem(
            refund=refund,
            item_id=entry.item_id,
            quantity=entry.quantity,
            amount=entry.amount,
            tax=entry.tax,
            cancelled_upto=entry.cancelled_upto,
            overdue_quantity=entry.overdue,
            left_out=entry.left_out,
            left_waiting=entry.left_waiting,
        )
        for entry in edited.entries
    )
