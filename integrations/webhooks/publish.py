"""Which facts of the timeline does who have to hear? Each fact becomes a delivery per endpoint that wants it.

A fact's id says nothing about when it became visible. Its transaction's id does: everything below the oldest
transaction that is still under way is visible for good, so that nothing is skipped and nothing comes twice.
"""

from datetime import datetime

from django.db import connection, transaction

_BELOW = "SELECT published_below::text::xid8 FROM integrations_webhookmark"
_HORIZON = "pg_snapshot_xmin(pg_current_snapshot())"
_NEWS = f"""
SELECT EXISTS (SELECT FROM orders_orderevent
    WHERE transaction_id >= coalesce(({_BELOW}), '0') AND transaction_id < {_HORIZON})
"""
_MARK = "INSERT INTO integrations_webhookmark (id) VALUES (1) ON CONFLICT (id) DO NOTHING"
_WANTS = """
p.active AND e.recorded_at >= p.created_at
    AND p.kinds::text[] && ARRAY['*', e.kind, split_part(e.kind, '.', 1) || '.*']::text[]
    AND (p.every_seller OR EXISTS (SELECT FROM integrations_webhookendpoint_sellers s
        WHERE s.webhookendpoint_id = p.id AND s.seller_id = e.seller_id))
"""
# News of an order whose earlier news wait for another try wait as long.
_PUBLISH = f"""
INSERT INTO integrations_webhookdelivery (endpoint_id, event_id, order_id, kind, state, attempts, next_attempt_at)
SELECT p.id, e.id, e.order_id, e.kind, 'pending', 0, coalesce(
    (SELECT max(d.next_attempt_at) FROM integrations_webhookdelivery d
        WHERE d.endpoint_id = p.id AND d.order_id = e.order_id AND d.state = 'pending'), now())
FROM orders_orderevent e JOIN integrations_webhookendpoint p ON {_WANTS}
WHERE e.transaction_id >= %s::text::xid8 AND e.transaction_id < %s::text::xid8
ORDER BY e.id, p.id
ON CONFLICT (endpoint_id, event_id) DO NOTHING
"""
_AGAIN = f"""
INSERT INTO integrations_webhookdelivery (endpoint_id, event_id, order_id, kind, state, attempts, next_attempt_at)
SELECT p.id, e.id, e.order_id, e.kind, 'pending', 0, now()
FROM orders_orderevent e JOIN integrations_webhookendpoint p ON p.id = %s AND {_WANTS}
WHERE e.recorded_at >= %s AND e.transaction_id < ({_BELOW})
ORDER BY e.id
ON CONFLICT (endpoint_id, event_id) DO UPDATE SET state = 'pending', attempts = 0, finished_at = NULL,
    lease_until = NULL, next_attempt_at = now()
WHERE integrations_webhookdelivery.lease_until IS NULL OR integrations_webhookdelivery.lease_until <= now()
"""


def publish() -> int:
    """Make deliveries of what has happened since the last call, and say how many. A second call adds nothing."""
    with connection.cursor() as cursor:
        cursor.execute(_NEWS)
        if not cursor.fetchone()[0]:
            return 0
        with transaction.atomic():
            cursor.execute(_MARK)
            cursor.execute("SELECT published_below::text FROM integrations_webhookmark FOR UPDATE")
            (below,) = cursor.fetchone()
            # Only now: whoever held the mark before us may have moved it, and these two must fit together.
            cursor.execute(f"SELECT {_HORIZON}::text")
            (horizon,) = cursor.fetchone()
            if int(horizon) <= int(below):
                return 0
            cursor.execute(_PUBLISH, [below, horizon])
            made = int(cursor.rowcount)
            cursor.execute("UPDATE integrations_webhookmark SET published_below = %s::numeric", [horizon])
            return made


def publish_again(endpoint_id: int, since: datetime) -> int:
    """Make everything that an endpoint wants of what was recorded since then due at once, also what never was."""
    with connection.cursor() as cursor:
        cursor.execute(_AGAIN, [endpoint_id, since])
        return int(cursor.rowcount)
