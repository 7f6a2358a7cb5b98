"""Which deliveries may go? Those that were settled long ago, with their tries."""

from django.conf import settings
from django.db import connection

AT_ONCE = 10_000

_FORGET = """
WITH old AS (
    SELECT id FROM integrations_webhookdelivery
    WHERE state <> 'pending' AND finished_at < now() - %s * interval '1 day' LIMIT %s),
tries AS (DELETE FROM integrations_webhookattempt a USING old WHERE a.delivery_id = old.id)
DELETE FROM integrations_webhookdelivery d USING old WHERE d.id = old.id
"""


def forget() -> int:
    """Remove what was settled more than WEBHOOK_KEEP_DAYS ago, and say how many deliveries went."""
    gone = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_FORGET, [settings.WEBHOOK_KEEP_DAYS, AT_ONCE])
            gone += int(cursor.rowcount)
            if cursor.rowcount < AT_ONCE:
                return gone
