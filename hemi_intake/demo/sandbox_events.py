"""How are the events of the demo's payment provider signed, verified and read? (it implements the port of events)"""

import hmac
import json
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from hemi_intake.demo.sandbox_gateway import SandboxGateway
from integrations.gateways.events import EventRejected, IncomingEvent, Unreadable
from orders import texts
from refunds.gateway import ProviderRefund

HEADER = "Sandbox-Signature"
WINDOW_SECONDS = 300
_LONGEST = 100
_MOST_AMOUNT = 10**14
_LATEST = 4_102_444_800


def signature(body: bytes, key: str, at: int) -> str:
    """What the header holds for a body that is sent at this second."""
    return f"{at}.{hmac.new(key.encode(), f'{at}.'.encode() + body, 'sha256').hexdigest()}"


class SandboxEvents:
    """Signed with PAYMENT_SANDBOX_KEY: `{"id", "type", "created", "refund": a refund as the sandbox answers it}`."""

    def configured(self) -> bool:
        """Whether a demo runs here."""
        return bool(settings.PAYMENT_SANDBOX_KEY)

    def verify(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Check the signature, which is at most five minutes old. Raises EventRejected."""
        given = headers.get(HEADER, "")
        at = given.partition(".")[0]
        fresh = at.isascii() and at.isdecimal() and len(at) < 12 and abs(time.time() - int(at)) <= WINDOW_SECONDS
        wanted = signature(body, settings.PAYMENT_SANDBOX_KEY, int(at)) if fresh else ""
        if not fresh or not hmac.compare_digest(given.encode(), wanted.encode()):
            raise EventRejected("bad signature")

    def parse(self, body: bytes) -> IncomingEvent | None:
        """Read a verified event. Raises EventRejected."""
        try:
            event = json.loads(body)
        except (ValueError, RecursionError):
            raise EventRejected("not JSON") from None
        match event:
            case {
                "id": str(event_id),
                "type": str(kind),
                "refund": {"id": str(reference), "payment": str(payment), "status": str(status)},
            } if all(0 < len(text) <= _LONGEST and texts.fit(text) for text in (event_id, reference, payment)):
                return IncomingEvent(event_id, kind[:60], reference, status == "failed", [payment])
        raise EventRejected("not an event")

    def refunds(self, kind: str, raw: bytes, payments: Sequence[str]) -> list[ProviderRefund]:
        """The refund of the event; the sandbox tells nothing of refunds that nobody asks it for by key."""
        if not raw:
            return []
        event: Any = json.loads(raw)
        return [_read(event["refund"], event.get("created"))]

    def refunds_since(self, since: datetime) -> Iterable[ProviderRefund]:
        """All refunds: the sandbox does not remember when it made them."""
        return [_read(refund, int(time.time())) for refund in SandboxGateway().all_refunds()]


def _read(refund: Mapping[str, Any], created: Any) -> ProviderRefund:
    match refund.get("amount"), refund.get("currency"), created:
        case int(amount), str(currency), int(created) if (
            0 < amount <= _MOST_AMOUNT and len(currency) == 3 and currency.isascii() and 0 <= created <= _LATEST
        ):
            key = str((refund.get("metadata") or {}).get("hemi_key", ""))
            made_at, status = datetime.fromtimestamp(created, UTC), refund["status"]
            dead, pending, payments = status == "failed", status == "pending", (refund["payment"],)
            return ProviderRefund(refund["id"], key, payments, amount, currency, dead, status, made_at, pending)
    raise Unreadable("This is not a refund as the payment sandbox describes one.")
