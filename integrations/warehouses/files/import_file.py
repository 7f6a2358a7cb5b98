"""Import a shipping file: each row becomes a message that is archived, de-duplicated and applied like any other."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from itertools import islice

from django.contrib.auth.models import User

from integrations.connections.models import Account
from integrations.warehouses import archive, runs
from integrations.warehouses.apply_messages import apply_messages
from integrations.warehouses.files.notes import FILE, notes_of, records_of
from integrations.warehouses.files.report import Report
from integrations.warehouses.files.rows import NoShippingFile, Row, read
from integrations.warehouses.models import SyncRun
from orders.timeline import events

MOST_BYTES = 50_000_000
AT_ONCE = 200
"""Despatch notes that are applied in one transaction."""


def import_file(account: Account, name: str, content: bytes, *, written_at: datetime, by: User | None = None) -> Report:
    """Read a shipping file of one account's warehouse. The same file again changes nothing: all rows are duplicates.

    Where files differ about the same despatch note the one with the latest `written_at` counts, whichever is read
    first: a warehouse corrects a file by sending another. What a person brings (`by`) stands as theirs on timelines.
    Raises SwitchedOff, and NoShippingFile when the file as a whole cannot be read; nothing of it is stored then.
    """
    account.require_switched_on()
    if len(content) > MOST_BYTES:
        raise NoShippingFile(f"the file is larger than {MOST_BYTES // 1_000_000} MB")
    rows = read(content)
    run = runs.begin_file(account, name[-200:], len(rows), actor=events.staff(by) if by else "")
    report = Report(name, run.pk, rows=len(rows))
    notes = iter(notes_of(rows))
    try:
        while batch := list(islice(notes, AT_ONCE)):
            counts = _apply(account, run, report, [row for note in batch for row in note], written_at)
            runs.advance(run, counts)
    except BaseException:
        runs.finish(run, error="it broke off; import the file again")
        raise
    runs.finish(run)
    return report


def _apply(account: Account, run: SyncRun, report: Report, rows: Sequence[Row], written_at: datetime) -> Counter[str]:
    records = list(records_of(report.name, rows, written_at))
    new = archive.store(account, run, FILE, [record for record, _ in records])
    counts = apply_messages(account, new)
    counts.update(messages=len(rows), duplicates=len(rows) - len(new), pages=1)
    report.add(account, {record.digest: row.line for record, row in records}, counts)
    return counts
