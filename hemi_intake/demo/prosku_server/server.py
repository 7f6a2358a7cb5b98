"""How does the sandbox speak HTTP: ProSKU's wire to clients, and control to whoever holds the token?

Control lives under /_sandbox/ (`Authorization: Bearer <token>`, JSON in and out): GET state; POST orders,
put, advance, pace, misbehave, at_random, behave, revoke, restore, style; what each takes stands at `Control`.
"""

import hmac
import json
import secrets
import socket
import struct
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from urllib.parse import parse_qs, urlsplit

from hemi_intake.demo.prosku_server import answers
from hemi_intake.demo.prosku_server.answers import Asked, AtRandom, Fault
from hemi_intake.demo.prosku_server.control import Control
from hemi_intake.demo.prosku_server.state import Account, State

MOST_PER_PAGE = 10_000
TICK = 0.25


class Sandbox(ThreadingHTTPServer):
    """A running warehouse. In tests: `with Sandbox(keys=["k"]) as sandbox: sandbox.url`."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(
        self,
        *,
        port: int = 0,
        keys: tuple[str, ...] = (),
        token: str = "",
        seed: int = 1,
        pace: float = 0,
        zone: str = "Europe/London",
        file: Path | None = None,
    ) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.state = State(seed=seed, zone=zone, file=file)
        self.state.set_pace(pace)
        for key in keys:
            self.state.account(key)
        self.token = token or secrets.token_urlsafe(24)
        self.faults: list[Fault] = []
        self.at_random = AtRandom()
        self.list_style = "array"
        self.clock_ahead = 0.0
        self.counts: Counter[str] = Counter()
        self.requests: deque[dict[str, object]] = deque(maxlen=1000)
        self.control = Control(self)
        self._stopped = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def start(self) -> str:
        """Serve in threads of this process until `stop`; returns the address."""
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        threading.Thread(target=self.run_clock, daemon=True).start()
        return self.url

    def run_clock(self) -> None:
        """Move the orders on and save what changed, until `stop`."""
        since_saved = 0
        while not self._stopped.wait(TICK):
            self.state.tick()
            since_saved += 1
            if since_saved * TICK >= 1:
                since_saved = 0
                self.state.save()

    def stop(self) -> None:
        """Stop serving and save."""
        self._stopped.set()
        self.shutdown()
        self.server_close()
        self.state.save()

    def __enter__(self) -> "Sandbox":
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no news; anything else is ours, and is shown."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    def take_fault(self, resource: str, page: int, key: str) -> Fault | None:
        """The first fault that matches this request, one of its times used up; otherwise one at random, if any."""
        with self.state.lock:
            for fault in self.faults:
                if fault.matches(resource, page, key):
                    fault.times -= fault.times > 0
                    return fault
            return self.at_random.choose(key)


class _Handler(BaseHTTPRequestHandler):
    server: Sandbox
    protocol_version = "HTTP/1.1"
    wbufsize = 256 * 1024
    disable_nagle_algorithm = True
    timeout = 60
    _asked: Mapping[str, str] = {}

    def do_GET(self) -> None:
        """Answer a question of either kind."""
        if self.path.startswith("/_sandbox/"):
            self._control({})
            return
        parts = urlsplit(self.path)
        asked_for = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        resource = parts.path.strip("/").rsplit("/", 1)[-1]
        key = self._key()
        page = _number(asked_for.get("page"), 1)
        self._asked = {"resource": resource, "key": key[-4:], **asked_for}
        fault = self.server.take_fault(resource, page, key)
        self._despatch(resource, key, page, asked_for=asked_for, fault=fault)

    def do_POST(self) -> None:
        """Take a command."""
        length = _number(self.headers.get("Content-Length"), 0)
        try:
            content = json.loads(self.rfile.read(length) or b"{}")
        except ValueError:
            content = None
        if not isinstance(content, dict):
            self._send(400, b'{"error": "send one JSON object"}', "application/json")
        else:
            self._control(content)

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The warehouse's own clock, which may be wrong by some seconds."""
        return super().date_time_string((timestamp or time.time()) + self.server.clock_ahead)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing: the counters tell."""

    def _despatch(self, resource: str, key: str, page: int, *, asked_for: dict[str, str], fault: Fault | None) -> None:
        if fault and fault.mode == "reset":
            self._reset()
            return
        if fault:
            time.sleep(fault.seconds if fault.mode != "drip" else 0)
        if fault and fault.mode == "interim":
            self.wfile.write(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n")
        account = self.server.state.accounts.get(key)
        since: datetime | None = None
        try:
            since = _since(asked_for.get("since"), account) if account else None
            refusal = _refusal(resource, account, fault)
        except ValueError:
            refusal = 400
        if account is None or refusal:
            retry_after = fault.retry_after if fault and fault.mode == "status" else ""
            self._send(refusal, b"no page for this request", "text/plain", retry_after=retry_after)
            return
        per_page = max(min(_number(asked_for.get("per_page"), 50), MOST_PER_PAGE), 1)
        asked = Asked(resource, page, per_page, "json" in self.headers.get("Accept", ""))
        body = self._page(asked, account, since, fault)
        form = "text/html" if fault and fault.mode == "html" else f"application/{'json' if asked.json else 'xml'}"
        if fault:
            body = answers.spoil(body, fault, asked)
            if fault.mode in ("short_body", "drip"):
                self._send_badly(body, form, fault)
                return
        self._send(200, body, f"{form}; charset=utf-8")

    def _page(self, asked: Asked, account: Account, since: datetime | None, fault: Fault | None) -> bytes:
        mode = fault.mode if fault else ""
        with self.server.state.lock:
            if mode == "shift":
                account.touch_first(asked.resource, since, datetime.now(UTC))
            changed = [] if mode == "empty" else account.changed(asked.resource, since)
            if mode in ("rotate", "shuffle"):
                changed = answers.disorder(changed, mode, self.server.at_random.rng)
            if mode == "same_page":
                asked = Asked(asked.resource, 1, asked.per_page, asked.json)
            style = self.server.list_style
            return answers.write(asked, account, changed, list_style=style, twice=mode == "duplicates")

    def _control(self, content: dict[str, object]) -> None:
        given = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), self.server.token.encode()):
            self._send(401, b'{"error": "the control token is missing or wrong"}', "application/json")
            return
        try:
            status, result = 200, self.server.control.obey(self.command, self.path.rsplit("/", 1)[-1], content)
        except LookupError as error:
            status, result = 404, {"error": f"unknown: {error}"}
        except (ValueError, TypeError) as error:
            status, result = 400, {"error": str(error)}
        self._send(status, json.dumps(result).encode(), "application/json")

    def _count(self, status: int) -> None:
        """Count an answer before it leaves, so that whoever has it finds it counted."""
        if self._asked:
            with self.server.state.lock:
                self.server.counts[f"{self._asked['resource']} {status}"] += 1
                self.server.requests.append({"status": status, **self._asked})
            self._asked = {}

    def _key(self) -> str:
        header = self.headers.get("Authorization", "")
        return header.removeprefix('Token token="').removesuffix('"') if header.startswith("Token ") else ""

    def _send(self, status: int, body: bytes, content_type: str, *, retry_after: str = "") -> None:
        self._head(status, len(body), content_type, retry_after)
        with suppress(ConnectionError):
            self.wfile.write(body)
            self.wfile.flush()

    def _head(self, status: int, length: int, content_type: str, retry_after: str = "") -> None:
        self._count(status)
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(length))
        if retry_after:
            self.send_header("Retry-After", retry_after)
        self.end_headers()

    def _send_badly(self, body: bytes, content_type: str, fault: Fault) -> None:
        """Half of what was promised, or all of it so slowly that nobody should wait."""
        self.close_connection = True
        self._head(200, len(body), content_type)
        half = body[: len(body) // 2]
        with suppress(ConnectionError):
            for piece in [half] if fault.mode == "short_body" else [body[at : at + 1] for at in range(len(body))]:
                self.wfile.write(piece)
                self.wfile.flush()
                time.sleep(fault.seconds)

    def _reset(self) -> None:
        """Close without a word, so that the other side sees its connection reset."""
        self._count(0)
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


def _refusal(resource: str, account: Account | None, fault: Fault | None) -> int:
    """The status of a request that gets no page; 0 for one that does."""
    if fault and fault.mode == "status":
        return fault.status
    if account is None or account.revoked:
        return 401
    return 0 if resource in answers.LISTS else 404


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 and int(text) else otherwise


def _since(text: str | None, account: Account) -> datetime | None:
    if not text:
        return None
    return datetime.strptime(text, "%d/%m/%Y %H:%M:%S").replace(tzinfo=account.zone).astimezone(UTC)
