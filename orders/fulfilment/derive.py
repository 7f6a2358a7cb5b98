"""What follows for an order from all that was said of it: quantities, holds, facts for the timeline, concerns."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from orders.fulfilment.load import NoteRow, OrderRow
from orders.fulfilment.messages import DespatchNote, ReportedStatus
from orders.fulfilment.outcome import Outcome, outcome
from orders.models import AttentionItem
from orders.statuses import Status
from orders.timeline.attention import AttentionRequest
from orders.timeline.events import Event

Kind = AttentionItem.Kind
CONCERNS = (
    Kind.UNKNOWN_SKU,
    Kind.OVER_SHIPMENT,
    Kind.STATUS_BACKWARDS,
    Kind.QUANTITY_MISMATCH,
    Kind.CLOSED_WITHOUT_FIGURES,
    Kind.DUPLICATE_SHIPMENT,
)
"""The kinds that this module raises, and closes when they no longer hold."""

WINDOW = timedelta(days=7)
"""A tracking number that comes again later than this is a new parcel: carriers use their numbers again."""

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


def derive(order: OrderRow, actor: str) -> Derived:
    """Set the order's quantities and say what is new about it."""
    derived = Derived(facts=[_note_fact(order, row, actor) for row in order.notes.values() if _is_news(row)])
    result = outcome(order.lines(), order.noted(), order.figures(), order.closed_as)
    lost, regained = _set_items(order, result)
    for kind, skus in (("order.units_cancelled", lost), ("order.units_restored", regained)):
        if skus:
            items = [{"sku": sku, "quantity": units} for sku, units in skus.items()]
            data: dict[str, Any] = {"items": items, "word": order.word, "reason": order.cancel_reason}
            derived.facts.append(_fact(order, kind, actor, data))
    derived.concerns = _concerns(order, result)
    return derived


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


def _set_items(order: OrderRow, result: Outcome) -> tuple[dict[str, int], dict[str, int]]:
    lost: dict[str, int] = {}
    regained: dict[str, int] = {}
    on_hold = order.held or order.meaning == ReportedStatus.ON_HOLD
    ordered = outstanding = 0
    for item, shipped, cancelled in zip(order.items, result.shipped, result.cancelled, strict=True):
        change = cancelled - item.cancelled
        if change:
            side = lost if change > 0 else regained
            side[item.sku] = side.get(item.sku, 0) + abs(change)
        if (shipped, cancelled) != (item.shipped, item.cancelled) or on_hold != order.on_hold:
            item.shipped, item.cancelled, item.dirty = shipped, cancelled, True
        ordered += item.quantity
        outstanding += max(item.quantity - shipped - cancelled, 0)
    units = (ordered, sum(result.shipped), sum(result.cancelled), outstanding)
    if units != order.units or on_hold != order.on_hold:
        order.units, order.on_hold, order.dirty = units, on_hold, True
    return lost, regained


def _concerns(order: OrderRow, result: Outcome) -> list[AttentionRequest]:
    name = order.reference
    found = [
        _concern(order, Kind.UNKNOWN_SKU, f"{name}: shipped {sku}, which is not on the order", sku=sku)
        for sku in result.unknown_skus
    ]
    wanted = {item.sku: 0 for item in order.items}
    for sku in order.unknown_told.splitlines():
        # What was shipped is said already, and an order may have been given the item since.
        if sku not in wanted and sku not in result.unknown_skus:
            text = f"{name}: the warehouse has {sku} on order, which is not on the order here"
            found.append(_concern(order, Kind.UNKNOWN_SKU, text, sku=sku))
    for item in order.items:
        wanted[item.sku] += item.quantity
    for sku, units in result.over_shipped.items():
        text = f"{name}: {units} of {sku} shipped, {wanted[sku]} ordered"
        found.append(_concern(order, Kind.OVER_SHIPMENT, text, sku=sku, shipped=units, ordered=wanted[sku]))
    for sku, units in result.mismatched.items():
        text = f"{name}: the warehouse has {units} of {sku} on order, the shop {wanted[sku]}"
        found.append(_concern(order, Kind.QUANTITY_MISMATCH, text, sku=sku, warehouse=units, ordered=wanted[sku]))
    if result.closed_without_figures:
        text = f"{name}: the warehouse says that it was despatched, but nothing says what"
        found.append(_concern(order, Kind.CLOSED_WITHOUT_FIGURES, text))
    if order.closed_at and order.reported_at and order.reported_at > order.closed_at and not _closes(order.meaning):
        text = f"{name}: the warehouse said {order.word} after it had closed the order"
        found.append(_concern(order, Kind.STATUS_BACKWARDS, text, word=order.word))
    for first, second in repeated([row.note for row in order.notes.values()]):
        text = f"{name}: despatch {second.number} repeats {first.number}: same tracking number "
        text += f"{first.tracking_number}, same units"
        subject = f"order:{order.id}:{second.number}"
        evidence = {"first": first.number, "second": second.number}
        found.append(AttentionRequest(Kind.DUPLICATE_SHIPMENT, subject, text, order.seller_id, order.id, evidence))
    return found


def repeated(notes: Sequence[DespatchNote]) -> list[tuple[DespatchNote, DespatchNote]]:
    """Pairs of notes that may be one parcel under two numbers: same tracking number, same units, days apart at most."""
    if len(notes) < 2:
        return []
    first: dict[tuple[object, ...], DespatchNote] = {}
    pairs = []
    for note in sorted(notes, key=lambda note: (note.despatched_at, note.number)):
        if note.tracking_number and not note.withdrawn:
            same = (note.tracking_number, tuple(sorted((line.sku, line.quantity) for line in note.lines)))
            earlier = first.setdefault(same, note)
            if earlier is not note and note.despatched_at - earlier.despatched_at <= WINDOW:
                pairs.append((earlier, note))
    return pairs


def _closes(meaning: str) -> bool:
    return bool(meaning) and ReportedStatus(meaning).closes


def _concern(order: OrderRow, kind: str, summary: str, **evidence: str | int) -> AttentionRequest:
    subject = f"order:{order.id}" + (f":{evidence['sku']}" if "sku" in evidence else "")
    return AttentionRequest(kind, subject, summary, order.seller_id, order.id, dict(evidence))


def _is_news(row: NoteRow) -> bool:
    return row.dirty and (row.id is None or row.was is None or _content(row.was) != _content(row.note))


def _content(note: DespatchNote) -> tuple[object, ...]:
    return (
        sorted((line.sku, line.quantity) for line in note.lines),
        note.withdrawn,
        note.tracking_number,
        note.carrier,
    )


def _note_fact(order: OrderRow, row: NoteRow, actor: str) -> Event:
    note = row.note
    happened = "withdrawn" if note.withdrawn else "recorded" if row.id is None else "changed"
    data = {
        "number": note.number,
        "carrier": note.carrier,
        "tracking_number": note.tracking_number,
        "items": [{"sku": line.sku, "quantity": line.quantity} for line in note.lines],
    }
    at = note.changed_at if note.withdrawn else note.despatched_at
    return Event(order.id, order.seller_id, f"shipment.{happened}", at, actor, data, row.message)


def _fact(order: OrderRow, kind: str, actor: str, data: dict[str, Any]) -> Event:
    return Event(order.id, order.seller_id, kind, order.said_at, actor, data, order.message)
