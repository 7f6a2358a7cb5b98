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


def test_a_refund_is_created_in_one_place() -> None:
    assert places(r"INSERT INTO refunds_refund\b") == ["refunds/proposals/write.py"]
    assert places(r"(?<!class )\bRefund\((?!\))|Refund\.objects\.(bulk_)?create\(") == []


def test_what_a_provider_did_is_recorded_in_one_place() -> None:
    assert places(r"RefundAttempt\.objects\.filter\(pk=.*\)\.update\(\*\*") == ["refunds/execution/outcome.py"]
    assert places(r"RefundStatus\.(EXECUTED|IN_DOUBT)\b.*\bexecuted_at=Now|[\"']executed_at[\"']: Now") == [
        "refunds/execution/outcome.py"
    ]


def test_limits_are_compared_with_amounts_in_one_place() -> None:
    said = r"[<>]=? *(\w+\.)?(second_approver_above|unattended_upto)|(second_approver_above|unattended_upto) *[<>]"
    assert places(said) == ["refunds/rules/policy.py"]
    sql = {path.name for path in (ROOT / "refunds").rglob("*.sql") if re.search(said, path.read_text())}
    assert sql <= {"approvals.sql"}


def test_since_when_an_order_is_overdue_is_said_in_one_place() -> None:
    sums = r"placed_at *[-+]|propose_overdue_after *\*"
    assert [path for path in places(sums) if path.startswith("refunds/")] == []


def test_lengths_of_time_are_written_in_one_place() -> None:
    assert places(r"\b86_?400\b.*\bmin\b|\bmin\b.*// *60") == ["orders/durations.py"]
