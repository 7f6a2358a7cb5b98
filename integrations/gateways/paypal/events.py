"""How are PayPal's own events verified and read? (it implements the port of provider events)

PayPal signs a checksum of the body (CRC32), for which anybody can make another body that fits. So an event is taken
only as a hint of what happened: the refund that it names is asked for at PayPal before anything follows from it.
"""

import base64
import binascii
import json
import logging
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from django.conf import settings

from integrations.gateways.events import EventRejected, IncomingEvent, Unreadable
from integrations.gateways.http import NoAnswer, send
from integrations.gateways.paypal import api, gateway, mapping
from integrations.gateways.paypal.amounts import NotInPayPal
from refunds.gateway import Declined, ProviderRefund

log = logging.getLogger(__name__)
OLDEST = timedelta(days=4)
"""PayPal sends an event again for three days, signed as at first."""
AHEAD = timedelta(minutes=5)
LONGEST_ID = 120
_CERTIFICATE = re.compile(r"/v1/notifications/certs/[A-Za-z0-9-]{1,100}")


class PayPalEvents:
    """Signed with a certificate of PayPal's for PAYPAL_WEBHOOK_ID."""

    def configured(self) -> bool:
        """Whether the id of the webhook is set."""
        return bool(settings.PAYPAL_WEBHOOK_ID)

    def verify(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Check PayPal's signature for our webhook. Raises EventRejected."""
        given = headers.get("PayPal-Transmission-Time", "")
        content = f"{headers.get('PayPal-Transmission-Id', '')}|{given}|{settings.PAYPAL_WEBHOOK_ID}|{zlib.crc32(body)}"
        try:
            signature = base64.b64decode(headers.get("PayPal-Transmission-Sig", ""), validate=True)
            sent_at = datetime.fromisoformat(given).astimezone(UTC)
        except (ValueError, OverflowError, binascii.Error):
            raise EventRejected("bad signature") from None
        if not signature or not -AHEAD < datetime.now(UTC) - sent_at < OLDEST:
            raise EventRejected("bad signature")
        try:
            _key_at(headers.get("PayPal-Cert-Url", "")).verify(signature, content.encode(), PKCS1v15(), SHA256())
        except InvalidSignature:
            raise EventRejected("bad signature") from None

    def parse(self, body: bytes) -> IncomingEvent | None:
        """Read an event; None for kinds that are not about refunds. Raises EventRejected."""
        try:
            event = json.loads(body)
        except (ValueError, RecursionError):
            raise EventRejected("not JSON") from None
        match event:
            case {"id": str(event_id), "event_type": str(kind), "resource": dict(resource)} if (
                0 < len(event_id) <= LONGEST_ID
            ):
                return mapping.describe(event_id, kind, resource) if kind in mapping.KINDS else None
        raise EventRejected("not an event")

    def refunds(self, kind: str, raw: bytes, payments: Sequence[str]) -> list[ProviderRefund]:
        """The refund of an event, or all of a payment, as PayPal holds them now. Raises Unreadable, Unclear."""
        try:
            return [mapping.provider_refund(one) for one in self._objects(raw, payments)]
        except NotInPayPal as error:
            raise Unreadable(str(error)) from None

    def refunds_since(self, since: datetime) -> Iterator[ProviderRefund]:
        """All refunds since then by PayPal's reports, which are some hours behind; needs the right to search."""
        for row in gateway.refunds_reported(since, datetime.now(UTC)):
            try:
                yield mapping.reported(row)
            except (Unreadable, NotInPayPal) as error:
                log.error("a refund at PayPal cannot be read", extra={"why": str(error)})

    def _objects(self, raw: bytes, payments: Sequence[str]) -> list[dict[str, Any]]:
        try:
            if raw:
                return [gateway.refund_of(str(json.loads(raw)["resource"]["id"]))]
            return gateway.refunds_of(payments[0]) if payments else []
        except Declined:
            # What PayPal does not know is no refund of its.
            return []


def _key_at(address: str) -> RSAPublicKey:
    """The public key of a certificate of PayPal's own; no other address is ever asked. Raises EventRejected."""
    for host in (api.base(), api.base().replace("//api-m.", "//api.", 1)):
        if address.startswith(host) and _CERTIFICATE.fullmatch(address.removeprefix(host)):
            certificate = _certificate(address)
            break
    else:
        raise EventRejected("bad signature")
    now, key = datetime.now(UTC), certificate.public_key()
    if not isinstance(key, RSAPublicKey) or not (
        certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc
    ):
        raise EventRejected("bad signature")
    return key


@lru_cache(maxsize=8)
def _certificate(address: str) -> x509.Certificate:
    try:
        answer = send("GET", address, headers={}, seconds=settings.PAYMENT_TIMEOUT_SECONDS)
        return x509.load_pem_x509_certificate(answer.body)
    except (NoAnswer, ValueError):
        raise EventRejected("no certificate") from None
