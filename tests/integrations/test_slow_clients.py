"""Does the site answer while others send their requests so slowly that they never end?"""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import pytest
import requests

from hemi_intake.web_server import PatientSocket
from tests.integrations.api_server import web
from tests.waiting import WITHIN

pytestmark = pytest.mark.django_db(transaction=True)
HALVES = (
    b"GET /healthz HTTP/1.1\r\nHost: loc",
    b"POST /admin/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50000\r\n\r\nusername=",
)


@contextmanager
def half_sent(url: str, count: int) -> Iterator[None]:
    where = urlsplit(url)
    with ExitStack() as connections:
        for number in range(count):
            connection = connections.enter_context(socket.create_connection((where.hostname, where.port)))
            connection.sendall(HALVES[number % len(HALVES)])
        yield


def test_half_sent_requests_do_not_block_the_site() -> None:
    with web() as site:
        for count in (20, 100):
            with half_sent(site.url, count):
                assert requests.get(f"{site.url}/healthz", timeout=WITHIN).status_code == 200


def test_waiting_for_a_request_has_an_end_however_often_something_comes() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        patient = PatientSocket(ours, whole=0.2)
        theirs.sendall(b"x")
        assert patient.recv(1) == b"x"
        with pytest.raises(ConnectionResetError):
            patient.recv(1)
        patient.begin()
        theirs.sendall(b"y")
        assert patient.recv(1) == b"y"
