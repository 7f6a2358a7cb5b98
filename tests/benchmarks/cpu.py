"""How much processor time does a piece of work take, in this process and in its PostgreSQL session?

Rates move with whatever else the machine does, and a ratio moves with its limit; processor time is what the work costs.
"""

import os
import time
from pathlib import Path
from typing import NamedTuple

from django.db import connection

_TICKS = os.sysconf("SC_CLK_TCK")


class Cpu(NamedTuple):
    """Seconds of user and system time: of this process, and of the database session on the same machine."""

    own: float
    database: float

    @property
    def total(self) -> float:
        return self.own + self.database

    def since(self, earlier: "Cpu") -> "Cpu":
        """What was spent since then."""
        return Cpu(self.own - earlier.own, self.database - earlier.database)


def spent() -> Cpu:
    """What was spent so far. The session's share is 0 where the server runs on another machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    stat = Path(f"/proc/{pid}/stat")
    ticks = stat.read_text().rpartition(")")[2].split()[11:13] if stat.exists() else []
    return Cpu(time.process_time(), sum(map(int, ticks)) / _TICKS)
