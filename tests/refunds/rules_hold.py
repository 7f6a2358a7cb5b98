"""Do the seven rules of the domain hold, of everything in the database just now? (SQL, past every rule of ours)"""

from typing import Any

from django.db import connection, transaction

from refunds.proposals.propose import propose

# Each finds what breaks its rule.
RULES = {
    "1: what is held of an order is what its refunds say, and not more than was paid": """
        SELECT o.reference, o.committed_amount, r.amount, o.committed_shipping, r.shipping, o.refunded_amount,
            r.refunded FROM orders_order o
        CROSS JOIN LATERAL (SELECT coalesce(sum(amount), 0) AS amount, coalesce(sum(shipping_amount), 0) AS shipping,
                coalesce(sum(amount) FILTER (WHERE status = 'executed'), 0) AS refunded
            FROM refunds_refund WHERE order_id = o.id AND status NOT IN ('rejected', 'withdrawn')) r
        WHERE (o.committed_amount, o.committed_shipping, o.refunded_amount) <> (r.amount, r.shipping, r.refunded)
           OR r.amount > o.total_paid OR r.shipping > o.shipping_charge OR r.amount < 0
    """,
    "1: what is held of an item is what its refunds say, and not more than was ordered and paid": """
        SELECT i.order_id, i.sku, i.committed_quantity, r.units, i.committed_amount, r.amount FROM orders_orderitem i
        CROSS JOIN LATERAL (SELECT coalesce(sum(ri.quantity), 0) AS units, coalesce(sum(ri.amount), 0) AS amount,
                coalesce(sum(ri.tax), 0) AS tax,
                coalesce(sum(ri.quantity) FILTER (WHERE r.kind = 'pre_shipment'), 0) AS unshipped
            FROM refunds_refunditem ri JOIN refunds_refund r ON r.id = ri.refund_id
            WHERE ri.item_id = i.id AND r.status NOT IN ('rejected', 'withdrawn')) r
        WHERE (i.committed_quantity, i.committed_amount, i.committed_tax, i.committed_unshipped)
              <> (r.units, r.amount, r.tax, r.unshipped)
           OR r.units > i.quantity OR r.amount > i.paid OR r.tax > i.tax
    """,
    "1: a refund is the sum of its parts": """
        SELECT r.number FROM refunds_refund r
        LEFT JOIN LATERAL (SELECT coalesce(sum(amount), 0) AS amount, coalesce(sum(tax), 0) AS tax
            FROM refunds_refunditem WHERE refund_id = r.id) i ON true
        WHERE r.items_amount <> i.amount OR r.tax_amount <> i.tax
           OR r.amount <> r.items_amount + r.shipping_amount + r.rounding_amount
    """,
    "2: no unit is shipped and refunded before shipment without an attention item": """
        SELECT i.order_id, i.sku FROM orders_orderitem i
        WHERE i.committed_unshipped > 0 AND i.committed_unshipped + i.shipped_quantity > i.quantity
          AND NOT EXISTS (SELECT FROM orders_attentionitem a WHERE a.order_id = i.order_id
              AND a.kind = 'shipped_after_refund' AND (a.closed_at IS NULL OR a.closed_by_id IS NOT NULL))
    """,
    "3: a refund is paid at most once, and every payment stands on record as an attempt": """
        SELECT r.number, r.status FROM refunds_refund r
        LEFT JOIN LATERAL (SELECT count(*) FILTER (WHERE outcome = 'paid') AS paid,
                count(*) FILTER (WHERE outcome = '') AS open,
                count(*) FILTER (WHERE outcome = 'paid' AND (amount, currency) = (r.amount, r.currency)) AS exact
            FROM refunds_refundattempt WHERE refund_id = r.id) a ON true
        WHERE a.paid > 1 OR a.open > 1 OR (r.status = 'executed' AND a.exact <> 1)
           OR (r.status <> 'executed' AND a.paid > 0) OR (r.status = 'executing' AND a.open <> 1)
           OR (r.status IN ('proposed', 'on_hold', 'approved', 'withdrawn') AND a.open > 0)
    """,
    "3: the timeline tells of as many payments as there were": """
        SELECT r.number FROM refunds_refund r
        WHERE (SELECT count(*) FROM refunds_refundattempt WHERE refund_id = r.id AND outcome IN ('paid', 'reversed'))
           <> (SELECT count(*) FROM orders_orderevent e WHERE e.order_id = r.order_id
               AND e.kind IN ('refund.executed', 'refund.booked') AND e.data ->> 'refund' = r.number)
    """,
    "4: nobody approved what they proposed or edited, and where two must, two did": """
        SELECT number FROM refunds_refund
        WHERE approved_by_id IN (proposed_by_id, edited_by_id)
           OR second_approved_by_id IN (proposed_by_id, edited_by_id)
           OR approved_by_id = second_approved_by_id
           OR (status IN ('approved', 'executing', 'executed', 'failed', 'in_doubt') AND origin <> 'external'
               AND ((approvals_needed > 1 AND second_approved_by_id IS NULL)
                    OR (approved_by_id IS NULL AND approved_by_rule = '')))
    """,
    "5: the timeline is sealed": """
        SELECT 'no trigger' WHERE NOT EXISTS (SELECT FROM pg_trigger
            WHERE tgrelid = 'orders_orderevent'::regclass AND NOT tgisinternal AND tgenabled = 'O')
    """,
    "7: nothing that was said to us was dropped": """
        SELECT id::text FROM integrations_archivedmessage WHERE (state = 'applied' AND order_id IS NULL)
            OR (state IN ('parked', 'rejected') AND reason = '') OR length(raw) = 0
        UNION ALL SELECT event_id FROM integrations_providerevent
        WHERE state <> 'pending' AND (outcome = '' AND kind <> 'declined' OR processed_at IS NULL)
    """,
}
_STATE = (
    "SELECT id, status, version, amount, approved_by_id FROM refunds_refund ORDER BY id",
    "SELECT refund_id, item_id, quantity, amount, tax FROM refunds_refunditem ORDER BY refund_id, item_id",
    "SELECT id, committed_amount, committed_shipping, refunded_amount FROM orders_order ORDER BY id",
    "SELECT kind, subject FROM orders_attentionitem WHERE closed_at IS NULL ORDER BY kind, subject",
    "SELECT count(*) FROM orders_orderevent",
)


def broken() -> dict[str, list[Any]]:
    """What breaks which rule."""
    return {rule: found for rule, statement in RULES.items() if (found := _rows(statement))}


def check_rules() -> None:
    """Assert all of them; rule 6 by taking all orders to the proposals once more, which changes nothing."""
    assert broken() == {}
    before = [_rows(statement) for statement in _STATE]
    with transaction.atomic():
        propose([row[0] for row in _rows("SELECT id FROM orders_order")], actor="again")
    assert [_rows(statement) for statement in _STATE] == before


def _rows(statement: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())
