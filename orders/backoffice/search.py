"""Which orders does a person mean who types something into the search box?

Each column is read by its own index (`orders/models/sql/search.sql`), words of names by a table of their own
(`orders/models/sql/name_words.sql`), and no further than a person would read. Upper and lower case are the same.
`sellers` are those whose orders may be found, None stands for all.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from django.db import connection

from orders.texts import identifier

EACH = 300
"""So many orders at most are found by each of the columns: nobody reads further, and a search stays cheap."""

_POSTCODE = "upper(replace(o.shipping_address ->> 'postcode', ' ', ''))"
# What stands between the words of a name, as the database takes them apart.
_BETWEEN = re.compile(r"[\s!-/:-@\[-`{-~\u00a0\u2010-\u201f]+")
_NAMES = "SELECT o.order_id FROM orders_nameword o WHERE o.word"


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
    _Column("orders_fulfilmentorder f", "upper(f.number)", "f.order_id", filled="f.number <> ''", own_seller=False),
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


_Part = tuple[str, list[str | list[int]]]
"""A statement that finds orders, with its parameters."""


def search(text: str, *, sellers: Collection[int] | None = None) -> Found:
    """Orders with a reference, e-mail, number, postcode, SKU or words of the customer's name like this (one query).

    Where too many have it in full, these are the newest.
    """
    text = identifier(text)
    parts = [_part(column, "=", _upper(text, column), sellers, newest=True) for column in _COLUMNS]
    parts += [_part(column, "LIKE", f"{_escaped(_upper(text, column))}%", sellers) for column in _COLUMNS]
    parts += _named(_words(text), sellers)
    found = _read(parts)
    full, begun = found[: len(_COLUMNS)], found[len(_COLUMNS) :]
    exactly = sorted(set().union(*full))
    more = any(len(ids) > EACH for ids in (full if exactly else begun))
    return Found(exactly, sorted(set().union(*begun)), more)


def find(text: str, *, sellers: Collection[int] | None = None) -> list[int]:
    """Orders that a text begins to name, wherever it stands on them."""
    return search(text, sellers=sellers).beginning


def _part(column: _Column, how: str, wanted: str, sellers: Collection[int] | None, *, newest: bool = False) -> _Part:
    joined = ""
    if sellers is not None and not column.own_seller:
        joined = f" JOIN orders_order o ON o.id = {column.order}"
    filled = f" AND {column.filled}" if column.filled else ""
    newest_first = f" ORDER BY {column.order} DESC" if newest else ""
    found = f"SELECT {column.order} FROM {column.table}{joined} WHERE {column.text} {how} %s{filled}"
    return _of(found, [wanted], sellers, newest_first)


def _named(words: Sequence[str], sellers: Collection[int] | None) -> Iterator[_Part]:
    """The orders of a name with words that begin so; of those with the very word, where it is one, the newest."""
    if not words:
        return
    longest, *others = sorted(words, key=len, reverse=True)
    if not others:
        yield _of(f"{_NAMES} = lower(%s)", [longest], sellers, " ORDER BY o.order_id DESC")
    too = " AND EXISTS (SELECT FROM orders_nameword w WHERE w.order_id = o.order_id AND w.word LIKE lower(%s))"
    yield _of(f"{_NAMES} LIKE lower(%s){too * len(others)}", [f"{word}%" for word in (longest, *others)], sellers)


def _of(found: str, wanted: Sequence[str], sellers: Collection[int] | None, sequence: str = "") -> _Part:
    if sellers is None:
        return f"{found}{sequence}", [*wanted]
    return f"{found} AND o.seller_id = ANY(%s){sequence}", [*wanted, list(sellers)]


def _read(parts: Sequence[_Part]) -> list[list[int]]:
    """What each part finds."""
    statement = " UNION ALL ".join(
        f"(SELECT {n}, * FROM ({part} LIMIT {EACH + 1}) c)" for n, (part, _) in enumerate(parts)
    )
    found: list[list[int]] = [[] for _ in parts]
    with connection.cursor() as cursor:
        cursor.execute(statement, [value for _, wanted in parts for value in wanted])
        for n, order_id in cursor.fetchall():
            found[n].append(order_id)
    return found


def _upper(text: str, column: _Column) -> str:
    upper = text.upper()
    return upper.replace(" ", "") if column.closed_up else upper


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


def _words(text: str) -> list[str]:
    """The words of the text, none where it can hardly be a name."""
    words = [word for word in _BETWEEN.split(text) if any(sign.isalpha() for sign in word)]
    return [] if sum(map(len, words)) < 2 or re.search(r"[0-9@]", text) else words
