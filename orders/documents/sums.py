"""What did the customer pay for each item, and does it all add up? (pure)

Amounts are minor units of the order's currency.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from orders import money
from orders.documents.fields import Fault


@dataclass(frozen=True, slots=True)
class Item:
    """One line. `discount` and `tax` are for the whole line, `paid` is all that was paid for it, tax included."""

    sku: str
    name: str
    quantity: int
    unit_price: int
    discount: int
    tax: int
    paid: int | None
    discount_share: int = 0
    exact_unit_price: str = ""
    """Where the price has more decimals than the currency."""
    cost: int = 0
    """Of all units, before any discount."""
    channel_line: str = ""
    ships: bool = True
    properties: tuple[tuple[str, str], ...] = ()

    @property
    def value(self) -> int:
        """What the line costs before the order's discounts."""
        return self.cost - self.discount

    def priced(self, share: int, paid: int) -> "Item":
        """The same line with its share of the order's discounts, and what was paid for it."""
        # dataclasses.replace takes three times as long, and a batch has thousands of lines.
        more = (self.exact_unit_price, self.cost, self.channel_line, self.ships, self.properties)
        return Item(self.sku, self.name, self.quantity, self.unit_price, self.discount, self.tax, paid, share, *more)

    @property
    def amount(self) -> int:
        """What was paid, once that has been worked out."""
        if self.paid is None:
            raise ValueError(f"what was paid for {self.sku} has not been worked out")
        return self.paid


def price(items: Sequence[Item], discount: int, *, tax_included: bool, currency: str) -> tuple[list[Item], list[Fault]]:
    """Share the order's discounts out by line value, and work out what was paid where it was not given."""
    faults = [
        Fault(
            f"items[{n}].discount",
            f"items[{n}].discount is more than the {money.text(item.cost, currency)} of its line",
        )
        for n, item in enumerate(items)
        if item.discount > item.cost
    ]
    if faults:
        return [], faults
    goods = sum(item.value for item in items)
    if discount > goods:
        sums = f"{money.text(discount, currency)} in all, the goods cost {money.text(goods, currency)}"
        return [], [Fault("discounts", f"discounts are more than the goods: {sums}")]
    shares = money.split(discount, [item.value for item in items])
    priced = [item.priced(share, _paid(item, share, tax_included)) for item, share in zip(items, shares, strict=True)]
    for n, item in enumerate(priced):
        if item.amount > money.LARGEST:
            faults.append(Fault(f"items[{n}]", f"items[{n}] costs more than any amount this system keeps"))
        elif item.tax > item.amount:
            sums = f"{money.text(item.tax, currency)} of {money.text(item.amount, currency)}"
            faults.append(Fault(f"items[{n}].tax", f"items[{n}].tax is more than what was paid for the item: {sums}"))
    return priced, faults


def _paid(item: Item, share: int, tax_included: bool) -> int:
    if item.paid is not None:
        return item.paid
    return item.value - share + (0 if tax_included else item.tax)


def rounding(items: Sequence[Item], shipping_charge: int, total_paid: int, currency: str) -> tuple[int, list[Fault]]:
    """What the total has more than its parts (shops that round tax per order), unless it is too much for that."""
    parts = sum(item.amount for item in items)
    difference = total_paid - parts - shipping_charge
    allowed = len(items) + (1 if shipping_charge else 0)
    if abs(difference) <= allowed:
        return difference, []
    sentence = (
        f"total_paid is {money.text(total_paid, currency)}, but items and shipping come to "
        f"{money.text(parts + shipping_charge, currency)} "
        f"({money.text(parts, currency)} + {money.text(shipping_charge, currency)}): rounding explains "
        f"at most {money.text(allowed, currency)} {currency}"
    )
    return 0, [Fault("total_paid", sentence)]
