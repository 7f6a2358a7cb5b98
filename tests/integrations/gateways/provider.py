"""What does the shared suite need of a provider, so that every gateway meets the same cases?"""

import json
import urllib.request
import uuid
from dataclasses import dataclass
from typing import Any, Protocol

from orders import money
from refunds.gateway import Gateway
from tests.integrations.gateways.fake_paypal import FakePayPal
from tests.integrations.gateways.fake_stripe import FakeStripe
from tests.waiting import WITHIN


class Provider(Protocol):
    """A gateway with the real server behind it."""

    gateway: Gateway
    payment: str
    key: str

    def pay(self, amount: int, currency: str, *, captured: int | None = None) -> None:
        """A customer pays: `payment` exists from now on. Of the amount less may have been captured."""

    def misbehave(self, do: str, *, on: str = "refund", times: int | None = 1) -> None:
        """Spoil the next requests."""

    def behave(self) -> None:
        """Spoil nothing any more."""

    def paid_back(self) -> list[tuple[str, int, str]]:
        """Key, amount and currency of every refund of the payment, as the server's own books have them."""

    def fail_later(self) -> None:
        """The refunds of the payment come back."""

    def succeed(self) -> None:
        """The refunds of the payment that are pending are paid."""

    def refund_elsewhere(self, amount: int, currency: str) -> None:
        """Somebody refunds of the payment past us, as in the provider's dashboard."""


@dataclass
class Sandbox:
    """The payment server in its own process."""

    gateway: Gateway
    payment: str
    key: str
    url: str
    control_token: str

    def call(self, method: str, path: str, body: dict[str, Any] | None = None, *, key: str = "") -> dict[str, Any]:
        """Speak to the server directly."""
        token = self.control_token if path.startswith("/_sandbox/") else self.key
        asked = urllib.request.Request(  # noqa: S310 - our own loopback server
            self.url + path,
            method=method,
            data=json.dumps(body).encode() if body is not None else None,
            headers={"Authorization": f"Bearer {token}"} | ({"Idempotency-Key": key} if key else {}),
        )
        with urllib.request.urlopen(asked, timeout=WITHIN) as answer:  # noqa: S310
            return dict(json.load(answer))

    def pay(self, amount: int, currency: str, *, captured: int | None = None) -> None:
        paid = amount if captured is None else captured
        self.call("POST", "/payments", {"reference": self.payment, "amount": paid, "currency": currency})

    def misbehave(self, do: str, *, on: str = "refund", times: int | None = 1, seconds: float = 60) -> None:
        self.call("POST", "/_sandbox/misbehave", {"on": on, "do": do, "times": times, "seconds": seconds})

    def switches(self) -> list[dict[str, Any]]:
        """What the server still does wrong; `times` counts down."""
        return list(self.call("GET", "/_sandbox/misbehave")["switches"])

    def behave(self) -> None:
        self.call("DELETE", "/_sandbox/misbehave")

    def refunds(self) -> list[dict[str, Any]]:
        """The refunds of this test's payment."""
        everything = self.call("GET", "/_sandbox/ledger")["refunds"]
        return [refund for refund in everything if refund["payment"] == self.payment]

    def paid_back(self) -> list[tuple[str, int, str]]:
        return [
            (refund["metadata"].get("hemi_key", ""), refund["amount"], refund["currency"]) for refund in self.refunds()
        ]

    def fail_later(self) -> None:
        for refund in self.refunds():
            self.call("POST", "/_sandbox/fail", {"refund": refund["id"]})

    def succeed(self) -> None:
        for refund in self.refunds():
            if refund["status"] == "pending":
                self.call("POST", "/_sandbox/succeed", {"refund": refund["id"]})

    def refund_elsewhere(self, amount: int, currency: str) -> None:
        asked = {"payment": self.payment, "amount": amount, "currency": currency, "metadata": {}}
        self.call("POST", "/refunds", asked, key=str(uuid.uuid4()))


@dataclass
class Stripe:
    """The fake Stripe server in a thread, behind a real socket."""

    gateway: Gateway
    payment: str
    key: str
    server: FakeStripe

    def pay(self, amount: int, currency: str, *, captured: int | None = None) -> None:
        paid = amount if captured is None else captured
        self.server.payments[self.payment] = {
            "id": self.payment,
            "amount": amount,
            "amount_captured" if self.payment.startswith("ch_") else "amount_received": paid,
            "currency": currency.lower(),
        }

    def misbehave(self, do: str, *, on: str = "refund", times: int | None = 1) -> None:
        self.server.switches.add({"on": on, "do": do, "times": times, "seconds": 60})

    def behave(self) -> None:
        self.server.switches.clear()

    def paid_back(self) -> list[tuple[str, int, str]]:
        return [
            (refund["metadata"].get("hemi_key", ""), refund["amount"], refund["currency"].upper())
            for refund in self.server.refunds
        ]

    def fail_later(self) -> None:
        for refund in self.server.refunds:
            refund["status"] = "failed"

    def succeed(self) -> None:
        for refund in self.server.refunds:
            refund["status"] = "succeeded" if refund["status"] == "pending" else refund["status"]

    def refund_elsewhere(self, amount: int, currency: str) -> None:
        self.server.book(self.payment, amount, None)


@dataclass
class PayPal:
    """The fake PayPal server in a thread, behind a real socket."""

    gateway: Gateway
    payment: str
    key: str
    server: FakePayPal

    def pay(self, amount: int, currency: str, *, captured: int | None = None) -> None:
        paid = amount if captured is None else captured
        self.server.captures[self.payment] = {
            "id": self.payment,
            "status": "COMPLETED",
            "amount": {"currency_code": currency, "value": money.text(paid, currency)},
        }
        self.server.order_of[self.payment] = f"5O{self.payment}"

    def misbehave(self, do: str, *, on: str = "refund", times: int | None = 1) -> None:
        self.server.switches.add({"on": on, "do": do, "times": times, "seconds": 60})

    def behave(self) -> None:
        self.server.switches.clear()

    def paid_back(self) -> list[tuple[str, int, str]]:
        return [
            (
                refund.get("custom_id", ""),
                money.parse(amount["value"], amount["currency_code"]),
                amount["currency_code"],
            )
            for refund in self.server.refunds
            if (amount := refund["amount"])
        ]

    def fail_later(self) -> None:
        for refund in self.server.refunds:
            refund["status"] = "FAILED"

    def succeed(self) -> None:
        for refund in self.server.refunds:
            refund["status"] = "COMPLETED" if refund["status"] == "PENDING" else refund["status"]

    def refund_elsewhere(self, amount: int, currency: str) -> None:
        self.server.book(self.payment, {"currency_code": currency, "value": money.text(amount, currency)})
