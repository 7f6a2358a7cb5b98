"""Approve what a seller's policy approves without a person; off unless the policy names an amount."""

from django.db import connection, transaction

from orders import events
from orders.money import text

# Oldest first. Not what a person has begun to decide, set aside or taken back, and nothing of an order that a person
# must look at.
_CANDIDATES = """
SELECT r.id, r.order_id, r.seller_id, r.number, r.amount, r.currency, l.unattended_upto, p.version FROM refunds_refund r
JOIN refunds_refundlimit l ON l.policy_id = r.seller_id AND l.currency = r.currency AND r.amount <= l.unattended_upto
JOIN refunds_refundpolicy p ON p.seller_id = r.seller_id
WHERE r.status = 'proposed' AND r.origin = 'warehouse' AND r.approvals_needed = 1 AND r.approved_by_id IS NULL
  AND r.why = '' AND r.edited_by_id IS NULL AND NOT EXISTS (
    SELECT FROM orders_attentionitem a WHERE a.order_id = r.order_id AND a.closed_at IS NULL)
"""


def approve_by_rule(*, at_most: int = 200) -> int:
    """Approve up to `at_most` proposals that need no person, and say how many. A second call takes the next ones."""
    with transaction.atomic(), connection.cursor() as cursor:
        # The order first, as everybody locks; who holds one is about to change it.
        cursor.execute(
            f"""
            SELECT o.id FROM orders_order o
            WHERE o.id IN (SELECT c.order_id FROM ({_CANDIDATES}) c ORDER BY c.id LIMIT %s)
            ORDER BY o.id FOR NO KEY UPDATE SKIP LOCKED
            """,
            [at_most],
        )
        order_ids = [row[0] for row in cursor.fetchall()]
        # A policy that is being saved is waited for, then read: nothing is approved by what no longer holds.
        cursor.execute(
            """
            SELECT p.seller_id FROM refunds_refundpolicy p
            WHERE p.seller_id IN (SELECT seller_id FROM orders_order WHERE id = ANY(%s)) ORDER BY 1 FOR SHARE
            """,
            [order_ids],
        )
        cursor.execute(f"{_CANDIDATES} AND r.order_id = ANY(%s) ORDER BY r.id", [order_ids])
        lines = [(row, _rule(*row[5:])) for row in cursor.fetchall()]
        cursor.execute(
            """
            UPDATE refunds_refund r SET status = 'approved', approved_by_rule = t.rule, approved_at = now(),
                decided_at = now(), updated_at = now()
            FROM unnest(%s::bigint[], %s::text[]) AS t(id, rule) WHERE r.id = t.id AND r.status = 'proposed'
            """,
            [[row[0] for row, _ in lines], [rule for _, rule in lines]],
        )
        events.record([_fact(*row[1:6], rule=rule) for row, rule in lines])
    return len(lines)


def _rule(currency: str, upto: int, version: int) -> str:
    return f"up to {text(upto, currency)} {currency} without a person (policy version {version})"


def _fact(order_id: int, seller_id: int, number: str, amount: int, currency: str, *, rule: str) -> events.Fact:
    said = {"refund": number, "amount": text(amount, currency), "why": rule}
    return events.Fact(order_id, seller_id, "refund.approved", None, "policy", said)
