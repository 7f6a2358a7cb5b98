"""What of the past may go? Never what something still rests on."""

from collections import Counter
from datetime import datetime, timedelta

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import Exists, OuterRef
from django.utils import timezone

from integrations.warehouses.models import ArchivedMessage, Discrepancy, SyncRun

ORDERS_AT_ONCE = 2_000
LOG_INS_KEPT = timedelta(days=365)
NAMES_KEPT = timedelta(days=1)
"""So long a name is kept that somebody typed and nobody has: it may be a password. It locks nobody out for longer."""


def prune() -> Counter[str]:
    """Remove archived messages, and runs that brought nothing, older than ARCHIVE_KEEP_DAYS; say how many went.

    Kept are messages that are pending or parked, rejected ones that somebody has yet to look at, and all messages of
    an order that is not fully decided, has a refund under way, needs attention, or was spoken of within those days.
    """
    cutoff = timezone.now() - timedelta(days=settings.ARCHIVE_KEEP_DAYS)
    gone: Counter[str] = Counter(messages=_prune_orders(cutoff) + _prune_rejected(cutoff))
    brought = ArchivedMessage.objects.filter(run=OuterRef("pk"))
    old = SyncRun.objects.exclude(state=SyncRun.State.RUNNING).filter(started_at__lt=cutoff)
    gone["runs"] = old.filter(~Exists(brought)).delete()[0]
    gone["discrepancies"] = Discrepancy.objects.filter(resolved_at__lt=cutoff).delete()[0]
    return gone


def prune_log_ins() -> int:
    """Remove sessions that are over, log-ins of a year ago, and wrong passwords for names that nobody has."""
    now = timezone.now()
    unknown = AccessFailureLog.objects.exclude(username__in=User.objects.values("username"))
    gone = [
        Session.objects.filter(expire_date__lt=now),
        AccessAttempt.objects.filter(attempt_time__lt=now - NAMES_KEPT),
        unknown.filter(attempt_time__lt=now - NAMES_KEPT),
        AccessFailureLog.objects.filter(attempt_time__lt=now - LOG_INS_KEPT),
        AccessLog.objects.filter(attempt_time__lt=now - LOG_INS_KEPT),
    ]
    return sum(rows.delete()[0] for rows in gone)


def _prune_orders(cutoff: datetime) -> int:
    """An order's messages go together, so that an order is replayed in whole or not at all."""
    after, gone = 0, 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                """
                WITH reported AS (
                    SELECT order_id, max(received_at) AS newest, bool_and(state = 'applied') AS applied
                    FROM integrations_archivedmessage WHERE order_id > %s
                    GROUP BY order_id ORDER BY order_id LIMIT %s),
                gone AS (
                    DELETE FROM integrations_archivedmessage m USING reported t, orders_order o
                    WHERE m.order_id = t.order_id AND o.id = t.order_id AND t.newest < %s AND t.applied
                        AND o.status IN ('shipped', 'delivered', 'cancelled')
                        AND NOT EXISTS (SELECT FROM refunds_refund r WHERE r.order_id = o.id
                            AND r.status NOT IN ('executed', 'rejected', 'withdrawn'))
                        AND NOT EXISTS (SELECT FROM orders_attentionitem a
                            WHERE a.order_id = o.id AND a.closed_at IS NULL)
                    RETURNING m.id)
                SELECT (SELECT max(order_id) FROM reported), (SELECT count(*) FROM gone)
                """,
                [after, ORDERS_AT_ONCE, cutoff],
            )
            last, count = cursor.fetchone()
            gone += int(count)
            if last is None:
                return gone
            after = last


def _prune_rejected(cutoff: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM integrations_archivedmessage m WHERE m.state = 'rejected' AND m.received_at < %s
                AND NOT EXISTS (SELECT FROM orders_attentionitem a WHERE a.kind = 'message_rejected'
                    AND a.subject = 'message:' || m.id AND a.closed_at IS NULL)
            """,
            [cutoff],
        )
        return int(cursor.rowcount)
