"""What follows from how an attempt ended: when is the next one, and is the target paused or switched off? (pure)"""

import random
from dataclasses import dataclass
from datetime import timedelta

WAITS = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)
)
"""How long to wait after the first try, the second, …: ten tries in a good three days."""
JITTER = 0.1
"""A wait is up to this part longer, so that what failed together does not come back together."""
THROTTLES = frozenset({429, 502, 503, 504})
LONGEST_REST = timedelta(days=1)
"""An endpoint may ask for so much with Retry-After."""
SHORTEST_REST, USUAL_REST = timedelta(seconds=2), timedelta(minutes=5)
REFUSES_FOR = timedelta(minutes=1)
PATIENT_FOR = timedelta(days=3)
"""An endpoint that accepted nothing for so long is switched off."""
GONE = 410


@dataclass(frozen=True, slots=True)
class Ended:
    """How a try ended: an answer with its status, or an error instead. `retry_after` is in seconds."""

    milliseconds: int
    status: int | None = None
    answer: str = ""
    error: str = ""
    retry_after: float | None = None

    @property
    def accepted(self) -> bool:
        return self.status is not None and 200 <= self.status <= 299


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a delivery and its endpoint.

    `wait` None is the end of its tries; `rest` is how long the endpoint is spared; `off` why it is switched off.
    """

    state: str
    wait: timedelta | None = None
    rest: timedelta | None = None
    off: str = ""


def judge(ended: Ended, *, attempts: int, failing_for: timedelta) -> Verdict:
    """Decide after try number `attempts` of a delivery, whose endpoint has accepted nothing for `failing_for`."""
    if ended.accepted:
        return Verdict("delivered")
    asked = _asked(ended)
    rest = max(filter(None, (asked, _breaker(ended, failing_for))), default=None)
    off = _off(ended, failing_for)
    if attempts > len(WAITS):
        return Verdict("failed", None, rest, off)
    wait = WAITS[attempts - 1] * random.uniform(1, 1 + JITTER)  # noqa: S311 - no secret
    return Verdict("pending", max(wait, asked or wait), rest, off)


def _off(ended: Ended, failing_for: timedelta) -> str:
    if ended.status == GONE:
        return "The receiver answered 410 Gone."
    if failing_for >= PATIENT_FOR:
        return "It has accepted nothing for three days."
    return ""


def _asked(ended: Ended) -> timedelta | None:
    """How long the endpoint itself wants to be spared."""
    if ended.status not in THROTTLES or ended.retry_after is None:
        return None
    # Bounded as a number: a moment or a span of time that is too long cannot even be named.
    return timedelta(seconds=min(max(ended.retry_after, 0), LONGEST_REST.total_seconds()))


def _breaker(ended: Ended, failing_for: timedelta) -> timedelta | None:
    """Spare an endpoint for half as long as it has failed: one that is not there at once, one that refuses later."""
    down = ended.status is None or ended.status in THROTTLES
    if not down and failing_for < REFUSES_FOR:
        return None
    return min(max(failing_for / 2, SHORTEST_REST), USUAL_REST)
