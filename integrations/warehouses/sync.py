"""Read what one ProSKU seller has changed: fetch, archive, apply, propose, and remember how far we came."""

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.db.models.functions import Now
from django.utils import timezone

from integrations import shutdown
from integrations.connections.models import Account
from integrations.http import Patience
from integrations.secrets import Undecryptable
from integrations.warehouses import archive, health, runs
from integrations.warehouses.apply_messages import apply_messages
from integrations.warehouses.models import SyncRun
from integrations.warehouses.prefetch import ahead
from integrations.warehouses.prosku.bodies import Unreadable
from integrations.warehouses.prosku.client import (
    FetchedPage,
    KeyRefused,
    ProSkuClient,
    Unavailable,
    UnreadableAnswer,
    WrongAddress,
)
from integrations.warehouses.prosku.times import moment

log = logging.getLogger(__name__)

AT_ONCE = 1000
TIMES_OF_A_RECORD = ("updated_at", "confirmed_at")


TOO_LONG = "its list is longer than one run can pass over: read it once with manage.py sync_prosku"


class Stopped(Exception):
    """The run ends before its list does, and says why: the page at hand is finished, the next run goes on."""


class OutOfTime(Stopped):
    """The run has read for as long as it may."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One run over one account, and when it shall stop after its page: asked by a signal, or at a time."""

    account: Account
    run: SyncRun
    since: datetime | None
    asked: Callable[[], bool]
    ends: float | None = None

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.account.connection.time_zone)

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
            error = _read(Reading(account, run, since, stop, ends), patience)
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
    """Apply messages that were left pending, and parked ones whose order or status word has come."""
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
        key, form = account.key.reveal(), account.connection.format
        with ProSkuClient(account.connection.base_url, key, form=form, patience=patience) as client:
            something = _read_lists(reading, client)
    except (KeyRefused, WrongAddress, Undecryptable) as error:
        health.stop(account, str(error))
        return str(error)
    except Unavailable as error:
        (health.unavailable if error.down else health.busy)(account, str(error), error.retry_after)
        return str(error)
    except UnreadableAnswer as error:
        archive.keep_unreadable(account, run, "answer", error.body, str(error))
        runs.advance(run, Counter(rejected=1))
        health.busy(account, str(error), None)
        return str(error)
    except (OperationalError, InterfaceError, runs.RunLost, Stopped):
        raise
    except Exception as error:
        log.exception("sync run broke", extra={"run": run.pk})
        health.failed(account, type(error).__name__)
        return f"it broke: {type(error).__name__}; the log says more"
    health.listed(account, something=something)
    health.well(account)
    return ""


def _read_lists(reading: Reading, client: ProSkuClient) -> bool:
    """Read all lists of the account. False when one was empty though the overlap must hold something."""
    account = reading.account
    if not account.get_shipments:
        return _read_resource(reading, client, "orders")
    if (fetched := _whole_list_if_known(reading, client)) is not None:
        count = len(fetched.page.records)
        health.compare_clocks(account, fetched.date)
        runs.advance(reading.run, Counter(pages=1, messages=count, duplicates=count, expected=count))
        return bool(count) or not settings.PROSKU_OVERLAP_SECONDS
    began = timezone.now()
    brought = _read_resource(reading, client, "despatches")
    Account.objects.filter(pk=account.pk).update(despatches_read_at=began)
    account.despatches_read_at = began
    return _read_resource(reading, client, "orders") and brought


def _whole_list_if_known(reading: Reading, client: ProSkuClient) -> FetchedPage | None:
    """The list of orders, when it is a single page of which everything was archived before; else None.

    A despatch changes its order: then there is no new one either. In case ProSKU does not keep to that, the
    despatches are asked for all the same when they were not for a while.
    """
    account, trusted = reading.account, timedelta(seconds=settings.PROSKU_DESPATCHES_SECONDS)
    known, read_at = account.orders_cursor, account.despatches_read_at
    if reading.since or known is None or read_at is None or timezone.now() - read_at >= trusted:
        return None
    start = known - timedelta(seconds=settings.PROSKU_OVERLAP_SECONDS)
    fetched = next(client.pages("orders", start, reading.zone, settings.PROSKU_PAGE_SIZE))
    page = fetched.page
    whole = page.total_pages <= 1 and (page.total or 0) <= len(page.records)
    return fetched if whole and archive.holds(account, "orders", page.records) else None


def _read_resource(reading: Reading, client: ProSkuClient, resource: str) -> bool:
    """Read one resource to its end. False when it was empty though the overlap must hold something."""
    account, zone = reading.account, reading.zone
    cursor = f"{resource}_cursor"
    known: datetime | None = getattr(account, cursor)
    overlap = timedelta(seconds=settings.PROSKU_OVERLAP_SECONDS)
    start = reading.since or (known and known - overlap)
    newest, messages = known, 0
    with ahead(client.pages(resource, start, zone, settings.PROSKU_PAGE_SIZE)) as pages:
        for fetched in pages:
            _take(reading, resource, fetched)
            messages += len(fetched.page.records)
            newest = max((at for at in (newest, _newest_change(fetched, zone)) if at), default=None)
            reading.stop_if_due()
    if newest and newest != known:
        Account.objects.filter(pk=account.pk).update(**{cursor: newest})
        setattr(account, cursor, newest)
    return bool(messages or known is None or reading.since or not overlap)


def _take(reading: Reading, resource: str, fetched: FetchedPage) -> None:
    account, records = reading.account, fetched.page.records
    if resource == "orders" and fetched.number == 1:
        health.compare_clocks(account, fetched.date)
    kept = archive.keep(account, reading.run, resource, records)
    counts = apply_messages(account, kept)
    counts.update(pages=1, messages=len(records), duplicates=len(records) - len(kept))
    if fetched.number == 1:
        counts["expected"] = fetched.page.total or len(records)
    runs.advance(reading.run, counts)


def _newest_change(fetched: FetchedPage, zone: ZoneInfo) -> datetime | None:
    """The newest change in a page by ProSKU's own word, never later than its own clock: the two clocks may differ."""
    told = [fetched.page.last_change] if fetched.page.last_change else _times(fetched)
    moments = []
    for text in told:
        try:
            moments.append(moment(text, zone))
        except Unreadable as error:
            log.warning("a time of change cannot be read", extra={"why": str(error)})
    # One time that is years ahead would otherwise hide all news until then.
    return min(max(moments), fetched.date or timezone.now()) if moments else None


def _times(fetched: FetchedPage) -> list[str]:
    fields = [record.fields.get(name) for record in fetched.page.records for name in TIMES_OF_A_RECORD]
    return [text for text in fields if isinstance(text, str) and text]
