"""Which sellers may a person see?

Whoever shows rows to a person asks here: `narrow` leaves the rows of the person's sellers. It costs one query in a
request, whatever is asked how often. A superuser and a person without sellers of their own are not limited.
"""

from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Exists, OuterRef, Q, QuerySet

from orders.models import Order, Person, SalesChannel, Seller

Rows = QuerySet[Any]
_CACHED = "reach_kept"


def of(user: Any) -> frozenset[int] | None:
    """The sellers that this person is limited to; None when they see all."""
    if user.is_anonymous:
        return frozenset()
    return None if user.is_superuser else _cached(user)[1]


def zone(user: Any) -> str:
    """The name of the time zone that this person chose, "" for the installation's own."""
    return "" if user.is_anonymous else _cached(user)[0]


def narrow(rows: Rows, user: Any, path: str) -> Rows:
    """The rows that this person may see; `path` leads to the seller's id, such as "order__seller_id"."""
    sellers = of(user)
    return rows if sellers is None else rows.filter(**{f"{path}__in": sellers})


def sellers(user: Any) -> QuerySet[Seller]:
    """The sellers that this person may see."""
    return narrow(Seller.objects.all(), user, "pk")


def channels(user: Any) -> QuerySet[SalesChannel]:
    """The sales channels that this person may see: a limited one sees those where their sellers have orders."""
    reached = of(user)
    rows = SalesChannel.objects.all()
    if reached is None:
        return rows
    return rows.filter(Exists(Order.objects.filter(channel=OuterRef("pk"), seller__in=reached)))


def _cached(user: Any) -> tuple[str, frozenset[int] | None]:
    cached: tuple[str, frozenset[int] | None] | None = getattr(user, _CACHED, None)
    if cached is None:
        found = (
            Person.objects.filter(user=user.pk)
            .annotate(ids=ArrayAgg("sellers", filter=Q(sellers__isnull=False)))
            .values_list("time_zone", "ids")
            .first()
        )
        name, ids = found or ("", None)
        cached = name, frozenset(ids) if ids else None
        setattr(user, _CACHED, cached)
    return cached
