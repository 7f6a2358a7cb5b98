"""Which deliveries may go? Those that were finished long ago, with their attempts."""

from django.db import connection

from integrations.outbox.outbox import Outbox, Target

AT_ONCE = 10_000

_DELETE = """
WITH old AS (
    SELECT id FROM {delivery}
    WHERE state <> 'pending' AND finished_at < now() - %s * interval '1 day' LIMIT %s),
attempts AS (DELETE FROM {attempt} a USING old WHERE a.delivery_id = old.id)
DELETE FROM {delivery} d USING old WHERE d.id = old.id
"""


def delete_finished(outbox: Outbox[Target], *, days: int) -> int:
    """Delete what was finished more than so many days ago, and say how many deliveries went."""
    gone = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(outbox.sql(_DELETE), [days, AT_ONCE])
            gone += int(cursor.rowcount)
            if cursor.rowcount < AT_ONCE:
                return gone
