"""Does no text become a formula in a spreadsheet?"""

import csv
import io
from typing import Any

import pytest

from orders.backoffice.spreadsheets import csv_lines, escape_formula


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "＝1", "\n-1"])
def test_a_text_that_would_be_a_formula_is_made_harmless_in_csv(text: str) -> None:
    assert escape_formula(text) == f"'{text}"
    assert next(csv.reader(io.StringIO(csv_lines([[text]]).decode(), newline=""))) == [f"'{text}"]


@pytest.mark.parametrize("value", ["W-1", "", "a=b", 5, -5, "قاسم", 'say "x", y'])
def test_all_else_is_written_as_it_is(value: Any) -> None:
    assert escape_formula(value) == value


@pytest.mark.parametrize(
    ("text", "harmless"),
    [
        ("x;=1+1", "x;'=1+1"),
        ("x; =1+1;y", "x; '=1+1;y"),
        ("a\n=1+1", "a\n'=1+1"),
        ("a\t@SUM(1)", "a\t'@SUM(1)"),
        ("=a;-b", "'=a;'-b"),
        ("blue; large", "blue; large"),
        ("a-b; c=d, -e", "a-b; c=d, -e"),
    ],
)
def test_where_semicolons_part_cells_no_part_of_a_text_is_a_formula(text: str, harmless: str) -> None:
    assert escape_formula(text) == harmless
    assert csv_lines([[text]]).decode().count("'") == harmless.count("'")
