"""How does each connection to a warehouse do, and how far behind is it?"""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from integrations.models import Account
from integrations.warehouses import connection_check
from orders.backoffice import seller_scope
from orders.durations import format_duration


@dataclass(frozen=True, slots=True)
class Health:
    """One connection: its state, its word and more of it, its last run, and how old its newest applied change is."""

    name: str
    url: str
    runs_url: str
    state: str
    word: str
    says: str
    last_at: datetime | None
    lag: str
    lag_at: datetime | None


def syncs(user: User) -> list[Health]:
    """Every connection that this person may see, those that fail first."""
    now = timezone.now()
    rows = seller_scope.narrow(Account.objects.select_related("connection", "seller"), user, "seller_id")
    glances = sorted(connection_check.glances(list(rows), now), key=lambda glance: glance.state != "failed")
    return [_health(glance, now) for glance in glances]


def _health(glance: connection_check.ConnectionHealth, now: datetime) -> Health:
    account = glance.account
    return Health(
        name=str(account),
        url=reverse("admin:integrations_account_change", args=[account.pk]),
        runs_url=f"{reverse('admin:integrations_syncrun_changelist')}?seller={account.pk}",
        state="" if glance.state == "off" else glance.state,
        word=glance.word,
        says=glance.says.rstrip("."),
        last_at=glance.runs[0].started_at if glance.runs else None,
        lag=format_duration(glance.lag),
        lag_at=None if glance.lag is None else now - glance.lag,
    )
