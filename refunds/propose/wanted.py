"""What should an order's undecided refund be, given its books? (pure)"""

from dataclasses import dataclass

from refunds.models import Refund, RefundStatus
from refunds.propose.books import Book, Entry, Stored, held, rejected
from refunds.rules import Sum, work_out


@dataclass(frozen=True, slots=True)
class Wanted:
    """The refund that the warehouse's word asks for now; worth nothing when its amount is 0."""

    sum: Sum
    entries: tuple[Entry, ...]
    reason: str
    note: str
    messages: list[int]

    def same_as(self, refund: Stored) -> bool:
        """Whether the stored refund already says just this."""
        return (self.entries, self.sum.shipping, self.sum.rounding, self.reason) == (
            tuple(refund.entries),
            refund.shipping,
            refund.rounding,
            refund.reason,
        )

    def rests_on_the_same(self, refund: Stored) -> bool:
        """Whether the stored refund already names the same evidence."""
        return (self.note, self.messages) == (refund.note, refund.messages)


def overtaken(book: Book) -> list[Stored]:
    """Refunds that no longer stand because the units ship, or will, and of which no money has moved yet."""
    stale: list[Stored] = []
    live = [refund for refund in book.refunds if refund.holds and not refund.open]
    movable = [r for r in live if r.status in (RefundStatus.APPROVED, RefundStatus.PROPOSED, RefundStatus.ON_HOLD)]
    for refund in reversed(movable):
        rest = [other for other in live if other is not refund and other not in stale]
        by_staff = refund.origin == Refund.Origin.STAFF
        shipping_is_due = by_staff or not refund.shipping or book.nothing_ships
        if refund.kind == Refund.Kind.PRE_SHIPMENT and (
            not shipping_is_due
            or any(_exceeds(book, entry, [*rest, refund], by_staff=by_staff) for entry in refund.entries)
        ):
            stale.append(refund)
    return stale


def _exceeds(book: Book, entry: Entry, refunds: list[Stored], *, by_staff: bool) -> bool:
    item = next(item for item in book.items if item.id == entry.item_id)
    units = held(item.id, refunds).unshipped
    # Staff may refund units before the warehouse cancels them; only shipping such a unit contradicts them.
    limit = item.quantity - item.shipped if by_staff else min(item.cancelled, item.quantity - item.shipped)
    return units > limit


def wanted(book: Book) -> Wanted:
    """Work out the one undecided refund of the order from everything that others do not hold."""
    others = [refund for refund in book.refunds if refund.holds and not refund.open]
    units: dict[int, int] = {}
    for item in book.items:
        mine = held(item.id, others)
        owed = item.cancelled - mine.unshipped - rejected(item, book.refunds)
        owed = min(owed, item.quantity - mine.units)
        if owed > 0:
            units[item.id] = owed
    shipping = bool(units) and book.nothing_ships
    total = work_out(book.bought(others), book.purse(others), units, shipping=shipping)
    cancelled = {item.id: item.cancelled for item in book.items}
    entries = tuple(
        sorted(
            (Entry(p.item_id, p.quantity, p.amount, p.tax, cancelled[p.item_id]) for p in total.parts),
            key=lambda entry: entry.item_id,
        )
    )
    closed_short = book.closed_as == "despatched"
    reason = Refund.Reason.CLOSED_SHORT if closed_short else Refund.Reason.CANCELLED
    return Wanted(total, entries, reason.value, book.cancel_reason, book.evidence())


def twice(book: Book) -> dict[str, int]:
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
