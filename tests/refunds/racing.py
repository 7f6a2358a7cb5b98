"""How do several people or workers act at the very same moment, each with a connection of their own?"""

import random
import threading
import time
from collections.abc import Callable
from typing import Any

from django.db import connection

Act = Callable[[], Any]

UNEVEN = 0.03
"""Seconds by which one act may start after another."""


def race(*acts: Act, expect: tuple[type[Exception], ...] = ()) -> list[Any]:
    """Start all acts at once; what each returned, or which of the expected errors it raised, in their sequence."""
    gate = threading.Barrier(len(acts))
    ends: list[Any] = [None] * len(acts)

    def run(position: int, act: Act) -> None:
        try:
            connection.ensure_connection()
            gate.wait(timeout=30)
            # Not always in step, so that each of them wins at times.
            time.sleep(random.random() * UNEVEN)  # noqa: S311 - no secret
            ends[position] = act()
        except Exception as error:  # noqa: BLE001 - looked at below
            ends[position] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(position, act)) for position, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    for end in ends:
        if isinstance(end, Exception) and not isinstance(end, expect):
            raise end
    return ends


def assert_the_rules_hold() -> None:
    """What the database keeps of the refunds is what they say, and nothing is beyond what was ordered or paid."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT o.reference FROM orders_order o
            LEFT JOIN LATERAL (SELECT coalesce(sum(amount), 0) AS amount, coalesce(sum(shipping_amount), 0) AS shipping
                FROM refunds_refund WHERE order_id = o.id AND status NOT IN ('rejected', 'withdrawn')) r ON true
            WHERE (o.committed_amount, o.committed_shipping) <> (r.amount, r.shipping) OR r.amount > o.total_paid
            """
        )
        assert cursor.fetchall() == []
        cursor.execute(
            """
            SELECT i.id FROM orders_orderitem i
            LEFT JOIN LATERAL (SELECT coalesce(sum(ri.quantity), 0) AS units, coalesce(sum(ri.amount), 0) AS amount
                FROM refunds_refunditem ri JOIN refunds_refund r ON r.id = ri.refund_id
                WHERE ri.item_id = i.id AND r.status NOT IN ('rejected', 'withdrawn')) r ON true
            WHERE (i.committed_quantity, i.committed_amount) <> (r.units, r.amount)
               OR r.units > i.quantity OR r.amount > i.paid
               OR (i.committed_unshipped + i.shipped_quantity > i.quantity AND i.committed_unshipped > 0
                   AND NOT EXISTS (SELECT FROM orders_attentionitem a WHERE a.order_id = i.order_id
                                   AND a.kind = 'shipped_after_refund' AND a.closed_at IS NULL))
            """
        )
        assert cursor.fetchall() == []
        cursor.execute(
            """
            SELECT refund_id FROM refunds_refundattempt GROUP BY refund_id
            HAVING count(*) FILTER (WHERE outcome = 'paid') > 1 OR count(*) FILTER (WHERE outcome = '') > 1
            """
        )
        assert cursor.fetchall() == []
