"""How many orders were shipped and cut short on each day, and which? (one definition, for the chart and the list)

Shipped is an order on a day on which a part of it left the warehouse; cut short, when units of it were cancelled.
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from orders.models import OrderEvent, Shipment

Rows = QuerySet[Any]
EARLY = timedelta(days=35)
"""Nothing leaves the warehouse before it was ordered. Wrong clocks are forgiven so much: more than a chart goes back,
so that the list has whatever a chart counts."""


def despatches() -> Rows:
    """What left the warehouse."""
    return Shipment.objects.filter(withdrawn=False, planned=False)


def cuts() -> Rows:
    """When units were cancelled."""
    return OrderEvent.objects.filter(kind="order.units_cancelled")


def shipped(orders: Rows, since: datetime, until: datetime) -> Rows:
    """The orders of which something left the warehouse in this time."""
    return _with(orders, despatches(), "despatched_at", since, until)


def cut_short(orders: Rows, since: datetime, until: datetime) -> Rows:
    """The orders of which units were cancelled in this time."""
    return _with(orders, cuts(), "occurred_at", since, until)


def per_day(rows: Rows, moment: str, of: str, since: datetime, until: datetime) -> dict[date, int]:
    """How many different `of` the rows of each day have, by the `moment` of each row."""
    within = rows.filter(**{f"{moment}__gte": since, f"{moment}__lt": until}).order_by()
    day = TruncDate(moment, tzinfo=timezone.get_current_timezone())
    return dict(within.values_list(day).annotate(many=Count(of, distinct=of != "pk")))


def _with(orders: Rows, rows: Rows, moment: str, since: datetime, until: datetime) -> Rows:
    within = {f"{moment}__gte": since, f"{moment}__lt": until}
    # Without it the newest orders are read first, years of them, before one of those days comes.
    return orders.filter(placed_at__lt=until + EARLY).filter(Exists(rows.filter(order=OuterRef("pk"), **within)))
