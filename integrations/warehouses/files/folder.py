"""Which shipping files lie in their folder, and where do they go when they have been read?

SHIPPING_FILES_DIR holds one folder per seller code. A file that was read goes to `done` beside it, one of which a row
could not be read to `failed`; a report lies beside each.
"""

import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import connection

from integrations.connections.models import Account, SwitchedOff
from integrations.warehouses.files.import_file import MOST_BYTES, import_file
from integrations.warehouses.files.report import Report
from integrations.warehouses.files.rows import NoShippingFile
from orders.models import Seller
from refunds import sending

log = logging.getLogger(__name__)
KIND = "files"
"""The kind of connection whose only way to speak is files."""
LOCK = 0x48454D4946494C45
"""The advisory lock of whoever reads the folder: "HEMIFILE"."""
STILL = 10
"""Seconds for which a file must not have changed: a younger one may still be on its way here."""


def read_all() -> int:
    """Import every file that lies ready, and say how many; none while another worker does.

    A file that is read twice, because a worker died, changes nothing twice. Folders of sellers whose warehouse speaks
    by files alone are left: their accounts are polled.
    """
    if not settings.SHIPPING_FILES_DIR:
        return 0
    taken = 0
    with _alone() as alone:
        polled = set(Account.objects.filter(connection__kind=KIND).values_list("seller__code", flat=True))
        folders = sorted(Path(settings.SHIPPING_FILES_DIR).glob("*")) if alone else ()
        for folder in folders:
            if folder.name in polled or not may_read(folder.name):
                continue
            for file in ready(folder):
                put_away(file, _import(file))
                taken += 1
    return taken


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether nobody else reads the folder. The database forgets the lock with the connection of a dead worker."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        alone = bool(cursor.fetchone()[0])
        try:
            yield alone
        finally:
            if alone:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def may_read(seller_code: str) -> bool:
    """Whether the files of this seller may be read now. Reading moves them: not while nothing is sent."""
    stopped = sending.stopped_sellers()
    return stopped is not None and not Seller.objects.filter(code=seller_code, pk__in=stopped).exists()


def ready(folder: Path) -> Iterator[Path]:
    """The files of one folder that lie still, by name. Asks no database: pages are read ahead in a thread."""
    for file in sorted(folder.glob("*")):
        if file.is_symlink() or not file.is_file() or file.name.startswith("."):
            continue
        if file.suffix.lower() in (".csv", ".txt") and time.time() - file.stat().st_mtime >= STILL:
            yield file


def content_of(file: Path) -> tuple[bytes, datetime]:
    """What a file holds, and when it was written. Raises NoShippingFile when it is too large."""
    facts = file.stat()
    if facts.st_size > MOST_BYTES:
        raise NoShippingFile(f"the file is larger than {MOST_BYTES // 1_000_000} MB")
    return file.read_bytes(), datetime.fromtimestamp(facts.st_mtime, UTC)


def put_away(file: Path, report: Report) -> None:
    """Move a file that was read out of the way, with the report beside it."""
    to = file.parent / ("done" if report.well else "failed")
    to.mkdir(exist_ok=True)
    # A file of the same name may have come before.
    name = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{file.name}"
    (to / f"{name}.report.json").write_text(json.dumps(asdict(report), indent=2, ensure_ascii=False))
    file.replace(to / name)


def _import(file: Path) -> Report:
    code = file.parent.name
    accounts = Account.objects.select_related("connection", "seller").filter(seller__code=code)
    try:
        if len(accounts) != 1:
            raise NoShippingFile(f"{len(accounts)} accounts belong to the folder {code}; it takes exactly one")
        content, written_at = content_of(file)
        return import_file(accounts[0], file.name, content, written_at=written_at)
    except (NoShippingFile, SwitchedOff) as error:
        log.warning("shipping file not read", extra={"file": file.name, "why": str(error)})
        return Report(file.name, error=str(error))
