"""How much may a person refund of an order? (one answer, for the page that shows it and the verb that holds to it)

Amounts are minor units of the order's currency. What is left to refund is `Order.left_to_refund` on every page. A
person may propose that and what the automatic proposal holds besides, because it gives way to what people propose.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from refunds.calculation import ledger
from refunds.models import Refund
from refunds.rules.amounts import Item, OrderFunds, Sum, work_out


@dataclass(frozen=True, slots=True)
class ItemLimit:
    """One item: what became of its units, what refunds hold of it, and what may still be proposed."""

    item: Item
    sku: str
    shipped: int
    cancelled: int
    unshipped_left: int
    shipped_left: int

    @property
    def held_units(self) -> int:
        return self.item.held.units

    @property
    def amount_left(self) -> int:
        return self.item.paid - self.item.held.amount

    def units_left(self, kind: str) -> int:
        """Units that may be refunded as this kind: those not shipped, or those shipped."""
        return self.unshipped_left if kind == Refund.Kind.PRE_SHIPMENT else self.shipped_left


@dataclass(frozen=True, slots=True)
class Limits:
    """An order as somebody sees it who wants to refund of it."""

    currency: str
    purse: OrderFunds
    items: tuple[ItemLimit, ...]
    gives_way: int = 0
    """What the automatic proposal holds."""

    @property
    def shipping_left(self) -> int:
        return self.purse.shipping_charge - self.purse.held_shipping

    @property
    def most(self) -> int:
        """So much may be proposed."""
        return self.purse.total_paid - self.purse.held_amount

    def work_out(self, units: Mapping[int, int], amounts: Mapping[int, int], *, shipping: bool) -> Sum:
        """The exact refund of these units and amounts, by item id."""
        items = [one.item for one in self.items]
        return work_out(items, self.purse, units, shipping=shipping, amounts=amounts)


def limits(book: ledger.OrderLedger, *, without: int | None = None) -> Limits:
    """What is left of an order beside its refunds, but for the automatic proposal and the refund `without`."""
    others = [refund for refund in book.refunds if refund.holds and not refund.open and refund.id != without]
    found = []
    for stock, item in zip(book.items, book.bought(others), strict=True):
        free = item.quantity - item.held.units
        came_back = item.held.units - item.held.unshipped
        found.append(
            ItemLimit(
                item,
                stock.sku,
                stock.shipped,
                stock.cancelled,
                unshipped_left=max(0, min(free, item.quantity - stock.shipped - item.held.unshipped)),
                shipped_left=max(0, min(free, stock.shipped - came_back)),
            )
        )
    gives_way = sum(refund.amount for refund in book.refunds if refund.open and refund.id != without)
    return Limits(book.currency, book.purse(others), tuple(found), gives_way)
