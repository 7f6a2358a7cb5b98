"""How do the settled rows get back into the database? (one statement per table, however many rows)"""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import connection
from django.db.backends.utils import CursorWrapper

from orders.bulk_sql import Column, array, unnest
from orders.fulfilment.load import ItemRow, OrderRow, PartRow
from orders.fulfilment.registers import ShipmentRecord

_CASTS = {"refund_blocks": "::varchar[]"}
"""How an array travels inside an array: as its text."""


def parts(orders: Sequence[OrderRow]) -> None:
    """Insert new fulfilment orders, update changed ones."""
    dirty = [part for order in orders for part in order.parts.values() if part.dirty]
    new = [part for part in dirty if part.id is None]
    changed = [part for part in dirty if part.id is not None]
    if new:
        _insert_parts(new)
    if changed:
        columns: list[Column] = [("id", "bigint", [part.id for part in changed]), *_part_columns(changed)]
        source, parameters = unnest(columns, documents=("document", [_document(part) for part in changed]))
        changes = ", ".join(f"{name} = t.{name}" for name, _, _ in columns[1:])
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                UPDATE orders_fulfilmentorder o SET {changes}, listed = t.document -> 0, figures = t.document -> 1,
                    units = t.document -> 2
                FROM {source} WHERE o.id = t.id
                """,
                parameters,
            )


def _part_columns(rows: Sequence[PartRow]) -> list[Column]:
    known = [row.registers for row in rows]
    return [
        ("whole_order", "bool", [row.whole_order for row in rows]),
        ("number", "text", [registers.number for registers in known]),
        ("started", "bool", [registers.started for registers in known]),
        ("external_status", "text", [registers.external_status for registers in known]),
        ("external_status_at", "timestamptz", [registers.external_status_at for registers in known]),
        ("status", "text", [registers.status for registers in known]),
        ("detail", "text", [registers.detail for registers in known]),
        ("cancel_reason", "text", [registers.cancel_reason for registers in known]),
        ("reported_at", "timestamptz", [registers.reported_at for registers in known]),
        ("report_version", "text", [registers.report_version for registers in known]),
        ("report_message", "bigint", [registers.report_message for registers in known]),
        ("closed_as", "text", [registers.closed_as for registers in known]),
        ("closed_at", "timestamptz", [registers.closed_at for registers in known]),
        ("closed_message", "bigint", [registers.closed_message for registers in known]),
        ("listed_at", "timestamptz", [registers.listed_at for registers in known]),
        ("listed_version", "text", [registers.listed_version for registers in known]),
        ("state", "text", [row.state for row in rows]),
    ]


def _document(row: PartRow) -> list[object]:
    """What travels as JSON: listed SKUs, figures, units. Figures of one report have its time and version in common."""
    reports: dict[tuple[datetime, str], dict[str, tuple[int | None, ...]]] = {}
    for sku, figure in row.registers.figures.items():
        reports.setdefault((figure.reported_at, figure.version), {})[sku] = figure[:3]
    figures = [[str(at), version, reports[at, version]] for at, version in sorted(reports)]
    return [row.registers.listed, figures, row.units]


def _insert_parts(rows: Sequence[PartRow]) -> None:
    columns: list[Column] = [
        ("order_id", "bigint", [row.order_id for row in rows]),
        ("warehouse_id", "bigint", [row.warehouse_id for row in rows]),
        ("part", "int", [row.part for row in rows]),
        *_part_columns(rows),
    ]
    source, parameters = unnest(columns, documents=("document", [_document(row) for row in rows]))
    names = ", ".join(name for name, _, _ in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO orders_fulfilmentorder ({names}, listed, figures, units)
            SELECT {names}, t.document -> 0, t.document -> 1, t.document -> 2 FROM {source}
            RETURNING order_id, warehouse_id, part, id
            """,
            parameters,
        )
        ids = {tuple(key): pk for *key, pk in cursor.fetchall()}
    for row in rows:
        row.id = ids[row.order_id, row.warehouse_id, row.part]


def shipments(seller_id: int, orders: Sequence[OrderRow]) -> None:
    """Insert new despatch notes, replace changed ones."""
    changed = [
        (part, part.registers.shipments[number])
        for order in orders
        for part in order.parts.values()
        for number in part.registers.changes.shipments
    ]
    new = [one for one in changed if one[1].note.number not in one[0].shipment_ids]
    known = [one for one in changed if one[1].note.number in one[0].shipment_ids]
    if new:
        _insert_shipments(seller_id, new)
    if known:
        ids = [part.shipment_ids[record.note.number] for part, record in known]
        with connection.cursor() as cursor:
            _set(cursor, "orders_shipment", [("id", "bigint", ids), *_shipment_columns(known)])
            cursor.execute("DELETE FROM orders_shipmentitem WHERE shipment_id = ANY(%s)", [ids])
    _insert_shipment_items(changed)


_Shipments = Sequence[tuple[PartRow, ShipmentRecord]]


def _shipment_columns(rows: _Shipments) -> list[Column]:
    notes = [record.note for _, record in rows]
    return [
        ("fulfilment_order_id", "bigint", [part.id for part, _ in rows]),
        ("number", "text", [note.number for note in notes]),
        ("carrier", "text", [note.carrier for note in notes]),
        ("service", "text", [note.service for note in notes]),
        ("tracking_number", "text", [note.tracking_number for note in notes]),
        ("tracking_url", "text", [note.tracking_url for note in notes]),
        ("carrier_text", "text", [note.carrier_text for note in notes]),
        ("despatched_at", "timestamptz", [note.despatched_at for note in notes]),
        ("changed_at", "timestamptz", [note.changed_at for note in notes]),
        ("version", "text", [record.version for _, record in rows]),
        ("withdrawn", "bool", [note.withdrawn for note in notes]),
        ("planned", "bool", [note.planned for note in notes]),
        ("message", "bigint", [record.message for _, record in rows]),
    ]


def _insert_shipments(seller_id: int, rows: _Shipments) -> None:
    columns: list[Column] = [("order_id", "bigint", [part.order_id for part, _ in rows]), *_shipment_columns(rows)]
    source, parameters = unnest(columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO orders_shipment (seller_id, {", ".join(name for name, _, _ in columns)})
            SELECT %s, t.* FROM {source} RETURNING fulfilment_order_id, number, id
            """,
            [seller_id, *parameters],
        )
        ids = {(part_id, number): pk for part_id, number, pk in cursor.fetchall()}
    for part, record in rows:
        number = record.note.number
        part.shipment_ids[number] = ids[part.id, number]


def _insert_shipment_items(rows: _Shipments) -> None:
    lines = [(part.shipment_ids[record.note.number], line) for part, record in rows for line in record.note.lines]
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


def listed_skus(seller_id: int, skus: Collection[str]) -> None:
    """Remember that warehouses know these SKUs of the seller."""
    if not skus:
        return
    with connection.cursor() as cursor:
        # Always in one sequence, so that two transactions never wait for each other.
        cursor.execute(
            """
            INSERT INTO orders_listedsku (seller_id, sku) SELECT %(seller)s, s.sku FROM unnest(%(skus)s::text[]) s(sku)
            WHERE NOT EXISTS (SELECT FROM orders_listedsku k WHERE k.seller_id = %(seller)s AND k.sku = s.sku)
            ORDER BY s.sku ON CONFLICT DO NOTHING
            """,
            {"seller": seller_id, "skus": array("text", list(skus))},
        )


def items(orders: Sequence[OrderRow]) -> None:
    """Write the quantities of the items that changed."""
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
        ("status_detail", "text", [row.detail for row in dirty]),
        ("refund_blocks", "text", [array("text", row.blocks) for row in dirty]),
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
    changes = ", ".join(f"{name} = t.{name}{_CASTS.get(name, '')}" for name, _, _ in columns[1:])
    cursor.execute(f"UPDATE {table} o SET {changes}{also} FROM {source} WHERE o.id = t.id {answering}", parameters)
