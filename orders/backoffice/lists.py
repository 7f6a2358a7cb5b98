"""Which rows does a list show? (filters, one page by key instead of by number, and a count that never reads far)"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import DateField, Q, QuerySet

from orders.backoffice import date_range

Rows = QuerySet[Any]
COUNTED = 1000
"""Up to here rows are counted; beyond it a list says "more than"."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One choice above a list, among what this person may choose. `narrow` gets one of them, or what was `typed`.

    A filter over `days` is two dates; `typed` is the pattern of a text, and `hint` an example of it. Those with `more`
    stand behind "More filters".
    """

    name: str
    label: str
    choices: Callable[[Any], Sequence[tuple[str, str]]]
    narrow: Callable[[Rows, str], Rows]
    default: str = ""
    days: bool = False
    typed: str = ""
    hint: str = ""
    more: bool = False


@dataclass(frozen=True, slots=True)
class Sort:
    """One way in which a list may run. All columns go the same way."""

    name: str
    label: str
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A filter with what was chosen in it; `value` "" stands for all."""

    filter: Filter
    choices: Sequence[tuple[str, str]]
    value: str

    @property
    def span(self) -> date_range.Span | None:
        """The days that were chosen."""
        return date_range.read(self.value) if self.filter.days else None

    @property
    def words(self) -> str:
        """What was chosen, as people say it."""
        return self.span.words if self.span else dict(self.choices).get(self.value, self.value)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The rows that were asked for. With `begins` they are those that the text names in full; these are all others."""

    rows: Rows
    text: str
    chosen: Sequence[Chosen]
    notice: str = ""
    begins: Rows | None = None

    @property
    def narrowed(self) -> bool:
        """Whether anything was asked for that a plain list does not ask."""
        return bool(self.text) or self.filtered

    @property
    def filtered(self) -> bool:
        """Whether a filter leaves out more than it does in a plain list."""
        return any(one.value != one.filter.default for one in self.chosen)

    def all_rows(self) -> Rows:
        """The rows that a list shows for this, all pages together."""
        return self.rows if self.begins is None or self.rows.exists() else self.begins

    def loosely(self) -> "Wanted":
        """The same with all that the text begins to name."""
        return self if self.begins is None else replace(self, rows=self.begins, begins=None)


@dataclass(frozen=True, slots=True)
class Searched:
    """What a search found, and what has to be said of it."""

    rows: Rows
    exactly: Rows | None = None
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Slice:
    """One page of rows; `before` and `after` are the keys of the neighbouring pages, "" where there is none."""

    rows: list[Any]
    before: str
    after: str


def by_field(
    name: str, label: str, choices: Sequence[tuple[str, Any]], default: str = "", *, more: bool = False
) -> Filter:
    """A filter over a column with fixed values."""
    fixed = [(str(value), str(text)) for value, text in choices if value]
    return Filter(name, label, lambda _: fixed, lambda rows, value: rows.filter(**{name: value}), default, more=more)


def by_row(name: str, label: str, reached: Callable[[Any], Rows], column: str = "", *, more: bool = False) -> Filter:
    """A filter over a foreign key, whose choices are the rows that a person may see, such as `reach.sellers`."""

    def choices(user: Any) -> list[tuple[str, str]]:
        return [(str(row.pk), str(row)) for row in reached(user)]

    return Filter(name, label, choices, lambda rows, value: rows.filter(**{f"{column or name}_id": value}), more=more)


def by_days(name: str, label: str, within: Callable[[Rows, datetime, datetime], Rows]) -> Filter:
    """A filter over days: `within` leaves the rows from one instant until before another."""

    def narrow(rows: Rows, value: str) -> Rows:
        span = date_range.read(value)
        return within(rows, *span.bounds) if span else rows

    return Filter(name, label, lambda _: (), narrow, days=True, more=True)


def choose(filters: Sequence[Filter], asked: Mapping[str, str], user: Any) -> list[Chosen]:
    """What was chosen in each filter. A value that is no choice counts as all; nothing asked as the default."""
    chosen = []
    for one in filters:
        choices = one.choices(user)
        value = _value_of(one, asked).strip()
        chosen.append(Chosen(one, choices, value if _known(one, choices, value) else ""))
    return chosen


def known(one: Chosen, value: str) -> bool:
    """Whether a value may be chosen in this filter; "" stands for all."""
    return not value or _known(one.filter, one.choices, value)


def _value_of(one: Filter, asked: Mapping[str, str]) -> str:
    if one.days and (f"{one.name}_from" in asked or f"{one.name}_to" in asked):
        first, last = asked.get(f"{one.name}_from", ""), asked.get(f"{one.name}_to", "")
        # Two dates the wrong way round can mean only one thing.
        return (
            "..".join(sorted((first or str(date_range.FIRST), last or str(date_range.LAST)))) if first or last else ""
        )
    return asked.get(one.name, one.default)


def _known(one: Filter, choices: Sequence[tuple[str, str]], value: str) -> bool:
    if one.days:
        return date_range.read(value) is not None
    if one.typed:
        return re.fullmatch(one.typed, value) is not None
    return value in dict(choices)


def narrow(rows: Rows, chosen: Sequence[Chosen]) -> Rows:
    """The rows that all chosen filters leave."""
    for one in chosen:
        if one.value:
            rows = one.filter.narrow(rows, one.value)
    return rows


def typed(asked: Mapping[str, str]) -> str:
    """The text of the search box, cleaned and bounded."""
    return " ".join(asked.get("q", "").replace("\x00", "").split())[:200]


def select(
    rows: Rows,
    filters: Sequence[Filter],
    asked: Mapping[str, str],
    user: Any,
    search: Callable[[Rows, str], Searched] | None = None,
) -> Wanted:
    """The rows that a person asks for: of those that they may see, what filters and search leave."""
    text = typed(asked) if search else ""
    chosen = choose(filters, asked, user)
    rows = narrow(rows, chosen)
    if not search or not text:
        return Wanted(rows, "", chosen)
    found = search(rows, text)
    if found.exactly is not None and asked.get("begins") != "yes":
        return Wanted(found.exactly, text, chosen, found.notice, begins=found.rows)
    return Wanted(found.rows, text, chosen, found.notice)


def count(rows: Rows, sort: Sequence[str]) -> tuple[int, bool]:
    """How many rows there are, and whether there are more than we counted.

    They are counted the way the list runs: by another way it may be long until the first one comes.
    """
    found = rows.order_by(*sort).values("pk")[: COUNTED + 1].count()
    return min(found, COUNTED), found > COUNTED


def cut(rows: Rows, sort: Sequence[str], asked: Mapping[str, str], size: int) -> Slice:
    """One page, by the keys `after` or `before` of what was asked. All columns of `sort` go the same way."""
    key, backwards = asked.get("after", ""), False
    if not key and asked.get("before"):
        key, backwards = asked["before"], True
    names = [name.lstrip("-") for name in sort]
    descending = sort[0].startswith("-") != backwards
    rows = rows.order_by(*(f"-{name}" if descending else name for name in names))
    values = _read(key, rows, names)
    if values is not None:
        rows = rows.filter(_beyond(names, values, "lt" if descending else "gt"))
    found = list(rows[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    if not found:
        return Slice([], "", "")
    earlier = more if backwards else values is not None
    later = True if backwards else more
    return Slice(
        found,
        before=_key(found[0], names) if earlier else "",
        after=_key(found[-1], names) if later else "",
    )


def _beyond(names: list[str], values: list[Any], way: str) -> Q:
    if len(names) == 1:
        return Q(**{f"{names[0]}__{way}": values[0]})
    first, second = names
    # The first condition alone lets the index find where to begin.
    return Q(**{f"{first}__{way}e": values[0]}) & (
        Q(**{f"{first}__{way}": values[0]}) | Q(**{f"{second}__{way}": values[1]})
    )


def _key(row: Any, names: list[str]) -> str:
    values = (getattr(row, name) for name in names)
    return "_".join(value.isoformat() if isinstance(value, datetime) else str(value) for value in values)


def _read(key: str, rows: Rows, names: list[str]) -> list[Any] | None:
    words = key.split("_") if key else []
    if len(words) != len(names):
        return None
    values: list[Any] = []
    for word, name in zip(words, names, strict=True):
        if isinstance(rows.query.get_meta().get_field(name), DateField):
            try:
                values.append(datetime.fromisoformat(word))
            except ValueError:
                return None
        elif word.isascii() and word.isdecimal() and len(word) <= 18:
            values.append(int(word))
        else:
            return None
    return values
