"""Units that staff shipped by hand, beside the warehouses' own shipments (pure)."""

from collections.abc import Sequence

from orders.fulfilment.components import Components, Units
from orders.fulfilment.facts import ManualShipment
from orders.fulfilment.findings import SAME_PARCEL
from orders.fulfilment.messages import DespatchNote
from orders.fulfilment.parts import WarehousePart
from orders.fulfilment.results import Finding, FindingKind

Parcels = list[tuple[DespatchNote, Units]]


def shipped_by_hand(
    components: Components, parts: Sequence[WarehousePart], findings: set[Finding]
) -> tuple[Units, Units]:
    """Units that no warehouse has confirmed: those surely apart from its parcels, and the rest."""
    separate: Units = {}
    other: Units = {}
    standing = {shipment for shipment in components.facts.manual if not shipment.withdrawn}
    if not standing:
        return separate, other
    parcels = [(note, components.count(part.key, note.lines)[0]) for part in parts for note in part.notes]
    for shipment in standing:
        units, unknown = components.count("", shipment.lines)
        findings.update(Finding(FindingKind.UNKNOWN_SKU, "", sku, n) for sku, n in unknown.items())
        if shipment.separate:
            _add(units, separate)
            continue
        confirmed = _same_tracking_number(shipment, parcels)
        if confirmed is None:
            _add(units, other)
        # Confirmed under the same tracking number, the warehouse's shipment counts and this one no longer does.
        if _is_near(shipment, units, parcels) if confirmed is None else confirmed != units:
            findings.add(Finding(FindingKind.HAND_AND_WAREHOUSE_SHIPMENT, "", shipment.number))
    return separate, other


def _same_tracking_number(shipment: ManualShipment, parcels: Parcels) -> Units | None:
    """The units of the warehouses' shipments with the same tracking number, or None if there is none."""
    number = _normalized(shipment.tracking_number)
    same = [units for parcel, units in parcels if number and _normalized(parcel.tracking_number) == number]
    confirmed: Units = {}
    for units in same:
        _add(units, confirmed)
    return confirmed if same else None


def _is_near(shipment: ManualShipment, units: Units, parcels: Parcels) -> bool:
    """Whether a warehouse shipped the same units at about the same time, under another tracking number."""
    return any(
        counted == units and abs(parcel.despatched_at - shipment.shipped_at) <= SAME_PARCEL
        for parcel, counted in parcels
    )


def _normalized(tracking_number: str) -> str:
    return "".join(filter(str.isalnum, tracking_number)).upper()


def _add(units: Units, into: Units) -> None:
    for component, quantity in units.items():
        into[component] = into.get(component, 0) + quantity
