"""How does a test let Stripe say something, in one readable line?"""

import hashlib
import hmac
import json
import time
from itertools import count
from typing import Any

from django.http import HttpResponseBase
from django.test import Client

from integrations.gateways.process_events import process_events

SECRET = "whsec_test"
CREATED = 1772618400
ADDRESS = "/providers/stripe/events"
numbers = count(1)


def refund(amount: int, reference: str = "re_1", *, status: str = "succeeded", key: str = "", **fields: Any) -> Any:
    """A refund as Stripe tells it; without a key it was made in the dashboard."""
    return {
        "id": reference,
        "object": "refund",
        "amount": amount,
        "currency": "gbp",
        "status": status,
        "created": CREATED,
        "payment_intent": "pi_1",
        "charge": "ch_1",
        "metadata": {"hemi_key": key} if key else {},
        **fields,
    }


def event(kind: str, what: Any, event_id: str = "") -> bytes:
    """The body of an event."""
    about = {"id": event_id or f"evt_{next(numbers)}", "object": "event", "type": kind, "data": {"object": what}}
    return json.dumps(about).encode()


def signature(body: bytes, *, secret: str = SECRET, age: int = 0) -> str:
    """The header that Stripe sends with a body."""
    moment = int(time.time()) - age
    signed = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256)
    return f"t={moment},v1={signed.hexdigest()}"


def post(body: bytes, header: str | None = None) -> HttpResponseBase:
    """What Stripe does with an event; its own signature unless the test gives another."""
    # The cross-site check is on here, unlike in other tests.
    client = Client(enforce_csrf_checks=True)
    headers = {"Stripe-Signature": signature(body) if header is None else header}
    return client.post(ADDRESS, body, content_type="application/json", headers=headers)


def say(kind: str, what: Any, event_id: str = "") -> None:
    """Stripe says something, and the clock takes it in."""
    assert post(event(kind, what, event_id)).status_code == 200
    process_events()
