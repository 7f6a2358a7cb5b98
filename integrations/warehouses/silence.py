"""Has a connection been silent for longer than it usually is, although it answers?"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection as database
from django.db.models import F, Q
from django.utils import timezone

from integrations.connections.models import Connection
from integrations.warehouses.models import SyncRun
from orders.durations import format_duration
from orders.models import AttentionItem
from orders.timeline import attention

KIND = AttentionItem.Kind.SILENCE
LEARN_FROM = timedelta(days=28)
FEWEST_GAPS = 5
"""So many gaps must have been seen before any is called usual."""
TIMES_THE_USUAL = 10
FRESH = timedelta(minutes=20)
"""A poll that went well within this time shows that the connection answers."""


def detect_silence() -> int:
    """Open attention for connections that bring nothing new for much longer than usual, and close it when they do.

    Nights and weekends are no alarm: when the same hours a week ago (yesterday's, while no week is known) were as
    quiet, the silence is usual. Says how many are silent. A second call changes nothing but the hours.
    """
    now = timezone.now()
    silent = 0
    for connection in Connection.objects.filter(active=True):
        last, usual = _gaps(connection, now)
        if not _answers(connection, now):
            continue
        if last and usual and _too_long(connection, last, usual, now):
            silent += 1
            text = f"nothing from {connection} for {format_duration(now - last)}; usual gap {format_duration(usual)}"
            evidence = {"last news": last.isoformat()}
            attention.open_items([attention.AttentionRequest(KIND, _subject(connection), text, evidence=evidence)])
        else:
            attention.resolve(KIND, [_subject(connection)])
    return silent


def _gaps(connection: Connection, now: datetime) -> tuple[datetime | None, timedelta | None]:
    """When something new came last, and the median time between; None where too little is known."""
    with database.cursor() as cursor:
        cursor.execute(
            """
            SELECT max(at), count(gap), percentile_cont(0.5) WITHIN GROUP (ORDER BY gap) FROM (
                SELECT r.started_at AS at, r.started_at - lag(r.started_at) OVER (ORDER BY r.started_at) AS gap
                FROM integrations_syncrun r JOIN integrations_account a ON a.id = r.account_id
                WHERE a.connection_id = %s AND r.messages > r.duplicates AND r.file = '' AND r.started_at > %s) runs
            """,
            [connection.pk, now - LEARN_FROM],
        )
        last, gaps, usual = cursor.fetchone()
    return last, usual if gaps >= FEWEST_GAPS else None


def _answers(connection: Connection, now: datetime) -> bool:
    went_well = SyncRun.objects.filter(state=SyncRun.State.SUCCEEDED, finished_at__gt=now - FRESH)
    return went_well.filter(account__connection=connection, file="").exists()


def _too_long(connection: Connection, last: datetime, usual: timedelta, now: datetime) -> bool:
    least = timedelta(minutes=settings.SILENCE_MINUTES)
    return now - last > max(least, usual * TIMES_THE_USUAL) and not _usually_quiet(connection, last, now)


def _usually_quiet(connection: Connection, last: datetime, now: datetime) -> bool:
    """Whether nothing new came in the same hours of the newest week, or day, that is known."""
    # A day's last change comes a little earlier or later each time.
    began = last + timedelta(minutes=settings.SILENCE_MINUTES)
    runs = SyncRun.objects.filter(account__connection=connection, file="")
    for back in (timedelta(days=7), timedelta(days=1)):
        known = runs.filter(started_at__lt=last - back).exists()
        if known:
            changes = Q(messages__gt=F("duplicates"), started_at__gt=began - back, started_at__lt=now - back)
            return not runs.filter(changes).exists()
    return False


def _subject(connection: Connection) -> str:
    return f"connection:{connection.pk}"
