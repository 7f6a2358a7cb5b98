"""What became of each unit of an order that one or several warehouses ship (pure).

Per component: *shipped* are the warehouses' shipments (or their own figures while these are current) and those by hand
that no warehouse has confirmed. *Released* is what a warehouse was asked for and gave up. *Covered* is what open
fulfilment orders may still ship. A unit is cancelled only if staff dropped it, or if it was released and is neither
shipped nor covered. What nobody covers and nobody gave up is unassigned.
"""

from collections.abc import Sequence
from typing import NamedTuple

from orders.fulfilment.components import NO_FIGURE, Components, Units
from orders.fulfilment.facts import Facts, Part
from orders.fulfilment.findings import blocking, duplicates, of_items, of_part
from orders.fulfilment.manual import shipped_by_hand
from orders.fulfilment.parts import WarehousePart
from orders.fulfilment.registers import Registers
from orders.fulfilment.results import Finding, FindingKind, Result
from orders.fulfilment.sharing import price_choices, share
from orders.fulfilment.single import derive_single


class _Balance(NamedTuple):
    """Units per component over the whole order."""

    shipped: Units
    lost: Units
    uncovered: Units


def derive(facts: Facts) -> Result:
    """Work out what became of every unit, and what a person must look at."""
    return derive_single(facts) or derive_any(facts)


def derive_any(facts: Facts) -> Result:
    """The general rule, for any number of warehouses. `derive` takes a shorter way for the usual order."""
    components = Components(facts)
    presumed = not facts.routed and not any(part.registers.started for part in facts.parts)
    parts = _divide(components, presumed=presumed)
    findings: set[Finding] = set()
    balance = _balance(components, parts, findings)
    items = share(components, balance.shipped, balance.lost, balance.uncovered, findings)
    findings.update(of_items(components, items))
    outstanding = any(item.outstanding for item in items)
    for part in parts:
        findings.update(of_part(part, components, outstanding=outstanding))
    findings.update(duplicates([note for part in parts for note in part.notes]))
    silent = set(facts.warehouses) - {part.warehouse for part in facts.parts if part.registers.started}
    if silent and not facts.routed and any(balance.lost.values()):
        findings.add(Finding(FindingKind.OTHER_WAREHOUSE_SILENT, ",".join(sorted(silent))))
    return Result(
        items,
        tuple(part.result(presumed=presumed) for part in parts),
        tuple(sorted(findings)),
        blocking(findings),
        price_choices(components, balance.lost),
    )


def _divide(components: Components, *, presumed: bool) -> list[WarehousePart]:
    """The fulfilment orders that count. What one warehouse reported ends the presumption about another."""
    facts = components.facts
    if presumed:
        parts = [Part(warehouse, Registers()) for warehouse in facts.warehouses[:1]]
    else:
        parts = [part for part in facts.parts if facts.routed or part.registers.started]
    alone = presumed or len({*facts.warehouses, *(part.warehouse for part in parts)}) == 1
    divided = []
    for part in sorted(parts, key=lambda part: part.warehouse):
        whole = alone or part.whole_order
        heard = [one.registers for one in parts] if whole else [part.registers]
        divided.append(WarehousePart(components, part, heard, whole=whole, routed=facts.routed))
    return divided


def _balance(components: Components, parts: Sequence[WarehousePart], findings: set[Finding]) -> _Balance:
    """Sum the fulfilment orders up: what was shipped, what is lost, and what nobody covers."""
    balance = _Balance({}, {}, {})
    separate, other = shipped_by_hand(components, parts, findings)
    for component, ordered in components.ordered.items():
        by_warehouses = _shipped_by_warehouses(parts, component)
        apart, by_hand = separate.get(component, 0), other.get(component, 0)
        # Units by hand beyond the order's are taken for the warehouses' own, until a person says otherwise.
        confirmed = max(by_hand - max(ordered - by_warehouses - apart, 0), 0)
        shipped = by_warehouses + apart + by_hand - confirmed
        left = max(components.shippable[component] - shipped, 0)
        dropped = min(components.dropped[component], left)
        released = sum(part.released[component] for part in parts)
        covered = sum(part.to_ship[component] for part in parts)
        # Released by somebody who was asked for it, and nobody else is still to ship it.
        lost = max(0, min(released, left - dropped - covered))
        balance.shipped[component], balance.lost[component] = shipped, lost
        balance.uncovered[component] = max(left - dropped - lost - covered, 0)
        surplus = sum(part.to_ship[component] for part in parts if _is_sure(part, parts)) - left + dropped
        for kind, units in (
            (FindingKind.HAND_AND_WAREHOUSE_SHIPMENT, confirmed),
            (FindingKind.DOUBLE_COVERAGE, surplus),
            (FindingKind.OVER_SHIPMENT, shipped if shipped > ordered else 0),
            (FindingKind.SHIPPED_AFTER_DROP, components.dropped[component] - dropped if shipped else 0),
            (FindingKind.FIGURES_OVERTAKEN, lost if _is_overtaken(parts, component) else 0),
        ):
            if units > 0:
                findings.add(Finding(kind, "", component, units))
    return balance


def _shipped_by_warehouses(parts: Sequence[WarehousePart], component: str) -> int:
    """Reports about the whole order include the other warehouses' shipments, so their figures are not added."""
    added = sum(part.noted.get(component, 0) if part.whole else part.shipped[component] for part in parts)
    return max(added, *(part.own_shipped(component) for part in parts if part.whole), 0)


def _is_sure(part: WarehousePart, parts: Sequence[WarehousePart]) -> bool:
    """Whether it was asked for just the units that it may still ship, and not perhaps for fewer."""
    return not part.unclear and not (part.whole and len(parts) > 1)


def _is_overtaken(parts: Sequence[WarehousePart], component: str) -> bool:
    """Whether a warehouse's figure of shipped units no longer counts, since one of its shipments changed later."""
    figures = ((part, part.figures.get(component, NO_FIGURE)) for part in parts)
    return any((figure.shipped or 0) > part.shipped[component] for part, figure in figures)
