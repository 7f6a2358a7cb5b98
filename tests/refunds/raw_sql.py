"""How does a test write past every rule of ours, straight into the tables?"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from orders.models import Order, OrderItem
from refunds.models import Refund

TABLES = ("orders_order", "orders_orderitem", "orders_orderevent", "refunds_refund", "refunds_refunditem")
MORE_TABLES = ("refunds_refundattempt", "orders_attentionitem")


def sql(statement: str, *parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def rows() -> dict[str, list[Any]]:
    found = {}
    with connection.cursor() as cursor:
        for table in TABLES + MORE_TABLES:
            cursor.execute(f"SELECT * FROM {table} ORDER BY id")
            found[table] = cursor.fetchall()
    return found


@contextmanager
def refused(sentence: str) -> Iterator[None]:
    """What happens inside fails, at the latest when it is committed, with this said; and nothing has changed."""
    before = rows()
    with pytest.raises(IntegrityError, match=sentence), transaction.atomic():  # noqa: PT012 - the caller's statements
        yield
        connection.check_constraints()
    assert rows() == before


def propose_in_sql(order: Order, *parts: tuple[OrderItem, int, int], **changes: Any) -> int:
    """A refund by hand, past every rule of ours, with items (item, units, amount)."""
    items_amount = sum(amount for _, _, amount in parts)
    shipping = changes.get("shipping_amount", 0)
    values = {
        "order_id": order.pk,
        "seller_id": order.seller_id,
        "sequence": 90,
        "number": "X-R90",
        "origin": "staff",
        "kind": "pre_shipment",
        "status": "proposed",
        "version": 1,
        "reason": "other",
        "reason_note": "",
        "messages": [],
        "proposed_behind": [],
        "currency": order.currency,
        "items_amount": items_amount,
        "shipping_amount": 0,
        "rounding_amount": 0,
        "amount": items_amount + shipping,
        "tax_amount": 0,
        "approvals_needed": 1,
        "why": "",
        "provider": "manual",
        "provider_reference": "",
    } | changes
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO refunds_refund ({', '.join(values)}) VALUES ({', '.join(['%s'] * len(values))}) RETURNING id",
            list(values.values()),
        )
        refund_id: int = cursor.fetchone()[0]
    for item, units, amount in parts:
        add_item_in_sql(refund_id, item, units, amount)
    return refund_id


def add_item_in_sql(refund_id: int, item: OrderItem, units: int, amount: int, tax: int = 0) -> None:
    sql(
        "INSERT INTO refunds_refunditem (refund_id, item_id, quantity, amount, tax, cancelled_upto)"
        " VALUES (%s, %s, %s, %s, %s, 0)",
        *(refund_id, item.pk, units, amount, tax),
    )


def attempt_in_sql(refund: Refund, number: int, outcome: str, **changes: Any) -> None:
    values = {
        "refund_id": refund.pk,
        "number": number,
        "key": f"00000000-0000-0000-0000-{number:012}",
        "gateway": "manual",
        "amount": refund.amount,
        "currency": refund.currency,
        "outcome": outcome,
        "provider_reference": "",
        "detail": "",
    } | changes
    finished = "now()" if outcome else "NULL"
    sql(
        f"INSERT INTO refunds_refundattempt ({', '.join(values)}, finished_at)"
        f" VALUES ({', '.join(['%s'] * len(values))}, {finished})",
        *values.values(),
    )


def set_status(refund: Refund, status: str, more: str = "") -> None:
    sql(f"UPDATE refunds_refund SET status = %s {more} WHERE id = %s", status, refund.pk)


def make_executing(refund: Refund) -> None:
    set_status(refund, "executing", ", lease_until = now() + interval '1 hour'")


def make_executed(refund: Refund) -> None:
    make_executing(refund)
    attempt_in_sql(refund, 1, "paid")
    set_status(refund, "executed")
    connection.check_constraints()
