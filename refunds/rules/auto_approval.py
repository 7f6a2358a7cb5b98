"""What does a seller's policy approve without a person, of what waits at one moment? (pure; amounts in minor units)

Whatever approves and whatever foretells it ask here, so that a dry run promises nothing that would not happen: an
amount that the policy allows, unless so many at once look like a mistake of the warehouse, and only while the seller's
daily ceiling has room.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

BRAKE = timedelta(hours=1)
"""What a policy approved in this time counts beside what waits now."""


class Candidate(NamedTuple):
    """A proposal whose amount the policy allows, and that no person has to look at."""

    id: int
    currency: str
    amount: int


def too_many(waiting: int, lately: int, *, most: int) -> bool:
    """Whether none of those that wait is approved, with those that the policy approved lately."""
    return waiting > 0 and waiting + lately > most


def within_ceiling(candidates: Sequence[Candidate], rooms: Mapping[str, int | None]) -> list[int]:
    """Those, oldest first, that the daily ceilings have room for; `rooms` is by currency, None without a ceiling.

    Behind one that does not fit, none of its currency is approved: nothing younger slips past.
    """
    left = dict(rooms)
    approved: list[int] = []
    for one in candidates:
        room = left[one.currency]
        if room is None:
            approved.append(one.id)
        elif one.amount <= room:
            left[one.currency] = room - one.amount
            approved.append(one.id)
        else:
            left[one.currency] = -1
    return approved
