"""Which days does a text such as 2026-11-01..2026-11-30 name? (days of the zone in force, both included)"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

FIRST, LAST = date(1970, 1, 1), date(9998, 12, 31)
"""What stands for no first and no last day."""


@dataclass(frozen=True, slots=True)
class Span:
    """Some days in a row."""

    first: date
    last: date

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}..{self.last}"

    @property
    def words(self) -> str:
        """As people say it: 1 Nov 2026, or 1 Nov 2026 to 30 Nov 2026."""
        first, last = (f"{day.day} {day:%b %Y}" for day in (self.first, self.last))
        if self.first == FIRST:
            return f"until {last}"
        if self.last == LAST:
            return f"since {first}"
        return first if first == last else f"{first} to {last}"

    @property
    def since(self) -> str:
        """The first day as an input of the browser holds it, "" where there is none."""
        return "" if self.first == FIRST else str(self.first)

    @property
    def until(self) -> str:
        """The last day, likewise."""
        return "" if self.last == LAST else str(self.last)

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """The first instant, and the first one after the last day."""
        zone = timezone.get_current_timezone()
        after = self.last + timedelta(days=1)
        return datetime(*self.first.timetuple()[:3], tzinfo=zone), datetime(*after.timetuple()[:3], tzinfo=zone)


def read(text: str) -> Span | None:
    """The days that a text names; None when it names none."""
    first, _, last = text.partition("..")
    try:
        span = Span(date.fromisoformat(first), date.fromisoformat(last or first))
    except ValueError:
        return None
    return span if span.first <= span.last < date.max else None


def until_today(many: int) -> Span:
    """So many days, of which today is the last."""
    today = timezone.localdate()
    return Span(today - timedelta(days=many - 1), today)
