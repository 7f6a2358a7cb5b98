"""Which events of PayPal are believed, and what follows from them?"""

import base64
import json
import zlib
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from django.http import HttpResponseBase
from django.test import Client
from pytest_django import Settings

from integrations.gateways.models import ProviderEvent
from integrations.gateways.process_events import process_events
from refunds.execution import execute
from refunds.gateway import Receipt
from refunds.models import Refund
from tests.builders import make_order
from tests.integrations.gateways.provider import PayPal
from tests.refunds.people import approved, make_refund

pytestmark = pytest.mark.django_db

WEBHOOK = "1JE4291016473214C"
numbers = count(1)


@pytest.fixture(scope="module")
def signer() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


@pytest.fixture
def paypal(paypal_provider: PayPal, signer: RSAPrivateKey, settings: Settings) -> PayPal:
    settings.PAYPAL_WEBHOOK_ID = WEBHOOK
    paypal_provider.server.certificates["CERT-1"] = certificate(signer)
    paypal_provider.pay(5998, "GBP")
    return paypal_provider


def certificate(signer: RSAPrivateKey, *, ended: bool = False) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "messageverificationcerts.paypal.com")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, signer.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=2)).not_valid_after(now + timedelta(days=-1 if ended else 1))
    return made.sign(signer, SHA256()).public_bytes(Encoding.PEM)


def event(kind: str, resource: Any) -> bytes:
    return json.dumps({"id": f"WH-{next(numbers)}", "event_type": kind, "resource": resource}).encode()


def headers(paypal: PayPal, signer: RSAPrivateKey, body: bytes, **other: str) -> dict[str, str]:
    sent_at = other.pop("sent_at", datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    content = f"b2384410-f8d2-11e4-8bf3-77339302725b|{sent_at}|{WEBHOOK}|{zlib.crc32(body)}"
    signature = base64.b64encode(signer.sign(content.encode(), PKCS1v15(), SHA256())).decode()
    return {
        "PayPal-Transmission-Id": "b2384410-f8d2-11e4-8bf3-77339302725b",
        "PayPal-Transmission-Time": sent_at,
        "PayPal-Transmission-Sig": signature,
        "PayPal-Cert-Url": f"{paypal.server.url}/v1/notifications/certs/CERT-1",
        "PayPal-Auth-Algo": "SHA256withRSA",
    } | other


def post(body: bytes, sent: dict[str, str]) -> HttpResponseBase:
    client = Client(enforce_csrf_checks=True)
    return client.post("/providers/paypal/events", body, content_type="application/json", headers=sent)


def test_a_refund_made_at_paypal_is_booked_as_external(paypal: PayPal, signer: RSAPrivateKey) -> None:
    order = make_order("W-1", payment_provider="paypal", payment_reference=paypal.payment)
    paypal.refund_elsewhere(1000, "GBP")
    body = event("PAYMENT.CAPTURE.REFUNDED", paypal.server.refunds[0])

    assert post(body, headers(paypal, signer, body)).status_code == 200
    assert post(body, headers(paypal, signer, body)).status_code == 200
    process_events()

    assert list(order.refunds.values_list("origin", "status", "amount")) == [("external", "executed", 1000)]
    assert ProviderEvent.objects.count() == 1


def test_what_an_event_says_of_a_refund_counts_less_than_what_paypal_answers(
    paypal: PayPal, signer: RSAPrivateKey
) -> None:
    order = make_order("W-1", payment_provider="paypal", payment_reference=paypal.payment)
    paypal.refund_elsewhere(1000, "GBP")
    invented = paypal.server.refunds[0] | {"amount": {"currency_code": "GBP", "value": "59.98"}}
    body = event("PAYMENT.CAPTURE.REFUNDED", invented)

    assert post(body, headers(paypal, signer, body)).status_code == 200
    process_events()

    assert list(order.refunds.values_list("amount", flat=True)) == [1000]


def test_a_refund_that_paypal_does_not_know_changes_nothing(paypal: PayPal, signer: RSAPrivateKey) -> None:
    order = make_order("W-1", payment_provider="paypal", payment_reference=paypal.payment)
    paypal.refund_elsewhere(1000, "GBP")
    body = event("PAYMENT.CAPTURE.REFUNDED", paypal.server.refunds.pop())

    assert post(body, headers(paypal, signer, body)).status_code == 200
    process_events()

    assert not order.refunds.exists()
    assert ProviderEvent.objects.get().state == "ignored"


def test_our_refund_that_fails_later_is_owed_again(paypal: PayPal, signer: RSAPrivateKey) -> None:
    sent: Refund = approved(make_refund(lost=1, units=2, payment_provider="paypal", payment_reference=paypal.payment))
    claim = execute.claim_refund(sent.pk, old="approved")
    assert claim is not None
    receipt = paypal.gateway.refund(claim.request)
    execute.record_paid(claim, Receipt(receipt.reference, receipt.amount, receipt.currency))
    paypal.fail_later()
    body = event("PAYMENT.REFUND.FAILED", paypal.server.refunds[0])

    assert post(body, headers(paypal, signer, body)).status_code == 200
    process_events()

    sent.refresh_from_db()
    assert (sent.status, sent.attempts.get().outcome) == ("failed", "reversed")


def test_other_kinds_are_acknowledged_and_not_stored(paypal: PayPal, signer: RSAPrivateKey) -> None:
    body = event("CHECKOUT.ORDER.APPROVED", {"id": "5O190127TN364715T"})

    assert post(body, headers(paypal, signer, body)).status_code == 200

    assert not ProviderEvent.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"PayPal-Transmission-Sig": "AAAA"},
        {"PayPal-Transmission-Sig": ""},
        {"PayPal-Transmission-Sig": "§"},
        {"PayPal-Transmission-Id": "another"},
        {"sent_at": "2015-05-12T18:14:14Z"},
        {"sent_at": "9999-12-31T23:59:59-23:59"},
        {"PayPal-Transmission-Time": "yesterday"},
        {"PayPal-Cert-Url": "https://evil.example/v1/notifications/certs/CERT-1"},
        {"PayPal-Cert-Url": "http://127.0.0.1:1@evil.example/v1/notifications/certs/CERT-1"},
        {"PayPal-Cert-Url": "{url}/v1/notifications/certs/../../v2/payments/captures/X"},
        {"PayPal-Cert-Url": "{url}.evil.example/v1/notifications/certs/CERT-1"},
        {"PayPal-Cert-Url": "{url}/v1/notifications/certs/CERT-unknown"},
        {"PayPal-Cert-Url": "{url}/v1/notifications/certs/CERT-ended"},
        {"PayPal-Cert-Url": "{url}/v1/notifications/certs/CERT-other"},
    ],
    ids=ascii,
)
def test_what_paypal_did_not_sign_is_refused(paypal: PayPal, signer: RSAPrivateKey, wrong: dict[str, str]) -> None:
    paypal.server.certificates["CERT-ended"] = certificate(signer, ended=True)
    paypal.server.certificates["CERT-other"] = certificate(generate_private_key(65537, 2048))
    paypal.refund_elsewhere(1000, "GBP")
    body = event("PAYMENT.CAPTURE.REFUNDED", paypal.server.refunds[0])
    sent = headers(
        paypal, signer, body, **{name: text.replace("{url}", paypal.server.url) for name, text in wrong.items()}
    )

    assert post(body, sent).status_code == 400

    assert not ProviderEvent.objects.exists()


def test_a_body_that_was_changed_is_refused(paypal: PayPal, signer: RSAPrivateKey) -> None:
    paypal.refund_elsewhere(1000, "GBP")
    body = event("PAYMENT.CAPTURE.REFUNDED", paypal.server.refunds[0])

    assert post(body.replace(b"10.00", b"10.01"), headers(paypal, signer, body)).status_code == 400


@pytest.mark.parametrize("resource", [{"id": "x"}, {"id": 5}, {"id": "A\x00B"}, {"id": "../../orders"}, {}], ids=ascii)
def test_a_signed_event_about_no_refund_is_refused(paypal: PayPal, signer: RSAPrivateKey, resource: Any) -> None:
    body = event("PAYMENT.CAPTURE.REFUNDED", resource)

    assert post(body, headers(paypal, signer, body)).status_code == 400

    assert not ProviderEvent.objects.exists()


def test_without_a_webhook_events_are_refused(paypal: PayPal, signer: RSAPrivateKey, settings: Settings) -> None:
    settings.PAYPAL_WEBHOOK_ID = ""
    body = event("PAYMENT.CAPTURE.REFUNDED", {})

    assert post(body, headers(paypal, signer, body)).status_code == 503
