"""How do we ask the world outside for something without being hurt by the answer?

The one way out: always a time-out, a deadline over all tries, a cap on the size; never a redirect, never a
proxy from the environment. Only reads are tried again.
"""

import ipaddress
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPResponse, parse_headers
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, MaxRetryError, NameResolutionError
from urllib3.exceptions import TimeoutError as SlowAnswer
from urllib3.util import Retry

from integrations.public_addresses import is_public

CHUNK = 64 * 1024
LONGEST_WAIT = 86_400.0
"""So many seconds may anybody ask us to wait."""
MOST_INTERIM = 10
_DIGITS = 9
_YEARS = range(2000, 2100)
WORTH_ANOTHER_TRY = frozenset({408, 429, 500, 502, 503, 504})


class NotAllowed(ValueError):
    """The address is none that may be called."""


class Unreachable(Exception):
    """No whole answer came, after every try that was due. The reason names no secret."""


class TooLarge(Exception):
    """The answer is larger than allowed; `start` holds what was read of it."""

    def __init__(self, max_bytes: int, start: bytes) -> None:
        super().__init__(f"the answer is larger than {max_bytes // 1024 // 1024} MB")
        self.start = start


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, whatever its status. `retry_after` (seconds) and `date` are None when the server did not say."""

    status: int
    content_type: str
    body: bytes
    url: str
    retry_after: float | None = None
    date: datetime | None = None


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for whom: seconds per connection and read, over all tries, and between two tries."""

    connect: float = 5
    read: float = 30
    in_all: float = 120
    tries: int = 4
    backoff: float = 0.5
    longest_wait: float = 10


class FinalResponse(HTTPResponse):
    """An answer without the interim ones (1xx) that may come before it, such as 103 Early Hints."""

    def _read_status(self) -> tuple[str, int, str]:
        for _ in range(MOST_INTERIM):
            found: tuple[str, int, str] = super()._read_status()  # type: ignore[misc]  # nothing public does this
            if not 100 <= found[1] <= 199:
                return found
            parse_headers(self.fp)
        raise HTTPException(f"more than {MOST_INTERIM} interim answers")


class _PlainConnection(HTTPConnection):
    response_class = FinalResponse


class _SecureConnection(HTTPSConnection):
    response_class = FinalResponse


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class _Public:
    """Hangs up on addresses inside the network before anything is said, whatever their name meant a moment ago."""

    def connect(self: Any) -> None:
        super().connect()  # type: ignore[misc]
        host = self.sock.getpeername()[0]
        if not is_public(host):
            self.close()
            raise NotAllowed(f"{self.host} is {host}, which is not a public address")


class _PublicPlainPool(HTTPConnectionPool):
    ConnectionCls = type("_PublicPlain", (_Public, _PlainConnection), {})


class _PublicSecurePool(HTTPSConnectionPool):
    ConnectionCls = type("_PublicSecure", (_Public, _SecureConnection), {})


class _Adapter(HTTPAdapter):
    """Sends once, and knows an interim answer from the answer."""

    pools = {"http": _PlainPool, "https": _SecurePool}

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = self.pools


class _PublicAdapter(_Adapter):
    pools = {"http": _PublicPlainPool, "https": _PublicSecurePool}


def session(*, public: bool = False) -> requests.Session:
    """A session that keeps connections, reads nothing from the environment, and belongs to one thread.

    A `public` one speaks to addresses in the public internet alone.
    """
    made = requests.Session()
    made.trust_env = False
    made.headers["User-Agent"] = "hemi-intake"
    for scheme in ("https://", "http://"):
        made.mount(scheme, (_PublicAdapter if public else _Adapter)(max_retries=0))
    return made


def check_address(url: str) -> str:
    """Return the address if it may be called: https anywhere, plain http on this machine only."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        raise NotAllowed("the address is not a URL") from None
    if parts.username is not None or parts.password is not None:
        raise NotAllowed("the address must not hold a user or a password")
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))):
        raise NotAllowed("the address must begin with https:// (http:// only to this machine)")
    return url


def retry_after(header: str, *, now: datetime | None = None) -> float | None:
    """The seconds that a Retry-After asks for, from 0 to LONGEST_WAIT; None when it says nothing that can be read."""
    text = header.strip()
    whole, point, rest = text.partition(".")
    if whole.isascii() and whole.isdigit():
        if point and not (rest.isascii() and rest.isdigit()):
            return None
        return LONGEST_WAIT if len(whole) > _DIGITS else min(float(text), LONGEST_WAIT)
    if (at := _moment(text)) is None:
        return None
    return min(max((at - (now or datetime.now(UTC))).total_seconds(), 0.0), LONGEST_WAIT)


def date_of(header: str) -> datetime | None:
    """The moment that a Date header names; None for one that is not of this century: no server's clock shows it."""
    at = _moment(header)
    return at if at is not None and at.year in _YEARS else None


def _moment(text: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return at if at.tzinfo else None


def get(
    using: requests.Session,
    url: str,
    *,
    headers: Mapping[str, str],
    params: Mapping[str, str],
    max_bytes: int,
    patience: Patience,
) -> Answer:
    """Read an address, trying again after broken connections, time-outs and busy answers.

    Waits as long as the server's Retry-After says; when that is longer than `patience` allows, the busy
    answer itself is returned, so that the caller comes back later. Raises Unreachable, TooLarge, NotAllowed.
    """
    check_address(url)
    ends = time.monotonic() + patience.in_all
    retries = Retry(
        total=patience.tries - 1,
        allowed_methods={"GET"},
        status_forcelist=WORTH_ANOTHER_TRY,
        backoff_factor=patience.backoff,
        backoff_jitter=patience.backoff,
        backoff_max=patience.longest_wait,
    )
    while True:
        answer: Answer | None = None
        fault: Exception = HTTPError()
        try:
            answer = _once(
                using, url, headers=headers, params=params, max_bytes=max_bytes, patience=patience, ends=ends
            )
        except (requests.RequestException, HTTPError, OSError) as error:
            fault = error
        if answer is not None and answer.status not in WORTH_ANOTHER_TRY:
            return answer
        try:
            retries = retries.increment("GET", error=fault)
            wait = max(retries.get_backoff_time(), (answer.retry_after if answer else None) or 0)
        except MaxRetryError:
            wait = patience.in_all
        if wait > patience.longest_wait or time.monotonic() + wait >= ends:
            if answer is not None:
                return answer
            raise Unreachable(_in_words(fault)) from None
        time.sleep(wait)


def _once(
    using: requests.Session,
    url: str,
    *,
    headers: Mapping[str, str],
    params: Mapping[str, str],
    max_bytes: int,
    patience: Patience,
    ends: float,
) -> Answer:
    left = max(ends - time.monotonic(), 0.1)
    timeout = (min(patience.connect, left), min(patience.read, left))
    with using.get(
        url, headers=headers, params=params, timeout=timeout, allow_redirects=False, stream=True
    ) as response:
        raw = response.raw
        body = bytearray()
        # read1 hands over what has arrived: read would wait for a whole chunk and never see the deadline.
        while piece := raw.read1(CHUNK, decode_content=True):
            body += piece
            if len(body) > max_bytes:
                raise TooLarge(max_bytes, bytes(body[:CHUNK]))
            if time.monotonic() > ends:
                raise TimeoutError
        return Answer(
            status=response.status_code,
            content_type=response.headers.get("Content-Type", ""),
            body=bytes(body),
            url=response.url,
            retry_after=retry_after(response.headers.get("Retry-After", "")),
            date=date_of(response.headers.get("Date", "")),
        )


def _in_words(error: Exception) -> str:
    """Say what went wrong without the library's own text, which may hold the address or a header."""
    causes = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None and isinstance(cause, Exception):
        causes.append(cause)
    reasons = (
        (requests.exceptions.SSLError, "the server's certificate is not accepted"),
        (NameResolutionError, "the server's name is not known"),
        (ConnectionRefusedError, "the server refuses connections"),
        ((requests.Timeout, SlowAnswer, TimeoutError), "no whole answer came in time"),
    )
    for kinds, sentence in reasons:
        if any(isinstance(cause, kinds) for cause in causes):
            return sentence
    return "the connection broke off before the answer was whole"


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
