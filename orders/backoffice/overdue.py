"""Which orders are late? (something of them is still outstanding after the days that the seller promises)

Few orders are outstanding at any time: a partial index holds them, however many have ever been placed.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, QuerySet, Value
from django.db.models.functions import Now
from django.utils import timezone

from orders.models import Order

_PROMISED = ExpressionWrapper(F("seller__promise_days") * Value(timedelta(days=1)), DurationField())


def ship_by() -> "ExpressionWrapper[Any]":
    """For a query of orders: by when all of one should have left the warehouse."""
    return ExpressionWrapper(F("placed_at") + _PROMISED, DateTimeField())


def past_promise(rows: QuerySet[Any]) -> QuerySet[Any]:
    """The orders of which something should have left the warehouse by now, also those on hold."""
    return rows.filter(outstanding_units__gt=0, placed_at__lt=Now() - _PROMISED)


def late_since(order: Order) -> datetime | None:
    """Since when an order is late; None when it is not."""
    promised = promise_of(order)
    return promised if promised is not None and promised < timezone.now() else None


def promise_of(order: Order) -> datetime | None:
    """By when all of an order should have left the warehouse; None when nothing is promised, or nothing left to do."""
    days = order.seller.promise_days
    return order.placed_at + timedelta(days=days) if days is not None and order.outstanding_units else None
