"""What does ProSKU's API look like, assumption by assumption?

ProSKU publishes no reference. Whatever is not known for certain (paths, parameters, the header, the names
of lists) is stated here and nowhere else, so that adapting to a real account means editing one file.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from integrations.warehouses.port import Record, Unreadable
from integrations.warehouses.prosku.safe_parsing import Envelope, Lists, Plain, read, read_one
from integrations.warehouses.prosku.texts import text_of

FORMATS: Mapping[str, str] = {"xml": "application/xml", "json": "application/json"}
PER_PAGE = 50
ROOT = "apiresponse"
LAST_CHANGE = "last_change"

_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))

# The lists inside a record, by name, and what their entries are called.
LISTS: Lists = {
    "despatch_lines": frozenset({"despatch_line", "line"}),
    "order_lines": frozenset({"line", "order_line"}),
    "despatch_notes": frozenset({"despatch_note"}),
}


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind of record: where it is asked for, the list it stands in, its count, and what names a record."""

    path: str
    records_in: frozenset[str]
    total: str
    named_by: tuple[str, ...]


RESOURCES: Mapping[str, Resource] = {
    "despatches": Resource("despatches", frozenset({"despatch_notes"}), "total_despatches", ("despatch_number",)),
    "orders": Resource("orders", frozenset({"orders"}), "total_orders", ("order_number", "order_reference")),
}


@dataclass(frozen=True, slots=True)
class Page:
    """One answer. `total` is ProSKU's count of all records asked for; None where it did not say."""

    records: tuple[Record, ...]
    current_page: int
    total_pages: int
    total: int | None
    last_change: str | None


def headers(key: str, form: str) -> dict[str, str]:
    """The headers that say who asks and which form the answer shall take."""
    return {"Authorization": f'Token token="{key}"', "Accept": FORMATS[form]}


def query(*, since: datetime | None, zone: ZoneInfo, page: int, per_page: int) -> dict[str, str]:
    """The parameters of one request; `since` goes out as the warehouse's own local time."""
    asked = {"page": str(page), "per_page": str(per_page)}
    return asked if since is None else {"since": local_text(since, zone)} | asked


def local_text(moment: datetime, zone: ZoneInfo) -> str:
    """Write a moment as ProSKU does, `DD/MM/YYYY HH:MM:SS` in local time, never later than the moment.

    In the hour that the clocks repeat in autumn the text would name two moments, and the wrong one would
    lose an hour of changes: the last moment before that hour's first run is written instead.
    """
    local = moment.astimezone(zone)
    while local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset():
        local = (local.astimezone(UTC) - timedelta(hours=1)).astimezone(zone)
    return local.strftime("%d/%m/%Y %H:%M:%S")


def decode(body: bytes, content_type: str, resource: str) -> Page:
    """Read one answer. Raises Unreadable when it is not a whole and harmless page of this resource."""
    shape = RESOURCES[resource]
    envelope = read(text_of(body, content_type), shape.records_in, LISTS, ROOT)
    total = _count(envelope, shape.total)
    if not envelope.has_list and total is None:
        raise Unreadable(f"the answer has no list of {resource}, so it is not what was asked for")
    current = _count(envelope, "current_page") or 1
    if not envelope.records and total and current == 1:
        raise Unreadable(f"the answer counts {total} {resource} but holds none")
    last_change = envelope.head.get(LAST_CHANGE)
    return Page(
        records=tuple(_record(raw, plain, resource) for raw, plain in envelope.records),
        current_page=current,
        total_pages=_total_pages(envelope, total),
        total=total,
        last_change=last_change if isinstance(last_change, str) else None,
    )


def decode_record(raw: str, resource: str) -> Record:
    """Read a stored record again: the same text gives the same fields and digest as when it came."""
    return _record(raw, read_one(raw, LISTS), resource)


def _count(envelope: Envelope, key: str) -> int | None:
    value = envelope.head.get(key)
    if value is None:
        return None
    if not (isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 9):
        raise Unreadable("the answer's count is not a whole number", key)
    return int(value)


def _total_pages(envelope: Envelope, total: int | None) -> int:
    """ProSKU's word, or where it is silent, as many pages as its count needs."""
    stated = _count(envelope, "total_pages")
    if stated is not None or not total or not envelope.records:
        return stated or 1
    per_page = _count(envelope, "per_page") or len(envelope.records)
    return -(-total // per_page)


def _record(raw: str, plain: Plain | None, resource: str) -> Record:
    canonical = _CANONICAL.encode(plain)
    fault = ""
    if not isinstance(plain, dict):
        fault = "the record is not an object with fields"
    elif "\\u0000" in canonical or not _storable(canonical):
        fault = "the record holds characters that are no text"
    content = f"{resource}\n{canonical}".encode(errors="surrogatepass")
    fields = plain if isinstance(plain, dict) and not fault else {}
    digest = hashlib.sha256(content).hexdigest()
    return Record(resource, raw, digest, fields, fault, _name(fields, resource) or digest)


def _name(fields: Mapping[str, Plain], resource: str) -> str:
    named_by = RESOURCES[resource].named_by if resource in RESOURCES else ()
    return next((str(value) for key in named_by if (value := fields.get(key))), "")


def _storable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
