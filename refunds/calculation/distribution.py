"""Of what was a refund that somebody made at the provider, who said an amount and nothing else? (pure)

The same amount as a refund that waits here is that refund. Any other amount is taken to pay first for what waits here,
then for the items in their sequence, then for shipping.
"""

from dataclasses import dataclass, field, replace

from refunds.calculation.ledger import ExistingRefund, OrderLedger, RefundLine
from refunds.models import Refund
from refunds.rules.amounts import amount_part


@dataclass(frozen=True, slots=True)
class Share:
    """The parts of the amount; `rest` exceeds what is left of the order. Refunds `instead_of` which it was made."""

    kind: str
    entries: tuple[RefundLine, ...] = ()
    shipping: int = 0
    rounding: int = 0
    rest: int = 0
    instead_of: frozenset[int] = frozenset()

    @property
    def items_amount(self) -> int:
        return sum(entry.amount for entry in self.entries)

    @property
    def tax(self) -> int:
        return sum(entry.tax for entry in self.entries)

    @property
    def amount(self) -> int:
        """The amount without `rest`."""
        return self.items_amount + self.shipping + self.rounding


def spread(book: OrderLedger, amount: int) -> Share:
    """The parts of `amount` (minor units of the order's currency), whose sum is the amount without `rest`."""
    same = next((refund for refund in book.refunds if refund.unpaid and refund.amount == amount), None)
    return in_place_of(same) if same is not None else counted(book, amount)


def in_place_of(refund: ExistingRefund) -> Share:
    """The parts of a refund that waits here and was paid elsewhere."""
    paying = (entry for entry in refund.entries if entry.quantity or entry.amount)
    entries = tuple(replace(entry, cancelled_upto=0, left_out=0, left_waiting=0) for entry in paying)
    return Share(refund.kind, entries, refund.shipping, refund.rounding, instead_of=frozenset({refund.id}))


def goodwill(book: OrderLedger, amount: int) -> Share:
    """An amount that pays for no item: what is owed for the items stays owed."""
    kind = Refund.Kind.POST_SHIPMENT if book.shipped_units else Refund.Kind.PRE_SHIPMENT
    left = max(0, book.total_paid - sum(refund.amount for refund in book.refunds if refund.holds))
    return Share(kind.value, rounding=min(amount, left), rest=max(0, amount - left))


def counted(book: OrderLedger, amount: int) -> Share:
    """The parts of an amount that pays first for what waits."""
    waiting = [refund for refund in book.refunds if refund.unpaid]
    kind = Refund.Kind.POST_SHIPMENT if book.shipped_units else Refund.Kind.PRE_SHIPMENT
    others = [refund for refund in book.refunds if refund.holds and not refund.unpaid]
    purse, items = book.purse(others), {item.id: item for item in book.bought(others)}
    room = _Room(
        min(amount, purse.total_paid - purse.held_amount),
        {item.id: item.paid - item.held.amount for item in items.values()},
        purse.shipping_charge - purse.held_shipping,
    )
    rest = amount - room.left
    for refund in waiting:
        for entry in refund.entries:
            room.take(entry.item_id, entry.amount)
        room.take_shipping(refund.shipping)
    for item in items.values():
        room.take(item.id, item.paid)
    room.take_shipping(purse.shipping_charge)
    parts = [amount_part(items[item_id], taken) for item_id, taken in room.taken.items()]
    entries = tuple(RefundLine(part.item_id, 0, part.amount, part.tax) for part in parts)
    free = purse.total_paid - purse.held_amount - (amount - rest)
    instead_of = _overtaken(waiting, room, free)
    return Share(kind.value, entries, room.shipping_taken, room.left, rest, instead_of)


@dataclass(slots=True)
class _Room:
    """How much is still to be placed, and where there is room for it."""

    left: int
    items: dict[int, int]
    shipping: int
    taken: dict[int, int] = field(default_factory=dict)
    shipping_taken: int = 0

    def take(self, item_id: int, most: int) -> None:
        amount = min(self.left, most, self.items[item_id])
        if amount > 0:
            self.left -= amount
            self.items[item_id] -= amount
            self.taken[item_id] = self.taken.get(item_id, 0) + amount

    def take_shipping(self, most: int) -> None:
        amount = max(0, min(self.left, most, self.shipping))
        self.left -= amount
        self.shipping -= amount
        self.shipping_taken += amount


def _overtaken(waiting: list[ExistingRefund], room: _Room, free: int) -> frozenset[int]:
    """Those that wait for the same money. What is open is not among them: it shrinks by itself."""
    gone: set[int] = set()
    for refund in waiting:
        if refund.open:
            continue
        touched = any(entry.item_id in room.taken and entry.amount for entry in refund.entries)
        if touched or (refund.shipping and room.shipping_taken) or refund.amount > free:
            gone.add(refund.id)
        else:
            free -= refund.amount
    return frozenset(gone)
