"""What does a shipping file say, row by row? (pure)

Shipping files are CSV with a header: order reference, SKU, quantity, carrier, tracking number, despatch time, despatch
number, in any sequence, under any of the names below; separated by commas, semicolons, tabs or bars; in UTF-8, UTF-16
or Windows-1252. Times are local to the warehouse unless they name a zone.
"""

import codecs
import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orders.texts import identifier

MOST_ROWS = 200_000
LONGEST_FIELD = 1_000
DELIMITERS = ",;\t|"
NAMES: Mapping[str, frozenset[str]] = {
    "order_reference": frozenset({"orderreference", "orderref", "reference", "order", "orderno", "ordernumber"}),
    "sku": frozenset({"sku", "productcode", "product", "itemcode", "item"}),
    "quantity": frozenset({"quantity", "qty", "units", "shippedquantity", "despatchedquantity", "qtydespatched"}),
    "carrier": frozenset({"carrier", "carriername", "courier"}),
    "tracking_number": frozenset({"trackingnumber", "tracking", "trackingno", "trackingref", "trackingreference"}),
    "despatch_time": frozenset(
        {"despatchtime", "despatchedat", "despatchdate", "dispatchtime", "dispatchedat", "dispatchdate", "shippedat"}
    ),
    "despatch_number": frozenset(
        {"despatchnumber", "despatchno", "despatch", "dispatchnumber", "despatchnote", "shipmentnumber"}
    ),
}
NEEDED = ("order_reference", "sku", "quantity", "despatch_time", "despatch_number")


class NoShippingFile(Exception):
    """The file as a whole cannot be read; the message is a sentence for the person who brought it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line in the file (the header is line 1), its fields by our names, and what is wrong with it."""

    line: int
    fields: Mapping[str, str]
    fault: str = ""


def read(content: bytes) -> list[Row]:
    """Read a whole file. Raises NoShippingFile when it is none; a bad row is answered with its fault."""
    text = _text(content)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    columns: list[str] = []
    rows: list[Row] = []
    begins = 1
    try:
        for cells in lines:
            # A field may hold line breaks: a row is known by the line on which it begins.
            line, begins = begins, lines.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if not columns:
                columns = _columns(cells)
                continue
            rows.append(_row(line, columns, cells))
            if len(rows) > MOST_ROWS:
                raise NoShippingFile(f"the file has more than {MOST_ROWS} rows: send it in parts")
    except csv.Error as error:
        raise NoShippingFile(f"line {lines.line_num} is no CSV: {error}") from None
    if not columns:
        raise NoShippingFile("the file is empty")
    return rows


def _text(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings: Sequence[str] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise NoShippingFile("the file is no text in UTF-8, UTF-16 or Windows-1252")


def _delimiter(text: str) -> str:
    header = next((line for line in text.splitlines() if line.strip()), "")
    return max(DELIMITERS, key=header.count)


def _columns(cells: Sequence[str]) -> list[str]:
    """Our name for each column, "" for those that nobody needs."""
    columns = []
    for cell in cells:
        bare = re.sub(r"[^a-z0-9]", "", cell.lower())
        columns.append(next((name for name, others in NAMES.items() if bare in others), ""))
    missing = [name.replace("_", " ") for name in NEEDED if name not in columns]
    if missing:
        raise NoShippingFile(f"the header has no column for {', '.join(missing)}")
    twice = sorted({name.replace("_", " ") for name in columns if name and columns.count(name) > 1})
    if twice:
        raise NoShippingFile(f"the header has two columns for {', '.join(twice)}")
    return columns


def _row(line: int, columns: Sequence[str], cells: Sequence[str]) -> Row:
    fields = {name: identifier(cell) for name, cell in zip(columns, cells, strict=False) if name}
    missing = [name.replace("_", " ") for name in NEEDED if not fields.get(name)]
    fault = ""
    if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
        fault = f"the row has {len(cells)} fields, the header {len(columns)}"
    elif missing:
        fault = f"the row has no {', '.join(missing)}"
    elif any(len(value) > LONGEST_FIELD for value in fields.values()):
        fault = f"a field is longer than {LONGEST_FIELD} characters"
    return Row(line, fields, fault)
