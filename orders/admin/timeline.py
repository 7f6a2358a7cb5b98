"""What does a page tell of an order's timeline, and how does a reader reach what is older?"""

from collections.abc import Callable
from typing import Any

from orders.listing import Rows

EACH = 50
"""So many events are shown at once; most orders have fewer in all."""


def told(events: list[Any], evidence_url: Callable[[int], str]) -> list[tuple[Any, str]]:
    """Events with the address of their evidence, "" where there is none."""
    return [(event, evidence_url(event.message) if event.message else "") for event in events]


def timeline(rows: Rows, before: str, evidence_url: Callable[[int], str]) -> dict[str, Any]:
    """The newest events before this one, the newest of all where it names none, and the key of the next older ones."""
    if before.isdecimal() and len(before) <= 18:
        rows = rows.filter(id__lt=int(before))
    else:
        before = ""
    events = list(rows.order_by("-id")[: EACH + 1])
    older = str(events[EACH - 1].pk) if len(events) > EACH else ""
    return {"events": told(events[:EACH], evidence_url), "older": older, "newer": bool(before)}
