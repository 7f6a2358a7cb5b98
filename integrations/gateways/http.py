"""How does a gateway's request reach its provider? Sent once, within a time, to nowhere else, answer capped."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests
import urllib3

from integrations import http

_LARGEST_ANSWER = 4 * 1024 * 1024
_CONNECT_SECONDS = 5


class NoAnswer(Exception):
    """No whole answer came back; whether the request arrived is not known. Never holds a header or a body."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `headers` knows its names in any case of letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def send(
    method: str, url: str, *, headers: Mapping[str, str], body: bytes | str | None = None, seconds: float
) -> Answer:
    """Send one request once and read the whole answer, whatever its status. Raises NoAnswer."""
    deadline = time.monotonic() + seconds
    timeout = (min(_CONNECT_SECONDS, seconds), seconds)
    try:
        http.check_address(url)
        # A session for one request: a connection kept open from earlier may be dead, and the request lost with it.
        with (
            http.session() as session,
            session.request(
                method, url, headers=dict(headers), data=body, timeout=timeout, allow_redirects=False, stream=True
            ) as response,
        ):
            return Answer(response.status_code, response.headers, _read(response, deadline))
    except http.NotAllowed as error:
        raise NoAnswer(f"Nothing was sent: {error}.") from None
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        raise NoAnswer(f"{urlsplit(url).hostname} gave no whole answer ({type(error).__name__}).") from None


def _read(response: requests.Response, deadline: float) -> bytes:
    body = bytearray()
    # read1 gives what has come so far, so that one byte per second cannot outlast the deadline.
    while piece := response.raw.read1(65536, decode_content=True):
        body += piece
        if len(body) > _LARGEST_ANSWER:
            raise NoAnswer("The answer is too large.")
        if time.monotonic() > deadline:
            raise NoAnswer("The answer took too long.")
    return bytes(body)
