"""What would a policy approve and pay of these proposals, if people decided on all others at once? (pure)

Minute by minute, as the tasks run: first the policy approves, then people do, then what is approved is paid, oldest
first, as far as the day's ceiling goes. What the ceiling stops waits for the next day, before whatever comes then.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from refunds.rules.auto_approval import BRAKE, Candidate, too_many, within_ceiling
from refunds.rules.policy import Policy

MINUTE = timedelta(minutes=1)


class Proposal(NamedTuple):
    """A proposal as it would be made. `day` is one of the seller's time zone."""

    id: int
    currency: str
    amount: int
    minute: datetime
    day: date
    needs_look: bool = False
    """Something about the order must be looked at by a person first."""
    rejected: bool = False
    """People would reject it, if they were asked."""


class Forecast(NamedTuple):
    """What would become of a proposal."""

    by_policy: bool
    held_back: str
    """Why a person decides although the policy allows the amount."""
    stopped: bool
    """Approved, and not paid on its day: the ceiling is reached."""


@dataclass(slots=True)
class _Ceiling:
    """What is paid of one currency on the present day, and what waits for the next."""

    most: int | None
    day: date = date.min
    paid: int = 0
    waiting: deque[tuple[int, int]] = field(default_factory=deque)

    def begin(self, day: date) -> None:
        """Go on to this day; on each day until then what waits is paid as far as it fits."""
        while self.day < day:
            self.day = min(self.day + timedelta(days=1), day) if self.waiting and self._moves() else day
            self.paid = 0
            self.pay()

    def pay(self) -> None:
        while self.waiting and (self.most is None or self.paid + self.waiting[0][1] <= self.most):
            self.paid += self.waiting.popleft()[1]

    @property
    def room(self) -> int | None:
        return None if self.most is None else self.most - self.paid - sum(amount for _, amount in self.waiting)

    def _moves(self) -> bool:
        return self.most is None or self.waiting[0][1] <= self.most


def forecast(proposals: Sequence[Proposal], policy: Policy, *, most: int) -> dict[int, Forecast]:
    """What would become of each, by its id; they are in the sequence in which they would be proposed."""
    ceilings = {one.currency: _Ceiling(policy.limit(one.currency).daily_ceiling) for one in proposals}
    lately: deque[datetime] = deque()
    braked_until: datetime | None = None
    found: dict[int, Forecast] = {}
    for minute, group in groupby(proposals, key=attrgetter("minute")):
        now = list(group)
        for ceiling in ceilings.values():
            ceiling.begin(now[0].day)
        allowed = [one for one in now if policy.limit(one.currency).unattended(one.amount)]
        candidates = [Candidate(one.id, one.currency, one.amount) for one in allowed if not one.needs_look]
        while lately and lately[0] <= minute - BRAKE:
            lately.popleft()
        # As long as something new waits at each minute, nobody has decided on all of them yet.
        still = braked_until is not None and minute <= braked_until
        braked = still or too_many(len(candidates), len(lately), most=most)
        if allowed and braked:
            braked_until = minute + MINUTE
        rooms = {currency: ceiling.room for currency, ceiling in ceilings.items()}
        approved = set() if braked else set(within_ceiling(candidates, rooms))
        lately.extend([minute] * len(approved))
        _pay(now, approved, ceilings)
        held_back = {one.id: "many at once" if braked else "daily cap" for one in allowed if one.id not in approved}
        held_back |= {one.id: "needs attention" for one in allowed if one.needs_look}
        stopped = {key for ceiling in ceilings.values() for key, _ in ceiling.waiting}
        for one in now:
            found[one.id] = Forecast(one.id in approved, held_back.get(one.id, ""), one.id in stopped)
    return found


def _pay(now: Sequence[Proposal], approved: set[int], ceilings: dict[str, _Ceiling]) -> None:
    by_people = [one for one in now if one.id not in approved and not one.rejected]
    for one in [*(one for one in now if one.id in approved), *by_people]:
        ceilings[one.currency].waiting.append((one.id, one.amount))
    for ceiling in ceilings.values():
        ceiling.pay()
