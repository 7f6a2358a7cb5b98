"""What does a page tell of an order's timeline, and how does a reader reach what is older?"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from orders.backoffice.lists import Rows

EACH = 50
"""So many events are shown at once; most orders have fewer in all."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What one person did, or one message said, within a minute; with the address of its evidence, "" without one."""

    events: list[Any]
    evidence: str


def entries_of(events: list[Any], evidence_url: Callable[[int], str]) -> list[Entry]:
    """Events as people read them, those that belong together in one entry."""
    groups = [list(group) for _, group in groupby(events, key=_belongs)]
    return [Entry(group, evidence_url(group[0].message) if group[0].message else "") for group in groups]


def _belongs(event: Any) -> tuple[Any, ...]:
    return event.actor, event.message, event.occurred_at.replace(second=0, microsecond=0)


def timeline(rows: Rows, before: str, evidence_url: Callable[[int], str]) -> dict[str, Any]:
    """The newest events before this one, the newest of all where it names none, and the key of the next older ones."""
    if before.isdecimal() and len(before) <= 18:
        rows = rows.filter(id__lt=int(before))
    else:
        before = ""
    events = list(rows.order_by("-id")[: EACH + 1])
    older = str(events[EACH - 1].pk) if len(events) > EACH else ""
    return {"events": entries_of(events[:EACH], evidence_url), "older": older, "newer": bool(before)}
