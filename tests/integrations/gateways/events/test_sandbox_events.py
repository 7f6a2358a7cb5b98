"""Is an event of the demo's provider believed only when it signed it, and what follows from one?"""

import json
import time

import pytest
from django.test import Client
from pytest_django import Settings

from hemi_intake.demo.sandbox_events import HEADER, signature
from integrations.gateways.models import ProviderEvent
from integrations.gateways.process_events import process_events
from refunds.models import Refund
from tests.builders import make_order

pytestmark = pytest.mark.django_db
KEY = "sandbox-key"
REFUND = {"id": "rf_1", "payment": "pay_1", "amount": 500, "currency": "GBP", "status": "succeeded", "metadata": {}}


def post(body: bytes, *, key: str = KEY, at: float | None = None) -> int:
    signed = signature(body, key, int(time.time() if at is None else at))
    address, kind = "/providers/sandbox/events", "application/json"
    return Client().post(address, body, content_type=kind, headers={HEADER: signed}).status_code


def event(**refund: object) -> bytes:
    now = int(time.time())
    return json.dumps({"id": "ev_1", "type": "refund.created", "created": now, "refund": REFUND | refund}).encode()


def test_a_refund_that_was_made_at_the_provider_is_recorded(settings: Settings) -> None:
    settings.PAYMENT_SANDBOX_KEY = KEY
    order = make_order("W-1", items=[("TEE", 1, 2000)], payment_provider="sandbox", payment_reference="pay_1")

    assert (post(event()), post(event()), process_events()) == (200, 200, 1)

    refund = Refund.objects.get(order=order)
    assert (refund.origin, refund.status, refund.amount) == ("external", "executed", 500)
    assert ProviderEvent.objects.get().state == "applied"


@pytest.mark.parametrize(
    ("body", "signed"),
    [
        (event(), {"key": "another"}),
        (event(), {"at": 1}),
        (b"\x00", {}),
        (b"[" * 9999, {}),
        (b"{}", {}),
        (event(id=""), {}),
        (event(payment="\x00"), {}),
        (event(id="\ud800"), {}),
    ],
)
def test_what_it_did_not_sign_or_what_is_no_event_is_rejected(
    settings: Settings, body: bytes, signed: dict[str, object]
) -> None:
    settings.PAYMENT_SANDBOX_KEY = KEY
    assert (post(body, **signed), ProviderEvent.objects.count()) == (400, 0)  # type: ignore[arg-type]


@pytest.mark.parametrize("odd", [{"amount": -1}, {"amount": 10**40}, {"currency": 7}, {"currency": "XXXX"}])
def test_a_refund_that_cannot_be_read_changes_nothing(settings: Settings, odd: dict[str, object]) -> None:
    settings.PAYMENT_SANDBOX_KEY = KEY
    make_order("W-1", items=[("TEE", 1, 2000)], payment_provider="sandbox", payment_reference="pay_1")

    assert (post(event(**odd)), process_events(), Refund.objects.count()) == (200, 1, 0)


def test_without_a_demo_nothing_is_received(settings: Settings) -> None:
    settings.PAYMENT_SANDBOX_KEY = ""
    assert post(event()) == 503
