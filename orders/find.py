"""Which orders does a person mean who types something into the search box?

Each column is read by its own index (migrations 0003 and 0013), and no further than a person would read. Upper and
lower case are the same. `sellers` are those whose orders may be found, None stands for all.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import connection

EACH = 300
"""So many orders at most are found by each of the columns: nobody reads further, and a search stays cheap."""

_POSTCODE = "upper(replace(o.shipping_address ->> 'postcode', ' ', ''))"
_NAME = "to_tsvector('simple', o.customer_name)"


@dataclass(frozen=True, slots=True)
class _Column:
    """Where a text is looked for, and whether an order's seller stands in the same table."""

    table: str
    text: str
    order: str = "o.id"
    # What the index leaves out.
    filled: str = ""
    own_seller: bool = True
    # Without blanks, as people leave them out of a postcode.
    closed_up: bool = False


_COLUMNS = (
    _Column("orders_order o", "upper(o.reference)"),
    _Column("orders_order o", "upper(o.customer_email)", filled="o.customer_email <> ''"),
    _Column("orders_order o", "upper(o.warehouse_number)", filled="o.warehouse_number <> ''"),
    _Column("orders_order o", _POSTCODE, filled="o.shipping_address ->> 'postcode' <> ''", closed_up=True),
    _Column("orders_orderitem i", "upper(i.sku)", "i.order_id", own_seller=False),
    _Column("orders_shipment o", "upper(o.number)", "o.order_id"),
    _Column("orders_shipment o", "upper(o.tracking_number)", "o.order_id", filled="o.tracking_number <> ''"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """Orders that a text names in full, those that it begins to name, and whether a column had more than were taken."""

    exactly: list[int]
    beginning: list[int]
    more: bool


def look(text: str, *, sellers: Collection[int] | None = None) -> Found:
    """Orders with a reference, e-mail, number, postcode, SKU or words of the customer's name like this (one query).

    Where too many have it in full, these are the newest.
    """
    parts = [_part(column, "=", sellers, newest=True) for column in _COLUMNS]
    wanted = [_upper(text, column) for column in _COLUMNS]
    parts += [_part(column, "LIKE", sellers) for column in _COLUMNS]
    wanted += [f"{_escaped(_upper(text, column))}%" for column in _COLUMNS]
    words = _words(text)
    if words:
        named = f"SELECT o.id FROM orders_order o WHERE {_NAME} @@ to_tsquery('simple', %s) AND o.customer_name <> ''"
        parts.append(named + _of("o", sellers))
        wanted.append(words)
    found = _read(parts, wanted, sellers)
    full, begun = found[: len(_COLUMNS)], found[len(_COLUMNS) :]
    exactly = sorted(set().union(*full))
    more = any(len(ids) > EACH for ids in (full if exactly else begun))
    return Found(exactly, sorted(set().union(*begun)), more)


def find(text: str, *, sellers: Collection[int] | None = None) -> list[int]:
    """Orders that a text begins to name, wherever it stands on them."""
    return look(text, sellers=sellers).beginning


def _part(column: _Column, how: str, sellers: Collection[int] | None, *, newest: bool = False) -> str:
    joined = ""
    if sellers is not None and not column.own_seller:
        joined = f" JOIN orders_order o ON o.id = {column.order}"
    filled = f" AND {column.filled}" if column.filled else ""
    newest_first = f" ORDER BY {column.order} DESC" if newest else ""
    of_sellers = _of("o", sellers)
    return (
        f"SELECT {column.order} FROM {column.table}{joined} "
        f"WHERE {column.text} {how} %s{filled}{of_sellers}{newest_first}"
    )


def _of(alias: str, sellers: Collection[int] | None) -> str:
    return "" if sellers is None else f" AND {alias}.seller_id = ANY(%s)"


def _read(parts: Sequence[str], wanted: Sequence[str], sellers: Collection[int] | None) -> list[set[int]]:
    """What each part finds."""
    parameters: list[str | list[int]] = []
    for one in wanted:
        parameters += [one] if sellers is None else [one, list(sellers)]
    statement = " UNION ALL ".join(f"(SELECT {n}, * FROM ({part} LIMIT {EACH + 1}) c)" for n, part in enumerate(parts))
    found: list[set[int]] = [set() for _ in parts]
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        for n, order_id in cursor.fetchall():
            found[n].add(order_id)
    return found


def _upper(text: str, column: _Column) -> str:
    upper = text.upper()
    return upper.replace(" ", "") if column.closed_up else upper


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


def _words(text: str) -> str:
    """The text as a query for words that begin so, in any sequence; "" where it can hardly be a name."""
    words = [word for word in re.split(r"[\s,]+", text) if any(sign.isalpha() for sign in word)]
    if sum(map(len, words)) < 2 or re.search(r"[0-9@]", text):
        return ""
    quoted = [word.replace("\\", r"\\").replace("'", "''") for word in words]
    return " & ".join(f"'{word}':*" for word in quoted)
