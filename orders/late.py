"""Which orders are past their promise? (something of them is still outstanding after the days that the seller promises)

Few orders are outstanding at any time: a partial index holds them, however many have ever been placed.
"""

from datetime import timedelta
from typing import Any

from django.db.models import DurationField, ExpressionWrapper, F, QuerySet, Value
from django.db.models.functions import Now


def past_promise(rows: QuerySet[Any]) -> QuerySet[Any]:
    """The orders of which something should have left the warehouse by now, also those on hold."""
    promised = ExpressionWrapper(F("seller__promise_days") * Value(timedelta(days=1)), DurationField())
    return rows.filter(outstanding_units__gt=0, placed_at__lt=Now() - promised)
