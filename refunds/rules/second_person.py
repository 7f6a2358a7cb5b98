"""Could one person stand behind two? (pure; people are named by the numbers of their accounts)

Whoever set a password of an account, or created it, could use that account for a day, and take over the next one from
there. refunds/models/sql/independent.sql says the same in the database.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

FRESH = timedelta(hours=24)


class Reset(NamedTuple):
    """`by` set the password of the account `of`, or created it."""

    by: int
    of: int
    at: datetime


def could_be(people: Iterable[int], resets: Collection[Reset], at: datetime) -> frozenset[int]:
    """Everybody who may have acted as one of these at that moment; an API key is the people who know its secret."""
    found = set(people)
    recent = [reset for reset in resets if at - reset.at < FRESH]
    while more := {reset.by for reset in recent if reset.of in found} - found:
        found |= more
    return frozenset(found)


def independent(one: Iterable[int], other: Iterable[int], resets: Collection[Reset], at: datetime) -> bool:
    """Whether no single person can stand behind both. Asked again at each act, in its transaction."""
    return not could_be(one, resets, at) & could_be(other, resets, at)
