"""How is one message handed to an endpoint without being hurt by it?

The connection goes to the IP address that was checked, whatever the name says a moment later. No redirect is
followed, no proxy of the environment is asked, and everything ends at one deadline.
"""

import http.client
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Mapping

from django.conf import settings

from integrations.http import FinalResponse, retry_after
from integrations.outbox.retry import Ended
from integrations.webhooks.addresses import NotAllowed, Target, Unresolved, parse, resolve

CONNECT = 5
KEPT = 4096
"""So many bytes of an answer are read and kept."""
ADDRESS_LASTS = 30
"""Seconds for which a checked address is not looked up again."""
IDLE_LASTS = 20
_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (NotAllowed, ""),
    (Unresolved, ""),
    (ssl.SSLCertVerificationError, "The certificate is not accepted."),
    (ssl.SSLError, "No secure connection came about."),
    (ConnectionRefusedError, "The connection was refused."),
    (TimeoutError, "No whole answer came in time."),
    (http.client.HTTPException, "The answer is not HTTP."),
)


class _Line(http.client.HTTPConnection):
    """A connection to a fixed IP address that speaks to a name."""

    response_class = FinalResponse

    def __init__(self, target: Target, ip: str, tls: ssl.SSLContext) -> None:
        super().__init__(target.host, target.port, timeout=CONNECT)
        # The header Host leaves out only the scheme's own port.
        self.default_port = 443 if target.secure else 80
        self.ip = ip
        self.idle_since = 0.0
        self._tls = tls if target.secure else None

    def connect(self) -> None:
        sock = socket.create_connection((self.ip, self.port), CONNECT)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = sock
        if self._tls:
            # In two steps, so that a handshake that drips can be cut off as well.
            self.sock = self._tls.wrap_socket(sock, server_hostname=self.host, do_handshake_on_connect=False)
            self.sock.do_handshake()


class Sender:
    """Hands messages to one endpoint, from many threads, over connections that are kept for the next message."""

    def __init__(self, url: str, tls: ssl.SSLContext) -> None:
        self.url = url
        self._tls = tls
        self._seconds = settings.WEBHOOK_TIMEOUT_SECONDS
        self._idle: deque[_Line] = deque()
        self._busy: dict[_Line, float] = {}
        self._lock = threading.Lock()
        self._ip, self._looked_up = "", -float(ADDRESS_LASTS)

    def post(self, headers: Mapping[str, str], body: bytes) -> Ended:
        """Send a message once and say how it ended. Never raises for what the other side does."""
        began = time.monotonic()
        try:
            target = parse(self.url)
            ip = self._address(target)
            line = self._take(ip)
            if line is not None:
                try:
                    return self._exchange(line, target, headers, body, began)
                except (ConnectionError, http.client.BadStatusLine):
                    # It had closed a connection that waited: that says nothing about the endpoint.
                    pass
            return self._exchange(_Line(target, ip, self._tls), target, headers, body, began)
        except (OSError, http.client.HTTPException, ValueError) as error:
            return Ended(_since(began), error=_in_words(error))

    def _exchange(self, line: _Line, target: Target, headers: Mapping[str, str], body: bytes, began: float) -> Ended:
        ends = began + self._seconds
        if time.monotonic() >= ends:
            raise TimeoutError
        with self._lock:
            self._busy[line] = ends
        whole = False
        try:
            if line.sock is None:
                line.connect()
            line.sock.settimeout(self._seconds)
            line.request("POST", target.path, body, dict(headers))
            response = line.getresponse()
            answer = response.read(KEPT)
            whole = response.isclosed() and not response.will_close
        except (OSError, http.client.HTTPException) as error:
            if time.monotonic() >= ends:
                raise TimeoutError from error
            raise
        finally:
            with self._lock:
                self._busy.pop(line, None)
            if whole:
                line.idle_since = time.monotonic()
                self._idle.append(line)
            else:
                line.close()
        return Ended(
            _since(began),
            response.status,
            answer.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}"),
            retry_after=retry_after(response.headers.get("Retry-After", "")),
        )

    def _address(self, target: Target) -> str:
        if time.monotonic() - self._looked_up > ADDRESS_LASTS:
            self._ip = resolve(target)
            self._looked_up = time.monotonic()
        return self._ip

    def _take(self, ip: str) -> _Line | None:
        while self._idle:
            try:
                line = self._idle.pop()
            except IndexError:
                return None
            if line.ip == ip and time.monotonic() - line.idle_since < IDLE_LASTS:
                return line
            line.close()
        return None

    def cut_overdue(self) -> None:
        """Break connections off that are past their deadline: an answer that drips never times out by itself."""
        now = time.monotonic()
        with self._lock:
            overdue = [line for line, ends in self._busy.items() if ends < now]
        for line in overdue:
            if (sock := line.sock) is not None:
                try:
                    sock.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue

    def close(self) -> None:
        """Give back the connections that wait."""
        while self._idle:
            self._idle.pop().close()


def tls() -> ssl.SSLContext:
    """What is asked of a certificate: a known authority and the right name."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def _in_words(error: Exception) -> str:
    for kind, sentence in _REASONS:
        if isinstance(error, kind):
            return sentence or str(error)
    return "The connection broke off."
