"""How much is to be given back? (pure; amounts in minor units)

Refunding k more of n units pays what k + already units are worth, less what was given for those already, so that
any sequence of part refunds adds up to exactly what was paid.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from orders.money import share


class Held(NamedTuple):
    """What other refunds of the same item hold.

    `by_units` counts what pays units: not an amount alone, except one that was paid at the provider past us.
    """

    units: int = 0
    unshipped: int = 0
    amount: int = 0
    tax: int = 0
    amount_by_units: int = 0
    tax_by_units: int = 0


NOTHING_HELD = Held()


class Item(NamedTuple):
    """One order item as the rule sees it."""

    id: int
    quantity: int
    paid: int
    tax: int
    held: Held = NOTHING_HELD


class OrderFunds(NamedTuple):
    """The order's money: what was paid in all and for shipping, and what other refunds hold of it.

    Its provider pays multiples of `smallest` alone. `unpaid` is what the customer has not paid of what the order costs,
    `overpaid` what they paid beyond that.
    """

    total_paid: int
    shipping_charge: int
    held_amount: int = 0
    held_shipping: int = 0
    smallest: int = 1
    unpaid: int = 0
    overpaid: int = 0


class Part(NamedTuple):
    item_id: int
    quantity: int
    amount: int
    tax: int


@dataclass(frozen=True, slots=True)
class Sum:
    """A refund worked out. `amount` is items + shipping + rounding, and never more than is left of the order."""

    parts: tuple[Part, ...] = field(default=())
    shipping: int = 0
    rounding: int = 0

    @property
    def items_amount(self) -> int:
        return sum(part.amount for part in self.parts)

    @property
    def tax(self) -> int:
        return sum(part.tax for part in self.parts)

    @property
    def amount(self) -> int:
        return self.items_amount + self.shipping + self.rounding


def part(item: Item, units: int) -> Part:
    """What `units` more of this item are worth. Raises ValueError beyond what was ordered."""
    upto = item.held.units + units
    if units < 0 or upto > item.quantity:
        raise ValueError(f"{upto} of {item.quantity} units cannot be refunded")
    amount = share(item.paid, upto, item.quantity) - item.held.amount_by_units
    tax = share(item.tax, upto, item.quantity) - item.held.tax_by_units
    amount = max(0, min(amount, item.paid - item.held.amount))
    mixed = item.held.amount != item.held.amount_by_units
    if mixed and amount == item.paid - item.held.amount:
        # Amounts alone came before: whoever pays the last of the item pays the last of its tax.
        tax = item.tax - item.held.tax
    return Part(item.id, units, amount, tax=max(0, min(tax, item.tax - item.held.tax)))


def amount_part(item: Item, amount: int) -> Part:
    """An amount without units, as for damage, with its share of the tax. Raises ValueError beyond what is left."""
    upto = item.held.amount + amount
    if amount < 0 or upto > item.paid:
        raise ValueError(f"{upto} of {item.paid} cannot be refunded")
    tax = share(item.tax, upto, item.paid) - item.held.tax if item.paid else 0
    return Part(item.id, 0, amount, tax=max(0, min(tax, item.tax - item.held.tax)))


def work_out(
    items: Sequence[Item],
    purse: OrderFunds,
    units: Mapping[int, int],
    *,
    shipping: bool,
    amounts: Mapping[int, int] | None = None,
) -> Sum:
    """Work out a refund of these units (by item id), with what is left of the shipping charge if asked.

    `amounts` are amounts without units, by item id, of items that are not in `units`.
    Shops that round per order leave a difference between the parts and the total: it goes with the refund that
    empties the order. So does what is left out of others because the provider cannot pay it. What the customer has not
    paid is given up first, and money comes back only beyond that; what they overpaid is nobody's item, and stays.
    """
    alone = amounts or {}
    parts = tuple(
        part(item, units[item.id]) if units.get(item.id) else amount_part(item, alone[item.id])
        for item in items
        if units.get(item.id) or alone.get(item.id)
    )
    charge = purse.shipping_charge - purse.held_shipping if shipping else 0
    given = {one.item_id: one.amount for one in parts}
    emptied = purse.held_shipping + charge == purse.shipping_charge and all(
        item.held.amount + given.get(item.id, 0) == item.paid for item in items
    )
    worth = sum(given.values()) + charge
    left = purse.total_paid - purse.overpaid - purse.held_amount - worth
    if purse.unpaid and not emptied:
        given_up = sum(item.held.amount for item in items) + purse.held_shipping - purse.held_amount
        left = min(left, -min(worth, max(0, purse.unpaid - given_up)))
    whole = Sum(parts, charge, rounding=left if emptied else min(left, 0))
    return replace(whole, rounding=whole.rounding - whole.amount % purse.smallest)
