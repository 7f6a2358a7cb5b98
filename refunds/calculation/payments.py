"""What pays the orders whose refunds are worked out? (one statement, however many orders)"""

from collections.abc import Collection, Iterator

from django.db import connection

from orders.bulk_sql import array
from refunds.rules.payments import OrderPayment


def load_payments(order_ids: Collection[int]) -> Iterator[tuple[int, OrderPayment]]:
    """Each payment with its order, and with what is left of it beside all refunds of other orders."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT s.order_id, p.id, p.provider, p.reference, p.automatic, s.amount,
                refunds_left_of_payment(p.id, s.order_id)
            FROM orders_paymentshare s JOIN orders_payment p ON p.id = s.payment_id
            WHERE s.order_id = ANY(%s::bigint[]) ORDER BY s.order_id, s.id
            """,
            [array("bigint", list(order_ids))],
        )
        for order_id, *row in cursor.fetchall():
            yield order_id, OrderPayment(*row)
