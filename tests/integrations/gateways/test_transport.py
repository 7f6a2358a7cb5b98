"""Does a request go out once, to nowhere else, and does its answer hurt nobody?"""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from integrations.gateways.http import NoAnswer, send


class Trap(ThreadingHTTPServer):
    """Answers by path; remembers what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[str] = []
        self.closing = threading.Event()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Trap

    def do_POST(self) -> None:
        """Redirect, cut off, drip or flood."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append(self.path)
        self.send_response(307 if self.path == "/redirect" else 200)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", {"/redirect": "0", "/flood": str(2**24)}.get(self.path, "1000"))
        self.end_headers()
        try:
            if self.path == "/cut":
                self.wfile.write(b"half")
            while self.path == "/drip" and not self.server.closing.wait(0.05):
                self.wfile.write(b"x")
            if self.path == "/flood":
                self.wfile.write(b"x" * 2**24)
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is http.server's
        """Stay silent."""


@pytest.fixture
def trap() -> Iterator[Trap]:
    server = Trap()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.closing.set()
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_redirect_is_an_answer_and_not_followed(trap: Trap) -> None:
    answer = send("POST", f"{trap.url}/redirect", headers={}, body="{}", seconds=5)

    assert answer.status == 307
    assert trap.asked == ["/redirect"]


@pytest.mark.parametrize("path", ["/cut", "/drip", "/flood"])
def test_half_endless_and_huge_answers_are_no_answer_and_asked_once(trap: Trap, path: str) -> None:
    with pytest.raises(NoAnswer):
        send("POST", trap.url + path, headers={}, body="{}", seconds=1)

    assert trap.asked == [path]


@pytest.mark.parametrize(
    "url", ["http://192.0.2.1/", "http://127.0.0.1.example.com/", "ftp://127.0.0.1/", "https://", "file:///etc/passwd"]
)
def test_only_https_or_this_machine_is_spoken_to(url: str) -> None:
    with pytest.raises(NoAnswer, match="Nothing was sent"):
        send("POST", url, headers={}, body="{}", seconds=5)
