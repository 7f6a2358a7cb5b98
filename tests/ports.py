"""Which port can a test give to a process that must be told one before it listens?"""

import random
import socket

BELOW_THE_SYSTEMS_OWN = range(12_000, 32_000)
"""The system gives ports from 32768 on to whoever connects, so one that was free there may be taken a moment later."""


def free_port() -> int:
    """A port of this machine on which nobody listens."""
    while True:
        port = random.choice(BELOW_THE_SYSTEMS_OWN)  # noqa: S311 - no secret
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return port
