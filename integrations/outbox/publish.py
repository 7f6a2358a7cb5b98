"""Which events of the timeline go to whom? Each becomes a delivery per target that wants it.

An event's id says nothing about when it became visible. Its transaction's id does: everything below the oldest
transaction that is still under way is visible for good, so that nothing is skipped and nothing comes twice.
"""

from datetime import datetime

from django.db import connection, transaction

from integrations.outbox.outbox import Outbox, Target

_BELOW = "SELECT published_below::text::xid8 FROM integrations_outboxmark WHERE name = %s"
_HORIZON = "pg_snapshot_xmin(pg_current_snapshot())"
_NEW = f"""
SELECT EXISTS (SELECT FROM orders_orderevent
    WHERE transaction_id >= coalesce(({_BELOW}), '0') AND transaction_id < {_HORIZON})
"""
_MARK = "INSERT INTO integrations_outboxmark (name) VALUES (%s) ON CONFLICT (name) DO NOTHING"
# Events of an order whose earlier events wait for another attempt wait as long.
_PUBLISH = """
INSERT INTO {delivery} ({link}, event_id, order_id, kind, state, attempts, next_attempt_at)
SELECT p.id, e.id, e.order_id, e.kind, 'pending', 0, coalesce(
    (SELECT max(d.next_attempt_at) FROM {delivery} d
        WHERE d.{link} = p.id AND d.order_id = e.order_id AND d.state = 'pending'), now())
FROM orders_orderevent e JOIN {target} p ON p.active AND e.recorded_at >= p.created_at AND {wants}
WHERE e.transaction_id >= %s::text::xid8 AND e.transaction_id < %s::text::xid8
ORDER BY e.id, p.id
ON CONFLICT ({link}, event_id) DO NOTHING
"""
_AGAIN = """
INSERT INTO {delivery} ({link}, event_id, order_id, kind, state, attempts, next_attempt_at)
SELECT p.id, e.id, e.order_id, e.kind, 'pending', 0, now()
FROM orders_orderevent e JOIN {target} p ON p.id = %s
    AND p.active AND e.recorded_at >= p.created_at AND {wants}
WHERE e.recorded_at >= %s AND e.transaction_id < ({below})
ORDER BY e.id
ON CONFLICT ({link}, event_id) DO UPDATE SET state = 'pending', attempts = 0, finished_at = NULL,
    lease_until = NULL, next_attempt_at = now()
WHERE {delivery}.lease_until IS NULL OR {delivery}.lease_until <= now()
"""


def publish(outbox: Outbox[Target]) -> int:
    """Make deliveries of what has happened since the last call, and say how many. A second call adds nothing."""
    with connection.cursor() as cursor:
        cursor.execute(_NEW, [outbox.name])
        if not cursor.fetchone()[0]:
            return 0
        with transaction.atomic():
            cursor.execute(_MARK, [outbox.name])
            cursor.execute(
                "SELECT published_below::text FROM integrations_outboxmark WHERE name = %s FOR UPDATE", [outbox.name]
            )
            (below,) = cursor.fetchone()
            # Only now: whoever held the mark before us may have moved it, and these two must fit together.
            cursor.execute(f"SELECT {_HORIZON}::text")
            (horizon,) = cursor.fetchone()
            if int(horizon) <= int(below):
                return 0
            cursor.execute(outbox.sql(_PUBLISH), [below, horizon])
            made = int(cursor.rowcount)
            cursor.execute(
                "UPDATE integrations_outboxmark SET published_below = %s::numeric WHERE name = %s",
                [horizon, outbox.name],
            )
            return made


def publish_again(outbox: Outbox[Target], target_id: int, since: datetime) -> int:
    """Make everything that a target gets of what was recorded since then due at once, also what never was."""
    with connection.cursor() as cursor:
        cursor.execute(outbox.sql(_AGAIN, below=_BELOW), [target_id, since, outbox.name])
        return int(cursor.rowcount)
