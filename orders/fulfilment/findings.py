"""What a person must look at before the quantities of an order are relied on (pure)."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from orders.fulfilment.components import Components
from orders.fulfilment.messages import DespatchNote, ReportedStatus
from orders.fulfilment.parts import WarehousePart
from orders.fulfilment.registers import Registers
from orders.fulfilment.results import BLOCKING, Finding, FindingKind, ItemUnits

SAME_PARCEL = timedelta(days=7)
"""Shipments further apart are two parcels: carriers use their tracking numbers again."""


def blocking(findings: Iterable[Finding]) -> tuple[FindingKind, ...]:
    """The kinds among these that block a proposal."""
    return tuple(sorted({finding.kind for finding in findings} & BLOCKING))


def of_closing(warehouse: str, registers: Registers) -> list[Finding]:
    """What a warehouse reported after it had closed its part."""
    reported_at, closed_at = registers.reported_at, registers.closed_at
    if reported_at is None or closed_at is None or reported_at <= closed_at:
        return []
    if not ReportedStatus(registers.status).closes:
        return [Finding(FindingKind.STATUS_BACKWARDS, warehouse)]
    # The first closing stays; a different one later may mean that it was wrong.
    return [Finding(FindingKind.CLOSING_CHANGED, warehouse)] if registers.status != registers.closed_as else []


def of_part(part: WarehousePart, components: Components, *, outstanding: bool) -> list[Finding]:
    """What does not fit together at one warehouse; `outstanding`: whether the order still waits for any unit."""
    key, expected = part.key, part.expected
    found = of_closing(key, part.registers)
    strange = dict.fromkeys([*part.unknown, *part.listed_unknown])
    found += [Finding(FindingKind.UNKNOWN_SKU, key, sku, part.unknown.get(sku, 0)) for sku in strange]
    if part.unexplained and outstanding:
        found.append(Finding(FindingKind.CLOSED_WITHOUT_FIGURES, key))
    if part.unclear and part.registers.closed_as:
        found.append(Finding(FindingKind.UNKNOWN_REQUEST, key))
    if part.registers.closed_as and not part.unexplained:
        late = ((component, units) for component, units in part.to_ship.items() if units)
        found += [Finding(FindingKind.PLANNED_NOT_CONFIRMED, key, component, units) for component, units in late]
    for component, figure in part.figures.items() if expected is not None else ():
        if figure.ordered is not None and components.shippable[component]:
            asked = expected.get(component, 0) if expected is not None else 0
            # Staff may have dropped units before or after the warehouse was asked.
            if not asked - components.dropped[component] <= figure.ordered <= asked:
                found.append(Finding(FindingKind.QUANTITY_MISMATCH, key, component, figure.ordered))
    return found


def of_items(components: Components, units: Sequence[ItemUnits]) -> list[Finding]:
    """Units that nobody is to ship, and services that are left when all goods of the order were cancelled."""
    found = [
        Finding(FindingKind.UNASSIGNED, "", item.sku, of_item.unassigned)
        for item, of_item in zip(components.facts.items, units, strict=True)
        if of_item.unassigned
    ]
    ended = any(one.cancelled for one in units) and not any(one.shipped or one.outstanding for one in units)
    if ended and any(one.not_shipping for one in units):
        found.append(Finding(FindingKind.SERVICES_LEFT))
    return found


def duplicates(notes: Sequence[DespatchNote]) -> list[Finding]:
    """Standing shipments that may be one parcel under two numbers: same tracking number, same units, days apart."""
    if len(notes) < 2:
        return []
    first: dict[tuple[object, ...], DespatchNote] = {}
    found = []
    for note in sorted(notes, key=lambda note: (note.despatched_at, note.number)):
        if note.tracking_number:
            earlier = first.setdefault((note.tracking_number, tuple(sorted(note.lines))), note)
            if earlier is not note and note.despatched_at - earlier.despatched_at <= SAME_PARCEL:
                found.append(Finding(FindingKind.DUPLICATE_SHIPMENT, "", f"{earlier.number} {note.number}"))
    return found
