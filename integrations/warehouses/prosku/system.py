"""How does ProSKU do what every warehouse system must be able to do? (it implements the port)"""

import logging
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from integrations.connections.models import Account
from integrations.http import Patience
from integrations.warehouses import port
from integrations.warehouses.port import Page, Record, Statuses, Unreadable
from integrations.warehouses.prosku import parse, protocol
from integrations.warehouses.prosku.client import ProSkuClient
from integrations.warehouses.prosku.paging import FetchedPage
from integrations.warehouses.prosku.times import moment
from orders.fulfilment.messages import WarehouseMessage

log = logging.getLogger(__name__)

TIMES_OF_A_RECORD = ("updated_at", "confirmed_at")


class ProSku:
    """ProSKU's API: a despatch changes its order, so the list of orders tells whether anything is new."""

    label = "ProSKU"
    lists = ("despatches", "orders")
    summary = "orders"
    open_orders = "orders"

    @property
    def overlap(self) -> timedelta:
        return timedelta(seconds=settings.PROSKU_OVERLAP_SECONDS)

    @property
    def summary_lasts(self) -> timedelta:
        return timedelta(seconds=settings.PROSKU_DESPATCHES_SECONDS)

    @property
    def page_size(self) -> int:
        return int(settings.PROSKU_PAGE_SIZE)

    @contextmanager
    def connect(self, account: Account, patience: Patience | None = None) -> Iterator[port.Client]:
        """A client for the account. Raises Undecryptable, NotAllowed, and ValueError for a key that no key is."""
        key, form = account.key.reveal(), account.connection.format
        with ProSkuClient(account.connection.base_url, key, form=form, patience=patience) as client:
            yield _Client(client, account.connection.zone)

    def decode(self, raw: str, resource: str) -> Record:
        """Read an archived record again."""
        return protocol.decode_record(raw, resource)

    def message(self, record: Record, *, number: int, zone: ZoneInfo, statuses: Statuses) -> WarehouseMessage:
        """Say what a record means. Raises Unreadable."""
        return parse.snapshot(record, message=number, zone=zone, statuses=statuses)

    def ambiguous_times(self, record: Record, zone: ZoneInfo) -> list[str]:
        """The record's times that the clocks show twice."""
        return parse.ambiguous_times(record.fields, zone)

    def test_connection(self, account: Account, patience: Patience) -> tuple[str, datetime | None]:
        """Ask for one order."""
        began = time.monotonic()
        with self.connect(account, patience) as client:
            page = next(client.pages("orders", None, 1))
        total = "" if page.total is None else f", {page.total} orders"
        form, took = account.connection.format.upper(), time.monotonic() - began
        return f"Connection OK ({took:.1f} s, {form}{total}).", page.clock


class _Client:
    """Reads lists as pages of the port."""

    def __init__(self, client: ProSkuClient, zone: ZoneInfo) -> None:
        self._client = client
        self._zone = zone

    def pages(self, resource: str, since: datetime | None, per_page: int) -> Iterator[Page]:
        """The pages of a list, in sequence."""
        for fetched in self._client.pages(resource, since, self._zone, per_page):
            page = fetched.page
            changed_up_to = _newest_change(fetched, self._zone)
            yield Page(fetched.number, page.records, page.total, page.total_pages, changed_up_to, fetched.date)

    def applied(self, page: Page, counts: Counter[str]) -> None:
        """Nothing: ProSKU goes on listing what was read."""


def _newest_change(fetched: FetchedPage, zone: ZoneInfo) -> datetime | None:
    """The newest change in a page by ProSKU's own word, never later than its own clock: the two clocks may differ."""
    texts = [fetched.page.last_change] if fetched.page.last_change else _times(fetched)
    moments = []
    for text in texts:
        try:
            moments.append(moment(text, zone))
        except Unreadable as error:
            log.warning("a time of change cannot be read", extra={"why": str(error)})
    # One time that is years ahead would otherwise hide every change until then.
    return min(max(moments), fetched.date or timezone.now()) if moments else None


def _times(fetched: FetchedPage) -> list[str]:
    fields = [record.fields.get(name) for record in fetched.page.records for name in TIMES_OF_A_RECORD]
    return [text for text in fields if isinstance(text, str) and text]
