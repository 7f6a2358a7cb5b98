"""How does a test get the web server as its own process, to race against it and to kill it?"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests

from tests.journeys.processes import environment


class Web:
    """A gunicorn on the test's database, at an address of its own."""

    def __init__(self, process: "subprocess.Popen[bytes]", url: str) -> None:
        self.process = process
        self.url = url

    def send(self, method: str, address: str, body: Any, *, bearer: str, key: str) -> requests.Response:
        """A write as JSON. Raises requests.ConnectionError when the server dies under it."""
        headers = {"Authorization": f"Bearer {bearer}", "Idempotency-Key": key}
        return requests.request(method, self.url + address, json=body, headers=headers, timeout=60)

    def kill(self) -> None:
        """End all of its processes at once, as a power cut does."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def web(**more: str) -> Iterator[Web]:
    """A web server with two worker processes; gone at the end, whatever became of it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "hemi_intake.wsgi", "--bind", f"127.0.0.1:{port}"]
    with subprocess.Popen(
        [*command, "--workers", "2", "--threads", "4", "--log-level", "error"],
        env=environment(LOG_LEVEL="ERROR", **more),
        start_new_session=True,
    ) as process:
        one = Web(process, f"http://127.0.0.1:{port}")
        try:
            _wait(one)
            yield one
        finally:
            if process.poll() is None:
                one.kill()


def _wait(server: Web) -> None:
    ends = time.monotonic() + 60
    while True:
        try:
            requests.get(f"{server.url}/healthz", timeout=5)
        except requests.ConnectionError:
            assert server.process.poll() is None, "the server ended at once"
            assert time.monotonic() < ends, "the server did not come up"
            time.sleep(0.1)
        else:
            return
