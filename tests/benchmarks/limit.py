"""What is the least that any program must do? COPY the finished rows into temporary tables, then one statement each.

The rows are those that the product itself wrote for another cohort, with this one's ids and names: nothing is left
to work out. Constraints, triggers and indexes are the tables' own.
"""

from dataclasses import dataclass
from time import perf_counter

import psycopg
from django.db import connection

from tests.benchmarks.stage import Cohort


@dataclass(frozen=True, slots=True)
class _Table:
    """`keys`: ids counted from the cohort's first. `alias` is the table itself in `source`."""

    name: str
    alias: str
    keys: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    source: str
    parent: bool = False

    def taken(self) -> str:
        keys = [f"{expression} AS {name}" for name, expression in self.keys]
        columns = [f"{self.alias}.{column}" for column in self.columns]
        mine = "o.id >= {order} AND o.id < {order} + {size}"
        return f"SELECT {', '.join(keys + columns)} FROM {self.source} WHERE {mine} ORDER BY {self.alias}.id"

    @property
    def names(self) -> list[str]:
        return [*(name for name, _ in self.keys), *self.columns]

    def temporary(self) -> list[str]:
        """An empty table for the rows; those that others belong to get their ids there, without an index."""
        keys = [f"0::bigint AS {name}" for name, _ in self.keys]
        table = f"CREATE TEMP TABLE t_{self.name} ON COMMIT DROP AS"
        made = [f"{table} SELECT {', '.join([*keys, *self.columns])} FROM {self.name} WITH NO DATA"]
        if self.parent:
            serial = f"nextval(pg_get_serial_sequence('{self.name}', 'id'))"
            made.append(f"ALTER TABLE t_{self.name} ADD id bigint DEFAULT {serial}")
        return made


_TABLES = (
    _Table(
        "orders_order",
        "o",
        (("n", "o.id - {order}"),),
        (
            *("status_detail", "refund_blocks", "started", "on_hold", "ordered_units", "shipped_units"),
            *("cancelled_units", "outstanding_units"),
        ),
        "orders_order o",
    ),
    _Table(
        "orders_orderitem",
        "i",
        (("n", "i.id - {item}"),),
        (*("shipped_quantity", "cancelled_quantity", "started", "on_hold"),),
        "orders_orderitem i JOIN orders_order o ON o.id = i.order_id",
    ),
    _Table(
        "orders_fulfilmentorder",
        "f",
        (("n", "o.id - {order}"),),
        (
            *("part", "whole_order", "number", "started", "external_status", "external_status_at", "status", "detail"),
            *("cancel_reason", "reported_at", "report_version", "report_message", "closed_as", "closed_at"),
            *("closed_message", "listed", "listed_at", "listed_version", "figures", "state", "units"),
        ),
        "orders_fulfilmentorder f JOIN orders_order o ON o.id = f.order_id",
        parent=True,
    ),
    _Table(
        "orders_shipment",
        "s",
        (("n", "o.id - {order}"),),
        (
            *("number", "carrier", "service", "tracking_number", "tracking_url", "carrier_text", "despatched_at"),
            *("changed_at", "version", "withdrawn", "planned", "message"),
        ),
        "orders_shipment s JOIN orders_order o ON o.id = s.order_id",
        parent=True,
    ),
    _Table(
        "orders_shipmentitem",
        "l",
        (("n", "o.id - {order}"),),
        ("sku", "quantity"),
        "orders_shipmentitem l JOIN orders_shipment s ON s.id = l.shipment_id JOIN orders_order o ON o.id = s.order_id",
    ),
    _Table(
        "orders_orderevent",
        "e",
        (("n", "o.id - {order}"),),
        ("kind", "occurred_at", "actor", "data", "message"),
        "orders_orderevent e JOIN orders_order o ON o.id = e.order_id",
    ),
    _Table(
        "refunds_refund",
        "r",
        (("n", "o.id - {order}"),),
        (
            *("sequence", "number", "origin", "kind", "status", "version", "reason", "reason_note", "messages"),
            *("currency", "provider", "items_amount", "shipping_amount", "rounding_amount", "amount", "tax_amount"),
            *("approvals_needed", "why", "provider_reference"),
        ),
        "refunds_refund r JOIN orders_order o ON o.id = r.order_id",
        parent=True,
    ),
    _Table(
        "refunds_refunditem",
        "p",
        (("n", "o.id - {order}"), ("item", "p.item_id - {item}")),
        ("quantity", "amount", "tax", "cancelled_upto", "overdue_quantity"),
        "refunds_refunditem p JOIN refunds_refund r ON r.id = p.refund_id JOIN orders_order o ON o.id = r.order_id",
    ),
)


@dataclass(frozen=True, slots=True)
class Rows:
    """What the product wrote for a cohort, as COPY text per table."""

    token: str
    size: int
    copied: dict[str, bytes]


def taken_from(cohort: Cohort) -> Rows:
    """Read back everything that was written for a cohort."""
    ids = {"order": cohort.first_order, "item": cohort.first_item, "size": cohort.size}
    copied: dict[str, bytes] = {}
    with connection.cursor() as cursor:
        for table in _TABLES:
            with cursor.copy(f"COPY ({table.taken().format(**ids)}) TO STDOUT") as copy:
                copied[table.name] = b"".join(bytes(block) for block in copy)
    return Rows(cohort.token, cohort.size, copied)


def write(rows: Rows, cohort: Cohort) -> float:
    """Write the rows for a cohort that is as large, and answer the seconds it took."""
    if rows.size != cohort.size:
        raise ValueError("the rows belong to a cohort of another size")
    copied = {name: text.replace(rows.token.encode(), cohort.token.encode()) for name, text in rows.copied.items()}
    ids = {"order": cohort.first_order, "item": cohort.first_item, "seller": cohort.seller_id}
    statements = [statement.format(**ids) for statement in _statements()]
    connection.ensure_connection()
    plain: psycopg.Connection[tuple[object, ...]] = connection.connection
    began = perf_counter()
    with plain.transaction(), plain.cursor() as cursor:
        for table in _TABLES:
            for statement in table.temporary():
                cursor.execute(statement)
            with cursor.copy(f"COPY t_{table.name} ({', '.join(table.names)}) FROM STDIN") as copy:
                copy.write(copied[table.name])
        for statement in statements:
            cursor.execute(statement)
    return perf_counter() - began


def _statements() -> list[str]:
    columns = {table.name: table.columns for table in _TABLES}
    parts = columns["orders_fulfilmentorder"]
    return [
        _update("orders_order", columns["orders_order"], "{order}", ", updated_at = now()"),
        _update("orders_orderitem", columns["orders_orderitem"], "{item}", ""),
        f"""INSERT INTO orders_fulfilmentorder (id, order_id, warehouse_id, {", ".join(parts)})
            SELECT t.id, n + {{order}}, w.warehouse_id, {", ".join(f"t.{column}" for column in parts)}
            FROM t_orders_fulfilmentorder t JOIN orders_sellerwarehouse w ON w.seller_id = {{seller}}""",
        *_insert_shipments(columns),
        f"""INSERT INTO orders_orderevent (order_id, seller_id, {", ".join(columns["orders_orderevent"])})
            SELECT n + {{order}}, {{seller}}, {", ".join(columns["orders_orderevent"])} FROM t_orders_orderevent""",
        *_insert_with_parts("refunds_refund", columns, "refunds_refunditem", "refund_id", "item"),
    ]


def _update(table: str, columns: tuple[str, ...], first: str, more: str) -> str:
    changes = ", ".join(f"{column} = t.{column}" for column in columns)
    return f"UPDATE {table} x SET {changes}{more} FROM t_{table} t WHERE x.id = t.n + {first}"


def _insert_shipments(columns: dict[str, tuple[str, ...]]) -> tuple[str, str]:
    mine = ", ".join(f"s.{column}" for column in columns["orders_shipment"])
    names = ", ".join(columns["orders_shipment"])
    _, lines = _insert_with_parts("orders_shipment", columns, "orders_shipmentitem", "shipment_id", "")
    return (
        f"""INSERT INTO orders_shipment (id, order_id, seller_id, fulfilment_order_id, {names})
            SELECT s.id, n + {{order}}, {{seller}}, f.id, {mine}
            FROM t_orders_shipment s JOIN t_orders_fulfilmentorder f USING (n)""",
        lines,
    )


def _insert_with_parts(
    table: str, columns: dict[str, tuple[str, ...]], parts: str, parent: str, item: str
) -> tuple[str, str]:
    mine, theirs = ", ".join(columns[table]), ", ".join(f"p.{column}" for column in columns[parts])
    item_column, item_value = (f", {item}_id", f", p.{item} + {{item}}") if item else ("", "")
    return (
        f"""INSERT INTO {table} (id, order_id, seller_id, {mine})
            SELECT id, n + {{order}}, {{seller}}, {mine} FROM t_{table}""",
        f"""INSERT INTO {parts} ({parent}{item_column}, {", ".join(columns[parts])})
            SELECT t.id{item_value}, {theirs} FROM t_{parts} p JOIN t_{table} t USING (n)""",
    )


def same(one: Cohort, other: Cohort) -> bool:
    """Whether two cohorts stand alike: every status, quantity, shipment, event and refund."""
    return _picture(one) == _picture(other)


def _picture(cohort: Cohort) -> tuple[object, ...]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT md5(string_agg(md5(concat_ws('|', o.id - %(first)s, o.status, o.shipped_units, o.committed_amount,
                (SELECT string_agg(concat_ws(',', i.status, i.shipped_quantity, i.committed_quantity,
                    i.committed_amount), ';' ORDER BY i.id) FROM orders_orderitem i WHERE i.order_id = o.id),
                (SELECT string_agg(concat_ws(',', l.sku, l.quantity), ';' ORDER BY l.id) FROM orders_shipmentitem l
                    JOIN orders_shipment s ON s.id = l.shipment_id WHERE s.order_id = o.id),
                (SELECT string_agg(e.kind, ';' ORDER BY e.id) FROM orders_orderevent e WHERE e.order_id = o.id),
                (SELECT string_agg(concat_ws(',', r.status, r.amount), ';') FROM refunds_refund r
                    WHERE r.order_id = o.id))), '' ORDER BY o.id))
            FROM orders_order o WHERE o.id >= %(first)s AND o.id < %(first)s + %(size)s
            """,
            {"first": cohort.first_order, "size": cohort.size},
        )
        return tuple(cursor.fetchone())
