"""Propose refunds of what the warehouse has begun and not finished in the days that a seller's policy allows."""

from django.db import connection, transaction

from refunds.proposals.propose import propose

# Both lists are short: orders with outstanding units (said again for their index), of sellers who asked for this.
_OVERDUE = """
SELECT o.id FROM orders_order o JOIN refunds_refundpolicy p ON p.seller_id = o.seller_id
WHERE p.propose_overdue_after IS NOT NULL AND o.outstanding_units > 0 AND o.id > %s
  AND refunds_overdue_at(o, p.propose_overdue_after) <= now()
  AND EXISTS (
    SELECT FROM orders_orderitem i WHERE i.order_id = o.id
      AND i.outstanding_quantity > (
        SELECT coalesce(sum(ri.overdue_quantity + ri.left_waiting), 0) FROM refunds_refunditem ri
        JOIN refunds_refund r ON r.id = ri.refund_id AND r.status <> 'withdrawn' WHERE ri.item_id = i.id))
ORDER BY o.id LIMIT %s
"""


def propose_overdue(*, at_once: int = 200) -> int:
    """Propose what is overdue by now, page by page, and say how many proposals are new. A second call adds none."""
    new, after = 0, 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_OVERDUE, [after, at_once])
            order_ids = [row[0] for row in cursor.fetchall()]
            new += propose(order_ids, actor="policy")
        if len(order_ids) < at_once:
            return new
        after = order_ids[-1]
