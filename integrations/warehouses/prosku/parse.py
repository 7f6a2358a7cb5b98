"""What does a ProSKU record say, in our words?"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

from integrations.warehouses.port import Record, Statuses, Unreadable
from integrations.warehouses.prosku.safe_parsing import Plain
from integrations.warehouses.prosku.times import is_ambiguous, moment
from orders.fulfilment import carriers
from orders.fulfilment.messages import (
    DespatchLine,
    DespatchNote,
    LineReport,
    OrderReport,
    ReportedStatus,
    WarehouseMessage,
)
from orders.texts import identifier, shortened

Fields = Mapping[str, Plain]

LONGEST_NAME = 100
LONGEST_URL = 500
MOST_UNITS = 1_000_000
QUANTITY = re.compile(r"([0-9]{1,12})(?:\.0{1,12})?")
TIMES = ("updated_at", "confirmed_at", "delivery_date")
NIGHT = re.compile(r"[ T]0[0-3]:")
WITHDRAWN = frozenset({"cancelled", "canceled", "withdrawn", "voided", "void", "deleted", "reversed"})
NAMES = frozenset({"additional_ref", "order_number", "order_reference", "despatch_number", "product_code"})
"""Fields by which something is found again."""
YES = frozenset({"true", "yes", "y", "1"})

# What ProSKU's statuses mean until staff map them otherwise: the status here, and the detail it shows.
DEFAULT_STATUSES: Statuses = MappingProxyType(
    dict.fromkeys(("new", "imported", "allocated", "part_allocated", "awaiting_stock"), (ReportedStatus.PROCESSING, ""))
    | {word: (ReportedStatus.PROCESSING, word) for word in ("picking", "picked", "packing", "packed", "marshalled")}
    | {
        "on_hold": (ReportedStatus.ON_HOLD, ""),
        "part_despatched": (ReportedStatus.PART_DESPATCHED, ""),
        "despatched": (ReportedStatus.DESPATCHED, ""),
        "completed": (ReportedStatus.DESPATCHED, ""),
        "cancelled": (ReportedStatus.CANCELLED, ""),
    }
)


def snapshot(record: Record, *, message: int, zone: ZoneInfo, statuses: Statuses) -> WarehouseMessage:
    """Say what a record means. Raises Unreadable with the reason and the field when it cannot be trusted.

    Times without a zone are local to `zone`; `statuses` maps the warehouse's statuses to ours.
    """
    if record.fault:
        raise Unreadable(record.fault)
    if record.resource == "despatches":
        reference, number, note = parse_despatch(record.fields, zone)
        return WarehouseMessage(message, record.digest, reference, number, (note,))
    reference, number, report, notes = parse_order(record.fields, zone, statuses)
    return WarehouseMessage(message, record.digest, reference, number, notes, report)


def parse_despatch(fields: Fields, zone: ZoneInfo, *, edition: datetime | None = None) -> tuple[str, str, DespatchNote]:
    """Read a despatch note: the order's reference, the warehouse's own number for it, and the note."""
    reference = _text(fields, "additional_ref")
    number = _text(fields, "order_number")
    if not (reference or number):
        raise Unreadable("the despatch note names no order", "additional_ref, order_number")
    return reference, number, _note(fields, zone, "", edition)


def parse_order(
    fields: Fields, zone: ZoneInfo, statuses: Statuses
) -> tuple[str, str, OrderReport, tuple[DespatchNote, ...]]:
    """Read an order: its reference, the warehouse's number for it, what is reported, and the notes inside."""
    reference = _text(fields, "order_reference")
    number = _text(fields, "order_number")
    if not (reference or number):
        raise Unreadable("the order has neither reference nor number", "order_reference, order_number")
    word = word_of(_text(fields, "status", required=True))
    meaning, detail = statuses.get(word, (None, ""))
    changed_at = _time(fields, "updated_at", zone)
    if changed_at is None:
        raise Unreadable("the order does not say when it changed", "updated_at")
    report = OrderReport(
        word=word,
        changed_at=changed_at,
        lines=_line_reports(fields),
        meaning=meaning,
        detail=detail,
        cancel_reason=_text(fields, "cancel_reason", longest=LONGEST_URL),
    )
    return reference, number, report, _notes(fields, zone)


def ambiguous_times(fields: Fields, zone: ZoneInfo) -> list[str]:
    """The times of a readable record that the clocks show twice; `snapshot` took them for the first."""
    notes = fields.get("despatch_notes")
    places = [fields, *(entry for entry in (notes if isinstance(notes, list) else []) if isinstance(entry, dict))]
    found = [place.get(name) for place in places for name in TIMES]
    # The clocks go back at night: a time of day needs no second look.
    return [text for text in found if isinstance(text, str) and NIGHT.search(text) and is_ambiguous(text, zone)]


def word_of(text: str) -> str:
    """The form in which status words are compared: small letters, underscores for spaces and hyphens."""
    return re.sub(r"[\s_-]+", "_", text.strip().lower())


def _notes(fields: Fields, zone: ZoneInfo) -> tuple[DespatchNote, ...]:
    """The notes inside an order; a note that stands there twice counts once, in its latest form."""
    notes: dict[str, DespatchNote] = {}
    for place, entry in _entries(fields, "despatch_notes"):
        note = _note(entry, zone, place)
        known = notes.get(note.number)
        if known is None or note.changed_at >= known.changed_at:
            notes[note.number] = note
    return tuple(notes.values())


def _note(fields: Fields, zone: ZoneInfo, within: str, edition: datetime | None = None) -> DespatchNote:
    units: dict[str, int] = {}
    for place, line in _entries(fields, "despatch_lines", within):
        quantity = _quantity(line, "quantity", place)
        if quantity is None:
            raise Unreadable("the line has no quantity", f"{place}quantity")
        sku = _text(line, "product_code", place, required=True)
        units[sku] = _sum(units.get(sku), quantity, place, "quantity") or 0
    lines = tuple(DespatchLine(sku, quantity) for sku, quantity in units.items() if quantity)
    confirmed_at = _time(fields, "confirmed_at", zone, within)
    updated_at = _time(fields, "updated_at", zone, within)
    delivery_at = None if confirmed_at else _time(fields, "delivery_date", zone, within)
    withdrawn = _is_withdrawn(fields) or not lines
    despatched_at = confirmed_at or delivery_at or (updated_at if withdrawn else None)
    if despatched_at is None:
        raise Unreadable("the despatch note does not say when it was despatched", f"{within}confirmed_at")
    carrier, service, tracking_number, tracking_url, carrier_text = _carrier(fields, within)
    return DespatchNote(
        number=_text(fields, "despatch_number", within, required=True),
        despatched_at=despatched_at,
        changed_at=updated_at or despatched_at,
        lines=lines,
        carrier=carrier,
        service=service,
        tracking_number=tracking_number,
        tracking_url=tracking_url,
        carrier_text=carrier_text,
        withdrawn=withdrawn,
        planned=delivery_at is not None and not withdrawn,
        edition=edition,
    )


def _is_withdrawn(fields: Fields) -> bool:
    status = fields.get("status", "")
    flags = [fields.get(flag, "") for flag in ("cancelled", "withdrawn", "voided")]
    by_status = isinstance(status, str) and word_of(status) in WITHDRAWN
    return by_status or any(isinstance(flag, str) and flag.lower() in YES for flag in flags)


def _line_reports(fields: Fields) -> tuple[LineReport, ...]:
    reports: dict[str, tuple[int | None, int | None, int | None]] = {}
    for place, line in _entries(fields, "order_lines"):
        sku = _text(line, "product_code", place, required=True)
        ordered, despatched, cancelled = reports.get(sku, (None, None, None))
        reports[sku] = (
            _sum(ordered, _quantity(line, "quantity", place), place, "quantity"),
            _sum(despatched, _quantity(line, "despatched_quantity", place), place, "despatched_quantity"),
            _sum(cancelled, _quantity(line, "cancelled_quantity", place), place, "cancelled_quantity"),
        )
    return tuple(LineReport(sku, *figures) for sku, figures in reports.items())


def _carrier(fields: Fields, within: str) -> tuple[str, str, str, str, str]:
    """Carrier, service, tracking number, tracking address, and the raw text they were read from.

    These are for people to read: what does not fit is left out here, and stays in the raw text.
    """
    data = fields.get("carrier_data", "")
    named: dict[str, Plain] = {}
    if isinstance(data, dict):
        named, text = data, json.dumps(data, ensure_ascii=False, sort_keys=True)
    elif isinstance(data, str):
        text = data
        if "|" in data:
            keys = ("carrier_name", "service_name", "tracking_number", "tracking_url")
            named = dict(zip(keys, (part.strip() for part in data.split("|")), strict=False))
    else:
        text = json.dumps(data, ensure_ascii=False)
    carrier, service, number = (
        _first(named, fields, key) for key in ("carrier_name", "service_name", "tracking_number")
    )
    url = _first(named, fields, "tracking_url", LONGEST_URL)
    given = url if url.startswith(("https://", "http://")) else ""
    # The page of a carrier that we know is what the desk links and the API gives.
    return carrier, service, number, carriers.tracking_page(carrier, number, given) or given, text


def _first(named: Fields, fields: Fields, key: str, longest: int = LONGEST_NAME) -> str:
    found = [value for value in (named.get(key), fields.get(key)) if isinstance(value, str) and value]
    return found[0] if found and len(found[0]) <= longest else ""


def _entries(fields: Fields, name: str, within: str = "") -> Iterator[tuple[str, Fields]]:
    """The entries of a list inside a record, each with the place where its fields stand."""
    entries = fields.get(name, [])
    for number, entry in enumerate(entries if isinstance(entries, list) else [entries], 1):
        if not isinstance(entry, dict):
            raise Unreadable("the entry is not an object with fields", f"{within}{name}[{number}]")
        yield f"{within}{name}[{number}].", entry


def _text(fields: Fields, key: str, within: str = "", *, required: bool = False, longest: int = LONGEST_NAME) -> str:
    value = fields.get(key, "")
    if not isinstance(value, str):
        raise Unreadable(f"{key} stands there more than once, or is no text", within + key)
    value = identifier(value)
    if lost := shortened(value) if key in NAMES else "":
        raise Unreadable(f"{key} {lost}", within + key)
    if len(value) > longest:
        raise Unreadable(f"{key} is longer than {longest} characters", within + key)
    if required and not value:
        raise Unreadable(f"{key} is missing", within + key)
    return value


def _time(fields: Fields, key: str, zone: ZoneInfo, within: str = "") -> datetime | None:
    text = _text(fields, key, within)
    return moment(text, zone, within + key) if text else None


def _quantity(fields: Fields, key: str, within: str) -> int | None:
    given = fields.get(key, "")
    # Nearly all are a few plain digits, and stand several times in each record: those need not be cleaned first.
    text = given if isinstance(given, str) and len(given) < 8 and given.isdigit() else _text(fields, key, within)
    if not text:
        return None
    units = _whole(text)
    if units is None or units > MOST_UNITS:
        raise Unreadable(f"{text!r} is not a whole number of units from 0 to {MOST_UNITS}", within + key)
    return units


@lru_cache(maxsize=1024)
def _whole(text: str) -> int | None:
    found = QUANTITY.fullmatch(text)
    return int(found.group(1)) if found else None


def _sum(so_far: int | None, more: int | None, within: str, key: str) -> int | None:
    if so_far is None or more is None:
        return more if so_far is None else so_far
    if so_far + more > MOST_UNITS:
        raise Unreadable(f"the lines of one product add up to more than {MOST_UNITS} units", within + key)
    return so_far + more
