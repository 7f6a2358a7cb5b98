"""Which ProSKU sellers are due, and who reads them?"""

import time
from datetime import timedelta

from django.db.models import DurationField, ExpressionWrapper, F, QuerySet, Value
from django.db.models.functions import Now

from integrations.connections.models import Account
from integrations.warehouses.apply_mappings import apply_mappings
from integrations.warehouses.sync import apply_waiting, sync

LONGEST = 150
"""Seconds after which a poll begins no further seller and ends the one at hand; the next one goes on.

With the longest that one page may take it stays below the queue's time-out, which kills without asking."""


def poll() -> int:
    """Sync every seller that is due, and say how many were. Two at once never read the same seller."""
    ends = time.monotonic() + LONGEST
    polled = 0
    for account in _due().order_by("next_poll_at"):
        if time.monotonic() > ends:
            break
        if _claim(account):
            sync(account, ends=ends)
            polled += 1
    return polled


def apply_everywhere() -> int:
    """Apply new SKU mappings, and what waits in every account, also paused ones; say how many messages were applied."""
    apply_mappings()
    accounts = Account.objects.filter(archive__state__in=("pending", "parked")).distinct()
    return sum(apply_waiting(account)["applied"] for account in accounts.select_related("connection", "seller"))


def _due() -> QuerySet[Account]:
    due = Account.objects.switched_on().filter(paused_because="", next_poll_at__lte=Now())
    return due.select_related("connection", "seller")


def _claim(account: Account) -> bool:
    due = Account.objects.filter(pk=account.pk, next_poll_at__lte=Now())
    pause = ExpressionWrapper(F("poll_seconds") * Value(timedelta(seconds=1)), output_field=DurationField())
    return due.update(next_poll_at=Now() + pause) == 1
