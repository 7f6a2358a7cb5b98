"""How is it made sure that one run at a time reads a ProSKU seller, and that a dead one does not block the next?"""

from collections import Counter
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now

from integrations.connections.models import Account
from integrations.warehouses.models import SyncRun

LEASE = timedelta(minutes=5)


class RunLost(Exception):
    """The run's lease ended and another may have begun: this one must write nothing more."""


def begin(account: Account, since: datetime | None) -> SyncRun | None:
    """Begin a run; None while another one is alive. A run whose lease has ended counts as abandoned."""
    dead = account.runs.filter(state=SyncRun.State.RUNNING, lease_until__lt=Now())
    dead.update(state=SyncRun.State.ABANDONED, finished_at=Now(), error="its worker stopped without a word")
    try:
        with transaction.atomic():
            return SyncRun.objects.create(account=account, since=since, lease_until=Now() + LEASE)
    except IntegrityError:
        return None


def begin_file(account: Account, name: str, rows: int, *, actor: str = "") -> SyncRun:
    """Begin a run that reads a shipping file: several may go on at once, and beside one that asks ProSKU."""
    return SyncRun.objects.create(account=account, file=name, actor=actor, expected=rows, lease_until=Now() + LEASE)


def advance(run: SyncRun, counts: Counter[str]) -> None:
    """Add to the run's counts and extend its lease. Raises RunLost when it is no longer ours."""
    names = ("expected", "pages", "messages", "duplicates", "applied", "parked", "rejected", "proposed")
    changes = {name: F(name) + counts[name] for name in names if counts[name]}
    alive = SyncRun.objects.filter(pk=run.pk, state=SyncRun.State.RUNNING)
    if alive.update(lease_until=Now() + LEASE, **changes) != 1:
        raise RunLost(f"run {run.pk} was taken over")


def finish(run: SyncRun, *, error: str = "", stopped: str = "") -> None:
    """End the run: well, with what went wrong, or early because it was `stopped`. A second call does nothing."""
    state = SyncRun.State.STOPPED if stopped else SyncRun.State.FAILED if error else SyncRun.State.SUCCEEDED
    alive = SyncRun.objects.filter(pk=run.pk, state=SyncRun.State.RUNNING)
    alive.update(state=state, error=(error or stopped)[:2000], finished_at=Now())
