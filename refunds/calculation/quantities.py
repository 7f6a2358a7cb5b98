"""What became of the units of an order's items, as far as refunds depend on it (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass

from refunds.calculation.warehouse_parts import Part


@dataclass(slots=True)
class ItemQuantities:
    """One order item: what was bought and what became of it. `named` units were cancelled by name, in a report."""

    id: int
    sku: str
    quantity: int
    paid: int
    tax: int
    shipped: int
    cancelled: int
    outstanding: int
    ships: bool = True
    named: int = 0


def name_cancelled(items: Sequence[ItemQuantities], parts: Sequence[Part]) -> None:
    """Share the units that were left out when a part was closed among the lines of their SKU, the first line first."""
    left_out: dict[str, int] = {}
    for item in items:
        if item.sku not in left_out:
            left_out[item.sku] = sum(part.left_out(item.sku) for part in parts)
        units = min(left_out[item.sku], item.cancelled)
        left_out[item.sku] -= units
        item.named = item.cancelled - units


def end_services(items: Sequence[ItemQuantities]) -> None:
    """Where nothing of an order ships, what no warehouse ships (a tip, gift wrap) ends with the goods."""
    if any(item.cancelled for item in items):
        for item in items:
            if not item.ships:
                item.cancelled = item.named = item.quantity
