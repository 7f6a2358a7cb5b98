"""By what can refunds be narrowed down? (each filter says which rows it leaves)"""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now

from orders import money
from orders.backoffice import seller_scope
from orders.backoffice.lists import Filter, Rows, by_days, by_field, by_row
from refunds.execution import execute
from refunds.models import Refund, RefundStatus

_AGES = (1, 3, 7, 14, 30)
_BANDS = {"-20": (0, 20), "20-100": (20, 100), "100-500": (100, 500), "500-": (500, None)}
"""From and below, in whole units of the refund's own currency."""
_AMOUNTS = (("-20", "Below 20"), ("20-100", "20 to 100"), ("100-500", "100 to 500"), ("500-", "500 and more"))


def _needing(rows: Rows, value: str) -> Rows:
    called = Q(provider__in=execute.automatic_providers())
    by_need = {
        "two": Q(approvals_needed__gt=1),
        "second": Q(approvals_needed__gt=1, approved_by__isnull=False, second_approved_by__isnull=True),
        "hand": ~called,
        "provider": called,
    }
    return rows.filter(by_need[value])


def _of_amount(rows: Rows, band: str) -> Rows:
    least, below = _BANDS[band]
    found = Q()
    for digits in (0, 2, 3):
        within = Q(amount__gte=least * 10**digits)
        if below is not None:
            within &= Q(amount__lt=below * 10**digits)
        unusual = Q(currency__in=[*money.with_digits(0), *money.with_digits(3)])
        found |= within & (~unusual if digits == 2 else Q(currency__in=money.with_digits(digits)))
    return rows.filter(found)


def _providers(_: Any) -> list[tuple[str, str]]:
    return [(name, name) for name in settings.REFUND_GATEWAYS]


FILTERS = (
    by_field("status", "Status", RefundStatus.choices, default=RefundStatus.PROPOSED.value),
    by_row("seller", "Seller", seller_scope.sellers),
    by_field("reason", "Reason", Refund.Reason.choices),
    Filter("amount", "Amount", lambda _: _AMOUNTS, _of_amount),
    Filter(
        "age",
        "Age",
        lambda _: [(str(days), f"Proposed more than {days} day{'s' if days > 1 else ''} ago") for days in _AGES],
        lambda rows, days: rows.filter(proposed_at__lt=Now() - timedelta(days=int(days))),
    ),
    Filter(
        "needs",
        "Waiting for",
        lambda _: (
            ("two", "Two approvals"),
            ("second", "Second approval"),
            ("hand", "Manual payment"),
            ("provider", "Payment provider"),
        ),
        _needing,
        more=True,
    ),
    by_row("channel", "Channel", seller_scope.channels, "order__channel", more=True),
    Filter("provider", "Provider", _providers, lambda rows, value: rows.filter(provider=value), more=True),
    by_days(
        "executed",
        "Refunded",
        lambda rows, since, until: rows.filter(executed_at__gte=since, executed_at__lt=until),
    ),
)
