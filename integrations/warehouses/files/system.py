"""How do shipping files do what every warehouse system must be able to do? (it implements the port)"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings

from integrations.connections.models import Account
from integrations.http import Patience
from integrations.warehouses import port
from integrations.warehouses.files import folder
from integrations.warehouses.files.notes import FILE, notes_of, records_of, snapshot
from integrations.warehouses.files.report import Report
from integrations.warehouses.files.rows import NoShippingFile, read
from integrations.warehouses.port import Page, Record, Statuses, Unavailable
from integrations.warehouses.prosku import parse, protocol
from orders.fulfilment.messages import WarehouseMessage


class ShippingFiles:
    """A folder per seller code below SHIPPING_FILES_DIR: what was read leaves it, so there is no cursor."""

    label = "Shipping files"
    lists = (FILE,)
    summary = ""
    open_orders = ""
    overlap = timedelta()
    summary_lasts = timedelta()
    page_size = 500

    @contextmanager
    def connect(self, account: Account, patience: Patience | None = None) -> Iterator[port.Client]:
        """A client for the folder of the account's seller."""
        yield _Client(account)

    def decode(self, raw: str, resource: str) -> Record:
        """Read an archived row again."""
        return protocol.decode_record(raw, resource)

    def message(self, record: Record, *, number: int, zone: ZoneInfo, statuses: Statuses) -> WarehouseMessage:
        """Say what a row means. Raises Unreadable."""
        return snapshot(record, message=number, zone=zone)

    def ambiguous_times(self, record: Record, zone: ZoneInfo) -> list[str]:
        """The row's times that the clocks show twice."""
        return parse.ambiguous_times(record.fields, zone)

    def test_connection(self, account: Account, patience: Patience) -> tuple[str, datetime | None]:
        """Look into the folder."""
        files = len(list(folder.ready(_folder_of(account))))
        return f"The folder {account.seller.code} holds {files} {'file' if files == 1 else 'files'} to read.", None


@dataclass(frozen=True, slots=True)
class _Part:
    """Some rows of a file, by the digests of their records; `last` when the file ends with them."""

    file: Path
    rows: int
    line_of: dict[str, int]
    last: bool


class _Client:
    """Reads the files of one folder, and puts each away once all of it is applied."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._may_read = folder.may_read(account.seller.code)
        self._reports: dict[Path, Report] = {}

    def pages(self, resource: str, since: datetime | None, per_page: int) -> Iterator[Page]:
        """The rows of all files, file by file; `since` counts for nothing. A file that is none is put away at once."""
        for file in folder.ready(_folder_of(self._account)) if self._may_read else ():
            try:
                yield from _pages(file, per_page)
            except NoShippingFile as error:
                folder.put_away(file, Report(file.name, error=str(error)))

    def applied(self, page: Page, counts: Counter[str]) -> None:
        """Put the file away when this was the end of it."""
        part: _Part = page.source
        report = self._reports.setdefault(part.file, Report(part.file.name, rows=part.rows))
        report.add(self._account, part.line_of, counts)
        if part.last:
            folder.put_away(part.file, self._reports.pop(part.file))


def _pages(file: Path, per_page: int) -> Iterator[Page]:
    content, written_at = folder.content_of(file)
    rows = read(content)
    ordered = [row for note in notes_of(rows) for row in note]
    records = iter(list(records_of(file.name, ordered, written_at)))
    pages = max(-(-len(rows) // per_page), 1)
    for number in range(1, pages + 1):
        batch = list(islice(records, per_page))
        part = _Part(file, len(rows), {record.digest: row.line for record, row in batch}, number == pages)
        yield Page(number, tuple(record for record, _ in batch), len(rows), pages, source=part)


def _folder_of(account: Account) -> Path:
    if not settings.SHIPPING_FILES_DIR:
        raise Unavailable("SHIPPING_FILES_DIR is not set, so no files are read")
    where = Path(settings.SHIPPING_FILES_DIR) / account.seller.code
    if not where.is_dir():
        raise Unavailable(f"there is no folder {account.seller.code} in SHIPPING_FILES_DIR")
    return where
