"""The specification's facts and results in the product's types."""

from collections.abc import Iterable

from orders.fulfilment.facts import Facts, Item, ManualShipment, Part
from orders.fulfilment.messages import (
    DespatchLine,
    DespatchNote,
    LineReport,
    OrderReport,
    ReportedStatus,
    WarehouseMessage,
)
from orders.fulfilment.registers import Registers, merge
from orders.fulfilment.results import Finding, FindingKind, ItemUnits, PartResult, PartUnits, Result, State
from tests.orders.fulfilment import oracle_facts as spec


def facts_of(facts: spec.Facts) -> Facts:
    """What is stored once all messages have been merged, in their sequence."""
    registers: dict[str, Registers] = {warehouse: Registers() for warehouse in facts.routing or ()}
    for sent in facts.messages:
        merge(registers.setdefault(sent.warehouse, Registers()), message_of(sent, facts.messages.index(sent) + 1))
    routing = facts.routing or {}
    parts = (Part(key, known, key in facts.whole_order, routing.get(key, {})) for key, known in registers.items())
    return Facts(
        tuple(Item(*item) for item in facts.items),
        facts.warehouses,
        tuple(parts),
        facts.routing is not None,
        tuple(
            ManualShipment(s.number, s.shipped_at, s.lines, s.tracking_number, s.withdrawn, s.separate)
            for s in facts.manual
        ),
        facts.aliases,
        facts.kits,
    )


def message_of(sent: spec.Message, archive_id: int) -> WarehouseMessage:
    """The message as it is parsed; its version breaks ties as the specification does."""
    report = sent.report and OrderReport(
        sent.report.status,
        sent.report.changed_at,
        tuple(LineReport(*line) for line in sent.report.lines),
        ReportedStatus(sent.report.status) if sent.report.status else None,
    )
    return WarehouseMessage(archive_id, repr(sent), "", sent.number, tuple(map(_note, sent.shipments)), report)


def result_of(facts: spec.Facts, result: spec.Result) -> Result:
    """The specification's result as the product gives it."""
    return Result(
        tuple(ItemUnits(*item[2:]) for item in result.items),
        tuple(_part(part) for part in result.fulfilment_orders),
        tuple(Finding(FindingKind(one.kind), *one[1:]) for one in result.attention),
        tuple(map(FindingKind, result.blocked)),
        result.price_choices,
    )


def _part(part: spec.FulfilmentOrder) -> PartResult:
    columns = (part.requested, part.shipped, part.released, part.to_ship)
    named: Iterable[str] = {component for column in columns for component in column}
    units = {component: PartUnits(*(column.get(component, 0) for column in columns)) for component in named}
    return PartResult(part.warehouse, State(part.state), part.number, units)


def _note(form: spec.Shipment) -> DespatchNote:
    return DespatchNote(
        form.number,
        form.shipped_at,
        form.changed_at,
        tuple(DespatchLine(*line) for line in form.lines),
        tracking_number=form.tracking_number,
        withdrawn=form.withdrawn,
        planned=form.planned,
    )
