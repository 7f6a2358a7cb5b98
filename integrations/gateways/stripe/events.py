"""How are Stripe's own events verified and read? (it implements the port of provider events)"""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import stripe
from django.conf import settings

from integrations.gateways.events import EventRejected, IncomingEvent, Unreadable
from integrations.gateways.stripe import mapping
from integrations.gateways.stripe.amounts import NotInStripe
from integrations.gateways.stripe.gateway import refunds_made_since, refunds_of
from refunds.gateway import Declined, ProviderRefund

log = logging.getLogger(__name__)
WINDOW_SECONDS = 300
LONGEST_ID = 120


class StripeEvents:
    """Signed with STRIPE_WEBHOOK_SECRET by Stripe's scheme."""

    def configured(self) -> bool:
        """Whether the secret is set."""
        return bool(settings.STRIPE_WEBHOOK_SECRET)

    def verify(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Check Stripe's signature, which is at most five minutes old. Raises EventRejected."""
        try:
            # A body that is not UTF-8 was signed by nobody.
            stripe.WebhookSignature.verify_header(
                body.decode(), headers.get("Stripe-Signature"), settings.STRIPE_WEBHOOK_SECRET, WINDOW_SECONDS
            )
        except (stripe.SignatureVerificationError, UnicodeDecodeError):
            raise EventRejected("bad signature") from None

    def parse(self, body: bytes) -> IncomingEvent | None:
        """Read an event; None for kinds that are not about refunds. Raises EventRejected."""
        try:
            event = json.loads(body)
        except (ValueError, RecursionError):
            raise EventRejected("not JSON") from None
        match event:
            case {"id": str(event_id), "type": str(kind), "data": {"object": dict(content)}} if (
                0 < len(event_id) <= LONGEST_ID
            ):
                return mapping.describe(event_id, kind, content) if kind in mapping.KINDS else None
        raise EventRejected("not an event")

    def refunds(self, kind: str, raw: bytes, payments: Sequence[str]) -> list[ProviderRefund]:
        """The refunds of an event; Stripe is asked where it does not carry them. Raises Unreadable, Unclear."""
        try:
            return [mapping.refund(one) for one in self._objects(kind, raw, payments)]
        except NotInStripe as error:
            raise Unreadable(str(error)) from None

    def refunds_since(self, since: datetime) -> Iterator[ProviderRefund]:
        """All refunds of the account since then; one that cannot be read is left to people."""
        for one in refunds_made_since(since):
            try:
                yield mapping.refund(one)
            except (Unreadable, NotInStripe) as error:
                log.error(
                    "a refund at Stripe cannot be read", extra={"found": str(one.get("id"))[:100], "why": str(error)}
                )

    def _objects(self, kind: str, raw: bytes, payments: Sequence[str]) -> list[dict[str, Any]]:
        content = json.loads(raw)["data"]["object"] if raw else {}
        if kind in mapping.REFUND_KINDS:
            return [content]
        inside = mapping.refunds_inside(content) if content else None
        if inside is not None:
            return inside
        try:
            return refunds_of(payments[0]) if payments else []
        except Declined:
            # What is no payment of Stripe has no refunds there.
            return []
