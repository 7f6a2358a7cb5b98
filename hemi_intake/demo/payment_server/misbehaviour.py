"""What is the sandbox provider told to do wrong, to which request, and how often?"""

import threading
from dataclasses import asdict, dataclass, fields
from typing import Any

ON_REFUND = frozenset({
    "decline",
    "pending",
    "late",
    "pay_late",
    "error_before_paying",
    "error_after_paying",
    "close_before_paying",
    "close_after_paying",
    "nonsense",
    "wrong_amount",
    "ignore_keys",
    "allow_overpay",
})  # fmt: skip
ON_FIND = frozenset({"late", "error", "close", "nonsense", "wrong_amount"})
ON_LIST = frozenset({"late", "error", "close", "nonsense"})


class BadSwitch(ValueError):
    """A switch that means nothing; the message says why."""


@dataclass(slots=True)
class Switch:
    """One misbehaviour.

    `times` counts the requests it still spoils (None: all); `payment` limits it to one payment; `seconds` is how long
    `late` waits between paying and answering, and `pay_late` before paying.
    """

    on: str
    do: str
    times: int | None = None
    payment: str | None = None
    seconds: float = 0

    def __post_init__(self) -> None:
        known = {"refund": ON_REFUND, "find": ON_FIND, "list": ON_LIST}.get(self.on)
        if known is None or self.do not in known:
            known_ones = sorted(known or ())
            raise BadSwitch(f"on={self.on!r} do={self.do!r}: on is refund, find or list, do one of {known_ones}")


class Switchboard:
    """The switches that are set; asked once per request."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._switches: list[Switch] = []

    def add(self, asked: dict[str, Any]) -> None:
        """Set one more switch. Raises BadSwitch."""
        unknown = set(asked) - {field.name for field in fields(Switch)}
        if unknown or not {"on", "do"} <= set(asked):
            raise BadSwitch(f"a switch has on, do, times, payment, seconds; unknown: {sorted(unknown)}")
        with self._lock:
            self._switches.append(Switch(**asked))

    def clear(self) -> None:
        """Behave again."""
        with self._lock:
            self._switches = []

    def listing(self) -> list[dict[str, Any]]:
        """The switches as JSON has them."""
        with self._lock:
            return [asdict(switch) for switch in self._switches]

    def take(self, on: str, payment: str | None = None) -> dict[str, float]:
        """What to do wrong with this request, each with its seconds; counted as one time of each switch."""
        taken = {}
        with self._lock:
            for switch in self._switches:
                if switch.on == on and switch.payment in (None, payment) and switch.times != 0:
                    taken[switch.do] = switch.seconds
                    switch.times = None if switch.times is None else switch.times - 1
        return taken
