"""Which orders does a person mean who types something into the search box?

Each column is read by its own index (`orders/models/sql/search.sql`), words of names, addresses and products by tables
of their own (`orders/models/sql/search_words.sql`), and no further than a person would read. Upper and lower case are
the same, and so are letters with and without accents in words. `sellers` are those whose orders may be found, None
stands for all.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from django.db import connection

from orders.texts import identifier

EACH = 300
"""So many orders at most are found by each of the columns: nobody reads further, and a search stays cheap."""

_POSTCODE = "upper(replace(o.shipping_address ->> 'postcode', ' ', ''))"
_REFERENCE = "upper(translate(o.reference, ' -_#/.:', ''))"
_LAST_NUMBER = "substring(o.reference, '([0-9]+)[^0-9]*$')"
_DELIVERY_PHONE = "orders_phone_key(o.shipping_address ->> 'phone')"
# What stands between the words of a name, as the database takes them apart.
_BETWEEN = re.compile(r"[\s!-/:-@\[-`{-~\u00a0\u2010-\u201f]+")
_PHONE = re.compile(r"[0-9 ()+./-]+")
REFUND_NUMBER = re.compile(r"(?<=\w)[\s-]{1,3}R([0-9]{1,4})\Z", re.IGNORECASE)
"""The end of a refund's number, behind that of its order: which of its refunds it is."""

_WORDS = "SELECT o.order_id FROM orders_searchword o WHERE o.word"
_TOO = " AND EXISTS (SELECT FROM orders_searchword w WHERE w.order_id = o.order_id AND w.word LIKE orders_fold(%s))"
_PRODUCTS = "SELECT o.seller_id, o.sku FROM orders_productword o WHERE o.word"
_PRODUCT_TOO = (
    " AND EXISTS (SELECT FROM orders_productword w"
    " WHERE (w.seller_id, w.sku) = (o.seller_id, o.sku) AND w.word LIKE orders_fold(%s))"
)
# Of each product the newest orders.
_OF_PRODUCTS = f"""
SELECT f.order_id FROM ({{product}} LIMIT {EACH}) p CROSS JOIN LATERAL (
    SELECT i.order_id FROM orders_orderitem i JOIN orders_order o ON o.id = i.order_id AND o.seller_id = p.seller_id
    WHERE upper(i.sku) = upper(p.sku) ORDER BY i.order_id DESC LIMIT {EACH + 1}) f
"""


@dataclass(frozen=True, slots=True)
class _Column:
    """Where a text is looked for, and whether an order's seller stands in the same table."""

    table: str
    text: str
    order: str = "o.id"
    # What the index leaves out.
    filled: str = ""
    own_seller: bool = True
    # Signs that the index leaves out.
    without: str = ""


_BY_REFERENCE = _Column("orders_order o", _REFERENCE, without=" -_#/.:")
_COLUMNS = (
    _BY_REFERENCE,
    _Column("orders_order o", "upper(o.customer_email)", filled="o.customer_email <> ''"),
    _Column("orders_fulfilmentorder f", "upper(f.number)", "f.order_id", filled="f.number <> ''", own_seller=False),
    _Column("orders_order o", _POSTCODE, filled="o.shipping_address ->> 'postcode' <> ''", without=" "),
    _Column("orders_orderitem i", "upper(i.sku)", "i.order_id", own_seller=False),
    _Column("orders_shipment o", "upper(o.number)", "o.order_id"),
    _Column("orders_shipment o", "upper(o.tracking_number)", "o.order_id", filled="o.tracking_number <> ''"),
    _Column(
        "orders_payment o JOIN orders_paymentshare s ON s.payment_id = o.id",
        "upper(o.reference)",
        "s.order_id",
        filled="o.reference <> ''",
    ),
)
_BY_LAST_NUMBER = _Column("orders_order o", _LAST_NUMBER)
_BY_PHONE = (
    _Column("orders_order o", "orders_phone_key(o.customer_phone)", filled="o.customer_phone <> ''"),
    _Column("orders_order o", _DELIVERY_PHONE, filled="o.shipping_address ->> 'phone' <> ''"),
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
    """Orders that a person may mean by a text: a reference, an address, a number, a product (one query).

    Where too many have it in full, these are the newest.
    """
    text = identifier(text)
    wanted = list(_wanted(text))
    parts = [_part(column, "=", value, sellers, newest=True) for column, value in wanted]
    if refund := REFUND_NUMBER.search(text):
        reference = _as_stored(text[: refund.start()], _BY_REFERENCE)
        parts.append(_part(_BY_REFERENCE, "=", reference, sellers, newest=True))
    whole = len(parts)
    parts += [_part(column, "LIKE", f"{_escaped(value)}%", sellers) for column, value in wanted]
    parts += _named(_words(text), sellers)
    found = _read(parts) if parts else []
    full, begun = found[:whole], found[whole:]
    exactly = sorted(set().union(*full))
    more = any(len(ids) > EACH for ids in (full if exactly else begun))
    return Found(exactly, sorted(set(exactly).union(*begun)), more)


def find(text: str, *, sellers: Collection[int] | None = None) -> list[int]:
    """Orders that a text begins to name, wherever it stands on them."""
    return search(text, sellers=sellers).beginning


def _wanted(text: str) -> Iterator[tuple[_Column, str]]:
    """In which columns the text is looked for, and as what."""
    for column in _COLUMNS:
        if stored := _as_stored(text, column):
            yield column, stored
    if number := re.fullmatch(r"\W{0,3}([0-9]{1,50})", text):
        yield _BY_LAST_NUMBER, number[1]
    digits = re.sub("[^0-9]", "", text)
    if 6 <= len(digits) <= 15 and _PHONE.fullmatch(text):
        yield from ((column, digits[::-1][:8]) for column in _BY_PHONE)


def _part(column: _Column, how: str, wanted: str, sellers: Collection[int] | None, *, newest: bool = False) -> _Part:
    joined = ""
    if sellers is not None and not column.own_seller:
        joined = f" JOIN orders_order o ON o.id = {column.order}"
    filled = f" AND {column.filled}" if column.filled else ""
    newest_first = f" ORDER BY {column.order} DESC" if newest else ""
    found = f"SELECT {column.order} FROM {column.table}{joined} WHERE {column.text} {how} %s{filled}"
    return _of(found, [wanted], sellers, newest_first)


def _named(words: Sequence[str], sellers: Collection[int] | None) -> Iterator[_Part]:
    """The orders with words that begin so, or with a product of such a name.

    Of those with the very word, where it is one, the newest.
    """
    if not words:
        return
    longest, *others = sorted(words, key=len, reverse=True)
    if not others:
        yield _of(f"{_WORDS} = orders_fold(%s)", [longest], sellers, " ORDER BY o.order_id DESC")
    begun = [f"{word}%" for word in (longest, *others)]
    yield _of(f"{_WORDS} LIKE orders_fold(%s){_TOO * len(others)}", begun, sellers)
    product, values = _of(f"{_PRODUCTS} LIKE orders_fold(%s){_PRODUCT_TOO * len(others)}", begun, sellers)
    yield _OF_PRODUCTS.format(product=product), values


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


def _as_stored(text: str, column: _Column) -> str:
    return text.upper().translate(dict.fromkeys(map(ord, column.without)))


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


def _words(text: str) -> list[str]:
    """The words of the text, none where it can hardly be a name, a street or a product.

    A number is a word beside others only: "12 High Street", but not "20593" or "TR 20593".
    """
    words = [word for word in _BETWEEN.split(text) if word]
    letters = [len(word) for word in words if any(sign.isalpha() for sign in word)]
    if "@" in text or sum(letters) < 2 or (re.search("[0-9]", text) and max(letters) < 3):
        return []
    return words
