"""What does a test do with localstripe, the public fake Stripe that ignores keys and pays more than was charged?"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import stripe

ROOT = Path(__file__).resolve().parents[2]
KEY = "sk_test_5ecret5ecret5ecret"


@dataclass(frozen=True, slots=True)
class LocalStripe:
    """A running localstripe, spoken to by the official library."""

    url: str

    @property
    def client(self) -> stripe.StripeClient:
        return stripe.StripeClient(KEY, base_addresses={"api": self.url}, max_network_retries=0)

    def paid(self, amount: int, currency: str = "gbp") -> str:
        """A customer pays by card; the payment's id."""
        customer = self.client.v1.customers.create({"email": "ada@example.com"})
        card = self.client.v1.payment_methods.create(
            {"type": "card", "card": {"number": "4242424242424242", "exp_month": 12, "exp_year": 2035, "cvc": "123"}}
        )
        self.client.v1.payment_methods.attach(card.id, {"customer": customer.id})
        payment = self.client.v1.payment_intents.create(
            {
                "amount": amount,
                "currency": currency,
                "customer": customer.id,
                "payment_method": card.id,
                "confirm": True,
            }
        )
        assert payment.status == "succeeded"
        return payment.id

    def pay_back(self, payment: str, amount: int, *, key: str = "theirs") -> str:
        """Somebody pays back past us; the refund's id."""
        return self.client.v1.refunds.create({"payment_intent": payment, "amount": amount}, {"idempotency_key": key}).id

    def paid_back(self, payment: str) -> list[int]:
        """The amounts that were paid back of a payment, as localstripe has them."""
        return [refund["amount"] for refund in self.refunds(payment)]

    def refunds(self, payment: str) -> list[dict[str, Any]]:
        """All refunds of a payment."""
        listed = self.client.v1.refunds.list({"payment_intent": payment, "limit": 100})
        return [refund.to_dict() for refund in listed.data]


@contextmanager
def localstripe() -> Iterator[LocalStripe]:
    """localstripe in its own process."""
    command = [sys.executable, "-m", "tests.refunds.localstripe_server"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield LocalStripe(process.stdout.readline().strip())
        finally:
            process.terminate()
