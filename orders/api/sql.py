"""How does PostgreSQL itself write what a serializer declares? (the serializer is the one list of fields)

Rendering a page in Python takes ten times as long as reading it. So the fields of a serializer become one SELECT that
answers finished JSON: `source` paths are followed through the models, nested serializers become nested objects and
lists, and the same serializer gives the OpenAPI schema. What it does not require is written only where it is expanded.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import ForeignKey, JSONField, Model
from rest_framework import serializers

from orders import money
from orders.api.fields import Amount, Known, Newest, UnitsBySku
from orders.api.fieldsets import is_extra
from orders.bulk_sql import array


class Chosen(NamedTuple):
    """Which fields of a row are written: only these, if any are named, and those that are expanded."""

    only: frozenset[str] = frozenset()
    expand: frozenset[str] = frozenset()

    def has(self, name: str, field: Any) -> bool:
        """Whether the field is written."""
        return name in self.expand or (not is_extra(field) and (not self.only or name in self.only))


ALL = Chosen()


def render(
    shape: type[serializers.Serializer[Any]], model: type[Model], ids: Sequence[int], chosen: Chosen = ALL
) -> list[str]:
    """The rows with these ids as JSON texts, in the sequence of the ids."""
    if not ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(statement(shape, model, chosen), [array("bigint", ids)])
        return [body for (body,) in cursor.fetchall()]


@lru_cache(maxsize=500)
def statement(shape: type[serializers.Serializer[Any]], model: type[Model], chosen: Chosen = ALL) -> str:
    """The SELECT for a serializer of a model; its parameter is the text of an array of ids."""
    table = _Table(model, "t")
    body = _object(_fields(shape(), chosen), table)
    return (
        f"SELECT ({body})::text FROM unnest(%s::bigint[]) WITH ORDINALITY AS w(id, n) "
        f"JOIN {model._meta.db_table} t ON t.id = w.id {' '.join(table.joins.values())} ORDER BY w.n"  # noqa: SLF001
    )


@dataclass(slots=True)
class _Table:
    """Rows of a model under an alias, with what is joined to them. `outer` are rows that are there already."""

    model: type[Model]
    alias: str
    outer: "dict[str, _Table]" = field(default_factory=dict)
    joins: dict[str, str] = field(default_factory=dict)

    def column(self, path: str) -> str:
        name, _, rest = path.partition(".")
        if rest:
            return self.joined(name).column(rest)
        found = self.model._meta.get_field(name)  # noqa: SLF001 - Django's public interface
        return f"{self.alias}.{found.column}"  # type: ignore[union-attr]

    def joined(self, name: str) -> "_Table":
        if name in self.outer:
            return self.outer[name]
        key: Any = self.model._meta.get_field(name)  # noqa: SLF001
        other = _Table(key.related_model, f"{self.alias}_{name}", joins=self.joins)
        # No inner join: a null key must not lose the row.
        self.joins.setdefault(
            other.alias,
            f"LEFT JOIN {other.model._meta.db_table} {other.alias} ON {other.alias}.id = {self.alias}.{key.column}",  # noqa: SLF001
        )
        return other


@dataclass(slots=True)
class _Json:
    """The keys of a JSON object in a column."""

    expression: str
    outer: _Table

    def column(self, path: str) -> str:
        return f"({self.expression} ->> '{path}')"


_Rows = _Table | _Json


def _fields(serializer: serializers.BaseSerializer[Any], chosen: Chosen = ALL) -> dict[str, Any]:
    known: dict[str, Any] = serializer.fields  # type: ignore[attr-defined]
    return {name: field for name, field in known.items() if chosen.has(name, field)}


def _object(fields: dict[str, Any], rows: _Rows) -> str:
    columns = ", ".join(f'{_value(field, rows)} AS "{name}"' for name, field in fields.items())
    # Unlike json_build_object it writes no blanks.
    return f"SELECT row_to_json(x) FROM (SELECT {columns}) x"


def _value(field: Any, rows: _Rows) -> str:
    source = field.source
    if isinstance(field, serializers.ListSerializer):
        return _list(field, rows)
    if isinstance(field, serializers.BaseSerializer):
        return f"({_object(_fields(field), rows if source == '*' else _inner(rows, source))})"
    return _scalar(field, rows)


def _scalar(field: Any, rows: _Rows) -> str:
    if isinstance(field, Newest):
        return _newest(str(field.source), rows)
    column = rows.column(field.source)
    if isinstance(field, UnitsBySku):
        return _units(field, column)
    if isinstance(field, Amount):
        money_of = rows.outer if isinstance(rows, _Json) else rows
        return _amount(column if isinstance(rows, _Table) else f"{column}::bigint", money_of.column(field.currency))
    if isinstance(field, Known):
        return _known(field, rows)
    if isinstance(field, serializers.DateTimeField):
        # What has no fraction of a second is written without one.
        return f"""replace(to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '.000000Z', 'Z')"""
    return column


def _units(field: UnitsBySku, column: str) -> str:
    counts = ", ".join(f"'{name}', u.value -> {n}" for n, name in enumerate(field.counts))
    row = f"json_build_object('sku', u.key, {counts})"
    return f"(SELECT coalesce(json_agg({row} ORDER BY u.key), '[]') FROM jsonb_each({column}) AS u)"


def _known(field: Known, rows: _Rows) -> str:
    known = f"nullif({rows.column(str(field.source))}, '')"
    if field.only_while is None:
        return known
    other, value = field.only_while
    return f"CASE WHEN {rows.column(other)} = '{value}' THEN {known} END"


def _newest(path: str, rows: _Rows) -> str:
    *before, name = path.split(".")
    owner = rows.joined(before[0]) if before and isinstance(rows, _Table) else rows
    if not isinstance(owner, _Table):
        raise TypeError("JSON columns have no relations")
    relation: Any = owner.model._meta.get_field(name)  # noqa: SLF001
    table, key = relation.related_model._meta.db_table, relation.field.column  # noqa: SLF001
    return f"(SELECT coalesce(max(r.id), 0) FROM {table} r WHERE r.{key} = {owner.alias}.id)"


def _inner(rows: _Rows, source: str) -> _Rows:
    if not isinstance(rows, _Table):
        raise TypeError("JSON columns are read one level deep")
    found = rows.model._meta.get_field(source)  # noqa: SLF001
    return _Json(rows.column(source), rows) if isinstance(found, JSONField) else rows.joined(source)


def _list(field: Any, rows: _Rows) -> str:
    if not isinstance(rows, _Table):
        raise TypeError("JSON columns are read one level deep")
    relation: Any = rows.model._meta.get_field(field.source)  # noqa: SLF001
    fields = _fields(field.child)
    if isinstance(relation, JSONField):
        inner = _object(fields, _Json("e.value", rows))
        of = f"jsonb_array_elements({rows.column(field.source)}) WITH ORDINALITY AS e(value, n)"
        return f"(SELECT coalesce(json_agg(({inner}) ORDER BY e.n), '[]') FROM {of})"
    key: ForeignKey[Any, Any] = relation.field
    table = _Table(relation.related_model, f"{rows.alias}_{field.source}", {key.name: rows})
    body = _object(fields, table)
    names = [str(name) for name in table.model._meta.ordering or ()]  # noqa: SLF001
    order = ", ".join(table.column(name.lstrip("-")) + " DESC" * name.startswith("-") for name in names)
    of = f"{table.model._meta.db_table} {table.alias} {' '.join(table.joins.values())}"  # noqa: SLF001
    mine = f"{table.alias}.{key.column} = {rows.alias}.id"
    return f"(SELECT coalesce(json_agg(({body}) ORDER BY {order}), '[]') FROM {of} WHERE {mine})"


def _amount(minor: str, currency: str) -> str:
    """As `money.text` writes it."""
    cases = "".join(
        f" WHEN {currency} IN ({', '.join(repr(code) for code in codes)}) THEN ({minor}{scale})::text"
        for codes, scale in ((money.with_digits(0), ""), (money.with_digits(3), " * 0.001"))
    )
    return f"CASE{cases} ELSE ({minor} * 0.01)::text END"
