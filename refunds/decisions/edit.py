"""Edit a proposal: leave units or the shipping charge out, add them back, change an amount; or undo the last edit."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now

from orders.errors import require_reason
from orders.models import OrderItem
from orders.money import text
from orders.timeline import events
from refunds import errors, rights, transitions
from refunds.calculation import ledger
from refunds.calculation.refundable import limits
from refunds.models import UNDECIDED, Refund, RefundItem, RefundLimit, RefundRevision
from refunds.proposals.approvals import given_today
from refunds.proposals.propose import propose
from refunds.proposals.refund_request import RefundRequest, work_out
from refunds.rules.amounts import Part, Sum
from refunds.rules.payments import Route


@dataclass(frozen=True, slots=True)
class EditablePart:
    """One item of a proposal as it stands, and how many units it had at most since it was proposed."""

    item: OrderItem
    quantity: int = 0
    amount: int = 0
    most: int = 0


@dataclass(frozen=True, slots=True)
class Edited:
    """What an edit would make of a proposal."""

    total: Sum
    entries: tuple[ledger.RefundLine, ...]
    route: Route


def editable(refund: Refund) -> list[EditablePart]:
    """The items that a proposal holds, or held before it was edited, in the sequence of the order."""
    now = {part.item_id: part for part in refund.items.all()}
    most = _most(refund)
    items = OrderItem.objects.filter(order=refund.order_id, pk__in=most.units.keys() | most.amounts)
    return [
        EditablePart(item, now[item.pk].quantity, now[item.pk].amount, most.units.get(item.pk, 0))
        if item.pk in now
        else EditablePart(item, most=most.units.get(item.pk, 0))
        for item in items.order_by("position")
    ]


def had_shipping(refund: Refund) -> bool:
    """Whether the shipping charge is part of a proposal, or was before it was edited."""
    return _most(refund).shipping


def preview(refund: Refund, wish: RefundRequest) -> Sum:
    """What the proposal would become; refused as the edit would be. Nothing is locked."""
    book = ledger.load([refund.order_id], all_of_them=True, locked=False)[refund.order_id]
    return _plan(book, _find(book, refund.pk), wish, _most(refund)).total


def edit(refund_id: int, *, by: User, wish: RefundRequest, why: str, seen: transitions.ExpectedVersion) -> None:
    """Leave units or shipping out of a proposal, add back what was left out, or change an amount that staff proposed.

    Its first approval is void, and who edited last never approves it. What is left out of a proposal that the
    warehouse caused counts as considered: it is not proposed again until more is cancelled. A second call with the
    same `seen` is refused.
    """
    with rights.locked(refund_id, by, "refunds.propose_refund") as refund:
        transitions.expect(refund, set(UNDECIDED), "edited")
        transitions.expect_unchanged(refund, seen)
        _change(refund, wish, require_reason(why), by)


def undo_edit(refund_id: int, *, by: User, seen: transitions.ExpectedVersion) -> None:
    """Make a proposal again what it was before its last edit, as an edit of its own; a second call undoes that one.

    Refused where the units have shipped, or another refund holds them.
    """
    with rights.locked(refund_id, by, "refunds.propose_refund") as refund:
        transitions.expect(refund, set(UNDECIDED), "edited")
        transitions.expect_unchanged(refund, seen)
        last = refund.revisions.order_by("-version").first()
        if last is None:
            raise errors.DecisionRefused(f"{refund.number} was not edited.", code="not_edited")
        units = {one["item"]: one["quantity"] for one in last.items if one["quantity"]}
        amounts = {one["item"]: one["amount"] for one in last.items if not one["quantity"] and one["amount"]}
        wish = RefundRequest(units=units, amounts=amounts, shipping=bool(last.shipping_amount))
        _change(refund, wish, "Edit undone", by)


def _change(refund: Refund, wish: RefundRequest, why: str, by: User) -> None:
    book = ledger.load([refund.order_id], all_of_them=True)[refund.order_id]
    edited = _plan(book, _find(book, refund.pk), wish, _most(refund))
    _keep(refund, by, why)
    try:
        with transaction.atomic():
            _write(refund, edited, by)
    except IntegrityError:
        raise errors.DecisionRefused(
            f"Units that were left out of {refund.number} are in another refund by now.", code="in_another_refund"
        ) from None
    facts = {"refund": refund.number, "amount": text(edited.total.amount, refund.currency), "why": why}
    facts["was"] = text(refund.amount, refund.currency)
    actor = transitions.actor(by)
    events.record([events.Event(refund.order_id, refund.seller_id, "refund.edited", None, actor, facts)])
    propose([refund.order_id], actor=actor)


@dataclass(frozen=True, slots=True)
class _Most:
    """The most units, and the items with an amount alone, that a proposal has had since it was proposed."""

    units: dict[int, int]
    amounts: set[int]
    shipping: bool


def _most(refund: Refund) -> _Most:
    units: dict[int, int] = {}
    amounts: set[int] = set()
    shipping = refund.shipping_amount > 0
    stood = [(part.item_id, part.quantity, part.amount) for part in refund.items.all()]
    for revision in refund.revisions.all():
        stood += [(one["item"], one["quantity"], one["amount"]) for one in revision.items]
        shipping = shipping or revision.shipping_amount > 0
    for item_id, quantity, amount in stood:
        if quantity:
            units[item_id] = max(units.get(item_id, 0), quantity)
        elif amount:
            amounts.add(item_id)
    return _Most(units, amounts, shipping)


def _find(book: ledger.OrderLedger, refund_id: int) -> ledger.ExistingRefund:
    return next(refund for refund in book.refunds if refund.id == refund_id)


def _plan(book: ledger.OrderLedger, refund: ledger.ExistingRefund, wish: RefundRequest, most: _Most) -> Edited:
    _expect_no_more(refund, wish, most)
    if not (any(wish.units.values()) or any(wish.amounts.values()) or wish.shipping):
        raise errors.DecisionRefused("Nothing would remain: reject it instead.", code="nothing_would_remain")
    wish = RefundRequest(refund.kind, units=wish.units, amounts=wish.amounts, shipping=wish.shipping)
    total = work_out(limits(book, without=refund.id), wish)
    parts = {part.item_id: part for part in total.parts}
    before = {entry.item_id: entry for entry in refund.entries}
    nothing = {item_id: ledger.RefundLine(item_id, 0, 0, 0) for item_id in parts if item_id not in before}
    entries = [_entry(entry, parts.get(entry.item_id), refund.origin) for entry in (before | nothing).values()]
    kept = tuple(e for e in entries if e.quantity or e.amount or e.left_out or e.left_waiting)
    if kept == tuple(refund.entries) and total.shipping == refund.shipping:
        raise errors.DecisionRefused("Nothing was changed.", code="nothing_changed")
    return Edited(total, kept, book.route(total.amount, without=refund.id))


def _expect_no_more(refund: ledger.ExistingRefund, wish: RefundRequest, most: _Most) -> None:
    """Refuse more than was proposed once: what was left out may be added back, nothing else."""
    if any(count > most.units.get(item_id, 0) for item_id, count in wish.units.items()):
        raise errors.DecisionRefused(
            "No more units than were proposed can be added back. Propose another refund to add some.",
            code="edit_adds_units",
        )
    staff = refund.origin == Refund.Origin.STAFF
    if any(amount and not (staff and item_id in most.amounts) for item_id, amount in wish.amounts.items()):
        raise errors.DecisionRefused("Only an amount that staff proposed can be changed.", code="amount_not_editable")
    if wish.shipping and not most.shipping:
        raise errors.DecisionRefused(
            "The shipping charge was not part of this proposal. Propose another refund to add it.",
            code="edit_adds_shipping",
        )


def _entry(before: ledger.RefundLine, part: Part | None, origin: str) -> ledger.RefundLine:
    now = part or Part(before.item_id, 0, 0, 0)
    if origin != Refund.Origin.WAREHOUSE:
        return ledger.RefundLine(now.item_id, now.quantity, now.amount, now.tax)
    # Cancelled units come before those that the customer only waits for, as when they were proposed.
    lost = before.quantity - before.overdue + before.left_out
    overdue = max(0, now.quantity - lost)
    return ledger.RefundLine(
        now.item_id,
        now.quantity,
        now.amount,
        now.tax,
        before.cancelled_upto,
        overdue,
        left_out=lost - (now.quantity - overdue),
        left_waiting=before.left_waiting + before.overdue - overdue,
    )


def _keep(refund: Refund, by: User, why: str) -> None:
    items = [
        {"item": part.item_id, "sku": part.item.sku, "quantity": part.quantity, "amount": part.amount, "tax": part.tax}
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
    limit = RefundLimit.objects.limit_of(refund.seller_id, refund.currency)
    RefundItem.objects.filter(refund=refund).delete()
    Refund.objects.filter(pk=refund.pk).update(
        items_amount=total.items_amount,
        shipping_amount=total.shipping,
        rounding_amount=total.rounding,
        amount=total.amount,
        tax_amount=total.tax,
        provider=edited.route.provider,
        payment=edited.route.payment_id,
        version=F("version") + 1,
        edited_by=by,
        approved_by=None,
        approved_at=None,
        approvals_needed=limit.approvals(total.amount, given_today([refund])[refund.pk]),
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
