"""Does an account's connection work, and how is the account doing?"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.utils import timezone

from integrations.connections.models import Account
from integrations.http import NotAllowed, Patience
from integrations.secrets import Undecryptable
from integrations.warehouses.models import Discrepancy, SyncRun
from integrations.warehouses.port import KeyRefused, Unavailable, UnreadableAnswer, WrongAddress
from integrations.warehouses.systems import system_of
from orders.durations import format_duration
from orders.errors import ActionRefused

ONE_TRY = Patience(connect=5, read=15, in_all=20, tries=1)
NOTABLE = timedelta(seconds=30)
LATE = timedelta(minutes=5)
RUNS_SHOWN = 10


class NotConnected(ActionRefused):
    """The warehouse does not answer as it should; the message says what that means and what to do."""


# What a person can do about each way in which a connection fails.
ADVICE: dict[type[Exception], str] = {
    KeyRefused: "{reason}. Enter the company reference from {system}.",
    WrongAddress: "{reason}. Check the connection's address, {address}.",
    NotAllowed: "{reason}. Change the connection's address, {address}.",
    Undecryptable: "The key cannot be used: {reason}. Enter it again.",
    Unavailable: "{reason}. {system} or the network is down: try again later.",
    UnreadableAnswer: "The response is not from {system}: {reason}.",
    ValueError: "No request was sent: {reason}.",
}


@dataclass(frozen=True, slots=True)
class ConnectionHealth:
    """An account's health: a state, its word and what is to say of it, how old its newest applied change is, its runs.

    `due`: it is read now, or will be as soon as the queue comes to it.
    """

    account: Account
    state: str
    word: str
    says: str
    due: bool
    lag: timedelta | None
    runs: list[SyncRun]
    discrepancies: int


def test_connection(account: Account) -> str:
    """Ask the warehouse for one record and say how it answers. Nothing is stored or changed. Raises NotConnected."""
    system = system_of(account)
    try:
        answer, date = system.test_connection(account, ONE_TRY)
    except tuple(ADVICE) as error:
        facts = {"reason": f"{error}".rstrip("."), "address": account.connection.base_url, "system": system.label}
        raise NotConnected(ADVICE[type(error)].format(**facts), code="not_connected") from None
    return answer if date is None else f"{answer} Clock {clock(date - timezone.now())}."


def glance(account: Account, now: datetime) -> ConnectionHealth:
    """How the account is doing."""
    return glances([account], now)[0]


def glances(accounts: Sequence[Account], now: datetime) -> list[ConnectionHealth]:
    """How these accounts are doing; three queries, however many they are."""
    runs: dict[int, list[SyncRun]] = {account.pk: [] for account in accounts}
    # For each account by its index: there are very many runs.
    newest = SyncRun.objects.filter(account=OuterRef("pk")).order_by("-id").values("pk")[:RUNS_SHOWN]
    shown = Account.objects.filter(pk__in=runs).values_list(ArraySubquery(newest), flat=True)
    for run in SyncRun.objects.filter(pk__in=[pk for pks in shown for pk in pks]).order_by("-id"):
        runs[run.account_id].append(run)
    open_ones = Discrepancy.objects.filter(account__in=runs, resolved_at__isnull=True)
    disagree = Counter(open_ones.values_list("account", flat=True))
    return [_glance(account, runs[account.pk], disagree[account.pk], now) for account in accounts]


def _glance(account: Account, runs: list[SyncRun], discrepancies: int, now: datetime) -> ConnectionHealth:
    newest = max((at for at in (account.despatches_cursor, account.orders_cursor) if at), default=None)
    read = next((run.state for run in runs if not run.file), None)
    state, word, says = health(account, read, now)
    due = state != "off" and not account.paused_because and timedelta() <= now - account.next_poll_at <= LATE
    due = due or read == SyncRun.State.RUNNING
    return ConnectionHealth(account, state, word, says, due, now - newest if newest else None, runs, discrepancies)


def health(account: Account, newest_run: str | None, now: datetime) -> tuple[str, str, str]:
    """A state, its word and what is to say of it, of an account whose newest run is in this state."""
    if not account.switched_on:
        return "off", "Disabled", ""
    if account.paused_because:
        return "failed", "Paused", f"{account.paused_because}."
    if account.failures:
        wait, runs = account.next_poll_at - now, "run" if account.failures == 1 else "runs in a row"
        again = f"asked again {f'in {format_duration(wait)}' if wait > timedelta() else 'now'}"
        again = "being read now" if newest_run == SyncRun.State.RUNNING else again
        return "failed", "Failing", f"{account.failures} {runs}; {again}."
    if newest_run in (None, SyncRun.State.RUNNING):
        return ("running", "Syncing", "") if newest_run else ("pending", "Not synced yet", "")
    late = now - account.next_poll_at
    if late > LATE:
        return "failed", "Overdue", f"for {format_duration(late)}: is the queue running?"
    return "succeeded", "Healthy", ""


def clock(ahead: timedelta) -> str:
    """How the warehouse's clock stands to ours, as the end of a sentence."""
    if abs(ahead) < NOTABLE:
        return "in sync"
    return f"{format_duration(abs(ahead))} {'ahead' if ahead > timedelta() else 'behind'}"
