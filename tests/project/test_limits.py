"""Do files and functions stay as short as house.md wants them?"""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(
    path
    for folder in ("hemi_intake", "integrations", "refunds", "orders", "tests")
    for path in (ROOT / folder).rglob("*.py")
    # Django writes them, and nobody reads them as code.
    if path.parent.name != "migrations"
)
PAGES = sorted(
    path
    for pattern in ("templates/**/*.html", "templates/**/*.txt", "*/static/**/*.css", "*/static/**/*.js")
    for path in ROOT.glob(pattern)
)
LONGEST_FILE = 300
LONGEST_FUNCTION = 50
LONGEST_LINE = 120
INLINE = re.compile(r"<style|<script(?![^>]* src=)|\son[a-z]+=")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_stay_short(path: Path) -> None:
    source = path.read_text()

    long_functions = [
        node.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > LONGEST_FUNCTION
    ]

    assert len(source.splitlines()) <= LONGEST_FILE
    assert long_functions == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_templates_style_sheets_and_scripts_stay_short(path: Path) -> None:
    lines = path.read_text().splitlines()

    assert len(lines) <= LONGEST_FILE
    assert [number for number, line in enumerate(lines, 1) if len(line) > LONGEST_LINE] == []


def test_templates_hold_no_style_sheets_or_scripts_of_their_own() -> None:
    for path in ROOT.glob("templates/**/*.html"):
        assert not INLINE.search(path.read_text()), path
