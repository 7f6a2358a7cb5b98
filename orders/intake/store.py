"""How do orders and their items get out of the database and back? (few statements, however many rows)"""

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db import connection
from django.db.models import Model, QuerySet

from orders.bulk_sql import Column, unnest
from orders.documents import Document, Item
from orders.intake.changes import Changes, values
from orders.models import Order, OrderItem, SalesChannel, Seller

Key = tuple[int, int, str]
"""Seller, channel and reference: what makes an order the same order."""

New = tuple[Document, Seller, SalesChannel]
"""A document of an order that is not here yet, and the places it names."""

_TYPES = {
    "source": "text",
    "placed_at": "timestamptz",
    "currency": "text",
    "prices_include_tax": "bool",
    "customer_name": "text",
    "customer_email": "text",
    "customer_phone": "text",
    "shipping_address": "jsonb",
    "billing_address": "jsonb",
    "shipping_method": "text",
    "notes": "text",
    "language": "text",
    "channel_order_id": "text",
    "shipping_charge": "bigint",
    "discounts": "jsonb",
    "rounding": "bigint",
    "total": "bigint",
}
_COMPACT = json.JSONEncoder(separators=(",", ":"))
# Beyond every position that an item can have, so that items can change places in one statement.
_ASIDE = 10_000


def lock(keys: Collection[Key]) -> dict[Key, Order]:
    """Lock the orders with these keys, in the same sequence as everybody who locks orders."""
    sellers, channels, references = zip(*keys, strict=True)
    orders = Order.objects.raw(
        """
        SELECT o.* FROM orders_order o
        JOIN unnest(%s::bigint[], %s::bigint[], %s::text[]) AS k(seller_id, channel_id, reference)
            USING (seller_id, channel_id, reference)
        ORDER BY o.id FOR NO KEY UPDATE OF o
        """,
        [list(sellers), list(channels), list(references)],
    )
    return {(order.seller_id, order.channel_id, order.reference): order for order in orders}


def items_of(orders: Collection[Order]) -> dict[int, list[OrderItem]]:
    """The items of these orders, in their sequence."""
    items: dict[int, list[OrderItem]] = {order.pk: [] for order in orders}
    if items:
        for item in OrderItem.objects.filter(order_id__in=items).order_by("order_id", "position"):
            items[item.order_id].append(item)
    return items


def pointed_at(model: type[Model], ids: Collection[int]) -> set[int]:
    """Which of these rows other rows still point at, so that they cannot be removed."""
    found: set[int] = set()
    # Whoever they are: orders knows nobody, so it asks what the database's relations are.
    for relation in model._meta.related_objects if ids else ():  # noqa: SLF001 - Django's public interface
        name = f"{relation.field.name}_id"
        rows: QuerySet[Any] = QuerySet(relation.related_model).filter(**{f"{name}__in": list(ids)})
        found.update(rows.values_list(name, flat=True))
    return found


def create(new: Sequence[New]) -> list[int]:
    """Insert orders with their items, and answer the orders' ids."""
    rows = [
        {
            "seller_id": seller.pk,
            "channel_id": channel.pk,
            "reference": document.reference,
            "source": channel.kind,
            "ordered_units": document.units,
            "outstanding_units": document.units_to_ship,
            # What the payments come to that are written next.
            "total_paid": document.total_paid,
            **values(document),
        }
        for document, seller, channel in new
    ]
    ids = {tuple(key): pk for pk, *key in _insert(rows)}
    found = [ids[seller.pk, channel.pk, document.reference] for document, seller, channel in new]
    _insert_items(
        ((order_id, False, False), position, item)
        for order_id, (document, _, _) in zip(found, new, strict=True)
        for position, item in enumerate(document.items, start=1)
    )
    return found


def update(changed: Sequence[tuple[Order, Changes]]) -> None:
    """Write the new values of orders and items."""
    if not changed:
        return
    columns: list[list[Any]] = [[order.pk for order, _ in changed]]
    for name, kind in _TYPES.items():
        column = [changes.values.get(name, getattr(order, name)) for order, changes in changed]
        columns.append([json.dumps(value) for value in column] if kind == "jsonb" else column)
    arrays = ", ".join(f"%s::{kind}[]" for kind in ("bigint", *_TYPES.values()))
    assignments = ", ".join(f"{name} = t.{name}" for name in _TYPES)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE orders_order o SET {assignments}, updated_at = now()
            FROM unnest({arrays}) AS t(id, {", ".join(_TYPES)}) WHERE o.id = t.id
            """,
            columns,
        )
    _replace_items([(order, changes) for order, changes in changed if changes.items_differ])


def _replace_items(changed: Sequence[tuple[Order, Changes]]) -> None:
    if not changed:
        return
    with connection.cursor() as cursor:
        removed = [item.pk for _, changes in changed for item in changes.removed]
        cursor.execute("DELETE FROM orders_orderitem WHERE id = ANY(%s)", [removed])
        cursor.execute(
            "UPDATE orders_orderitem SET position = position + %s WHERE order_id = ANY(%s)",
            [_ASIDE, [order.pk for order, _ in changed]],
        )
        kept = [entry for _, changes in changed for entry in changes.kept]
        cursor.execute(
            """
            UPDATE orders_orderitem i SET position = t.position, name = t.name, quantity = t.quantity,
                unit_price = t.unit_price, exact_unit_price = t.exact_unit_price, discount = t.discount,
                discount_share = t.discount_share, tax = t.tax, paid = t.paid, channel_line = t.channel_line,
                ships = t.ships, properties = t.properties::jsonb
            FROM unnest(%s::bigint[], %s::smallint[], %s::text[], %s::int[], %s::bigint[], %s::bigint[], %s::bigint[],
                %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::bool[], %s::text[])
                AS t(id, position, name, quantity, unit_price, discount, discount_share, tax, paid, exact_unit_price,
                    channel_line, ships, properties)
            WHERE i.id = t.id
            """,
            [
                [item.pk for item, _, _ in kept],
                [position for _, position, _ in kept],
                *(
                    [getattr(line, name) for _, _, line in kept]
                    for name in ("name", "quantity", "unit_price", "discount", "discount_share", "tax", "paid")
                ),
                [line.exact_unit_price for _, _, line in kept],
                [line.channel_line for _, _, line in kept],
                [line.ships for _, _, line in kept],
                [_properties(line) for _, _, line in kept],
            ],
        )
    _insert_items(
        ((order.pk, order.started, order.on_hold), position, line)
        for order, changes in changed
        for position, line in changes.added
    )


def _insert_items(lines: Iterable[tuple[tuple[int, bool, bool], int, Item]]) -> None:
    """Insert items; of the order each belongs to: its id, and whether it is started, and on hold."""
    rows = list(lines)
    if not rows:
        return
    source, parameters = unnest(
        [
            ("order_id", "bigint", [order_id for (order_id, *_), _, _ in rows]),
            ("position", "int", [position for _, position, _ in rows]),
            ("sku", "text", [line.sku for _, _, line in rows]),
            ("name", "text", [line.name for _, _, line in rows]),
            ("quantity", "int", [line.quantity for _, _, line in rows]),
            ("unit_price", "bigint", [line.unit_price for _, _, line in rows]),
            ("exact_unit_price", "text", [line.exact_unit_price for _, _, line in rows]),
            ("discount", "bigint", [line.discount for _, _, line in rows]),
            ("discount_share", "bigint", [line.discount_share for _, _, line in rows]),
            ("tax", "bigint", [line.tax for _, _, line in rows]),
            ("paid", "bigint", [line.amount for _, _, line in rows]),
            ("channel_line", "text", [line.channel_line for _, _, line in rows]),
            ("ships", "bool", [line.ships for _, _, line in rows]),
            ("properties", "text", [_properties(line) for _, _, line in rows]),
            ("started", "bool", [started for (_, started, _), _, _ in rows]),
            ("on_hold", "bool", [on_hold for (*_, on_hold), _, _ in rows]),
        ]
    )
    zero = "shipped_quantity, cancelled_quantity, committed_quantity, committed_unshipped"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO orders_orderitem (order_id, position, sku, name, quantity, unit_price,
                exact_unit_price, discount, discount_share, tax, paid, channel_line, ships, properties, started,
                on_hold, {zero},
                committed_amount, committed_tax)
            SELECT order_id, position, sku, name, quantity, unit_price, exact_unit_price, discount, discount_share, tax,
                paid, channel_line, ships, properties::jsonb, started, on_hold, 0, 0, 0, 0, 0, 0 FROM {source}
            """,
            parameters,
        )


def _properties(line: Item) -> str:
    return _COMPACT.encode(dict(line.properties)) if line.properties else "{}"


def _insert(rows: Sequence[dict[str, Any]]) -> list[tuple[Any, ...]]:
    # Django's bulk_create does the same with thrice the work: it makes an object of each row first.
    columns: list[Column] = []
    read = []
    for field in Order._meta.concrete_fields:  # noqa: SLF001 - Django's public interface
        if field.primary_key or field.generated or (field.has_db_default() and field.attname not in rows[0]):
            continue
        kind, default = field.db_type(connection) or "", field.get_default()
        values = [row.get(field.attname, default) for row in rows]
        if kind == "jsonb":
            values = [_COMPACT.encode(value) for value in values]
        # A cast to varchar(80) would cut what is longer; as text it is refused.
        plain = kind == "jsonb" or kind.startswith("varchar")
        columns.append((str(field.column), "text" if plain else kind, values))
        read.append(f"{field.column}::jsonb" if kind == "jsonb" else str(field.column))
    source, parameters = unnest(columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO orders_order ({", ".join(name for name, _, _ in columns)})
            SELECT {", ".join(read)} FROM {source} RETURNING id, seller_id, channel_id, reference
            """,
            parameters,
        )
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
