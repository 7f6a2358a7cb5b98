"""Does each rule of refunds stand in one place? (a second wording of one is found here, by what it would look like)"""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("hemi_intake", "integrations", "refunds", "orders")


def sources(*besides: str) -> dict[str, str]:
    """The product's Python by its path, but for migrations and the files named."""
    found = {
        str(path.relative_to(ROOT)): path.read_text()
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        if path.parent.name != "migrations"
    }
    return {path: text for path, text in found.items() if path not in besides}


def places(pattern: str, *besides: str) -> list[str]:
    """Where the product's Python says something that matches."""
    return sorted(path for path, text in sources(*besides).items() if re.search(pattern, text))


def test_the_status_of_a_refund_changes_in_one_place() -> None:
    assert places(r"UPDATE refunds_refund\b[^;]*?SET[^;]*?\bstatus = ", "refunds/models/refund.py") == []
    assert places(r"\.update\([^)]*\bstatus=(RefundStatus|S)\b", "refunds/models/refund.py") == []
