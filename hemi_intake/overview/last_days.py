"""What happened in the last 30 days? (orders shipped and cut short, refunds paid, per day and refunds per reason)"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.db.models import Count
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils import timezone

from orders.backoffice import daily_counts, date_range, seller_scope
from refunds.models import Refund, RefundStatus

DAYS = 30
NEWEST = 14
"""So many of the days fit a phone with room for a finger on each."""
STEP, TALL = 10, 40


@dataclass(frozen=True, slots=True)
class Bar:
    """One day of one series: its count, and where it stands in the picture."""

    day: date
    count: int
    url: str
    x: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Series:
    """One picture: so many each day, the older days apart from the newest."""

    label: str
    tone: str
    bars: list[Bar]
    busiest: Bar

    @property
    def halves(self) -> tuple[list[Bar], list[Bar]]:
        """What a wide screen shows, and what a narrow one shows of it too."""
        return self.bars[:-NEWEST], self.bars[-NEWEST:]


@dataclass(frozen=True, slots=True)
class Reason:
    """How many refunds were paid for one reason, and its part of the most frequent one in per cent."""

    label: str
    count: int
    url: str
    width: int


@dataclass(frozen=True, slots=True)
class Chart:
    """The pictures of these days."""

    span: date_range.Span
    series: list[Series]
    reasons: list[Reason] | None

    @property
    def empty(self) -> bool:
        """Whether nothing happened in these days."""
        return not any(series.busiest.count for series in self.series)

    @property
    def turn(self) -> date:
        """The first of the newest days."""
        return self.series[0].bars[-NEWEST].day

    @property
    def table(self) -> list[tuple[date, list[Bar]]]:
        """Show as table, the newest day first."""
        columns = [series.bars for series in self.series]
        return [(bars[0].day, list(bars)) for bars in reversed(list(zip(*columns, strict=True)))]


def last_days(user: User) -> Chart | None:
    """What this person may see of it, None when that is nothing; three queries."""
    span = date_range.until_today(DAYS)
    since, until = span.bounds
    series: list[Series] = []
    reasons = None
    if user.has_perm("orders.view_order"):
        for name, label, tone, rows, moment in (
            ("shipped", "Orders shipped", "good", daily_counts.despatches(), "despatched_at"),
            ("short", "Orders short-shipped", "bad", daily_counts.cuts(), "occurred_at"),
        ):
            seen = seller_scope.narrow(rows, user, "seller_id")
            counts = daily_counts.per_day(seen, moment, "order", since, until)
            series.append(_series(label, tone, span.first, counts, f"{_to('orders_order')}?{name}"))
    if user.has_perm("refunds.view_refund"):
        paid, why = _refunded(user, span)
        address = _to("refunds_refund", status=RefundStatus.EXECUTED)
        series.append(_series("Refunds paid", "info", span.first, paid, f"{address}&executed"))
        reasons = _reasons(why, f"{address}&executed={span}")
    return Chart(span, series, reasons) if series else None


def _refunded(user: User, span: date_range.Span) -> tuple[Counter[date], Counter[str]]:
    since, until = span.bounds
    paid = Refund.objects.filter(status=RefundStatus.EXECUTED, executed_at__gte=since, executed_at__lt=until)
    day = TruncDate("executed_at", tzinfo=timezone.get_current_timezone())
    per_day: Counter[date] = Counter()
    per_reason: Counter[str] = Counter()
    rows = seller_scope.narrow(paid, user, "seller_id").order_by().values_list(day, "reason")
    for when, reason, many in rows.annotate(many=Count("pk")):
        per_day[when] += many
        per_reason[reason] += many
    return per_day, per_reason


def _series(label: str, tone: str, first: date, counts: Mapping[date, int], address: str) -> Series:
    most = max(counts.values(), default=0)
    bars = []
    for number, day in enumerate(first + timedelta(days=n) for n in range(DAYS)):
        count = counts.get(day, 0)
        height = max(round(count * TALL / most, 2), 1) if count else 0
        newest = number - (DAYS - NEWEST)
        place = newest if newest >= 0 else number
        bars.append(Bar(day, count, f"{address}={day}", place * STEP, TALL - height, height))
    return Series(label, tone, bars, max(bars, key=lambda bar: bar.count))


def _reasons(counts: Counter[str], address: str) -> list[Reason]:
    labels = dict(Refund.Reason.choices)
    most = max(counts.values(), default=1)
    return [
        Reason(str(labels.get(name, name)), count, f"{address}&reason={name}", max(round(count * 100 / most), 1))
        for name, count in counts.most_common()
    ]


def _to(rows: str, **asked: str) -> str:
    address = reverse(f"admin:{rows}_changelist")
    return f"{address}?{urlencode(asked)}" if asked else address
