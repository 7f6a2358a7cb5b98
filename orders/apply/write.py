"""How do the settled rows get back into the database? (one statement per table, however many rows)"""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from orders.apply.stock import ItemRow, NoteRow, OrderRow


def shipments(seller_id: int, orders: Sequence[OrderRow]) -> None:
    """Insert new despatch notes, replace changed ones."""
    dirty = [row for order in orders for row in order.notes.values() if row.dirty]
    new = [row for row in dirty if row.id is None]
    changed = [row for row in dirty if row.id is not None]
    if new:
        _insert(seller_id, new)
    if changed:
        _update(changed)
    _insert_items(dirty)


_NOTE_TYPES = (
    "bigint",
    "text",
    "text",
    "text",
    "text",
    "text",
    "text",
    "timestamptz",
    "timestamptz",
    "text",
    "bool",
    "bigint",
)


def _note_columns(rows: Sequence[NoteRow]) -> list[list[Any]]:
    notes = [row.note for row in rows]
    return [
        [row.order_id for row in rows],
        [note.number for note in notes],
        [note.carrier for note in notes],
        [note.service for note in notes],
        [note.tracking_number for note in notes],
        [note.tracking_url for note in notes],
        [note.carrier_text for note in notes],
        [note.despatched_at for note in notes],
        [note.changed_at for note in notes],
        [row.version for row in rows],
        [note.withdrawn for note in notes],
        [row.message for row in rows],
    ]


def _arrays(*types: str) -> str:
    return ", ".join(f"%s::{kind}[]" for kind in types)


def _insert(seller_id: int, rows: Sequence[NoteRow]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO orders_shipment (seller_id, order_id, number, carrier, service, tracking_number, tracking_url,
                carrier_text, despatched_at, changed_at, version, withdrawn, message)
            SELECT %s, * FROM unnest({_arrays(*_NOTE_TYPES)})
            RETURNING number, id
            """,
            [seller_id, *_note_columns(rows)],
        )
        ids = dict(cursor.fetchall())
    for row in rows:
        row.id = ids[row.note.number]


def _update(rows: Sequence[NoteRow]) -> None:
    ids = [row.id for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE orders_shipment s SET carrier = t.carrier, service = t.service,
                tracking_number = t.tracking_number, tracking_url = t.tracking_url, carrier_text = t.carrier_text,
                despatched_at = t.despatched_at, changed_at = t.changed_at, version = t.version,
                withdrawn = t.withdrawn, message = t.message
            FROM unnest({_arrays("bigint", *_NOTE_TYPES)}) AS t(id, order_id, number, carrier, service,
                tracking_number, tracking_url, carrier_text, despatched_at, changed_at, version, withdrawn, message)
            WHERE s.id = t.id
            """,
            [ids, *_note_columns(rows)],
        )
        cursor.execute("DELETE FROM orders_shipmentitem WHERE shipment_id = ANY(%s)", [ids])


def _insert_items(rows: Sequence[NoteRow]) -> None:
    lines = [(row.id, line.sku, line.quantity) for row in rows for line in row.note.lines]
    if lines:
        with connection.cursor() as cursor:
            cursor.execute(
                f"""INSERT INTO orders_shipmentitem (shipment_id, sku, quantity)
                SELECT * FROM unnest({_arrays("bigint", "text", "int")})""",
                [list(column) for column in zip(*lines, strict=True)],
            )


def items(orders: Sequence[OrderRow]) -> None:
    """Write the quantities and the warehouse's figures of the items that changed."""
    rows: list[tuple[ItemRow, OrderRow]] = [(item, order) for order in orders for item in order.items if item.dirty]
    if not rows:
        return
    columns: list[list[Any]] = [
        [item.id for item, _ in rows],
        [item.shipped for item, _ in rows],
        [item.cancelled for item, _ in rows],
        [item.ordered_told for item, _ in rows],
        [item.despatched_told for item, _ in rows],
        [item.cancelled_told for item, _ in rows],
        [item.told_at for item, _ in rows],
        [item.version for item, _ in rows],
        [order.started for _, order in rows],
        [order.on_hold for _, order in rows],
    ]
    types = ("bigint", "int", "int", "int", "int", "int", "timestamptz", "text", "bool", "bool")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE orders_orderitem i SET shipped_quantity = t.shipped, cancelled_quantity = t.cancelled,
                reported_ordered = t.ordered_told, reported_despatched = t.despatched_told,
                reported_cancelled = t.cancelled_told, reported_at = t.told_at, report_version = t.version,
                started = t.started, on_hold = t.on_hold
            FROM unnest({_arrays(*types)}) AS t(id, shipped, cancelled, ordered_told, despatched_told, cancelled_told,
                told_at, version, started, on_hold)
            WHERE i.id = t.id
            """,
            columns,
        )


def orders(rows: Sequence[OrderRow]) -> dict[int, str]:
    """Write the orders that changed; answer the status that the database worked out for each."""
    dirty = [row for row in rows if row.dirty]
    if not dirty:
        return {}
    fields: list[tuple[str, str, list[Any]]] = [
        ("id", "bigint", [row.id for row in dirty]),
        ("warehouse_number", "text", [row.warehouse_number for row in dirty]),
        ("warehouse_word", "text", [row.word for row in dirty]),
        ("word_at", "timestamptz", [row.word_at for row in dirty]),
        ("warehouse_meaning", "text", [row.meaning for row in dirty]),
        ("status_detail", "text", [row.detail for row in dirty]),
        ("warehouse_cancel_reason", "text", [row.cancel_reason for row in dirty]),
        ("reported_at", "timestamptz", [row.reported_at for row in dirty]),
        ("report_version", "text", [row.version for row in dirty]),
        ("report_message", "bigint", [row.report_message for row in dirty]),
        ("closed_at", "timestamptz", [row.closed_at for row in dirty]),
        ("closed_as", "text", [row.closed_as for row in dirty]),
        ("closed_message", "bigint", [row.closed_message for row in dirty]),
        ("started", "bool", [row.started for row in dirty]),
        ("on_hold", "bool", [row.on_hold for row in dirty]),
        ("ordered_units", "int", [row.units[0] for row in dirty]),
        ("shipped_units", "int", [row.units[1] for row in dirty]),
        ("cancelled_units", "int", [row.units[2] for row in dirty]),
        ("outstanding_units", "int", [row.units[3] for row in dirty]),
    ]
    names = [name for name, _, _ in fields]
    changes = ", ".join(f"{name} = t.{name}" for name in names[1:])
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE orders_order o SET {changes}, updated_at = now()
            FROM unnest({_arrays(*(kind for _, kind, _ in fields))}) AS t({", ".join(names)})
            WHERE o.id = t.id RETURNING o.id, o.status
            """,
            [column for _, _, column in fields],
        )
        return dict(cursor.fetchall())
