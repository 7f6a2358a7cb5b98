"""What became of a shipping file's rows?"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from integrations.connections.models import Account
from integrations.warehouses import archive
from integrations.warehouses.files.notes import FILE
from integrations.warehouses.models import ArchivedMessage

COUNTS = ("applied", "duplicates", "parked", "rejected", "proposed")


@dataclass(slots=True)
class Report:
    """What became of a file's rows. `lines` names for each row that was not applied its line, state and reason."""

    name: str
    run: int | None = None
    rows: int = 0
    applied: int = 0
    duplicates: int = 0
    parked: int = 0
    rejected: int = 0
    proposed: int = 0
    error: str = ""
    lines: list[dict[str, Any]] = field(default_factory=list)

    @property
    def well(self) -> bool:
        """Whether every row was understood; some may still wait for their order."""
        return not (self.error or self.rejected)

    def add(self, account: Account, line_of: Mapping[str, int], counts: Counter[str]) -> None:
        """Add what became of some rows, by the digests of their records, and how many of each outcome there were.

        A row that an earlier file brought counts as a duplicate, unless it still waits or cannot be used.
        """
        rows = archive.find(account, FILE, line_of).exclude(state=ArchivedMessage.State.APPLIED)
        unused = list(rows.values_list("digest", "state", "reason"))
        self.lines += [{"line": line_of[digest], "state": state, "reason": reason} for digest, state, reason in unused]
        self.lines.sort(key=lambda line: int(line["line"]))
        states = Counter(state for _, state, _ in unused)
        again = {state: max(states[state] - counts[state], 0) for state in ("parked", "rejected")}
        counts = counts + Counter(again)
        counts["duplicates"] -= sum(again.values())
        for count in COUNTS:
            setattr(self, count, getattr(self, count) + counts[count])
