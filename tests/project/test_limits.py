"""Do files and functions stay as short as house.md wants them?"""

import ast
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
LONGEST_FILE = 300
LONGEST_FUNCTION = 50


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
