"""Units of an order in components, whatever a document calls them (pure).

A component is the SKU itself, or what the kit table says that a kit is made of. All sums are made in components.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from orders.fulfilment.facts import Facts
from orders.fulfilment.messages import LineReport
from orders.fulfilment.registers import Registers
from orders.texts import folded

Units = dict[str, int]


class ComponentFigure(NamedTuple):
    """A warehouse's own figures for one component. `current`: no shipment that counts changed after them."""

    ordered: int | None = None
    shipped: int | None = None
    cancelled: int | None = None
    current: bool = False


NO_FIGURE = ComponentFigure()


class Components:
    """The components that an order needs: all ordered units, those that ship, and those that staff dropped of them."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.per_unit: list[Mapping[str, int]] = [facts.kits.get(item.sku) or {item.sku: 1} for item in facts.items]
        self.ordered: Units = {}
        self.shippable: Units = {}
        self.dropped: Units = {}
        for item, components in zip(facts.items, self.per_unit, strict=True):
            for component, per in components.items():
                ships, dropped = (item.quantity, min(item.dropped, item.quantity)) if item.ships else (0, 0)
                self.ordered[component] = self.ordered.get(component, 0) + per * item.quantity
                self.shippable[component] = self.shippable.get(component, 0) + per * ships
                self.dropped[component] = self.dropped.get(component, 0) + per * dropped

        # Nearly every order: a SKU on no two lines, and no kit, so that nothing is to be shared among lines.
        skus = {item.sku for item in facts.items}
        self.one_line_each = len(skus) == len(facts.items) and skus.isdisjoint(facts.kits)

    def of(self, warehouse: str, sku: str) -> Mapping[str, int]:
        """What one unit of a document's SKU is; the order's own spelling comes before any alias."""
        sku = self._named(warehouse, sku)
        return self.facts.kits.get(sku) or ({sku: 1} if sku else {})

    def _named(self, warehouse: str, sku: str) -> str:
        """The SKU as the order or the kit table spells it, "" for what is no goods, or as it is when nobody knows."""
        facts = self.facts
        if sku in self.ordered or sku in facts.kits:
            return sku
        for key in ((warehouse, sku), ("", sku), *((("", folded(sku)),) if facts.fold else ())):
            if (alias := facts.aliases.get(key)) is not None:
                sku = alias
                break
        if facts.fold and sku not in self.ordered and sku not in facts.kits:
            return self._spellings.get(folded(sku), sku)
        return sku

    @cached_property
    def _spellings(self) -> Mapping[str, str]:
        """The order's SKUs and kits by their folded form, but those of which two fold into one."""
        found: dict[str, list[str]] = {}
        for name in sorted({*self.ordered, *self.facts.kits}):
            found.setdefault(folded(name), []).append(name)
        return {key: names[0] for key, names in found.items() if len(names) == 1}

    def count(self, warehouse: str, lines: Iterable[tuple[str, int]]) -> tuple[Units, Units]:
        """Units per component of the order, and units per SKU that is not on the order."""
        units: Units = {}
        unknown: Units = {}
        for sku, quantity in lines:
            if quantity:
                for component, per in self.of(warehouse, sku).items():
                    if component in self.ordered:
                        units[component] = units.get(component, 0) + per * quantity
                    else:
                        unknown[sku] = unknown.get(sku, 0) + quantity
        return units, unknown

    def respelled(self, warehouse: str, lines: Iterable[LineReport]) -> tuple[LineReport, ...]:
        """A report's lines in the order's components; what is not on the order stays as it is."""
        found: dict[str, list[list[int | None]]] = {}
        for line in lines:
            for component, per in self.of(warehouse, line.sku).items():
                units = [None if n is None else per * n for n in line[1:]]
                found.setdefault(component, []).append(units)
        return tuple(LineReport(sku, *map(_total, zip(*units, strict=True))) for sku, units in found.items())

    def figures(self, warehouse: str, registers: Registers, newest: datetime | None) -> dict[str, ComponentFigure]:
        """The warehouse's figures per component; `newest` is when a shipment that they must include last changed.

        Spellings within one report add up; a later report replaces what earlier ones gave under any spelling.
        """
        by_component: dict[str, list[tuple[tuple[datetime, str], list[int | None]]]] = {}
        for sku, figure in registers.figures.items():
            for component, per in self.of(warehouse, sku).items():
                if component in self.ordered:
                    units = [None if n is None else per * n for n in figure[:3]]
                    by_component.setdefault(component, []).append(((figure.reported_at, figure.version), units))
        figures = {}
        for component, reported in by_component.items():
            stamp = max(at for at, _ in reported)
            latest = [units for at, units in reported if at == stamp]
            ordered, shipped, cancelled = (_total(column) for column in zip(*latest, strict=True))
            current = newest is None or stamp[0] >= newest
            figures[component] = ComponentFigure(ordered, shipped, cancelled, current)
        return figures


def _total(numbers: Iterable[int | None]) -> int | None:
    given = [number for number in numbers if number is not None]
    return sum(given) if given else None
