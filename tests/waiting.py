"""Wait for what must happen, however slow the machine is: until it is so, never for a time."""

import subprocess
import time
from collections.abc import Callable
from typing import Any, TypeVar

WITHIN = 120.0
"""Seconds. No test passes by it: it is only how long one that fails takes, so it has room for a busy machine."""
EVERY = 0.02

Found = TypeVar("Found")


def until(condition: Callable[[], Found], what: str, *, within: float = WITHIN, every: float = EVERY) -> Found:
    """Ask until the answer is true, and return it. Raises AssertionError that names what was awaited."""
    ends = time.monotonic() + within
    while not (found := condition()):
        assert time.monotonic() < ends, f"not within {within:g} seconds: {what}"
        time.sleep(every)
    return found


def until_ended(process: subprocess.Popen[Any], *, within: float = WITHIN) -> int:
    """How a process ended by itself. One that does not is killed, and AssertionError names it."""
    try:
        return process.wait(within)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise AssertionError(f"not within {within:g} seconds: the end of {process.args!r}") from None
