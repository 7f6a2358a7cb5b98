"""The attention items that the findings of an order ask for: one sentence each, with its evidence."""

from collections.abc import Sequence

from orders.fulfilment.load import OrderRow
from orders.fulfilment.messages import DespatchNote
from orders.fulfilment.results import Finding, FindingKind
from orders.models import AttentionItem
from orders.timeline.attention import AttentionRequest

Kind = FindingKind
LATER = frozenset({Kind.UNASSIGNED})
"""Findings that are no trouble yet when they come up: the other warehouse may just not have reported."""

KINDS = [AttentionItem.Kind(kind.value) for kind in Kind if kind not in LATER]
"""The kinds that are raised here, and closed when they no longer hold."""

_SENTENCES = {
    Kind.OVER_SHIPMENT: "{units} of {subject} shipped, {ordered} ordered",
    Kind.QUANTITY_MISMATCH: "{who} has {units} of {subject} on order, the shop {ordered}",
    Kind.CLOSED_WITHOUT_FIGURES: "{who} reports that it was despatched, but nothing says what",
    Kind.STATUS_BACKWARDS: "{who} reported {word} after it had closed the order",
    Kind.CLOSING_CHANGED: "{who} reported {word} after it had closed the order otherwise",
    Kind.FIGURES_OVERTAKEN: "{units} of {subject} cancelled, though an older report had them shipped",
    Kind.DOUBLE_COVERAGE: "{units} of {subject} may be shipped twice: two warehouses have been asked for them",
    Kind.OTHER_WAREHOUSE_SILENT: "units cancelled, but {subject} has not reported anything",
    Kind.UNKNOWN_REQUEST: "{who} closed the order, but nothing says what it was asked for",
    Kind.PLANNED_NOT_CONFIRMED: "{who} closed the order, but never confirmed the despatch of {units} of {subject}",
    Kind.PARTIAL_KIT: "only parts of {units} of {subject} are accounted for",
    Kind.HAND_AND_WAREHOUSE_SHIPMENT: "{subject} was shipped by hand and by a warehouse",
    Kind.SHIPPED_AFTER_DROP: "{units} of {subject} shipped, though staff had cancelled them",
    Kind.SERVICES_LEFT: "all goods were cancelled, only services are left",
}


def requests(order: OrderRow, findings: Sequence[Finding]) -> list[AttentionRequest]:
    """One attention item for each finding that a person must look at now."""
    return [_request(order, finding) for finding in findings if finding.kind not in LATER]


def _request(order: OrderRow, finding: Finding) -> AttentionRequest:
    several = len(order.parts) > 1 and bool(finding.warehouse)
    who = f"warehouse {finding.warehouse}" if several else "the warehouse"
    subject = f"order:{order.id}" + (f":{finding.warehouse}" if several else "")
    evidence: dict[str, str | int] = {}
    ordered = sum(item.quantity for item in order.items if item.sku == finding.subject)
    word = next((p.registers.external_status for p in order.parts.values() if p.key == finding.warehouse), "")
    if finding.kind == Kind.DUPLICATE_SHIPMENT:
        first, second = _pair(order, finding)
        text = f"despatch {second.number} repeats {first.number}: same tracking number {first.tracking_number}"
        subject, text = f"{subject}:{second.number}", f"{text}, same units"
        evidence = {"first": first.number, "second": second.number}
    elif finding.kind == Kind.UNKNOWN_SKU:
        text = f"shipped {finding.subject}, which is not on the order"
        if not finding.units:
            text = f"{who} has {finding.subject} on order, which is not on the order here"
    else:
        text = _SENTENCES[finding.kind].format(**finding._asdict(), who=who, ordered=ordered, word=word)
    if finding.kind in (Kind.STATUS_BACKWARDS, Kind.CLOSING_CHANGED):
        evidence = {"word": word}
    elif finding.subject and finding.kind != Kind.DUPLICATE_SHIPMENT:
        subject = f"{subject}:{finding.subject}"[:160]
        evidence = _evidence(finding, ordered)
    if several:
        evidence["at"] = finding.warehouse
    return AttentionRequest(finding.kind, subject, f"{order.reference}: {text}", order.seller_id, order.id, evidence)


def _evidence(finding: Finding, ordered: int) -> dict[str, str | int]:
    if finding.kind == Kind.OVER_SHIPMENT:
        return {"sku": finding.subject, "shipped": finding.units, "ordered": ordered}
    if finding.kind == Kind.QUANTITY_MISMATCH:
        return {"sku": finding.subject, "warehouse": finding.units, "ordered": ordered}
    return {"sku": finding.subject} | ({"units": finding.units} if finding.kind != Kind.UNKNOWN_SKU else {})


def _pair(order: OrderRow, finding: Finding) -> tuple[DespatchNote, DespatchNote]:
    notes = [record.note for part in order.parts.values() for record in part.registers.shipments.values()]
    return next((a, b) for a in notes for b in notes if a is not b and f"{a.number} {b.number}" == finding.subject)


def shared_numbers(seller_id: int, warehouse: str, orders: dict[str, list[tuple[int, str]]]) -> list[AttentionRequest]:
    """Attention for despatch numbers that stand on several orders of a seller at one warehouse."""
    found = []
    for number, named in orders.items():
        if len(named) > 1:
            text = f"{warehouse}: despatch {number} stands on {', '.join(reference for _, reference in named)}"
            evidence = {"number": number, "orders": [order_id for order_id, _ in named]}
            kind = AttentionItem.Kind.SHARED_DESPATCH_NUMBER
            subject = f"despatch:{seller_id}:{warehouse}:{number}"[:160]
            found.append(AttentionRequest(kind, subject, text, seller_id, None, evidence))
    return found
