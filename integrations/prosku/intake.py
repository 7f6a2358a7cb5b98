"""Read what one ProSKU seller has changed: fetch, archive, apply, propose, and remember how far we came."""

import logging
from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models.functions import Now

from integrations.models import ProSkuSeller, SyncRun
from integrations.prosku import archive, runs
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
from orders import attention
from orders.models import AttentionItem

log = logging.getLogger(__name__)
Kind = AttentionItem.Kind

FAILURES_WORTH_A_LOOK = 3
LONGEST_PAUSE = timedelta(minutes=15)
AT_ONCE = 1000


def sync(account: ProSkuSeller, *, since: datetime | None = None) -> SyncRun | None:
    """Read everything that changed after the cursor (or `since`); None while another run reads this account.

    The cursor moves only after a resource was read to its end; what came before a failure stays. A second call
    reads the overlap again and changes nothing.
    """
    run = runs.begin(account, since)
    if run is None:
        return None
    error = _read(account, run, since)
    runs.finish(run, error=error)
    _remember(account, error)
    run.refresh_from_db()
    return run


def apply_waiting(account: ProSkuSeller) -> Counter[str]:
    """Apply messages that were left pending, and parked ones whose order or status word has come."""
    return settle(account, archive.pending(account, at_most=AT_ONCE)) + settle(
        account, archive.ready(account, at_most=AT_ONCE)
    )


def _read(account: ProSkuSeller, run: SyncRun, since: datetime | None) -> str:
    """Read all resources of the account; empty when all went well, otherwise what went wrong."""
    try:
        runs.advance(run, apply_waiting(account))
        with ProSkuClient(account.connector.base_url, account.key.reveal(), form=account.connector.format) as client:
            if account.get_shipments:
                _read_resource(account, run, client, "despatches", since)
            _read_resource(account, run, client, "orders", since)
    except (KeyRefused, WrongAddress, Undecryptable) as error:
        _pause(account, str(error))
        return str(error)
    except Unavailable as error:
        _wait(account, error.retry_after)
        return str(error)
    except UnreadableAnswer as error:
        archive.keep_unreadable(account, run, "answer", error.body, str(error))
        runs.advance(run, Counter(rejected=1))
        return str(error)
    except runs.RunLost as error:
        log.warning("sync run lost", extra={"run": run.pk})
        return str(error)
    except Exception as error:
        log.exception("sync run broke", extra={"run": run.pk})
        runs.finish(run, error=f"it broke: {type(error).__name__}; the log says more")
        raise
    return ""


def _read_resource(
    account: ProSkuSeller, run: SyncRun, client: ProSkuClient, resource: str, since: datetime | None
) -> None:
    cursor = f"{resource}_cursor"
    known: datetime | None = getattr(account, cursor)
    zone = ZoneInfo(account.connector.time_zone)
    start = since or (known and known - timedelta(seconds=settings.PROSKU_OVERLAP_SECONDS))
    newest = known
    for fetched in client.pages(resource, start, zone, settings.PROSKU_PAGE_SIZE):
        kept = archive.keep(account, run, resource, fetched.page.records)
        counts = settle(account, kept)
        counts.update(pages=1, messages=len(fetched.page.records))
        counts["duplicates"] += len(fetched.page.records) - len(kept)
        runs.advance(run, counts)
        changed = _last_change(fetched, zone)
        newest = max((at for at in (newest, changed) if at), default=None)
    if newest and newest != known:
        ProSkuSeller.objects.filter(pk=account.pk).update(**{cursor: newest})
        setattr(account, cursor, newest)


def _last_change(fetched: FetchedPage, zone: ZoneInfo) -> datetime | None:
    # ProSKU's own clock, never ours: the two may differ.
    if fetched.page.last_change is None:
        return None
    try:
        return moment(fetched.page.last_change, zone)
    except Unreadable as error:
        log.warning("last_change cannot be read", extra={"why": str(error)})
        return None


def _remember(account: ProSkuSeller, error: str) -> None:
    """Count failures in a row; say so to people when there are several, and stop saying so after a success."""
    subject = f"prosku:{account.pk}"
    failures = account.failures + 1 if error else 0
    ProSkuSeller.objects.filter(pk=account.pk).update(failures=failures)
    if not error:
        attention.clear(Kind.SYNC_FAILING, [subject])
        attention.clear(Kind.KEY_REFUSED, [subject])
    elif failures >= FAILURES_WORTH_A_LOOK and not account.paused_because:
        text = f"{account}: {failures} runs in a row failed, the last because {error}"
        attention.raise_([attention.Concern(Kind.SYNC_FAILING, subject, text, account.seller_id)])


def _pause(account: ProSkuSeller, why: str) -> None:
    account.paused_because = why[:300]
    ProSkuSeller.objects.filter(pk=account.pk).update(paused_because=account.paused_because)
    text = f"{account} is paused: {why}. Enter the right key or address, then press Sync now."
    attention.raise_([attention.Concern(Kind.KEY_REFUSED, f"prosku:{account.pk}", text, account.seller_id)])


def _wait(account: ProSkuSeller, retry_after: float | None) -> None:
    asked = timedelta(seconds=retry_after) if retry_after else timedelta(seconds=30 * 2 ** min(account.failures, 6))
    ProSkuSeller.objects.filter(pk=account.pk).update(next_poll_at=Now() + min(asked, LONGEST_PAUSE))
