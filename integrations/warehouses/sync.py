"""Read what a warehouse has changed for one account: fetch, archive, apply, propose, and store the cursor."""

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import InterfaceError, OperationalError, connection
from django.db.models.functions import Now
from django.utils import timezone

from integrations import shutdown
from integrations.connections.models import Account
from integrations.http import Patience
from integrations.secrets import Undecryptable
from integrations.warehouses import archive, empty_lists, health, runs
from integrations.warehouses.apply_messages import apply_messages
from integrations.warehouses.models import SyncRun
from integrations.warehouses.port import (
    Client,
    KeyRefused,
    Page,
    Unavailable,
    UnreadableAnswer,
    WarehouseSystem,
    WrongAddress,
)
from integrations.warehouses.prefetch import ahead
from integrations.warehouses.systems import system_of

log = logging.getLogger(__name__)

AT_ONCE = 1000
CURSORS = {"despatches": "despatches_cursor", "orders": "orders_cursor"}
"""Where an account stores how far a list was read; other lists are read whole each time."""
TOO_LONG = "its list is longer than one run can pass over: read it once with manage.py sync_prosku"


@dataclass(slots=True)
class Outcome:
    """What came of the lists: how many were read to their end, and what went wrong with which other.

    `something` is False when one was empty though the overlap must hold something.
    """

    something: bool = True
    read: int = 0
    faults: dict[str, Unavailable | UnreadableAnswer] = field(default_factory=dict)


class Stopped(Exception):
    """The run ends before its list does, and says why: the page at hand is finished, the next run goes on."""


class OutOfTime(Stopped):
    """The run has read for as long as it may."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One run over one account, and when it shall stop after its page: asked by a signal, or at a time."""

    account: Account
    system: WarehouseSystem
    run: SyncRun
    since: datetime | None
    asked: Callable[[], bool]
    ends: float | None = None

    def stop_if_due(self) -> None:
        """Raise Stopped when it is time."""
        if self.asked():
            raise Stopped("asked to stop after a page; the next run goes on")
        if self.ends is not None and time.monotonic() >= self.ends:
            raise OutOfTime("there is more than one run may read; the next one goes on at once")


def sync(
    account: Account,
    *,
    since: datetime | None = None,
    patience: Patience | None = None,
    ends: float | None = None,
) -> SyncRun | None:
    """Read everything that changed after the cursor (or `since`); None while another run reads this account.

    The cursor moves only after a resource was read to its end; what came before a failure stays. A second call
    reads the overlap again and changes nothing. Asked to stop (SIGTERM), or once the monotonic clock shows `ends`,
    it finishes the page at hand and leaves the rest to the next run, which passes quickly over what is known.
    """
    run = runs.begin(account, since)
    if run is None:
        return None
    with shutdown.graceful_shutdown() as stop:
        try:
            error = _read(Reading(account, system_of(account), run, since, stop, ends), patience)
        except runs.RunLost:
            log.warning("sync run lost", extra={"run": run.pk})
        except Stopped as stopped:
            Account.objects.filter(pk=account.pk).update(next_poll_at=Now())
            runs.finish(run, stopped=str(stopped))
            if isinstance(stopped, OutOfTime) and not run.archive.exists():
                # Nothing new in all that time: as it is, no run will ever reach the end.
                health.failed(account, TOO_LONG)
        except (OperationalError, InterfaceError):
            # The database may be back with a new connection; if it is not, the lease ends by itself.
            connection.close()
            runs.finish(run, error="the connection to the database broke off")
            raise
        else:
            runs.finish(run, error=error)
        run.refresh_from_db()
        return run


def apply_waiting(account: Account) -> Counter[str]:
    """Apply messages that were left pending, and parked ones whose order has come or whose status is mapped."""
    if not archive.waits(account):
        return Counter()
    return apply_messages(account, archive.pending(account, at_most=AT_ONCE)) + apply_messages(
        account, archive.ready(account, at_most=AT_ONCE)
    )


def _read(reading: Reading, patience: Patience | None) -> str:
    """Read all resources of the account; empty when all went well, otherwise what went wrong."""
    account, run = reading.account, reading.run
    try:
        if waiting := apply_waiting(account):
            runs.advance(run, waiting)
        with reading.system.connect(account, patience) as client:
            outcome = _read_lists(reading, client)
    except (KeyRefused, WrongAddress, Undecryptable) as error:
        health.stop(account, str(error))
        return str(error)
    except (OperationalError, InterfaceError, runs.RunLost, Stopped):
        raise
    except Exception as error:
        log.exception("sync run broke", extra={"run": run.pk})
        health.failed(account, type(error).__name__)
        return f"it broke: {type(error).__name__}; the log says more"
    if outcome.faults:
        return _note_incomplete(reading, outcome)
    empty_lists.count(account, something=outcome.something)
    health.well(account)
    return ""


def _note_incomplete(reading: Reading, outcome: Outcome) -> str:
    """Keep what could not be read, and say which lists are incomplete; the others were read and applied."""
    account, run, faults = reading.account, reading.run, outcome.faults
    for error in faults.values():
        if isinstance(error, UnreadableAnswer):
            archive.store_unreadable(account, run, "answer", error.body, str(error))
            runs.advance(run, Counter(rejected=1))
    texts = {str(error) for error in faults.values()}
    each = "; ".join(f"{resource}: {error}" for resource, error in faults.items())
    text = texts.pop() if outcome.read == 0 and len(texts) == 1 else each
    busy = [error for error in faults.values() if isinstance(error, Unavailable)]
    asked = max((error.retry_after for error in busy if error.retry_after), default=None)
    down = not outcome.read and len(busy) == len(faults) and all(error.down for error in busy)
    (health.unavailable if down else health.busy)(account, text, asked, incomplete=list(faults))
    return text


def _read_lists(reading: Reading, client: Client) -> Outcome:
    """Read all lists of the account, each on its own: one that cannot be read keeps no other from being read."""
    outcome, lists = Outcome(), _lists(reading)
    if _read_if_known(reading, client, outcome):
        return outcome
    # The other one first after a run that failed: who is asked to wait at the first list never comes to the second.
    for resource in reversed(lists) if reading.account.failures % 2 else lists:
        try:
            outcome.something &= _read_list(reading, client, resource)
            outcome.read += 1
        except (Unavailable, UnreadableAnswer) as error:
            outcome.faults[resource] = error
            if isinstance(error, Unavailable) and error.retry_after:
                break
            reading.stop_if_due()
    return outcome


def _lists(reading: Reading) -> tuple[str, ...]:
    wanted = reading.account.get_shipments
    return tuple(resource for resource in reading.system.lists if wanted or resource != "despatches")


def _read_if_known(reading: Reading, client: Client, outcome: Outcome) -> bool:
    """Read the summary when everything in it came before; False when there is more to read, or no telling."""
    account, system = reading.account, reading.system
    try:
        page = _summary_if_known(reading, client)
    except (Unavailable, UnreadableAnswer) as error:
        if isinstance(error, Unavailable) and error.retry_after:
            outcome.faults[system.summary] = error
        return bool(outcome.faults)
    if page is None:
        return False
    count = len(page.records)
    health.compare_clocks(account, page.clock)
    runs.advance(reading.run, Counter(pages=1, messages=count, duplicates=count, expected=count))
    outcome.something = bool(count) or not system.overlap
    return True


def _summary_if_known(reading: Reading, client: Client) -> Page | None:
    """The list that has something new whenever another has, if it is one page that was archived before; else None.

    In case the system does not keep to that, the others are read all the same when they were not for a while.
    """
    account, system = reading.account, reading.system
    if not system.summary or not account.get_shipments or reading.since:
        return None
    known, read_at = getattr(account, CURSORS[system.summary]), account.despatches_read_at
    if known is None or read_at is None or timezone.now() - read_at >= system.summary_lasts:
        return None
    page = next(client.pages(system.summary, known - system.overlap, system.page_size))
    whole = page.total_pages <= 1 and (page.total or 0) <= len(page.records)
    return page if whole and archive.holds(account, system.summary, page.records) else None


def _read_list(reading: Reading, client: Client, resource: str) -> bool:
    """Read one list to its end. False when it was empty though the overlap must hold something."""
    account, system = reading.account, reading.system
    cursor = CURSORS.get(resource)
    known: datetime | None = getattr(account, cursor) if cursor else None
    start = reading.since or (known and known - system.overlap)
    newest, messages, began = known, 0, timezone.now()
    with ahead(client.pages(resource, start, system.page_size)) as pages:
        for page in pages:
            _process(reading, client, resource, page)
            messages += len(page.records)
            newest = max((at for at in (newest, page.changed_up_to) if at), default=None)
            reading.stop_if_due()
    if cursor and newest and newest != known:
        Account.objects.filter(pk=account.pk).update(**{cursor: newest})
        setattr(account, cursor, newest)
    if resource == "despatches":
        Account.objects.filter(pk=account.pk).update(despatches_read_at=began)
        account.despatches_read_at = began
    return bool(messages or known is None or reading.since or not system.overlap)


def _process(reading: Reading, client: Client, resource: str, page: Page) -> None:
    """Archive and apply one page."""
    account, records = reading.account, page.records
    if page.number == 1 and resource == reading.system.lists[-1]:
        health.compare_clocks(account, page.clock)
    new = archive.store(account, reading.run, resource, records)
    counts = apply_messages(account, new)
    counts.update(pages=1, messages=len(records), duplicates=len(records) - len(new))
    if page.number == 1:
        counts["expected"] = page.total or len(records)
    runs.advance(reading.run, counts)
    client.applied(page, counts)
