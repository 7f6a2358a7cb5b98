"""How do the settled rows get back into the database? (one statement per table, however many rows)"""

from collections.abc import Sequence

from django.db import connection
from django.db.backends.utils import CursorWrapper

from orders.bulk_sql import Column, unnest
from orders.fulfilment.load import ItemRow, NoteRow, OrderRow


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


def _note_columns(rows: Sequence[NoteRow]) -> list[Column]:
    notes = [row.note for row in rows]
    return [
        ("order_id", "bigint", [row.order_id for row in rows]),
        ("number", "text", [note.number for note in notes]),
        ("carrier", "text", [note.carrier for note in notes]),
        ("service", "text", [note.service for note in notes]),
        ("tracking_number", "text", [note.tracking_number for note in notes]),
        ("tracking_url", "text", [note.tracking_url for note in notes]),
        ("carrier_text", "text", [note.carrier_text for note in notes]),
        ("despatched_at", "timestamptz", [note.despatched_at for note in notes]),
        ("changed_at", "timestamptz", [note.changed_at for note in notes]),
        ("version", "text", [row.version for row in rows]),
        ("withdrawn", "bool", [note.withdrawn for note in notes]),
        ("message", "bigint", [row.message for row in rows]),
    ]


def _insert(seller_id: int, rows: Sequence[NoteRow]) -> None:
    columns = _note_columns(rows)
    source, parameters = unnest(columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO orders_shipment (seller_id, {", ".join(name for name, _, _ in columns)})
            SELECT %s, t.* FROM {source} RETURNING number, id
            """,
            [seller_id, *parameters],
        )
        ids = dict(cursor.fetchall())
    for row in rows:
        row.id = ids[row.note.number]


def _update(rows: Sequence[NoteRow]) -> None:
    ids = [row.id for row in rows]
    with connection.cursor() as cursor:
        _set(cursor, "orders_shipment", [("id", "bigint", ids), *_note_columns(rows)])
        cursor.execute("DELETE FROM orders_shipmentitem WHERE shipment_id = ANY(%s)", [ids])


def _insert_items(rows: Sequence[NoteRow]) -> None:
    lines = [(row.id, line) for row in rows for line in row.note.lines]
    if lines:
        source, parameters = unnest(
            [
                ("shipment_id", "bigint", [shipment for shipment, _ in lines]),
                ("sku", "text", [line.sku for _, line in lines]),
                ("quantity", "int", [line.quantity for _, line in lines]),
            ]
        )
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO orders_shipmentitem (shipment_id, sku, quantity) SELECT * FROM {source}", parameters
            )


def items(orders: Sequence[OrderRow]) -> None:
    """Write the quantities and the warehouse's figures of the items that changed."""
    rows: list[tuple[ItemRow, OrderRow]] = [(item, order) for order in orders for item in order.items if item.dirty]
    if not rows:
        return
    with connection.cursor() as cursor:
        _set(
            cursor,
            "orders_orderitem",
            [
                ("id", "bigint", [item.id for item, _ in rows]),
                ("shipped_quantity", "int", [item.shipped for item, _ in rows]),
                ("cancelled_quantity", "int", [item.cancelled for item, _ in rows]),
                ("reported_ordered", "int", [item.ordered_told for item, _ in rows]),
                ("reported_despatched", "int", [item.despatched_told for item, _ in rows]),
                ("reported_cancelled", "int", [item.cancelled_told for item, _ in rows]),
                ("reported_at", "timestamptz", [item.told_at for item, _ in rows]),
                ("report_version", "text", [item.version for item, _ in rows]),
                ("started", "bool", [order.started for _, order in rows]),
                ("on_hold", "bool", [order.on_hold for _, order in rows]),
            ],
        )


def orders(rows: Sequence[OrderRow]) -> dict[int, str]:
    """Write the orders that changed; answer the status that the database worked out for each."""
    dirty = [row for row in rows if row.dirty]
    if not dirty:
        return {}
    columns: list[Column] = [
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
        ("unknown_told", "text", [row.unknown_told for row in dirty]),
        ("started", "bool", [row.started for row in dirty]),
        ("on_hold", "bool", [row.on_hold for row in dirty]),
        ("ordered_units", "int", [row.units[0] for row in dirty]),
        ("shipped_units", "int", [row.units[1] for row in dirty]),
        ("cancelled_units", "int", [row.units[2] for row in dirty]),
        ("outstanding_units", "int", [row.units[3] for row in dirty]),
    ]
    with connection.cursor() as cursor:
        _set(cursor, "orders_order", columns, also=", updated_at = now()", answering="RETURNING o.id, o.status")
        return dict(cursor.fetchall())


def _set(cursor: CursorWrapper, table: str, columns: Sequence[Column], *, also: str = "", answering: str = "") -> None:
    """Update rows of a table by id, the first column, in one statement."""
    source, parameters = unnest(columns)
    changes = ", ".join(f"{name} = t.{name}" for name, _, _ in columns[1:])
    cursor.execute(f"UPDATE {table} o SET {changes}{also} FROM {source} WHERE o.id = t.id {answering}", parameters)
