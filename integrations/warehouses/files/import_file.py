"""Take a shipping file in: each row becomes a message that is archived, de-duplicated and applied like any other.

The rows of one despatch number form one despatch note, as ProSKU's API would tell it; each row's message holds the
whole note, so that it can be told again by itself, in any sequence, beside the API's own messages.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from itertools import islice
from typing import Any

from integrations.connections.models import Account
from integrations.warehouses import archive, runs
from integrations.warehouses.apply_messages import apply_messages
from integrations.warehouses.files.rows import NoShippingFile, Row, read
from integrations.warehouses.models import ArchivedMessage, SyncRun
from integrations.warehouses.prosku.parse import FILE
from integrations.warehouses.prosku.protocol import Record, decode_record

MOST_BYTES = 50_000_000
AT_ONCE = 200
"""Despatch notes that are settled in one transaction."""
State = ArchivedMessage.State


@dataclass(slots=True)
class Report:
    """What became of a file's rows. `lines` says for each row that was not applied its line, state and reason."""

    name: str
    run: int | None = None
    rows: int = 0
    applied: int = 0
    duplicates: int = 0
    parked: int = 0
    rejected: int = 0
    proposed: int = 0
    error: str = ""
    lines: list[dict[str, Any]] = field(default_factory=list)

    @property
    def well(self) -> bool:
        """Whether every row was understood; some may still wait for their order."""
        return not (self.error or self.rejected)


def take_in(account: Account, name: str, content: bytes, *, told_at: datetime) -> Report:
    """Read a shipping file of one account's warehouse. The same file again changes nothing: all rows are duplicates.

    Where files tell the same despatch note differently the one with the latest `told_at` counts, whichever is read
    first: a warehouse corrects a file by sending another.
    Raises NoShippingFile when the file as a whole cannot be read; nothing of it is kept then.
    """
    if len(content) > MOST_BYTES:
        raise NoShippingFile(f"the file is larger than {MOST_BYTES // 1_000_000} MB")
    rows = read(content)
    run = runs.begin_file(account, name[-200:], len(rows))
    report = Report(name, run.pk, rows=len(rows))
    notes = iter(_notes(rows))
    try:
        while batch := list(islice(notes, AT_ONCE)):
            counts = _settle(account, run, report, [row for note in batch for row in note], told_at)
            runs.advance(run, counts)
            for count in ("applied", "duplicates", "parked", "rejected", "proposed"):
                setattr(report, count, getattr(report, count) + counts[count])
    except BaseException:
        runs.finish(run, error="it broke off; take the file in again")
        raise
    runs.finish(run)
    report.lines.sort(key=lambda line: line["line"])
    return report


def _notes(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """The rows by despatch number. One that cannot be read spoils its note: half a note would be a wrong one."""
    notes: dict[str, list[Row]] = {}
    for row in rows:
        notes.setdefault(row.fields.get("despatch_number") or f"line {row.line}", []).append(row)
    for note in notes.values():
        fault = _fault_of(note)
        yield [Row(row.line, row.fields, row.fault or fault) for row in note] if fault else note


def _fault_of(note: Sequence[Row]) -> str:
    bad = next((row for row in note if row.fault), None)
    if bad:
        return f"line {bad.line} of the same despatch note cannot be read"
    first = note[0]
    for row in note[1:]:
        for name in ("order_reference", "despatch_time", "tracking_number", "carrier"):
            if row.fields.get(name) != first.fields.get(name):
                return f"lines {first.line} and {row.line} give the same despatch note another {name.replace('_', ' ')}"
    return ""


def _settle(account: Account, run: SyncRun, report: Report, rows: Sequence[Row], told_at: datetime) -> Counter[str]:
    records = list(_records(report.name, rows, told_at))
    kept = archive.keep(account, run, FILE, [record for record, _ in records])
    new = {one.record.digest: one.id for one in kept}
    counts = apply_messages(account, kept)
    counts.update(messages=len(rows), duplicates=len(rows) - len(new), pages=1)
    line_of = {new[record.digest]: row.line for record, row in records if record.digest in new}
    fates = ArchivedMessage.objects.filter(pk__in=line_of).exclude(state=State.APPLIED)
    for message, state, reason in fates.values_list("pk", "state", "reason"):
        report.lines.append({"line": line_of[message], "state": state, "reason": reason})
    return counts


def _records(name: str, rows: Sequence[Row], told_at: datetime) -> Iterator[tuple[Record, Row]]:
    """Each row as a record that tells its whole note; where and when it stood does not count for whether it is new."""
    notes: dict[str, list[Row]] = {}
    for row in rows:
        notes.setdefault(row.fields.get("despatch_number", ""), []).append(row)
    for number, note in notes.items():
        told = _note(number, note)
        for place, row in enumerate(note):
            content = {"row": dict(row.fields), "of": place, **({"fault": row.fault} if row.fault else told)}
            digest = sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
            content |= {"file": name, "line": row.line, "told_at": told_at.isoformat()}
            yield replace(decode_record(json.dumps(content, ensure_ascii=False), FILE), digest=digest), row


def _note(number: str, rows: Sequence[Row]) -> dict[str, Any]:
    fields = rows[0].fields
    carrier = {"carrier_name": fields.get("carrier", ""), "tracking_number": fields.get("tracking_number", "")}
    lines = [{"product_code": row.fields.get("sku"), "quantity": row.fields.get("quantity")} for row in rows]
    return {
        "despatch_number": number,
        "additional_ref": fields.get("order_reference", ""),
        "confirmed_at": fields.get("despatch_time", ""),
        "carrier_data": {key: value for key, value in carrier.items() if value},
        "despatch_lines": lines,
    }
