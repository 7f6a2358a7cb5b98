"""Which orders are past their promise? (something of them is still outstanding after the days that the seller promises)

Few orders are outstanding at any time: a partial index holds them, however many have ever been placed.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import DurationField, ExpressionWrapper, F, QuerySet, Value
from django.db.models.functions import Now

from orders.models import Order


def past_promise(rows: QuerySet[Any]) -> QuerySet[Any]:
    """The orders of which something should have left the warehouse by now, also those on hold."""
    promised = ExpressionWrapper(F("seller__promise_days") * Value(timedelta(days=1)), DurationField())
    return rows.filter(outstanding_units__gt=0, placed_at__lt=Now() - promised)


def promise_of(order: Order) -> datetime | None:
    """By when all of an order should have left the warehouse; None when nothing is promised, or nothing left to do."""
    days = order.seller.promise_days
    return order.placed_at + timedelta(days=days) if days is not None and order.outstanding_units else None
