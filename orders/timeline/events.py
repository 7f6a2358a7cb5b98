"""How does a fact get onto an order's timeline?"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import connection

from orders.bulk_sql import unnest


@dataclass(slots=True)
class Event:
    """One thing that happened. `actor` is who or what caused it: `prosku:main`, `staff:anna`, `system`.

    Nobody changes one; it is not frozen because a page makes thousands, and those take several times as long to make.
    """

    order_id: int
    seller_id: int
    kind: str
    occurred_at: datetime | None
    actor: str
    data: dict[str, Any] = field(default_factory=dict)
    message: int | None = None


def staff(by: AbstractBaseUser) -> str:
    """How a person is named on the timeline."""
    return f"staff:{by.get_username()}"


def record(facts: Sequence[Event]) -> None:
    """Append facts in the given order, in one statement. A second call appends them again: callers decide."""
    if not facts:
        return
    source, parameters = unnest(
        [
            ("order_id", "bigint", [fact.order_id for fact in facts]),
            ("seller_id", "bigint", [fact.seller_id for fact in facts]),
            ("kind", "text", [fact.kind for fact in facts]),
            ("occurred_at", "timestamptz", [fact.occurred_at for fact in facts]),
            ("actor", "text", [fact.actor for fact in facts]),
            ("message", "bigint", [fact.message for fact in facts]),
        ],
        documents=("data", [fact.data for fact in facts]),
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO orders_orderevent (order_id, seller_id, kind, occurred_at, actor, data, message)
            SELECT order_id, seller_id, kind, coalesce(occurred_at, now()), actor, data, message
            FROM {source} ORDER BY n
            """,
            parameters,
        )
