"""SKUs on lines of different prices, where it is a choice which of the lines was cancelled (pure).

Shipped units fill the dearest line first and cancelled ones come from the cheapest: a free line is a gift beside the
paid one. A person who knows better edits the refund.
"""

from collections.abc import Iterable
from typing import Protocol


class Line(Protocol):
    """An order item: what was bought, and how many units were cancelled."""

    sku: str
    quantity: int
    paid: int


def price_choices(lines: Iterable[tuple[Line, int]]) -> list[str]:
    """The SKUs of which some units were cancelled and others not; of each line its cancelled units are given too."""
    prices: dict[str, set[int]] = {}
    ordered: dict[str, int] = {}
    cancelled: dict[str, int] = {}
    for line, units in lines:
        prices.setdefault(line.sku, set()).add(line.paid // line.quantity)
        ordered[line.sku] = ordered.get(line.sku, 0) + line.quantity
        cancelled[line.sku] = cancelled.get(line.sku, 0) + units
    return [sku for sku, found in prices.items() if len(found) > 1 and 0 < cancelled[sku] < ordered[sku]]
