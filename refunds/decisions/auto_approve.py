"""Approve what a seller's policy approves without a person; off unless the policy names an amount.

Many at once look like a mistake of the warehouse: beyond so many of one seller in an hour none of them is approved by
its policy, but by people, who see together what they come to.
"""

from itertools import groupby
from operator import itemgetter
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from orders.models import AttentionItem
from orders.money import text
from orders.timeline import attention, events
from refunds.decisions.blocked import NOT_BLOCKED
from refunds.models import Refund, RefundStatus

KIND = AttentionItem.Kind.MANY_REFUNDS

# Oldest first. Not what a person has begun to decide, set aside or taken back, nothing of an order that a person must
# look at, and nothing that came with too many others.
_CANDIDATES = f"""
SELECT r.id, r.order_id, r.seller_id, r.number, r.amount, r.currency, l.unattended_upto, p.version FROM refunds_refund r
JOIN refunds_refundlimit l ON l.policy_id = r.seller_id AND l.currency = r.currency AND r.amount <= l.unattended_upto
JOIN refunds_refundpolicy p ON p.seller_id = r.seller_id
JOIN orders_order o ON o.id = r.order_id AND {NOT_BLOCKED}
WHERE r.status = 'proposed' AND r.origin = 'warehouse' AND r.approvals_needed = 1 AND r.approved_by_id IS NULL
  AND r.why = '' AND r.edited_by_id IS NULL AND NOT EXISTS (
    SELECT FROM orders_attentionitem a WHERE a.order_id = r.order_id AND a.closed_at IS NULL)
  AND NOT EXISTS (
    SELECT FROM orders_attentionitem a WHERE a.kind = %(kind)s AND a.subject = 'many:' || r.seller_id
      AND (a.closed_at IS NULL OR a.closed_at >= r.proposed_at))
"""
# What a policy approved counts for an hour, so that a stream is stopped as a flood is, however long it had waited.
_MANY = f"""
SELECT seller_id, max(waits), count(*) FROM (
    SELECT c.seller_id, c.id AS waits FROM ({_CANDIDATES}) c
    UNION ALL SELECT seller_id, NULL FROM refunds_refund
    WHERE approved_by_rule <> '' AND approved_at > now() - interval '1 hour') together
GROUP BY seller_id HAVING count(*) > %(at_once)s AND count(waits) > 0
"""
# Somebody has decided on all of them.
_SETTLED = """
UPDATE orders_attentionitem a SET closed_at = now() WHERE a.kind = %(kind)s AND a.closed_at IS NULL AND NOT EXISTS (
    SELECT FROM refunds_refund r JOIN refunds_refundlimit l
        ON l.policy_id = r.seller_id AND l.currency = r.currency AND r.amount <= l.unattended_upto
    WHERE r.seller_id = a.seller_id AND r.status IN ('proposed', 'on_hold') AND r.origin = 'warehouse')
"""


def approve_by_rule(*, at_most: int = 200) -> int:
    """Approve up to `at_most` proposals that need no person, and say how many. A second call takes the next ones."""
    said: dict[str, Any] = {"kind": KIND.value, "at_once": settings.UNATTENDED_PER_HOUR, "at_most": at_most}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_SETTLED, said)
        cursor.execute(_MANY, said)
        attention.open_items([_many(*row) for row in cursor.fetchall()])
        # The order first, as everybody locks; who holds one is about to change it. What came only now is counted too.
        cursor.execute(
            f"""
            WITH many AS ({_MANY})
            SELECT o.id FROM orders_order o
            WHERE o.id IN (
                SELECT c.order_id FROM ({_CANDIDATES}) c
                WHERE c.seller_id NOT IN (SELECT seller_id FROM many) ORDER BY c.id LIMIT %(at_most)s)
            ORDER BY o.id FOR NO KEY UPDATE SKIP LOCKED
            """,
            said,
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
        cursor.execute(f"{_CANDIDATES} AND r.order_id = ANY(%(orders)s) ORDER BY r.id", said | {"orders": order_ids})
        lines = [(row, _rule(*row[5:])) for row in cursor.fetchall()]
        for rule, its in groupby(sorted(lines, key=itemgetter(1)), key=itemgetter(1)):
            now = {"approved_by_rule": rule, "approved_at": Now(), "decided_at": Now()}
            Refund.objects.move_all([row[0] for row, _ in its], [RefundStatus.PROPOSED], RefundStatus.APPROVED, **now)
        events.record([_fact(*row[1:6], rule=rule) for row, rule in lines])
    return len(lines)


def _many(seller_id: int, newest: int, count: int) -> attention.AttentionRequest:
    summary = (
        f"{count} refunds at once, where at most {settings.UNATTENDED_PER_HOUR} an hour are approved without a person. "
        "The policy approves none of them: look whether the warehouse made a mistake, then decide on them together."
    )
    # With the newest that waits: what a person closed by hand is heard of again when another one comes.
    said = {"newest": newest, "refunds": count}
    return attention.AttentionRequest(KIND, f"many:{seller_id}", summary, seller_id, None, said)


def _rule(currency: str, upto: int, version: int) -> str:
    return f"up to {text(upto, currency)} {currency} without a person (policy version {version})"


def _fact(order_id: int, seller_id: int, number: str, amount: int, currency: str, *, rule: str) -> events.Event:
    said = {"refund": number, "amount": text(amount, currency), "why": rule}
    return events.Event(order_id, seller_id, "refund.approved", None, "policy", said)
