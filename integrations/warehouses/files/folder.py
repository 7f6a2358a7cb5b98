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

from integrations.connections.models import Account
from integrations.warehouses.files.import_file import MOST_BYTES, Report, take_in
from integrations.warehouses.files.rows import NoShippingFile

log = logging.getLogger(__name__)
LOCK = 0x48454D4946494C45
"""The advisory lock of whoever reads the folder: "HEMIFILE"."""
STILL = 10
"""Seconds for which a file must not have changed: a younger one may still be on its way here."""


def read_all() -> int:
    """Take in every file that lies ready, and say how many; none while another worker does.

    A file that is read twice, because a worker died, changes nothing twice.
    """
    if not settings.SHIPPING_FILES_DIR:
        return 0
    taken = 0
    with _alone() as alone:
        for file in _ready(Path(settings.SHIPPING_FILES_DIR)) if alone else ():
            report = _read(file)
            _put_away(file, report)
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


def _ready(folder: Path) -> Iterator[Path]:
    for file in sorted(folder.glob("*/*")):
        if file.is_symlink() or not file.is_file() or file.name.startswith("."):
            continue
        if file.suffix.lower() in (".csv", ".txt") and time.time() - file.stat().st_mtime >= STILL:
            yield file


def _read(file: Path) -> Report:
    code = file.parent.name
    accounts = Account.objects.select_related("connection", "seller").filter(seller__code=code)
    try:
        if len(accounts) != 1:
            raise NoShippingFile(f"{len(accounts)} ProSKU sellers belong to the folder {code}; it takes exactly one")
        facts = file.stat()
        if facts.st_size > MOST_BYTES:
            raise NoShippingFile(f"the file is larger than {MOST_BYTES // 1_000_000} MB")
        written_at = datetime.fromtimestamp(facts.st_mtime, UTC)
        return take_in(accounts[0], file.name, file.read_bytes(), told_at=written_at)
    except NoShippingFile as error:
        log.warning("shipping file not read", extra={"file": file.name, "why": str(error)})
        return Report(file.name, error=str(error))


def _put_away(file: Path, report: Report) -> None:
    to = file.parent / ("done" if report.well else "failed")
    to.mkdir(exist_ok=True)
    # A file of the same name may have come before.
    name = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{file.name}"
    (to / f"{name}.report.json").write_text(json.dumps(asdict(report), indent=2, ensure_ascii=False))
    file.replace(to / name)
