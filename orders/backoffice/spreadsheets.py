"""How do rows become a file for a spreadsheet, without any text becoming a formula there? (CSV, XLSX)

A row is texts, whole numbers and decimals. Both are written in constant memory.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import IO

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

Value = str | int | Decimal
MOST_ROWS = 1_048_576
"""A sheet of Excel has no more."""
LONGEST_TEXT = 32_767
# Where a spreadsheet may begin a new cell in the middle of a text: it takes a semicolon for the separator in many
# countries, and a line end for that of rows.
_INSIDE = re.compile(r"([;\t\r\n][ \u00a0]?)(?=[=+\-@＝＋－＠])")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def escape_formula(value: Value) -> Value:
    """A text that a spreadsheet would take for a formula with an apostrophe before it, also in its middle."""
    if not isinstance(value, str):
        return value
    text = value.lstrip()
    inner = value[: len(value) - len(text)] + _INSIDE.sub(r"\1'", text)
    return f"'{inner}" if value.startswith(_FORMULA) or text.startswith(_FORMULA) else inner


def csv_lines(rows: Iterable[Sequence[Value]]) -> bytes:
    """Rows as lines of CSV (RFC 4180, UTF-8)."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([escape_formula(value) for value in row] for row in rows)
    return out.getvalue().encode()


class Xlsx:
    """A workbook that is written row by row; a sheet that is full is followed by another."""

    def __init__(self, out: IO[bytes], head: Sequence[str]) -> None:
        self._book = Workbook(out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
        self._head = head
        self._bold = self._book.add_format({"bold": True})
        self._sheet: Worksheet = self._begin()

    def write(self, rows: Iterable[Sequence[Value]]) -> None:
        """Append rows."""
        for row in rows:
            if self._row == MOST_ROWS:
                self._sheet = self._begin()
            for column, value in enumerate(row):
                if isinstance(value, str):
                    self._sheet.write_string(self._row, column, value[:LONGEST_TEXT])
                else:
                    self._sheet.write_number(self._row, column, value)
            self._row += 1

    def close(self) -> None:
        """Finish the file."""
        self._book.close()

    def _begin(self) -> Worksheet:
        sheet = self._book.add_worksheet()
        sheet.freeze_panes(1, 1)
        for column, name in enumerate(self._head):
            sheet.write_string(0, column, name, self._bold)
        self._row = 1
        return sheet
