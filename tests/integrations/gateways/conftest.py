"""Which servers stand behind the gateways in these tests?"""

import json
import os
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from hemi_intake.demo.sandbox_gateway import SandboxGateway
from integrations.gateways.paypal.gateway import PayPalGateway
from integrations.gateways.stripe.gateway import StripeGateway
from tests.integrations.gateways.fake_paypal import CLIENT, FakePayPal
from tests.integrations.gateways.fake_stripe import FakeStripe
from tests.integrations.gateways.provider import PayPal, Provider, Sandbox, Stripe

KEY = "sk_test_5ecret5ecret5ecret"
ROOT = Path(__file__).resolve().parents[3]


@contextmanager
def payment_server(*options: str) -> Iterator[tuple[dict[str, Any], subprocess.Popen[str]]]:
    """The payment server in its own process, and what it says when it is ready."""
    environment = {**os.environ, "PAYMENT_SANDBOX_KEY": KEY, "PAYMENT_SANDBOX_CONTROL_TOKEN": "control"}
    command = [sys.executable, "-m", "hemi_intake.demo.payment_server", *options]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline()), process
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def payment_server_ready() -> Iterator[dict[str, Any]]:
    with payment_server() as (ready, _):
        yield ready


@pytest.fixture
def sandbox(payment_server_ready: dict[str, Any], settings: Settings) -> Iterator[Sandbox]:
    settings.PAYMENT_SANDBOX_URL = payment_server_ready["url"]
    settings.PAYMENT_SANDBOX_KEY = KEY
    settings.PAYMENT_TIMEOUT_SECONDS = 20
    provider = Sandbox(SandboxGateway(), f"pay-{uuid.uuid4()}", KEY, payment_server_ready["url"], "control")
    yield provider
    provider.behave()


@contextmanager
def _serving(server: FakeStripe | FakePayPal) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield
    server.closing.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def stripe_server() -> Iterator[FakeStripe]:
    server = FakeStripe(KEY)
    with _serving(server):
        yield server


@pytest.fixture
def paypal_server() -> Iterator[FakePayPal]:
    server = FakePayPal(KEY)
    with _serving(server):
        yield server
    assert server.broken == []


@pytest.fixture
def paypal_provider(paypal_server: FakePayPal, settings: Settings) -> PayPal:
    settings.PAYPAL_API_BASE = paypal_server.url
    settings.PAYPAL_CLIENT_ID, settings.PAYPAL_CLIENT_SECRET = CLIENT, KEY
    settings.PAYMENT_TIMEOUT_SECONDS = 20
    return PayPal(PayPalGateway(), uuid.uuid4().hex[:17].upper(), KEY, paypal_server)


@pytest.fixture
def stripe_provider(stripe_server: FakeStripe, settings: Settings) -> Stripe:
    settings.STRIPE_API_BASE = stripe_server.url
    settings.STRIPE_API_KEY = KEY
    settings.PAYMENT_TIMEOUT_SECONDS = 20
    return Stripe(StripeGateway(), f"pi_{uuid.uuid4().hex}", KEY, stripe_server)


@pytest.fixture(params=["sandbox", "stripe_provider", "paypal_provider"])
def provider(request: pytest.FixtureRequest) -> Provider:
    """One after the other, every provider that a gateway can call."""
    found: Provider = request.getfixturevalue(request.param)
    return found
