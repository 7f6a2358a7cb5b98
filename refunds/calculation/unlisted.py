"""Which items has no warehouse ever listed for the seller, so that it is a question whether they ship at all?"""

from collections.abc import Collection

from django.db import connection

UNLISTED = """FROM refunds_refunditem l JOIN orders_orderitem i ON i.id = l.item_id
    JOIN orders_order p ON p.id = i.order_id
    WHERE l.refund_id = {refund} AND l.quantity > 0 AND NOT EXISTS (
        SELECT FROM orders_listedsku k WHERE k.seller_id = p.seller_id AND k.sku = i.sku)"""
"""Such items of which a refund holds units, in SQL; `refund` names the refund."""


def unlisted_items(order_ids: Collection[int]) -> set[int]:
    """The items of these orders whose SKU no warehouse has ever listed for the seller, by their ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT i.id FROM orders_orderitem i JOIN orders_order o ON o.id = i.order_id
            WHERE o.id = ANY(%s) AND NOT EXISTS (
                SELECT FROM orders_listedsku k WHERE k.seller_id = o.seller_id AND k.sku = i.sku)""",
            [list(order_ids)],
        )
        return {row[0] for row in cursor.fetchall()}
