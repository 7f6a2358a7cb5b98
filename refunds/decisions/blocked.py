"""Why a proposed refund may be wrong, so that it is decided on its own page: never in bulk, never automatically."""

from collections.abc import Collection

from django.db import connection

from orders.models import AttentionItem
from refunds.calculation.unlisted import UNLISTED
from refunds.execution import outside
from refunds.models import Refund

_NEVER_LISTED = "The warehouse has never listed {sku} for this seller: does it ship at all?"
_UNEXPLAINED = "Money of this payment went back at the provider, and nobody has said yet what it was for."
_CHOSEN = "A person has said which line of {sku} shipped."
NOT_BLOCKED = f"""NOT refunds_unexplained(o.id) AND (r.origin <> 'warehouse'
    OR (o.refund_blocks = '{{}}' AND NOT EXISTS (SELECT {UNLISTED.format(refund="r.id")})
        AND NOT EXISTS (SELECT FROM orders_orderitem c WHERE c.order_id = o.id AND c.fills_first)))"""
"""The same in SQL, of a refund `r` of an order `o`."""


def blocks(refund: Refund) -> list[str]:
    """The reasons, in words for people. Those of the warehouse's reports do not block what people proposed."""
    return blocks_of([refund])[refund.pk]


def blocks_of(refunds: Collection[Refund]) -> dict[int, list[str]]:
    """The same of several refunds, by their ids (two queries)."""
    by_warehouse = {refund.pk: refund for refund in refunds if refund.origin == Refund.Origin.WAREHOUSE}
    found: dict[int, list[str]] = {refund.pk: [] for refund in refunds}
    for pk, refund in by_warehouse.items():
        found[pk] = [str(AttentionItem.Kind(kind).label) for kind in refund.order.refund_blocks]
    if by_warehouse:
        with connection.cursor() as cursor:
            cursor.execute(
                f"""SELECT r.id, u.sentence, u.sku FROM refunds_refund r CROSS JOIN LATERAL (
                    SELECT %s AS sentence, i.sku {UNLISTED.format(refund="r.id")}
                    UNION ALL
                    SELECT %s, c.sku FROM orders_orderitem c WHERE c.order_id = r.order_id AND c.fills_first) u
                WHERE r.id = ANY(%s) ORDER BY r.id, u.sentence, u.sku""",
                [_NEVER_LISTED, _CHOSEN, list(by_warehouse)],
            )
            for pk, sentence, sku in cursor.fetchall():
                found[pk].append(sentence.format(sku=sku))
    unexplained = set(outside.blocked_orders()) if refunds else set()
    for refund in refunds:
        if refund.order_id in unexplained:
            found[refund.pk].append(_UNEXPLAINED)
    return found
