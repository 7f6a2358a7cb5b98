"""What do we know of the touched orders, before and after a batch of messages? (rows in, rows out; few statements)"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from orders.bulk_sql import array
from orders.fulfilment.messages import DespatchLine, DespatchNote
from orders.fulfilment.outcome import Figures, Line


@dataclass(slots=True)
class ItemRow:
    id: int
    sku: str
    quantity: int
    shipped: int
    cancelled: int
    ordered_told: int | None
    despatched_told: int | None
    cancelled_told: int | None
    told_at: datetime | None
    version: str
    dirty: bool = False


@dataclass(slots=True)
class NoteRow:
    """A despatch note as it is stored (`id`) or is to be stored (no id yet)."""

    id: int | None
    order_id: int
    note: DespatchNote
    version: str
    message: int
    was: DespatchNote | None = None
    dirty: bool = False


@dataclass(slots=True)
class OrderRow:
    id: int
    seller_id: int
    reference: str
    warehouse_number: str
    word: str
    word_at: datetime | None
    meaning: str
    detail: str
    cancel_reason: str
    reported_at: datetime | None
    version: str
    report_message: int | None
    closed_at: datetime | None
    closed_as: str
    closed_message: int | None
    started: bool
    on_hold: bool
    held: bool
    """Whether we hold it ourselves."""
    unknown_told: str
    """SKUs of the newest report that are not on the order, one a line."""
    status: str
    units: tuple[int, int, int, int] = (0, 0, 0, 0)
    """Ordered, shipped, cancelled and outstanding."""
    items: list[ItemRow] = field(default_factory=list)
    notes: dict[str, NoteRow] = field(default_factory=dict)
    dirty: bool = False
    message: int | None = None
    said_at: datetime | None = None

    def lines(self) -> list[Line]:
        return [Line(item.sku, item.quantity) for item in self.items]

    def noted(self) -> dict[str, int]:
        """Units per SKU on all despatch notes that stand."""
        units: dict[str, int] = {}
        for row in self.notes.values():
            if not row.note.withdrawn:
                for line in row.note.lines:
                    units[line.sku] = units.get(line.sku, 0) + line.quantity
        return units

    def figures(self) -> dict[str, Figures]:
        """The warehouse's own figures per SKU, for those it gave any for."""
        newest = max((row.note.changed_at for row in self.notes.values()), default=None)
        return {
            item.sku: Figures(
                item.ordered_told,
                item.despatched_told,
                item.cancelled_told,
                current=newest is None or item.told_at >= newest,
            )
            for item in self.items
            if item.told_at is not None
        }


_ORDER = """id, seller_id, reference, warehouse_number, warehouse_word, word_at, warehouse_meaning, status_detail,
    warehouse_cancel_reason, reported_at, report_version, report_message, closed_at, closed_as, closed_message,
    started, on_hold, held_because <> '', unknown_told, status, ordered_units,
    shipped_units, cancelled_units, outstanding_units"""


def lock_named(seller_id: int, references: Collection[str], numbers: Collection[str]) -> list[OrderRow]:
    """Lock, in one fixed sequence, the seller's orders that carry one of these references or warehouse numbers."""
    return _lock(
        "seller_id = %s AND (reference = ANY(%s::text[])"
        " OR (warehouse_number <> '' AND warehouse_number = ANY(%s::text[])))",
        [seller_id, array("text", list(references)), array("text", list(numbers))],
    )


def lock_ids(seller_id: int, order_ids: Collection[int]) -> list[OrderRow]:
    """Lock, in the same sequence, these orders of the seller."""
    return _lock("seller_id = %s AND id = ANY(%s::bigint[])", [seller_id, array("bigint", list(order_ids))])


def _lock(condition: str, parameters: list[Any]) -> list[OrderRow]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_ORDER} FROM orders_order WHERE {condition} ORDER BY id FOR NO KEY UPDATE", parameters)
        rows = [(OrderRow(*row[:20]), row[20:]) for row in cursor.fetchall()]
    for order, units in rows:
        order.units = units
    return [order for order, _ in rows]


def load_items(orders: dict[int, OrderRow]) -> None:
    """Hang each order's items under it, in their sequence."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT order_id, id, sku, quantity, shipped_quantity, cancelled_quantity, reported_ordered,
                   reported_despatched, reported_cancelled, reported_at, report_version
            FROM orders_orderitem WHERE order_id = ANY(%s::bigint[]) ORDER BY order_id, position
            """,
            [array("bigint", list(orders))],
        )
        for order_id, *row in cursor.fetchall():
            orders[order_id].items.append(ItemRow(*row))


def load_notes(seller_id: int, orders: dict[int, OrderRow], numbers: Sequence[str]) -> dict[str, int]:
    """Load the orders' despatch notes, and answer which order each of `numbers` belongs to, where it is known."""
    owner: dict[str, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT s.id, s.order_id, s.version, s.message, s.number, s.despatched_at, s.changed_at, s.carrier,
                   s.service, s.tracking_number, s.tracking_url, s.carrier_text, s.withdrawn, i.skus, i.quantities
            FROM orders_shipment s
            CROSS JOIN LATERAL (
                SELECT array_agg(sku ORDER BY id) AS skus, array_agg(quantity ORDER BY id) AS quantities
                FROM orders_shipmentitem WHERE shipment_id = s.id) i
            WHERE s.order_id = ANY(%s::bigint[]) OR (s.seller_id = %s AND s.number = ANY(%s::text[]))
            """,
            [array("bigint", list(orders)), seller_id, array("text", list(numbers))],
        )
        for row in cursor.fetchall():
            owner[row[4]] = row[1]
            if row[1] in orders:
                orders[row[1]].notes[row[4]] = _note_row(row)
    return owner


def _note_row(row: tuple[Any, ...]) -> NoteRow:
    lines = tuple(DespatchLine(sku, quantity) for sku, quantity in zip(row[13] or (), row[14] or (), strict=True))
    note = DespatchNote(
        number=row[4],
        despatched_at=row[5],
        changed_at=row[6],
        lines=lines,
        carrier=row[7],
        service=row[8],
        tracking_number=row[9],
        tracking_url=row[10],
        carrier_text=row[11],
        withdrawn=row[12],
    )
    return NoteRow(row[0], row[1], note, row[2], row[3])
