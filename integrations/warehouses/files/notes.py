"""Which despatch notes do the rows of a shipping file form, and what does each say?

The rows of one despatch number form one note, written as ProSKU writes one; each row's record holds the whole note, so
that it can be read again by itself, in any sequence, beside the API's own messages.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from integrations.warehouses.files.rows import Row
from integrations.warehouses.port import Record, Unreadable
from integrations.warehouses.prosku.parse import parse_despatch
from integrations.warehouses.prosku.protocol import decode_record
from orders.fulfilment.messages import WarehouseMessage

FILE = "file"
"""The resource of a row."""


def snapshot(record: Record, *, message: int, zone: ZoneInfo) -> WarehouseMessage:
    """Say what a row means. Raises Unreadable with the row's line."""
    if record.fault:
        raise Unreadable(record.fault)
    line = f"line {_text(record.fields, 'line')}"
    if fault := _text(record.fields, "fault"):
        raise Unreadable(f"{line}: {fault}")
    try:
        edition = datetime.fromisoformat(_text(record.fields, "written_at"))
        reference, number, note = parse_despatch(record.fields, zone, edition=edition)
    except Unreadable as error:
        raise Unreadable(f"{line}: {error.reason}", error.place) from None
    return WarehouseMessage(message, record.digest, reference, number, (note,))


def notes_of(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """The rows by despatch number and order: one number may carry parcels of several orders.

    A row that cannot be read spoils its note: half a note would be a wrong one.
    """
    notes: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        number = row.fields.get("despatch_number") or f"line {row.line}"
        notes.setdefault((number, row.fields.get("order_reference", "")), []).append(row)
    for note in notes.values():
        fault = _fault_of(note)
        yield [Row(row.line, row.fields, row.fault or fault) for row in note] if fault else note


def records_of(name: str, rows: Sequence[Row], written_at: datetime) -> Iterator[tuple[Record, Row]]:
    """Each row as a record with its whole note; file, line and time do not count for whether it is new."""
    notes: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        key = row.fields.get("despatch_number", ""), row.fields.get("order_reference", "")
        notes.setdefault(key, []).append(row)
    for (number, _), note in notes.items():
        content_of_note = _note(number, note)
        for place, row in enumerate(note):
            content = {"row": dict(row.fields), "of": place, **({"fault": row.fault} if row.fault else content_of_note)}
            digest = sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
            content |= {"file": name, "line": row.line, "written_at": written_at.isoformat()}
            yield replace(decode_record(json.dumps(content, ensure_ascii=False), FILE), digest=digest), row


def _fault_of(note: Sequence[Row]) -> str:
    bad = next((row for row in note if row.fault), None)
    if bad:
        return f"line {bad.line} of the same despatch note cannot be read"
    first = note[0]
    for row in note[1:]:
        for name in ("despatch_time", "tracking_number", "carrier"):
            if row.fields.get(name) != first.fields.get(name):
                return f"lines {first.line} and {row.line} give the same despatch note another {name.replace('_', ' ')}"
    return ""


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


def _text(fields: Mapping[str, Any], key: str) -> str:
    return str(fields.get(key, ""))
