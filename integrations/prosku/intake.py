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

from integrations.http import Patience
from integrations.models import ProSkuSeller, SyncRun
from integrations.prosku import archive, health, runs, stopping
from integrations.prosku.bodies import Unreadable
from integrations.prosku.client import (
    FetchedPage,
    KeyRefused,
    ProSkuClient,
    Unavailable,
    UnreadableAnswer,
    WrongAddress,
)
from integrations.prosku.settle import settle
from integrations.prosku.times import moment
from integrations.secrets import Undecryptable

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

    account: ProSkuSeller
    run: SyncRun
    since: datetime | None
    asked: Callable[[], bool]
    ends: float | None = None

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.account.connector.time_zone)

    def stop_if_due(self) -> None:
        """Raise Stopped when it is time."""
        if self.asked():
            raise Stopped("asked to stop after a page; the next run goes on")
        if self.ends is not None and time.monotonic() >= self.ends:
            raise OutOfTime("there is more than one run may read; the next one goes on at once")


def sync(
    account: ProSkuSeller,
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
    with stopping.watch() as stop:
        try:
            error = _read(Reading(account, run, since, stop, ends), patience)
        except runs.RunLost:
            log.warning("sync run lost", extra={"run": run.pk})
        except Stopped as stopped:
            ProSkuSeller.objects.filter(pk=account.pk).update(next_poll_at=Now())
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


def apply_waiting(account: ProSkuSeller) -> Counter[str]:
    """Apply messages that were left pending, and parked ones whose order or status word has come."""
    return settle(account, archive.pending(account, at_most=AT_ONCE)) + settle(
        account, archive.ready(account, at_most=AT_ONCE)
    )


def _read(reading: Reading, patience: Patience | None) -> str:
    """Read all resources of the account; empty when all went well, otherwise what went wrong."""
    account, run = reading.account, reading.run
    try:
        runs.advance(run, apply_waiting(account))
        key, form = account.key.reveal(), account.connector.format
        with ProSkuClient(account.connector.base_url, key, form=form, patience=patience) as client:
            brought = [_read_resource(reading, client, "despatches")] if account.get_shipments else []
            brought.append(_read_resource(reading, client, "orders"))
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
    health.listed(account, something=all(brought))
    health.well(account)
    return ""


def _read_resource(reading: Reading, client: ProSkuClient, resource: str) -> bool:
    """Read one resource to its end. False when it was empty though the overlap must hold something."""
    account, run, zone = reading.account, reading.run, reading.zone
    cursor = f"{resource}_cursor"
    known: datetime | None = getattr(account, cursor)
    overlap = timedelta(seconds=settings.PROSKU_OVERLAP_SECONDS)
    start = reading.since or (known and known - overlap)
    newest, messages = known, 0
    for fetched in client.pages(resource, start, zone, settings.PROSKU_PAGE_SIZE):
        records = fetched.page.records
        if resource == "orders" and fetched.number == 1:
            health.compare_clocks(account, fetched.date)
        kept = archive.keep(account, run, resource, records)
        counts = settle(account, kept)
        counts.update(pages=1, messages=len(records), duplicates=len(records) - len(kept))
        if fetched.number == 1:
            counts["expected"] = fetched.page.total or len(records)
        runs.advance(run, counts)
        messages += len(records)
        newest = max((at for at in (newest, _newest_change(fetched, zone)) if at), default=None)
        reading.stop_if_due()
    if newest and newest != known:
        ProSkuSeller.objects.filter(pk=account.pk).update(**{cursor: newest})
        setattr(account, cursor, newest)
    return bool(messages or known is None or reading.since or not overlap)


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
