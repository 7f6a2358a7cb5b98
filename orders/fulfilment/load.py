"""The touched orders with their items and fulfilment orders, before and after a batch of messages (few statements)."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from orders.bulk_sql import array
from orders.fulfilment.messages import DespatchLine, DespatchNote
from orders.fulfilment.registers import Figure, Registers, ShipmentRecord
from orders.fulfilment.sku_rules import IN_USE


@dataclass(slots=True)
class ItemRow:
    id: int
    sku: str
    quantity: int
    unit_price: int
    """What was paid for one unit."""
    ships: bool
    fills_first: bool
    shipped: int
    cancelled: int
    dirty: bool = False


@dataclass(slots=True, eq=False)
class PartRow:
    """A fulfilment order as it is stored (`id`) or is to be stored (no id yet)."""

    id: int | None
    order_id: int
    warehouse_id: int
    code: str
    """The warehouse's."""
    part: int
    whole_order: bool
    requested: dict[str, int] | None
    registers: Registers
    state: str = "open"
    units: dict[str, list[int]] = field(default_factory=dict)
    shipment_ids: dict[str, int] = field(default_factory=dict)
    dirty: bool = False
    shown_before: tuple[str, str] = ("", "")

    @property
    def key(self) -> str:
        """What the rule and people call it."""
        return self.code if self.part == 1 else f"{self.code}/{self.part}"


@dataclass(slots=True, eq=False)
class OrderRow:
    id: int
    seller_id: int
    reference: str
    detail: str
    started: bool
    on_hold: bool
    held: bool
    """Whether we hold it ourselves."""
    status: str
    blocks: list[str]
    units: tuple[int, int, int, int] = (0, 0, 0, 0)
    """Ordered, shipped, cancelled and outstanding."""
    items: list[ItemRow] = field(default_factory=list)
    parts: dict[tuple[int, int], PartRow] = field(default_factory=dict)
    """By warehouse and part."""
    dirty: bool = False
    message: int | None = None
    changed_at: datetime | None = None

    @property
    def word(self) -> str:
        """The newest external status of any warehouse."""
        known = [(p.registers.external_status_at, p.registers.external_status) for p in self.parts.values()]
        return max(((at, word) for at, word in known if at is not None), default=(None, ""))[1]

    @property
    def cancel_reason(self) -> str:
        """Why the warehouses cancelled."""
        reasons = dict.fromkeys(part.registers.cancel_reason for part in self.parts.values())
        return "; ".join(filter(None, reasons))


_ORDER = """id, seller_id, reference, status_detail, started, on_hold, held_because <> '', status, refund_blocks,
    ordered_units, shipped_units, cancelled_units, outstanding_units"""


# Before the rules are read, so that nobody reads them before a change and commits after it was applied.
_OF_SELLER = f"(SELECT pg_advisory_xact_lock_shared({IN_USE}, %s::int) IS NOT NULL) AND seller_id = %s"


def lock_named(
    seller_id: int, references: Collection[str], numbers: Collection[str], *, warehouse: int
) -> list[OrderRow]:
    """Lock, in one fixed sequence, the seller's orders that carry one of these references, or numbers there."""
    return _lock(
        """(reference = ANY(%s::text[]) OR id = ANY(ARRAY(
            SELECT order_id FROM orders_fulfilmentorder
            WHERE number <> '' AND upper(number) = ANY(%s::text[]) AND number = ANY(%s::text[])
                AND warehouse_id = %s)))""",
        seller_id,
        [
            array("text", list(references)),
            array("text", [number.upper() for number in numbers]),
            array("text", list(numbers)),
            warehouse,
        ],
    )


def lock_ids(seller_id: int, order_ids: Collection[int]) -> list[OrderRow]:
    """Lock, in the same sequence, these orders of the seller."""
    return _lock("id = ANY(%s::bigint[])", seller_id, [array("bigint", list(order_ids))])


def _lock(condition: str, seller_id: int, parameters: list[Any]) -> list[OrderRow]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_ORDER} FROM orders_order WHERE {_OF_SELLER} AND {condition} ORDER BY id FOR NO KEY UPDATE",
            [seller_id, seller_id, *parameters],
        )
        return [OrderRow(*(*row[:9], row[9:])) for row in cursor.fetchall()]


def load_items(orders: dict[int, OrderRow]) -> None:
    """Hang each order's items under it, in their sequence."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT order_id, id, sku, quantity, paid / quantity, ships, fills_first, shipped_quantity,
                cancelled_quantity
            FROM orders_orderitem WHERE order_id = ANY(%s::bigint[]) ORDER BY order_id, position
            """,
            [array("bigint", list(orders))],
        )
        for order_id, *row in cursor.fetchall():
            orders[order_id].items.append(ItemRow(*row))


def load_warehouses(seller_id: int, also: int | None = None) -> dict[int, str]:
    """The codes of the warehouses that the seller uses, the default first, and of one `also`."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT w.id, w.code FROM orders_warehouse w
            LEFT JOIN orders_sellerwarehouse s ON s.warehouse_id = w.id AND s.seller_id = %s
            WHERE s.id IS NOT NULL OR w.id = %s ORDER BY s.position NULLS LAST, s.id
            """,
            [seller_id, also],
        )
        return dict(cursor.fetchall())


_PART = """f.order_id, f.warehouse_id, f.part, f.id, w.code, f.whole_order, f.requested, f.state, f.units, f.figures,
    f.number, f.started, f.external_status, f.external_status_at, f.status, f.detail, f.cancel_reason, f.reported_at,
    f.report_version, f.report_message, f.closed_as, f.closed_at, f.closed_message, f.listed, f.listed_at,
    f.listed_version"""


def load_parts(orders: dict[int, OrderRow]) -> None:
    """Hang each order's fulfilment orders under it, with their shipments."""
    by_id: dict[int, PartRow] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT {_PART} FROM orders_fulfilmentorder f JOIN orders_warehouse w ON w.id = f.warehouse_id
            WHERE f.order_id = ANY(%s::bigint[]) ORDER BY f.order_id, w.code, f.part
            """,
            [array("bigint", list(orders))],
        )
        for row in cursor.fetchall():
            part = _part_row(row)
            orders[part.order_id].parts[part.warehouse_id, part.part] = by_id[row[3]] = part
    if by_id:
        _load_shipments(by_id)


def _part_row(row: tuple[Any, ...]) -> PartRow:
    order_id, warehouse_id, part, pk, code, whole_order, requested, state, units, figures, *known = row
    known[13] = tuple(json.loads(known[13]))
    registers = Registers(*known)
    for at, version, by_sku in json.loads(figures):
        reported_at = datetime.fromisoformat(at)
        for sku, (ordered, shipped, cancelled) in by_sku.items():
            registers.figures[sku] = Figure(ordered, shipped, cancelled, reported_at, version)
    return PartRow(
        pk,
        order_id,
        warehouse_id,
        code,
        part,
        whole_order,
        None if requested is None else json.loads(requested),
        registers,
        state,
        json.loads(units),
        shown_before=(registers.external_status, registers.number),
    )


def _load_shipments(parts: dict[int, PartRow]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT s.fulfilment_order_id, s.id, s.version, s.message, s.number, s.despatched_at, s.changed_at,
                   s.carrier, s.service, s.tracking_number, s.tracking_url, s.carrier_text, s.withdrawn, s.planned,
                   i.skus, i.quantities
            FROM orders_shipment s
            CROSS JOIN LATERAL (
                SELECT array_agg(sku ORDER BY id) AS skus, array_agg(quantity ORDER BY id) AS quantities
                FROM orders_shipmentitem WHERE shipment_id = s.id) i
            WHERE s.fulfilment_order_id = ANY(%s::bigint[])
            """,
            [array("bigint", list(parts))],
        )
        for part_id, pk, version, message, number, *row in cursor.fetchall():
            part = parts[part_id]
            part.registers.shipments[number] = ShipmentRecord(_note(number, row), version, message)
            part.shipment_ids[number] = pk


def _note(number: str, row: Sequence[Any]) -> DespatchNote:
    at, changed_at, carrier, service, tracking, url, carrier_text, withdrawn, planned, skus, quantities = row
    return DespatchNote(
        number=number,
        despatched_at=at,
        changed_at=changed_at,
        lines=tuple(DespatchLine(*line) for line in zip(skus or (), quantities or (), strict=True)),
        carrier=carrier,
        service=service,
        tracking_number=tracking,
        tracking_url=url,
        carrier_text=carrier_text,
        withdrawn=withdrawn,
        planned=planned,
    )


def chosen(seller_id: int, warehouse: int) -> dict[tuple[str, str, int | None], int]:
    """The orders that people have said are meant, by reference, number and (without a number) message."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT reference, number, message, order_id FROM orders_ordermatch
            WHERE seller_id = %s AND warehouse_id = %s""",
            [seller_id, warehouse],
        )
        return {(reference, number, message): order for reference, number, message, order in cursor.fetchall()}


def elsewhere(seller_id: int, warehouse: int, numbers: Collection[str]) -> dict[str, list[tuple[int, str]]]:
    """The orders (id, reference) of the seller that have a shipment of one of these numbers from the warehouse."""
    found: dict[str, list[tuple[int, str]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT s.number, o.id, o.reference FROM orders_shipment s
            JOIN orders_fulfilmentorder f ON f.id = s.fulfilment_order_id JOIN orders_order o ON o.id = s.order_id
            WHERE s.seller_id = %s AND s.number = ANY(%s::text[]) AND f.warehouse_id = %s ORDER BY o.id
            """,
            [seller_id, array("text", list(numbers)), warehouse],
        )
        for number, order_id, reference in cursor.fetchall():
            found.setdefault(number, []).append((order_id, reference))
    return found
