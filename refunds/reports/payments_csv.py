"""Which payments can finance match against the provider's statement? (a CSV, one line per paid attempt, streamed)"""

import csv
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

from orders.backoffice.spreadsheets import escape_formula
from orders.money import text
from refunds.models import RefundAttempt

COLUMNS = (
    "refund",
    "order",
    "seller",
    "channel",
    "provider",
    "provider_reference",
    "idempotency_key",
    "amount",
    "currency",
    "executed_at",
    "outcome",
)
_AT_ONCE = 2000


class _Echo:
    """What csv writes to, when the line itself is wanted."""

    def write(self, line: str) -> str:
        return line


def lines(first: date, last: date, *, sellers: Collection[int] | None = None) -> Iterator[str]:
    """The report as lines of CSV (RFC 4180), the oldest payment first; days are UTC, both included.

    A payment that failed at the provider later is there with the outcome `reversed`, as both stand on a statement.
    A text that a spreadsheet would take for a formula has an apostrophe before it.
    """
    write = csv.writer(_Echo(), lineterminator="\r\n").writerow
    yield write(COLUMNS)
    for row in _rows(first, last, sellers):
        yield write([escape_formula(value) for value in row])


def _rows(first: date, last: date, sellers: Collection[int] | None) -> Iterator[Sequence[str]]:
    attempts = RefundAttempt.objects.filter(
        outcome__in=(RefundAttempt.Outcome.PAID, RefundAttempt.Outcome.REVERSED),
        finished_at__gte=_midnight(first),
        finished_at__lt=_midnight(last + timedelta(days=1)),
    )
    if sellers is not None:
        attempts = attempts.filter(refund__seller__in=sellers)
    wanted = attempts.order_by("finished_at", "id").values_list(
        "refund__number",
        "refund__order__reference",
        "refund__seller__code",
        "refund__order__channel__code",
        "gateway",
        "provider_reference",
        "key",
        "amount",
        "currency",
        "finished_at",
        "outcome",
    )
    for *names, key, amount, currency, finished_at, outcome in wanted.iterator(chunk_size=_AT_ONCE):
        if finished_at is not None:
            yield (*names, str(key), text(amount, currency), currency, _utc(finished_at), outcome)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
