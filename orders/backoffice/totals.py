"""What did the customer pay for an order, line by line? (amounts in minor units)"""

from collections.abc import Iterable
from dataclasses import dataclass

from orders.models import Order, OrderItem


@dataclass(frozen=True, slots=True)
class Bill:
    """The lines that add up to what was paid; discounts are negative."""

    lines: tuple[tuple[str, int], ...]
    paid: int
    tax: int


def bill(order: Order, items: Iterable[OrderItem]) -> Bill:
    """The order's own figures, in the sequence in which people read them. What is 0 is left out, but for the goods."""
    goods = own = shares = paid = tax = 0
    for item in items:
        goods += item.cost(order.currency)
        own += item.discount
        shares += item.discount_share
        paid += item.paid
        tax += item.tax
    named = [(str(one.get("name") or "Discount"), -int(one["amount"])) for one in order.discounts]
    # Shops that price without tax add it here; otherwise a difference is the shop's own rounding per line.
    added = paid - (goods - own - shares)
    lines = [
        ("Items", goods),
        ("Discounts on items", -own),
        *named,
        ("Rounding of the lines" if order.prices_include_tax else "Tax", added),
        ("Shipping", order.shipping_charge),
        ("Rounding", order.rounding),
    ]
    return Bill(tuple(line for n, line in enumerate(lines) if line[1] or not n), order.total_paid, tax)
