"""Write what people asked for: at once where it is little, behind the page where it is much.

The rows of `Export` are the queue. A run claims one with a lease, writes page after page, and keeps each page with the
key behind which it goes on: whoever takes over after a crash writes the rest. A workbook cannot be continued, so it is
begun anew, and has an upper limit.
"""

import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from orders.backoffice import seller_scope
from orders.backoffice.export.rows import head, parts
from orders.backoffice.order_query import orders_of
from orders.backoffice.spreadsheets import Xlsx, csv_lines
from orders.models import Export, ExportChunk

RIGHT = "orders.export_order"
AT_ONCE = 5_000
"""So many orders are streamed at once; more are written in the background."""
MOST_IN_XLSX = 200_000
LEASE = timedelta(seconds=60)
RUN_SECONDS = 200
"""The queue ends a task after 300 seconds: a run ends by itself before, and the next one goes on."""
ATTEMPTS = 20
MARK = b"\xef\xbb\xbf"
"""Without it Excel takes UTF-8 for something else."""
_CHUNK = 512 * 1024


class Lost(Exception):
    """Somebody else writes this export now, or nobody is to write it any more."""


def record(
    person: User, asked: dict[str, str], columns: Sequence[str], kind: str, total: int, *, of: str = "orders.order"
) -> Export:
    """Put on record that somebody downloads rows at once; not what they searched for."""
    made = Export.objects.create(
        person=person,
        of=of,
        asked=_without_search(asked),
        columns=list(columns),
        kind=kind,
        state=Export.State.STREAMED,
        total=total,
        done=total,
        sellers=_sellers(person),
        ready_at=timezone.now(),
    )
    made.refresh_from_db()
    return made


def ask(person: User, asked: dict[str, str], columns: Sequence[str], kind: str) -> Export:
    """Ask for a file to be written in the background."""
    return Export.objects.create(person=person, of="orders.order", asked=asked, columns=list(columns), kind=kind)


def give_up(export: Export) -> bool:
    """Stop writing a file that nobody wants any more. A second call changes nothing."""
    waiting = Export.objects.filter(pk=export.pk, state__in=(Export.State.WAITING, Export.State.WRITING))
    with transaction.atomic():
        stopped = waiting.update(state=Export.State.GONE, asked=_without_search(export.asked), why="Stopped.")
        ExportChunk.objects.filter(export=export.pk).delete() if stopped else None
    return bool(stopped)


def stream(orders: QuerySet[Any], columns: Sequence[str], kind: str) -> Iterator[bytes]:
    """The file, piece by piece, in the time zone that is in force now."""
    return _in_zone(timezone.get_current_timezone(), _pieces(orders, columns, kind))


def _in_zone(zone: tzinfo, pieces: Iterator[bytes]) -> Iterator[bytes]:
    # What is streamed is written after the request has ended, and its time zone with it.
    while True:
        with timezone.override(zone):
            piece = next(pieces, None)
        if piece is None:
            return
        yield piece


def _pieces(orders: QuerySet[Any], columns: Sequence[str], kind: str) -> Iterator[bytes]:
    if kind == Export.Kind.CSV:
        yield MARK + csv_lines([head(columns)])
        for part in parts(orders, columns):
            yield csv_lines(part.lines)
        return
    with tempfile.TemporaryFile() as out:
        book = Xlsx(out, head(columns))
        for part in parts(orders, columns):
            book.write(part.lines)
        book.close()
        out.seek(0)
        while piece := out.read(_CHUNK):
            yield piece


def write_waiting() -> int:
    """Write what waits, one after the other, until the time is over; answer how many files became ready."""
    ends, ready = time.monotonic() + RUN_SECONDS, 0
    while time.monotonic() < ends and (export := _claim()) is not None:
        try:
            ready += _write(export, ends)
        except Lost:
            continue
    return ready


def delete_expired() -> int:
    """Delete the files that are older than EXPORT_KEEP_DAYS; that they were taken stays on record."""
    old = Export.objects.filter(
        state=Export.State.READY, ready_at__lt=timezone.now() - timedelta(days=settings.EXPORT_KEEP_DAYS)
    )
    with transaction.atomic():
        ids = list(old.select_for_update().values_list("pk", flat=True))
        ExportChunk.objects.filter(export__in=ids).delete()
        return Export.objects.filter(pk__in=ids).update(state=Export.State.GONE)


def _claim() -> Export | None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE orders_export
            SET state = 'writing', attempts = attempts + 1, lease_until = now() + %s * interval '1 second'
            WHERE id = (SELECT id FROM orders_export
                WHERE state = 'waiting' OR (state = 'writing' AND lease_until < now())
                ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING id
            """,
            [LEASE.total_seconds()],
        )
        row = cursor.fetchone()
    return Export.objects.select_related("person").get(pk=row[0]) if row else None


def _write(export: Export, ends: float) -> bool:
    """Whether the file is ready now."""
    orders = orders_of(export.person, export.asked) if export.person.has_perm(RIGHT) else None
    if orders is None:
        return _fail(export, "You no longer have permission to export these orders.")
    if export.attempts > ATTEMPTS:
        return _fail(export, "The export failed. Try fewer rows.")
    sellers, zone = _sellers(export.person), seller_scope.zone(export.person) or settings.TIME_ZONE
    if export.total is None or export.sellers != sellers or export.kind == Export.Kind.XLSX:
        # Whoever sees other sellers by now gets no file that was begun before.
        _begin(export, orders.count(), sellers)
    with timezone.override(ZoneInfo(zone)):
        if export.kind == Export.Kind.XLSX:
            _write_xlsx(export, orders)
        elif not _write_csv(export, orders, ends):
            return False
    _move(export, state=Export.State.READY, asked=_without_search(export.asked), ready_at=timezone.now())
    return True


def _write_csv(export: Export, orders: QuerySet[Any], ends: float) -> bool:
    number = ExportChunk.objects.filter(export=export).count()
    if not number:
        _keep(export, 0, MARK + csv_lines([head(export.columns)]))
        number = 1
    after = [datetime.fromisoformat(export.after[0]), export.after[1]] if export.after else []
    for part in parts(orders, export.columns, after):
        _keep(export, number, csv_lines(part.lines), part.orders, [part.after[0].isoformat(), part.after[1]])
        number += 1
        if time.monotonic() > ends:
            _move(export, state=Export.State.WAITING)
            return False
    return True


def _write_xlsx(export: Export, orders: QuerySet[Any]) -> None:
    with tempfile.TemporaryFile() as out:
        book = Xlsx(out, head(export.columns))
        for part in parts(orders, export.columns):
            book.write(part.lines)
            _move(export, done=F("done") + part.orders, lease_until=timezone.now() + LEASE)
        book.close()
        out.seek(0)
        for number, piece in enumerate(iter(lambda: out.read(_CHUNK), b"")):
            _keep(export, number, piece)


def _begin(export: Export, total: int, sellers: list[int] | None) -> None:
    with transaction.atomic():
        _move(export, total=total, done=0, after=[], sellers=sellers)
        ExportChunk.objects.filter(export=export).delete()
    export.after = []


def _keep(export: Export, number: int, data: bytes, orders: int = 0, after: list[Any] | None = None) -> None:
    changes: dict[str, Any] = {"done": F("done") + orders, "lease_until": timezone.now() + LEASE}
    with transaction.atomic():
        _move(export, **changes, **({"after": after} if after else {}))
        ExportChunk.objects.create(export=export, number=number, data=data)


def _fail(export: Export, why: str) -> bool:
    with transaction.atomic():
        _move(export, state=Export.State.FAILED, why=why, asked=_without_search(export.asked))
        ExportChunk.objects.filter(export=export).delete()
    return False


def _move(export: Export, **changes: Any) -> None:
    ours = Export.objects.filter(pk=export.pk, state=Export.State.WRITING, attempts=export.attempts)
    if not ours.update(**changes):
        raise Lost


def _sellers(person: User) -> list[int] | None:
    reached = seller_scope.of(person)
    return None if reached is None else sorted(reached)


def _without_search(asked: dict[str, str]) -> dict[str, str]:
    # That something was searched for stays on record.
    return {name: "" if name == "q" else value for name, value in asked.items()}
