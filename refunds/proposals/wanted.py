"""What should an order's undecided refund be, given its books? (pure)"""

from dataclasses import dataclass

from refunds.calculation.ledger import (
    ExistingRefund,
    OrderLedger,
    RefundLine,
    held,
    rejected,
    waited_for,
)
from refunds.calculation.quantities import ItemQuantities
from refunds.models import Refund
from refunds.rules.amounts import Sum, work_out
from refunds.rules.payments import Route


@dataclass(frozen=True, slots=True)
class Wanted:
    """The refund that the warehouse's word asks for now; worth nothing when its amount is 0."""

    sum: Sum
    entries: tuple[RefundLine, ...]
    reason: str
    note: str
    messages: list[int]
    route: Route

    def same_as(self, refund: ExistingRefund) -> bool:
        """Whether the stored refund already says just this."""
        return (self.entries, self.sum.shipping, self.sum.rounding, self.reason, self.route.payment_id) == (
            tuple(refund.entries),
            refund.shipping,
            refund.rounding,
            refund.reason,
            refund.payment_id,
        )

    def rests_on_the_same(self, refund: ExistingRefund) -> bool:
        """Whether the stored refund already names the same evidence."""
        return (self.note, self.messages) == (refund.note, refund.messages)


def overtaken(book: OrderLedger) -> list[ExistingRefund]:
    """Refunds that no longer stand because the units ship, or will, and of which no money has moved yet."""
    stale: list[ExistingRefund] = []
    live = [refund for refund in book.refunds if refund.holds and not refund.open]
    movable = [refund for refund in live if refund.movable]
    for refund in reversed(movable):
        rest = [other for other in live if other is not refund and other not in stale]
        by_staff = refund.origin == Refund.Origin.STAFF
        overdue = book.shipped_units == 0 and any(entry.overdue for entry in refund.entries)
        shipping_is_due = by_staff or not refund.shipping or book.nothing_ships or overdue
        if refund.kind == Refund.Kind.PRE_SHIPMENT and (
            not shipping_is_due
            or any(_exceeds(book, entry, [*rest, refund], by_staff=by_staff) for entry in refund.entries)
        ):
            stale.append(refund)
    return stale


def _exceeds(book: OrderLedger, entry: RefundLine, refunds: list[ExistingRefund], *, by_staff: bool) -> bool:
    item = next(item for item in book.items if item.id == entry.item_id)
    units = held(item.id, refunds).unshipped
    waited = sum(e.overdue for refund in refunds for e in refund.entries if e.item_id == item.id)
    # Staff may refund units before the warehouse cancels them, and so may a policy that waits no longer; only
    # shipping such a unit contradicts them.
    unshipped = item.quantity - item.shipped
    limit = unshipped if by_staff else min(item.cancelled + waited, unshipped)
    return units > limit


def wanted(book: OrderLedger) -> Wanted:
    """Work out the one undecided refund of the order from everything that others do not hold."""
    others = [refund for refund in book.refunds if refund.holds and not refund.open]
    units: dict[int, int] = {}
    overdue: dict[int, int] = {}
    for item in book.items:
        lost, waited = _owed(book, item, others)
        if lost + waited:
            units[item.id], overdue[item.id] = lost + waited, waited
    shipping = bool(units) and book.policy.refund_shipping and _nothing_is_left(book, overdue, others)
    total = work_out(book.bought(others), book.purse(others), units, shipping=shipping)
    cancelled = {item.id: item.cancelled for item in book.items}
    entries = tuple(
        sorted(
            (
                RefundLine(p.item_id, p.quantity, p.amount, p.tax, cancelled[p.item_id], overdue[p.item_id])
                for p in total.parts
            ),
            key=lambda entry: entry.item_id,
        )
    )
    reason = _reason(book, overdue).value
    return Wanted(total, entries, reason, book.cancel_reason, book.evidence(), book.route(total.amount))


def _owed(book: OrderLedger, item: ItemQuantities, others: list[ExistingRefund]) -> tuple[int, int]:
    """Units of the item to propose now: cancelled ones, and outstanding ones that are waited for no longer."""
    mine = held(item.id, others)
    settled = mine.unshipped + rejected(item, book.refunds)
    cancelled = _earned(book, item)
    waits = item.outstanding if book.overdue and not waited_for(item, book.refunds) else 0
    most = item.quantity - mine.units
    lost = max(0, min(cancelled - settled, most))
    return lost, max(0, min(cancelled + waits - settled, most)) - lost


def _earned(book: OrderLedger, item: ItemQuantities) -> int:
    """The cancelled units of an item that earn a proposal under the seller's policy."""
    left_out = item.cancelled - item.named
    return (item.named if book.policy.propose_cancelled else 0) + (left_out if book.policy.propose_closed_short else 0)


def _nothing_is_left(book: OrderLedger, overdue: dict[int, int], others: list[ExistingRefund]) -> bool:
    """Whether nothing of the order has shipped and nothing is waited for any more."""
    waited = {item.id: overdue.get(item.id, 0) for item in book.items}
    for entry in (entry for refund in others for entry in refund.entries):
        waited[entry.item_id] += entry.overdue
    return book.shipped_units == 0 and all(item.outstanding <= waited[item.id] for item in book.items)


def _reason(book: OrderLedger, overdue: dict[int, int]) -> Refund.Reason:
    if any(overdue.values()):
        return Refund.Reason.STILL_SHORT
    return Refund.Reason.CLOSED_SHORT if book.closed_short else Refund.Reason.CANCELLED


def refunded_and_shipped(book: OrderLedger) -> dict[str, int]:
    """Units per SKU that are both shipped and refunded as never to be shipped."""
    # What is still undecided is brought in line before anybody looks at it.
    live = [refund for refund in book.refunds if refund.holds and not refund.open]
    found: dict[str, int] = {}
    for item in book.items:
        units = held(item.id, live).unshipped
        both = item.shipped + units - item.quantity
        if units and both > 0:
            found[item.sku] = found.get(item.sku, 0) + min(both, units)
    return found
