"""How does gunicorn serve the site, so that clients who send slowly keep nobody else waiting?

Its settings (`gunicorn --config python:hemi_intake.web_server hemi_intake.wsgi`) and its worker. A proxy in front takes
slow clients upon itself (docs/operations.md); this is for when there is none, or it fails to.
"""

import errno
import socket
import time
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

SILENT = 10.0
"""Seconds within which the next bytes of a request must come."""
WHOLE = 30.0
"""Seconds that may pass, in all, with waiting for one request's bytes."""
SENDING = 60.0
"""Seconds within which a client must take each piece of its answer."""


class PatientSocket:
    """A connection's socket whose waiting for a request has an end, however slowly it drips."""

    def __init__(self, plain: socket.socket, whole: float = WHOLE) -> None:
        self._plain, self._whole, self._left = plain, whole, whole

    def begin(self) -> None:
        """The next request begins."""
        self._left = self._whole

    def recv(self, size: int) -> bytes:
        """What has come; raises ConnectionResetError when it took too long."""
        began = time.monotonic()
        self._plain.settimeout(max(min(SILENT, self._left), 0.001))
        try:
            return self._plain.recv(size)
        except TimeoutError:
            raise ConnectionResetError(errno.ECONNRESET, "the request came too slowly") from None
        finally:
            self._left -= time.monotonic() - began

    def sendall(self, piece: bytes) -> None:
        """Send a piece of the answer."""
        self._plain.settimeout(SENDING)
        self._plain.sendall(piece)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._plain, name)


class PatientWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn says nothing of its types
    """Threads, each of which a slow client holds for WHOLE seconds at most."""

    def enqueue_req(self, conn: TConn) -> None:
        """Give a connection to a thread for its next request."""
        if not isinstance(conn.sock, PatientSocket):
            conn.sock = PatientSocket(conn.sock)
        conn.sock.begin()
        super().enqueue_req(conn)


worker_class = "hemi_intake.web_server.PatientWorker"
workers = 2
# Made as they are needed. More than a handful of slow clients, before the time-outs free theirs.
threads = 32
# Seconds: for a worker that hangs as a whole; requests have their own limits.
timeout = 60
graceful_timeout = 30
keepalive = 5
limit_request_line = 4094
limit_request_fields = 60
limit_request_field_size = 8190
