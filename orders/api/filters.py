"""By what can the rows of a list be chosen? (each kind of filter says in the schema what it takes)"""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

import django_filters
from django.core.validators import RegexValidator
from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema_field

from orders import money

Rows = QuerySet[Any]

LARGEST_ID = 2**62
_DECIMAL = r"^[0-9]{1,12}(\.[0-9]{1,3})?$"


class Exactly(django_filters.CharFilter):  # type: ignore[misc]
    """Rows whose text is exactly this, blanks included. A text that nobody has gives an empty page."""

    def __init__(self, *, field_name: str | None = None, label: str, method: Any = None) -> None:
        super().__init__(field_name=field_name, label=label, strip=False, method=method)
        described = {"type": "string", "minLength": 1, "pattern": r"^[^\x00]+$", "description": label}
        extend_schema_field(described)(self)


class Id(django_filters.NumberFilter):  # type: ignore[misc]
    """Rows that belong to the one with this id. An id that nobody has gives an empty page."""

    def __init__(self, *, field_name: str, label: str) -> None:
        super().__init__(field_name=field_name, label=label, min_value=1, max_value=LARGEST_ID, decimal_places=0)
        described = {"type": "integer", "minimum": 1, "maximum": LARGEST_ID, "description": label}
        extend_schema_field(described)(self)


class Moment(django_filters.IsoDateTimeFilter):  # type: ignore[misc]
    """Rows whose moment lies there: `gte` is from then on, `lt` before it."""

    def __init__(self, *, field_name: str, lookup_expr: str, label: str) -> None:
        super().__init__(field_name=field_name, lookup_expr=lookup_expr, label=label)
        extend_schema_field({"type": "string", "format": "date-time", "description": label})(self)

    def filter(self, rows: Rows, value: datetime | None) -> Rows:
        found: Rows = super().filter(rows, _in_utc(value) if value else value)
        return found


class YesNo(django_filters.ChoiceFilter):  # type: ignore[misc]
    """Rows of which a condition holds, or does not."""

    def __init__(self, condition: Q, *, label: str) -> None:
        super().__init__(choices=(("true", "true"), ("false", "false")), label=label, field_name="pk")
        self._condition = condition
        extend_schema_field({"type": "string", "enum": ["true", "false"], "description": label})(self)

    def filter(self, rows: Rows, value: str) -> Rows:
        if not value:
            return rows
        return rows.filter(self._condition) if value == "true" else rows.exclude(self._condition)


class AmountBound(django_filters.CharFilter):  # type: ignore[misc]
    """Rows whose amount is at least, or at most, so much of their own currency."""

    def __init__(self, *, field_name: str, at_most: bool = False, label: str) -> None:
        self._lookup, self._rounding = ("lte", ROUND_FLOOR) if at_most else ("gte", ROUND_CEILING)
        super().__init__(field_name=field_name, label=label, validators=[RegexValidator(_DECIMAL)])
        extend_schema_field({"type": "string", "pattern": _DECIMAL, "description": label})(self)

    def filter(self, rows: Rows, value: str) -> Rows:
        if not value:
            return rows
        chosen, rest = Q(), Q()
        for digits in (0, 3):
            codes = Q(currency__in=money.with_digits(digits))
            chosen |= codes & self._bound(value, digits)
            rest |= codes
        return rows.filter(chosen | (~rest & self._bound(value, 2)))

    def _bound(self, value: str, digits: int) -> Q:
        minor = int(Decimal(value).scaleb(digits).to_integral_value(self._rounding))
        return Q(**{f"{self.field_name}__{self._lookup}": minor})


def _in_utc(moment: datetime) -> datetime:
    # PostgreSQL knows no offset of 16 hours and more, Python no year 0 or 10000.
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC) if moment.year > 5000 else datetime.min.replace(tzinfo=UTC)


def among(find: Callable[[str], Any]) -> Callable[[Rows, str, str], Rows]:
    """A filter method: rows whose id is among those that `find` answers for the text."""

    def chosen(rows: Rows, name: str, value: str) -> Rows:
        return rows.filter(pk__in=find(value))

    return chosen
