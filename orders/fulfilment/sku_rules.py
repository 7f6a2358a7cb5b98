"""How the SKUs of warehouses' documents are matched with a seller's orders: case, aliases, kits (one query)."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from django.db import connection, transaction

from orders.bulk_sql import array
from orders.fulfilment.facts import NO_ALIASES, NO_KITS
from orders.texts import folded

Aliases = Mapping[tuple[str, str], str]
Kits = Mapping[str, Mapping[str, int]]
IN_USE = int.from_bytes(b"SKUR", "big")
"""With a seller's id the advisory lock that whoever works by the seller's rules shares until it commits."""


@dataclass(slots=True)
class SkuRules:
    """A seller's rules. What is mapped for one order alone comes before what is mapped for all."""

    fold: bool = True
    shared: dict[str, dict[str, int]] = field(default_factory=dict)
    by_order: dict[int, dict[str, dict[str, int]]] = field(default_factory=dict)
    _tables: tuple[Aliases, Kits] | None = None

    def of(self, order_id: int) -> tuple[Aliases, Kits]:
        """The aliases and kits that hold for this order."""
        if order_id in self.by_order:
            return _tables(self.shared | self.by_order[order_id])
        if self._tables is None:
            self._tables = _tables(self.shared)
        return self._tables


NO_RULES = SkuRules()


def load_sku_rules(seller_ids: Collection[int], order_ids: Collection[int]) -> dict[int, SkuRules]:
    """The rules of these sellers, for these orders."""
    rules: dict[int, SkuRules] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT s.id, s.ignore_sku_case, m.order_id, m.sku, m.counts_as FROM orders_seller s
            LEFT JOIN orders_skumapping m ON m.seller_id = s.id AND m.active
                AND (m.order_id IS NULL OR m.order_id = ANY(%s::bigint[]))
            WHERE s.id = ANY(%s::bigint[]) ORDER BY m.id
            """,
            [array("bigint", list(order_ids)), list(seller_ids)],
        )
        for seller_id, fold, order_id, sku, counts_as in cursor.fetchall():
            found = rules.setdefault(seller_id, SkuRules(fold))
            if sku is not None:
                mapped = found.shared if order_id is None else found.by_order.setdefault(order_id, {})
                mapped[sku] = json.loads(counts_as)
    return rules


def wait_until_unused(seller_id: int) -> None:
    """Wait for the end of those who may still work by rules that were changed meanwhile: only then do all orders that
    the change concerns show. Takes no other lock, and is called outside any transaction that does.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s::int)", [IN_USE, seller_id])


def _tables(mapped: Mapping[str, Mapping[str, int]]) -> tuple[Aliases, Kits]:
    """One unit of another SKU is an alias of it, anything else a kit."""
    if not mapped:
        return NO_ALIASES, NO_KITS
    aliases: dict[tuple[str, str], str] = {}
    kits: dict[str, Mapping[str, int]] = {}
    for sku, units in mapped.items():
        if len(units) > 1 or any(count != 1 for count in units.values()):
            kits[sku] = units
        else:
            target = next(iter(units), "")
            aliases["", folded(sku)] = aliases["", sku] = target
    return aliases, kits
