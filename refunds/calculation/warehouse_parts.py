"""What warehouses report of their parts of an order, as far as refunds depend on it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from orders.bulk_sql import array
from orders.fulfilment.components import Components
from orders.fulfilment.facts import Facts, Item
from orders.fulfilment.messages import ReportedStatus
from orders.fulfilment.sku_rules import load_sku_rules


@dataclass(slots=True)
class Part:
    """What one warehouse reports of its part of an order."""

    warehouse: str
    status: str
    external_status: str
    cancel_reason: str
    reported_at: datetime | None
    report_message: int | None
    closed_at: datetime | None
    closed_as: str
    closed_message: int | None
    released: dict[str, int]
    """Units by SKU that it was asked for and gave up."""
    cancelled: dict[str, int]
    """Units by SKU that it names as cancelled."""

    @property
    def went_backwards(self) -> bool:
        """Whether it was reported as open again after it had been closed."""
        reopened = self.status not in (ReportedStatus.DESPATCHED, ReportedStatus.CANCELLED)
        return bool(self.closed_at and self.reported_at and self.reported_at > self.closed_at and reopened)

    def left_out(self, sku: str) -> int:
        """Units that it neither shipped nor named when it closed its part as despatched."""
        if self.closed_as != ReportedStatus.DESPATCHED:
            return 0
        return max(self.released.get(sku, 0) - self.cancelled.get(sku, 0), 0)


def load_parts(orders: Mapping[int, int]) -> Iterator[tuple[int, Part]]:
    """The parts of these orders (by id, with the seller's), each with its order's id.

    One statement, and a second where a warehouse names units under another SKU than the order does.
    """
    parts: list[tuple[int, Part]] = []
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT f.order_id, f.units, f.figures, w.code, f.status, f.external_status, f.cancel_reason, f.reported_at,
                   f.report_message, f.closed_at, f.closed_as, f.closed_message
            FROM orders_fulfilmentorder f JOIN orders_warehouse w ON w.id = f.warehouse_id
            WHERE f.order_id = ANY(%s::bigint[]) ORDER BY f.order_id, w.code, f.part
            """,
            [array("bigint", list(orders))],
        )
        for order_id, units, figures, *row in cursor.fetchall():
            released = {sku: counts[2] for sku, counts in json.loads(units).items() if counts[2]}
            named = {sku: one[2] for _, _, by_sku in json.loads(figures) for sku, one in by_sku.items() if one[2]}
            parts.append((order_id, Part(*(*row, released, named))))
    _respell(parts, orders)
    return iter(parts)


def _respell(parts: Sequence[tuple[int, Part]], sellers: Mapping[int, int]) -> None:
    """Name what the warehouses cancelled as the orders do; of most parts it is so named already."""
    foreign = [(order_id, part) for order_id, part in parts if part.released and part.cancelled.keys() - part.released]
    if not foreign:
        return
    order_ids = {order_id for order_id, _ in foreign}
    rules = load_sku_rules({sellers[order_id] for order_id in order_ids}, order_ids)
    for order_id, part in foreign:
        rule = rules[sellers[order_id]]
        aliases, kits = rule.of(order_id)
        items = tuple(Item(sku, units) for sku, units in part.released.items())
        components = Components(Facts(items, (), aliases=aliases, kits=kits, fold=rule.fold))
        part.cancelled, _ = components.count(part.warehouse, part.cancelled.items())
