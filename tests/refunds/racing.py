"""How do several people or workers act at the very same moment, each with a connection of their own?"""

import random
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection

from tests.refunds.rules_hold import broken, check_rules
from tests.waiting import WITHIN

Act = Callable[[], Any]

UNEVEN = 0.03
"""Seconds by which one act may start after another."""


def race(*acts: Act, expect: tuple[type[Exception], ...] = ()) -> list[Any]:
    """Start all acts at once; what each returned, or which of the expected errors it raised, in their sequence."""
    gate = threading.Barrier(len(acts))
    ends: list[Any] = [None] * len(acts)

    def run(position: int, act: Act) -> None:
        try:
            connection.ensure_connection()
            gate.wait(WITHIN)
            # Not always in step, so that each of them wins at times.
            time.sleep(random.random() * UNEVEN)  # noqa: S311 - no secret
            ends[position] = act()
        except Exception as error:  # noqa: BLE001 - looked at below
            ends[position] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(position, act)) for position, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WITHIN)
    assert not any(thread.is_alive() for thread in threads), "an act that does not end"
    for end in ends:
        if isinstance(end, Exception) and not isinstance(end, expect):
            raise end
    return ends


def rounds(number: int) -> Iterator[int]:
    """So many rounds, and the seven rules checked after each."""
    for one in range(number):
        yield one
        check_rules()


def assert_the_rules_hold() -> None:
    """Nothing in the database breaks a rule of the domain."""
    assert broken() == {}
