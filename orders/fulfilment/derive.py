"""What follows for an order from all that is stored of it: quantities, holds, facts for the timeline, attention."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from orders.fulfilment import concerns
from orders.fulfilment.components import Components
from orders.fulfilment.facts import NO_UNITS, Facts, Item, Part
from orders.fulfilment.load import OrderRow, PartRow
from orders.fulfilment.messages import DespatchNote, ReportedStatus
from orders.fulfilment.quantities import derive as derive_quantities
from orders.fulfilment.results import Result
from orders.fulfilment.sku_rules import SkuRules
from orders.statuses import Status
from orders.timeline.attention import AttentionRequest
from orders.timeline.events import Event

_HAPPENED = {
    Status.NEW: "order.reopened",
    Status.PROCESSING: "order.started",
    Status.ON_HOLD: "order.held",
    Status.PARTIALLY_SHIPPED: "order.partially_shipped",
    Status.SHIPPED: "order.shipped",
    Status.DELIVERED: "order.delivered",
    Status.CANCELLED: "order.cancelled",
}


@dataclass(slots=True)
class Derived:
    facts: list[Event] = field(default_factory=list)
    concerns: list[AttentionRequest] = field(default_factory=list)
    listed: set[str] = field(default_factory=set)
    """SKUs that a warehouse's documents name, as they do, and those of the order that are meant."""


def derive(order: OrderRow, warehouses: Mapping[int, str], rules: SkuRules, actor: str) -> Derived:
    """Set the quantities of the order and of its fulfilment orders, and say what is new about it."""
    derived = Derived(facts=[fact for part in order.parts.values() for fact in _shipment_facts(order, part, actor)])
    facts = facts_of(order, tuple(warehouses.values()), rules)
    result = derive_quantities(facts)
    derived.listed = _listed(facts)
    _set_parts(order, result)
    lost, regained = _set_items(order, result)
    for kind, skus in (("order.units_cancelled", lost), ("order.units_restored", regained)):
        if skus:
            items = [{"sku": sku, "quantity": units} for sku, units in skus.items()]
            data: dict[str, Any] = {"items": items, "word": order.word, "reason": order.cancel_reason}
            derived.facts.append(_fact(order, kind, actor, data))
    if result.findings:
        derived.concerns = concerns.requests(order, result.findings)
    return derived


def facts_of(order: OrderRow, warehouses: tuple[str, ...], rules: SkuRules) -> Facts:
    """The order as the rule takes it; `warehouses` are the codes of the seller's, its default first."""
    parts = order.parts.values()
    aliases, kits = rules.of(order.id)
    return Facts(
        tuple([Item(i.sku, i.quantity, i.unit_price, i.ships, 0, i.fills_first) for i in order.items]),
        warehouses,
        tuple([Part(part.key, part.registers, part.whole_order, part.requested or NO_UNITS) for part in parts]),
        any(part.requested is not None for part in parts),
        aliases=aliases,
        kits=kits,
        fold=rules.fold,
    )


def _listed(facts: Facts) -> set[str]:
    named: set[str] = set()
    for part in facts.parts:
        known = part.registers
        named.update(known.listed, known.figures)
        for record in known.shipments.values():
            named.update([line.sku for line in record.note.lines])
    if named <= {item.sku for item in facts.items}:
        return named
    components = Components(facts)
    meant = {component for sku in named for component in components.of("", sku)}
    items = zip(facts.items, components.per_unit, strict=True)
    return named | {item.sku for item, per_unit in items if meant.issuperset(per_unit)}


def status_fact(order: OrderRow, status: str, actor: str) -> Event:
    """The event for a status that the database has worked out anew."""
    data = {
        "from": order.status,
        "to": status,
        # What people caused is not the warehouse's word.
        "word": order.word if order.message else "",
        "shipped": order.units[1],
        "ordered": order.units[0],
    }
    return _fact(order, _HAPPENED[Status(status)], actor, data)


def _set_parts(order: OrderRow, result: Result) -> None:
    results = {one.warehouse: one for one in result.parts}
    details: list[tuple[datetime, str, str]] = []
    for part in order.parts.values():
        registers = part.registers
        one = results.get(part.key)
        units = {} if one is None else {sku: list(counts) for sku, counts in one.units.items()}
        state = "open" if one is None else one.state.value
        if (state, units) != (part.state, part.units):
            part.state, part.units, part.dirty = state, units, True
        if registers.changes.registers or registers.changes.figures:
            part.dirty = True
        if (registers.external_status, registers.number) != part.shown_before:
            # Whoever follows changed orders is to see it.
            order.dirty = True
        if registers.reported_at is not None:
            details.append((registers.reported_at, part.key, registers.detail))
    detail = max(details)[2] if details else ""
    if detail != order.detail or list(result.blocked) != order.blocks:
        order.detail, order.blocks, order.dirty = detail, [kind.value for kind in result.blocked], True


def _set_items(order: OrderRow, result: Result) -> tuple[dict[str, int], dict[str, int]]:
    lost: dict[str, int] = {}
    regained: dict[str, int] = {}
    on_hold = order.held or any(p.registers.status == ReportedStatus.ON_HOLD for p in order.parts.values())
    started = order.started or any(p.registers.started for p in order.parts.values())
    moved = (on_hold, started) != (order.on_hold, order.started)
    sums = [0, 0, 0, 0]
    for item, units in zip(order.items, result.items, strict=True):
        shipped, cancelled = units.shipped, units.cancelled
        change = cancelled - item.cancelled
        if change:
            side = lost if change > 0 else regained
            side[item.sku] = side.get(item.sku, 0) + abs(change)
        if moved or change or shipped != item.shipped:
            item.shipped, item.cancelled, item.dirty = shipped, cancelled, True
        sums[0] += item.quantity
        sums[1] += shipped
        sums[2] += cancelled
        sums[3] += units.outstanding
    if moved or tuple(sums) != order.units:
        order.units, order.on_hold, order.started, order.dirty = (*sums,), on_hold, started, True  # type: ignore[assignment]
    return lost, regained


def _shipment_facts(order: OrderRow, part: PartRow, actor: str) -> list[Event]:
    facts = []
    for number, before in part.registers.changes.shipments.items():
        record = part.registers.shipments[number]
        if before is None or _content(before) != _content(record.note):
            facts.append(_shipment_fact(order, record.note, before, record.message, actor))
    return facts


def _content(note: DespatchNote) -> tuple[object, ...]:
    lines = sorted((line.sku, line.quantity) for line in note.lines)
    return lines, note.withdrawn, note.planned, note.tracking_number, note.carrier


def _shipment_fact(order: OrderRow, note: DespatchNote, before: DespatchNote | None, message: int, actor: str) -> Event:
    happened = "planned" if note.planned else "recorded" if before is None or before.planned else "changed"
    data = {
        "number": note.number,
        "carrier": note.carrier,
        "tracking_number": note.tracking_number,
        "items": [{"sku": line.sku, "quantity": line.quantity} for line in note.lines],
    }
    if note.withdrawn:
        happened = "withdrawn"
    # What is planned has not happened at the time that it is planned for.
    at = note.changed_at if note.withdrawn else None if note.planned else note.despatched_at
    return Event(order.id, order.seller_id, f"shipment.{happened}", at, actor, data, message)


def _fact(order: OrderRow, kind: str, actor: str, data: dict[str, Any]) -> Event:
    return Event(order.id, order.seller_id, kind, order.changed_at, actor, data, order.message)
