"""How is a connection doing, at a glance?"""

from dataclasses import dataclass

from django.utils import timezone

from integrations import schedules
from integrations.connections.models import Account, Connection
from integrations.connections.resume import resume
from integrations.warehouses import connection_check
from integrations.warehouses.connection_check import ConnectionHealth
from integrations.warehouses.models import SyncRun
from integrations.warehouses.progress import brought, took
from orders.durations import format_duration


@dataclass(frozen=True, slots=True)
class Seen:
    """One account's health in the words of the page; its runs with how long they took and what they brought."""

    glance: ConnectionHealth
    tone: str
    lag: str
    clock: str
    runs: list[tuple[SyncRun, str, str]]


def of_account(account: Account) -> Seen:
    """The account's health, lag and last runs."""
    return _seen(connection_check.glance(account, timezone.now()))


def of_connection(connection: Connection) -> list[Seen]:
    """The health of every account of a connection, those that fail first."""
    accounts = list(connection.accounts.select_related("connection", "seller").order_by("seller__name"))
    glances = connection_check.glances(accounts, timezone.now())
    return [_seen(glance) for glance in sorted(glances, key=lambda one: one.state != "failed")]


def sync_now(account: Account) -> str:
    """Make it due, and wake the queue."""
    resume(account)
    schedules.trigger_soon("poll ProSKU")
    return "Sync queued."


def _seen(glance: ConnectionHealth) -> Seen:
    skew, now = glance.account.clock_skew, timezone.now()
    return Seen(
        glance,
        "on_hold" if glance.state == "off" else glance.state,
        "nothing yet" if glance.lag is None else f"{format_duration(glance.lag)} ago",
        "unknown yet" if skew is None else connection_check.clock(skew),
        [(run, took(run, now), brought(run)) for run in glance.runs],
    )
