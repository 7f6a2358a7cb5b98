"""How are order documents read out of a file, one at a time, however large the file is?

JSON Lines: one document per line. CSV: one row per item, the rows of an order one below the other; a column is the
path of its field (`customer_name`, `shipping_address_line1`, `item_sku`, `discount_amount`).
"""

import csv
import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from orders.documents.shape import ADDRESS, CUSTOMER, DISCOUNT, ITEM, ORDER, PAYMENT
from orders.texts import identifier

LONGEST_LINE = 4 * 1024 * 1024

# Where the fields with fields of their own stand in a CSV file.
_OBJECTS = {
    "customer": CUSTOMER,
    "shipping_address": ADDRESS,
    "billing_address": ADDRESS,
    "payment": PAYMENT,
    "discount": DISCOUNT,
    "item": ITEM,
}
COLUMNS = tuple(name for name in ORDER if name not in {*_OBJECTS, "items", "discounts", "payments"}) + tuple(
    f"{outer}_{inner}" for outer, names in _OBJECTS.items() for inner in names
)
"""The columns that a CSV file may have."""
REQUIRED = (
    "reference",
    "seller",
    "channel",
    "placed_at",
    "currency",
    "total_paid",
    "item_sku",
    "item_quantity",
    "item_unit_price",
)
_KEY = ("seller", "channel", "reference")
_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class Unusable(Exception):
    """The file as a whole cannot be read; the message is a sentence."""


@dataclass(slots=True)
class Entry:
    """One order as the file has it: where it begins, its raw text or rows, the document, or why there is none."""

    line: int
    raw: Any
    document: Any = None
    why: str = ""


def read(file: BinaryIO, kind: str) -> Iterator[Entry]:
    """The orders of a file, "jsonl" or "csv", in their sequence. Raises Unusable."""
    if file.read(3) != b"\xef\xbb\xbf":
        file.seek(0)
    return _read_csv(file) if kind == "csv" else _read_lines(file)


def kind_of(path: Path) -> str:
    """Which kind of file the name promises. Raises Unusable."""
    kinds = {".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl", ".csv": "csv"}
    if path.suffix.lower() not in kinds:
        raise Unusable(f"{path} is neither .jsonl nor .csv: say which with --format")
    return kinds[path.suffix.lower()]


def _read_lines(file: BinaryIO) -> Iterator[Entry]:
    number = 0
    while raw := file.readline(LONGEST_LINE):
        number += 1
        if not raw.endswith(b"\n") and len(raw) == LONGEST_LINE:
            while (rest := file.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
                pass
            yield Entry(
                number, raw[:200].decode(errors="replace"), why=f"the line is longer than {LONGEST_LINE:,} bytes"
            )
            continue
        # Bytes that are not UTF-8 become surrogates, which the check of the document refuses where they stand.
        text = raw.decode(errors="surrogateescape").strip()
        if number == 1 and text.startswith("["):
            raise Unusable("the file is one JSON array; expected is JSON Lines, one order document per line")
        if text:
            try:
                yield Entry(number, text, document=json.loads(text, object_pairs_hook=_object))
            except (ValueError, RecursionError) as error:
                yield Entry(number, text, why=f"the line is not JSON: {error}")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a field stands in it twice")
    return found


@dataclass(slots=True)
class _Group:
    """Rows of a CSV file that follow one another and name the same order; without a key, a row that is broken."""

    key: tuple[str, ...] | None
    line: int
    rows: list[dict[str, str]] = field(default_factory=list)
    why: str = ""


def _read_csv(file: BinaryIO) -> Iterator[Entry]:
    start = file.tell()
    with closing(sqlite3.connect("")) as seen:
        torn = _torn(_groups(file), seen)
        file.seek(start)
        before: _Group | None = None
        waiting: Entry | None = None
        for group in _groups(file):
            entry = _entry(group, torn)
            # A row that cannot be read may have belonged to the order above it, or to the one below.
            if waiting is not None and group.key is None:
                waiting.why = waiting.why or f"line {group.line}, just below, cannot be read and may belong to it"
            if before is not None and before.key is None:
                entry.why = entry.why or f"line {before.line}, just above, cannot be read and may belong to it"
            if waiting is not None:
                yield waiting
            before, waiting = group, entry
        if waiting is not None:
            yield waiting


def _torn(groups: Iterator[_Group], seen: sqlite3.Connection) -> Callable[[_Group], bool]:
    # The keys of a million orders are kept in a temporary file of SQLite's, not in memory.
    seen.execute("CREATE TABLE place (key TEXT PRIMARY KEY, times INTEGER) WITHOUT ROWID")
    seen.executemany(
        "INSERT INTO place VALUES (?, 1) ON CONFLICT (key) DO UPDATE SET times = times + 1",
        ((ascii(group.key),) for group in groups if group.key is not None),
    )

    def torn(group: _Group) -> bool:
        row = seen.execute("SELECT times FROM place WHERE key = ?", [ascii(group.key)]).fetchone()
        return bool(row and row[0] > 1)

    return torn


def _groups(file: BinaryIO) -> Iterator[_Group]:
    rows = csv.reader(_decoded(file), strict=True)
    try:
        header = [identifier(name) for name in next(rows, [])]
    except csv.Error as error:
        raise Unusable(f"the first line is not a CSV header: {error}") from None
    _check_header(header)
    group: _Group | None = None
    while True:
        line = rows.line_num + 1
        try:
            cells = next(rows)
        except StopIteration:
            break
        except csv.Error as error:
            found = _Group(None, line, why=f"the row is not CSV: {error}")
        else:
            if not any(cells):
                continue
            found = _row(header, cells, line)
        if group is not None and found.key is not None and found.key == group.key:
            group.rows += found.rows
            continue
        if group is not None:
            yield group
        group = found
    if group is not None:
        yield group


def _decoded(file: BinaryIO) -> Iterator[str]:
    # Not a TextIOWrapper: it would close the file, and cannot tell how far it has come.
    while line := file.readline(LONGEST_LINE):
        yield line.decode(errors="surrogateescape")


def _check_header(header: list[str]) -> None:
    unknown = [name for name in header if name not in COLUMNS]
    missing = [name for name in REQUIRED if name not in header]
    twice = sorted({name for name in header if header.count(name) > 1})
    for names, sentence in ((unknown, "unknown columns"), (missing, "missing columns"), (twice, "columns given twice")):
        if names:
            raise Unusable(f"{sentence}: {', '.join(ascii(name)[1:-1] for name in names[:20])}")


def _row(header: list[str], cells: list[str], line: int) -> _Group:
    if len(cells) != len(header):
        row = {"cells": ", ".join(cells)[:1000]}
        return _Group(None, line, [row], f"the row has {len(cells)} cells, the header has {len(header)}")
    row = {name: identifier(cell) if name in _KEY else cell.strip() for name, cell in zip(header, cells, strict=True)}
    return _Group(tuple(row[name] for name in _KEY), line, [row])


def _entry(group: _Group, torn: Callable[[_Group], bool]) -> Entry:
    entry = Entry(group.line, group.rows, why=group.why)
    if group.key is None:
        return entry
    if torn(group):
        entry.why = "the rows of this order do not follow one another: other orders stand between them"
        return entry
    first = group.rows[0]
    for offset, row in enumerate(group.rows[1:], start=2):
        for name, cell in row.items():
            if cell and not name.startswith("item_") and cell != first[name]:
                entry.why = f"row {offset} of this order says another {name} than its first row"
                return entry
    entry.document = _document(group.rows)
    return entry


def _document(rows: list[dict[str, str]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, cell in rows[0].items():
        outer = next((outer for outer in _OBJECTS if name.startswith(f"{outer}_") and name not in ORDER), None)
        if not cell or outer == "item":
            continue
        if outer is None:
            found[name] = _FLAGS.get(cell.lower(), cell) if name == "prices_include_tax" else cell
        else:
            found.setdefault(outer, {})[name.removeprefix(f"{outer}_")] = cell
    if "discount" in found:
        found["discounts"] = [found.pop("discount")]
    found["items"] = [_item(row) for row in rows]
    return found


def _item(row: dict[str, str]) -> dict[str, Any]:
    item: dict[str, Any] = {
        name.removeprefix("item_"): cell for name, cell in row.items() if cell and name.startswith("item_")
    }
    quantity = identifier(item.get("quantity", ""))
    if re.fullmatch("[0-9]{1,9}", quantity):
        item["quantity"] = int(quantity)
    return item
