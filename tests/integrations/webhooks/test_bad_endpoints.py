"""Does one endpoint that behaves badly hurt itself alone?"""

import datetime as dt
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.utils import timezone

from integrations.outbox.claim import claim
from integrations.outbox.publish import publish
from integrations.outbox.record_attempts import Done, record_attempts
from integrations.outbox.retry import Ended
from integrations.webhooks import endpoints, post
from integrations.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from integrations.webhooks.outbox import WEBHOOKS
from tests.builders import make_order
from tests.integrations.webhooks.events import deliver, happen, listen, states, tries
from tests.integrations.webhooks.receiver import Receiver

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def silent() -> Iterator[str]:
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=512) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"


def test_fifty_silent_endpoints_do_not_delay_a_live_one(receiver: Receiver, settings: Any) -> None:
    settings.WEBHOOK_TIMEOUT_SECONDS = 8
    live = listen(receiver)
    with silent() as address:
        for n in range(50):
            listen(receiver, name=f"dead {n}")
        WebhookEndpoint.objects.exclude(pk=live.pk).update(url=address)
        for _ in range(20):
            happen(make_order(), "order.placed")

        deliver(once=lambda: live.deliveries.filter(state="delivered").count() == 20)

    assert states(live) == [("delivered", 1)] * 20
    # All of them had arrived before the first of the silent ones was given up.
    first_end = min(row.started_at + timedelta(seconds=8) for row in WebhookAttempt.objects.exclude(status=200))
    assert WebhookDelivery.objects.filter(endpoint=live, finished_at__gt=first_end).count() == 0


def test_an_answer_that_drips_is_cut_off(receiver: Receiver, settings: Any) -> None:
    settings.WEBHOOK_TIMEOUT_SECONDS = 1
    endpoint = listen(receiver, "/drip")
    happen(make_order(), "order.placed")

    deliver(once=lambda: WebhookEndpoint.objects.get().failures > 0)

    assert tries(endpoint) == [(None, "No whole answer came in time.")]


def test_an_answer_that_is_no_http_is_a_failure(receiver: Receiver) -> None:
    endpoint = listen(receiver)
    with socket.create_server(("127.0.0.1", 0)) as server:
        WebhookEndpoint.objects.update(url=f"http://127.0.0.1:{server.getsockname()[1]}/")
        happen(make_order(), "order.placed")

        def nonsense() -> None:
            with server.accept()[0] as caller:
                caller.recv(65536)
                caller.sendall(b"SSH-2.0-nonsense\r\n\r\n")

        thread = threading.Thread(target=nonsense)
        thread.start()
        deliver(once=lambda: WebhookEndpoint.objects.get().failures > 0)
        thread.join()

    assert tries(endpoint) == [(None, "The answer is not HTTP.")]


@pytest.mark.parametrize("size", [3, 50_000_000])
def test_of_a_long_answer_only_the_beginning_is_read(receiver: Receiver, size: int) -> None:
    class Talker(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(size))
            self.end_headers()
            sent = 0
            try:
                while sent < size:
                    sent += self.wfile.write(b"x" * min(size - sent, 65536))
            except OSError:
                pass

        def log_message(self, *args: Any) -> None: ...

    endpoint = listen(receiver)
    with HTTPServer(("127.0.0.1", 0), Talker) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        WebhookEndpoint.objects.update(url=f"http://127.0.0.1:{server.server_address[1]}/")
        happen(make_order(), "order.placed")
        deliver()
        server.shutdown()

    assert states(endpoint) == [("delivered", 1)]
    assert len(endpoint.deliveries.get().tries.get().answer) == min(size, post.KEPT)


def certificate(folder: Path, name: str) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.mark.parametrize(
    ("named", "trusted", "ended"),
    [
        ("localhost", True, (200, "")),
        ("localhost", False, (None, "The certificate is not accepted.")),
        ("elsewhere", True, (None, "The certificate is not accepted.")),
    ],
)
def test_a_certificate_must_be_known_and_bear_the_right_name(
    *,
    receiver: Receiver,
    tmp_path: Path,
    monkeypatch: Any,
    named: str,
    trusted: bool,
    ended: tuple[int | None, str],
) -> None:
    pem = certificate(tmp_path, named)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    receiver.wrap(context)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem if trusted else certificate(tmp_path, "unknown")))
    endpoint = listen(receiver)
    WebhookEndpoint.objects.update(url=f"https://localhost:{receiver.port}/ok")
    happen(make_order(), "order.placed")

    deliver(once=lambda: WebhookEndpoint.objects.get().deliveries.exclude(attempts=0).exists())

    assert tries(endpoint) == [ended]


@pytest.mark.parametrize(
    "asked", ["1795824000000000000", "9" * 30, "Fri, 31 Dec 9999 23:59:59 GMT", "NaN", "-1", "1e999"]
)
def test_a_wait_beyond_all_measure_hurts_nobody_else(receiver: Receiver, asked: str) -> None:
    bad, good = listen(receiver, "/status/503"), listen(receiver, "/good/ok")
    receiver.retry_after = asked
    happen(make_order(), "order.placed")

    deliver()

    assert (states(good), states(bad)) == ([("delivered", 1)], [("pending", 1)])
    bad.refresh_from_db()
    assert bad.failures == 1
    assert bad.paused_until is not None
    assert bad.paused_until <= timezone.now() + timedelta(days=1)


@pytest.mark.parametrize("status", [100, 102, 103])
def test_an_interim_answer_is_not_the_answer(receiver: Receiver, status: int) -> None:
    endpoint = listen(receiver, f"/early/{status}")
    happen(make_order(), "order.placed")
    happen(make_order(), "order.placed")

    deliver()

    assert states(endpoint) == [("delivered", 1)] * 2


def test_a_try_whose_end_cannot_be_recorded_counts_as_failed_and_takes_no_other_along(receiver: Receiver) -> None:
    bad, good = listen(receiver, "/bad/ok"), listen(receiver, "/good/ok")
    happen(make_order(), "order.placed")
    publish(WEBHOOKS)
    first, second = claim(WEBHOOKS, lambda rows: {row.pk: 1 for row in rows}, [])
    # More milliseconds than the column holds: whatever an endpoint makes of our code, the others are recorded.
    ends = {bad.pk: Ended(2**40, 200), good.pk: Ended(5, 200)}

    record_attempts(WEBHOOKS, [Done(one, ends[one.target.pk]) for one in (first, second)])

    assert (states(good), states(bad)) == ([("delivered", 1)], [("pending", 1)])
    bad.refresh_from_db()
    assert bad.failures == 1
    assert tries(bad) == [(None, "Our own fault: DataError.")]


def test_a_test_goes_before_all_that_a_failing_endpoint_left_waiting(receiver: Receiver) -> None:
    endpoint = listen(receiver)
    for _ in range(5):
        happen(make_order(), "order.placed")
    publish(WEBHOOKS)
    # As after days of failures: due for long, and the endpoint rests.
    WebhookDelivery.objects.update(next_attempt_at="2020-01-01T00:00Z", attempts=7)
    WebhookEndpoint.objects.update(failures=35, paused_until=timezone.now() + timedelta(hours=1))

    sent = endpoints.test(endpoint)

    assert [one.delivery_id for one in claim(WEBHOOKS, lambda rows: {row.pk: 1 for row in rows}, [])] == [sent.pk]
