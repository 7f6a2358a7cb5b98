"""Which warehouse is to ship what of an order, as its document says it (few statements, however many orders)."""

import json
from collections.abc import Collection, Mapping, Sequence

from django.db import connection

from orders.bulk_sql import array, unnest
from orders.documents import Routing


def routings(order_ids: Collection[int]) -> dict[int, Routing]:
    """How these orders are routed; those that nobody routed are left out."""
    found: dict[int, Routing] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT f.order_id, w.code, f.requested FROM orders_fulfilmentorder f
            JOIN orders_warehouse w ON w.id = f.warehouse_id
            WHERE f.order_id = ANY(%s::bigint[]) AND f.part = 1 AND f.requested <> '{}'
            """,
            [array("bigint", list(order_ids))],
        )
        for order_id, code, requested in cursor.fetchall():
            found.setdefault(order_id, {})[code] = json.loads(requested)
    return found


Wanted = Mapping[int, Mapping[str, int]]
"""Units by SKU that each warehouse is to ship, by its id."""


def route(wanted: Sequence[tuple[int, Wanted]]) -> None:
    """Ask the warehouses of these orders for just these units. What they reported already stays."""
    parts = [(order_id, warehouse, units) for order_id, by_id in wanted for warehouse, units in by_id.items()]
    if not parts:
        return
    source, parameters = unnest(
        [
            ("order_id", "bigint", [order_id for order_id, _, _ in parts]),
            ("warehouse_id", "bigint", [warehouse for _, warehouse, _ in parts]),
            ("requested", "text", [json.dumps(units) for _, _, units in parts]),
        ]
    )
    empty = "part, whole_order, number, started, external_status, status, detail, cancel_reason, report_version"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO orders_fulfilmentorder AS f (order_id, warehouse_id, requested, {empty}, closed_as, listed,
                listed_version, figures, state, units)
            SELECT order_id, warehouse_id, requested::jsonb, 1, false, '', false, '', '', '', '', '', '', '[]', '',
                '[]', 'open', '{{}}'
            FROM {source}
            ON CONFLICT (order_id, warehouse_id, part) DO UPDATE SET requested = excluded.requested
            """,
            parameters,
        )
        orders = [array("bigint", [order_id for order_id, _ in wanted])]
        # Who is no longer asked keeps what it reported; who has reported nothing has no part in the order.
        cursor.execute(
            f"""
            UPDATE orders_fulfilmentorder f SET requested = '{{}}' WHERE f.order_id = ANY(%s::bigint[])
                AND (f.order_id, f.warehouse_id, f.part) NOT IN (SELECT order_id, warehouse_id, 1 FROM {source})
            """,
            [*orders, *parameters],
        )
        cursor.execute(
            """DELETE FROM orders_fulfilmentorder
            WHERE order_id = ANY(%s::bigint[]) AND requested = '{}' AND NOT started""",
            orders,
        )
