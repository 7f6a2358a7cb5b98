"""Which deliveries are due, and may be sent by us alone? In order per order: its earlier events come first.

Everything that changes a target's deliveries holds the lock of the target's row for that moment. So a claim sees
whatever an earlier claim took, and two workers never send events of one order at the same time.
"""

from collections.abc import Callable, Sequence

from django.db import connection, transaction

from integrations.outbox.outbox import Claimed, Outbox, PublishedEvent, Target
from orders.bulk_sql import unnest
from refunds import sending

RECORDED_WITHIN = 40
"""A lease is so many seconds longer than an attempt may take: time to look a name up, and to record how it ended."""

_DUE = """
SELECT p.id FROM {target} p
WHERE p.active AND p.id <> ALL(%s::bigint[]) AND (p.paused_until IS NULL OR p.paused_until <= now())
    AND EXISTS (SELECT FROM {delivery} d
        WHERE d.{link} = p.id AND d.state = 'pending' AND d.next_attempt_at <= now())
FOR NO KEY UPDATE SKIP LOCKED
"""
_CLAIM = """
WITH taken AS (
    UPDATE {delivery} d
    SET attempts = d.attempts + 1, lease_until = clock_timestamp() + %s * interval '1 second'
    FROM {source} CROSS JOIN LATERAL (
        SELECT d.id FROM {delivery} d
        WHERE d.{link} = t.target_id AND d.state = 'pending' AND d.next_attempt_at <= now()
            AND (d.lease_until IS NULL OR d.lease_until <= now())
            AND NOT EXISTS (SELECT FROM {delivery} o
                WHERE o.{link} = d.{link} AND o.order_id = d.order_id AND o.state = 'pending'
                    AND o.id <> d.id AND (o.event_id < d.event_id OR o.lease_until > now())){sent}
        ORDER BY d.next_attempt_at, d.event_id LIMIT t.free) due
    WHERE d.id = due.id
    RETURNING d.id, d.{link}, d.event_id, d.kind, d.attempts, d.lease_until, d.created_at),
tried AS (
    INSERT INTO {attempt} (delivery_id, answer, error)
    SELECT id, '', '' FROM taken RETURNING id, delivery_id)
SELECT t.id, t.{link}, a.id, t.attempts, t.lease_until, t.kind, coalesce(e.occurred_at, t.created_at),
    e.id, e.order_id, coalesce(o.reference, ''), coalesce(s.code, ''),
    coalesce(e.data ->> 'refund', ''), coalesce(e.data ->> 'number', '')
FROM taken t JOIN tried a ON a.delivery_id = t.id
LEFT JOIN orders_orderevent e ON e.id = t.event_id
LEFT JOIN orders_order o ON o.id = e.order_id
LEFT JOIN orders_seller s ON s.id = e.seller_id
"""
_OF_OTHERS = " AND NOT EXISTS (SELECT FROM orders_orderevent e WHERE e.id = d.event_id AND e.seller_id = ANY (%s))"

Shares = Callable[[Sequence[Target]], dict[int, int]]


def claim(outbox: Outbox[Target], shares: Shares[Target], full: Sequence[int]) -> list[Claimed[Target]]:
    """Take what is due, for each target as much as `shares` says; `full` are those that take none now."""
    if (not_sending := sending.stopped_sellers()) is None:
        return []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(outbox.sql(_DUE), [list(full)])
        rows = outbox.target._default_manager.in_bulk([row[0] for row in cursor.fetchall()])  # noqa: SLF001
        wanted = {pk: share for pk, share in shares(list(rows.values())).items() if share > 0}
        if not wanted:
            return []
        source, parameters = unnest([("target_id", "bigint", list(wanted)), ("free", "int", list(wanted.values()))])
        # Asked only while somebody is stopped: it costs a look at the event of each delivery.
        stopped = [list(not_sending)] if not_sending else []
        statement = outbox.sql(_CLAIM, source=source, sent=_OF_OTHERS if stopped else "")
        cursor.execute(statement, [outbox.seconds() + RECORDED_WITHIN, *parameters, *stopped])
        return [
            Claimed(pk, rows[target], attempt, attempts, lease, PublishedEvent(*event))
            for pk, target, attempt, attempts, lease, *event in cursor.fetchall()
        ]
