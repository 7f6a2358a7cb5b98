"""Which SKUs does no warehouse ship, by a seller's patterns? (and the orders that are here already)"""

import re
from collections.abc import Callable, Collection, Sequence
from fnmatch import translate
from functools import lru_cache

from django.db import connection

from orders.models import NonShippingSku, OrderItem
from orders.texts import folded

_MATCHING = """
SELECT i.order_id, i.id FROM orders_orderitem i JOIN orders_order o ON o.id = i.order_id
WHERE o.seller_id = %s AND i.ships AND i.shipped_quantity = 0 AND i.outstanding_quantity + i.cancelled_quantity > 0
    AND (i.sku LIKE %s OR (%s AND upper(i.sku) LIKE upper(%s)))
ORDER BY i.order_id, i.id
"""


def matcher(patterns: Sequence[str], *, fold: bool) -> Callable[[str], bool]:
    """Whether a SKU is like one of these patterns, in which * and ? alone stand for something else."""
    found = re.compile("|".join(translate((folded(p) if fold else p).replace("[", "[[]")) for p in patterns))
    return lru_cache(maxsize=1024)(lambda sku: found.match(folded(sku) if fold else sku) is not None)


def matching(row: NonShippingSku) -> dict[int, list[int]]:
    """The items that this pattern marks, by order, of orders that are here; what shipped after all stays as it is."""
    like = re.sub(r"([\\%_])", r"\\\1", row.pattern).replace("*", "%").replace("?", "_")
    found: dict[int, list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_MATCHING, [row.seller_id, like, row.seller.ignore_sku_case, like])
        for order_id, item_id in cursor.fetchall():
            found.setdefault(order_id, []).append(item_id)
    return found


def mark(item_ids: Collection[int]) -> None:
    """Mark these items as ones that no warehouse ships; the caller holds their orders."""
    OrderItem.objects.filter(pk__in=item_ids).update(ships=False)
