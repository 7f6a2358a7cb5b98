"""By what can orders be narrowed down? (each filter says which rows it leaves)"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Now, Upper

from orders.backoffice import daily_counts, seller_scope
from orders.backoffice.lists import Filter, Rows, by_days, by_field, by_row
from orders.backoffice.overdue import past_promise
from orders.models import AttentionItem, OrderTag, SalesChannel, Tag
from orders.statuses import SHIPPED_SHORT, SHIPPED_SHORT_LABEL, Detail, PaymentStatus, Status

OPEN = "open"
ANY = "any"
PENDING = "pending"
AGES = (2, 5, 10, 30)
OPEN_ATTENTION = AttentionItem.objects.filter(closed_at__isnull=True)
_STATUSES = (
    (OPEN, "Open (not all shipped)"),
    *((one.value, str(one.label)) for one in Status),
    (SHIPPED_SHORT, SHIPPED_SHORT_LABEL),
)
_HOLDS = ((ANY, "On hold"), ("us", "On hold here"), ("warehouse", "On hold at the warehouse"))
_DETAILS = [(one.value, str(one.label)) for one in Detail if one.value]
_AGES = [(str(days), f"Open for more than {days} days") for days in AGES]
_KINDS = ((ANY, "Needs attention"), *((kind.value, str(kind.label)) for kind in AttentionItem.Kind))
_PAYMENTS = (*((one.value, str(one.label)) for one in PaymentStatus), (PENDING, "Refund pending"))
_UNITS = (("short", "Short-shipped"), ("refunded", "With refunds"))


def _status(rows: Rows, value: str) -> Rows:
    if value == SHIPPED_SHORT:
        return rows.filter(shipped_short=True)
    return rows.filter(outstanding_units__gt=0) if value == OPEN else rows.filter(status=value)


def _older(rows: Rows, days: str) -> Rows:
    return rows.filter(outstanding_units__gt=0, placed_at__lt=Now() - timedelta(days=int(days)))


def _held(rows: Rows, by: str) -> Rows:
    held = rows.filter(status=Status.ON_HOLD)
    return held if by == ANY else held.filter(~Q(held_because="") if by == "us" else Q(held_because=""))


def _units(rows: Rows, value: str) -> Rows:
    return rows.filter(cancelled_units__gt=0) if value == "short" else rows.filter(committed_amount__gt=0)


def _paid(rows: Rows, value: str) -> Rows:
    if value == PENDING:
        return rows.filter(committed_amount__gt=F("refunded_amount"))
    return rows.filter(payment_status=value)


def _wanting(rows: Rows, kind: str) -> Rows:
    items = OPEN_ATTENTION if kind == ANY else OPEN_ATTENTION.filter(kind=kind)
    return rows.filter(pk__in=items.filter(order__isnull=False).values("order"))


def used_tags() -> Any:
    """Tags that some order carries."""
    return Tag.objects.filter(Exists(OrderTag.objects.filter(tag=OuterRef("pk"))))


def _tags(user: Any) -> list[tuple[str, str]]:
    names = (
        seller_scope.narrow(used_tags(), user, "seller_id").order_by("name").values_list("name", flat=True).distinct()
    )
    return [(name, name) for name in names[:200]]


def _tagged(rows: Rows, name: str) -> Rows:
    # By their ids the database knows how rare they are, by their name it does not.
    tags = list(Tag.objects.filter(name=name).values_list("pk", flat=True))
    return rows.filter(pk__in=OrderTag.objects.filter(tag__in=tags).values("order"))


def _to(rows: Rows, country: str) -> Rows:
    named: Rows = rows.alias(country=Upper(KeyTextTransform("country", "shipping_address")))
    return named.filter(country=country.upper())


def _placed(rows: Rows, since: datetime, until: datetime) -> Rows:
    return rows.filter(placed_at__gte=since, placed_at__lt=until)


FILTERS = (
    Filter("status", "Status", lambda _: _STATUSES, _status),
    Filter("payment", "Payment", lambda _: _PAYMENTS, _paid),
    by_row("seller", "Seller", seller_scope.sellers),
    by_row("channel", "Channel", seller_scope.channels),
    Filter("age", "Age", lambda _: _AGES, _older),
    Filter(
        "detail",
        "In the warehouse",
        lambda _: _DETAILS,
        lambda rows, value: rows.filter(status=Status.PROCESSING, status_detail=value),
        more=True,
    ),
    Filter("units", "Units", lambda _: _UNITS, _units, more=True),
    Filter("hold", "Hold", lambda _: _HOLDS, _held, more=True),
    Filter("attention", "Attention", lambda _: _KINDS, _wanting, more=True),
    Filter("promise", "Ship-by date", lambda _: (("late", "Overdue"),), lambda rows, _: past_promise(rows), more=True),
    Filter("tag", "Tag", _tags, _tagged, more=True),
    by_field("source", "Source", SalesChannel.Kind.choices, more=True),
    Filter("country", "Country", lambda _: (), _to, typed="[A-Za-z]{2}", hint="Two letters, such as GB", more=True),
    by_days("placed", "Placed", _placed),
    by_days("shipped", "Shipped", daily_counts.shipped),
    by_days("short", "Short-shipped", daily_counts.cut_short),
)
