"""What does a page tell of an order's timeline?"""

from collections.abc import Callable
from typing import Any


def told(events: list[Any], evidence_url: Callable[[int], str]) -> list[tuple[Any, str]]:
    """Events with the address of their evidence, "" where there is none."""
    return [(event, evidence_url(event.message) if event.message else "") for event in events]
