"""What does a receiver in a test do? It verifies each message as Standard Webhooks ask, remembers it, and answers.

The path says how: /ok, /status/500, /slow/0.5, /redirect, /once/503 (the first time only), /held
(the first one waits until it is released), /drip. Several names after
each other as /a/ok are different endpoints of the same receiver. As a process: secrets in, its address out.
"""

import json
import ssl
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError


@dataclass
class Heard:
    """One message: under which id, what it said, whether it was genuine, when it came and when it was answered."""

    id: str
    path: str
    message: dict[str, Any]
    genuine: bool
    headers: dict[str, str]
    began: float
    ended: float = 0


@dataclass
class Receiver:
    """A receiver in threads of this process. `secrets` are those that a message may be signed with."""

    secrets: list[str] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    retry_after: str = ""
    released: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "Receiver":
        receiver = self

        class Handler(_Handler):
            owner = receiver

        self._server = _Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def wrap(self, context: ssl.SSLContext) -> None:
        """Speak TLS from now on."""
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def of(self, path: str) -> list[Heard]:
        return [one for one in self.heard if one.path.startswith(path)]

    def genuine(self, headers: dict[str, str], body: bytes) -> bool:
        for secret in self.secrets:
            try:
                Webhook(secret).verify(body, headers)
            except WebhookVerificationError:
                continue
            return True
        return False


class _Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that goes away is none of our business."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    owner: Receiver

    def do_POST(self) -> None:
        began = time.monotonic()
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        receiver = self.owner
        one = Heard(headers["webhook-id"], self.path, json.loads(body), receiver.genuine(headers, body), headers, began)
        receiver.heard.append(one)
        receiver.seen[one.id] += 1
        self._answer(receiver, one)

    def _answer(self, receiver: Receiver, one: Heard) -> None:
        *_, verb, detail = ["", "", *self.path.strip("/").split("/")]
        if verb == "slow":
            time.sleep(float(detail))
        if detail == "held" and one is receiver.heard[0]:
            receiver.released.wait()
        one.ended = time.monotonic()
        if detail == "drip":
            self._drip()
        elif detail == "redirect":
            self._say(307, {"Location": f"{receiver.url}/landed/ok"})
        elif verb == "status":
            self._say(int(detail), {"Retry-After": receiver.retry_after} if receiver.retry_after else {})
        elif verb == "early":
            self.wfile.write(f"HTTP/1.1 {detail} Early\r\nLink: </x>\r\n\r\n".encode())
            self._say(200)
        elif verb == "once" and receiver.seen[one.id] == 1:
            self._say(int(detail))
        else:
            self._say(200 if one.genuine else 400)

    def _say(self, status: int, headers: dict[str, str] | None = None) -> None:
        text = f"answer {status}\0".encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(text)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def _drip(self) -> None:
        while True:
            self.wfile.write(b"H")
            self.wfile.flush()
            time.sleep(0.1)

    def log_message(self, *args: Any) -> None:
        """A test has no use for a log."""


def main() -> None:
    """Say the address; then answer each line on stdin with what was heard until now."""
    with Receiver(secrets=sys.argv[1:]) as receiver:
        sys.stdout.write(f"{receiver.url}\n")
        sys.stdout.flush()
        for _ in sys.stdin:
            heard = [[one.id, one.genuine, one.message["type"]] for one in list(receiver.heard)]
            sys.stdout.write(json.dumps(heard) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
