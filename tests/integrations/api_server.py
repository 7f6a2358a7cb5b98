"""How does a test get the web server as its own process, to race against it and to kill it?"""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests

from tests.journeys.processes import environment
from tests.waiting import WITHIN

CONFIG = ("--config", "python:hemi_intake.web_server")


class Web:
    """A gunicorn on the test's database, at an address of its own."""

    def __init__(self, process: "subprocess.Popen[bytes]", url: str) -> None:
        self.process = process
        self.url = url

    def send(self, method: str, address: str, body: Any, *, bearer: str, key: str) -> requests.Response:
        """A write as JSON. Raises requests.ConnectionError when the server dies under it."""
        headers = {"Authorization": f"Bearer {bearer}", "Idempotency-Key": key}
        return requests.request(method, self.url + address, json=body, headers=headers, timeout=WITHIN)

    def kill(self) -> None:
        """End all of its processes at once, as a power cut does."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def web(**more: str) -> Iterator[Web]:
    """A web server with two worker processes; gone at the end, whatever became of it."""
    # It inherits the socket, so that nobody else can have taken the port meanwhile, and who comes early waits.
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        bind = f"fd://{listening.fileno()}"
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", *CONFIG, "hemi_intake.wsgi", "--bind", bind, "--log-level", "error"],
            env=environment(LOG_LEVEL="ERROR", **more),
            start_new_session=True,
            pass_fds=[listening.fileno()],
        )
    one = Web(process, url)
    try:
        requests.get(f"{url}/healthz", timeout=WITHIN)
        yield one
    finally:
        if process.poll() is None:
            one.kill()
