"""How does the demo speak to its warehouse and its payment provider? To their control sides, over HTTP."""

import json
import sys
import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from hemi_intake.demo import warehouse
from hemi_intake.demo.data import DemoOrder
from hemi_intake.demo.paths import Place, Secrets
from hemi_intake.demo.payment_server.ledger import Ledger
from hemi_intake.demo.processes import Children
from hemi_intake.demo.sandbox_events import HEADER, signature
from integrations.gateways.http import Answer, NoAnswer, send

# Seconds between two steps of an order. Some two hundred orders are on their way at the start.
PACE = 400
TIMEOUT = 10


class Sandboxes:
    """The two processes that play the world outside. Both keep what they know in files and go on from there."""

    def __init__(self, place: Place, secrets: Secrets) -> None:
        self._place = place
        self._secrets = secrets
        self.prosku_url = ""
        self.payment_url = ""

    def furnish(self, orders: Iterable[DemoOrder], *, now: datetime) -> None:
        """Give them their past, before they start: the warehouse's work so far, and what customers paid."""
        orders = list(orders)
        warehouse.furnish(self._place.warehouse, orders, self._secrets.prosku_keys, now=now, seed=self._secrets.seed)
        self._place.payments.unlink(missing_ok=True)
        Ledger(str(self._place.payments)).register_all(order.payment for order in orders if order.payment)

    def start(self, children: Children) -> None:
        """Start both, and let the warehouse's clock run."""
        self.prosku_url = children.start_server(
            "prosku",
            [sys.executable, "-m", "hemi_intake.demo.prosku_server", "--state", str(self._place.warehouse)],
            {"PROSKU_SANDBOX_TOKEN": self._secrets.prosku_token},
        )
        self.payment_url = children.start_server(
            "payments",
            [sys.executable, "-m", "hemi_intake.demo.payment_server", "--state", str(self._place.payments)],
            {
                "PAYMENT_SANDBOX_KEY": self._secrets.payment_key,
                "PAYMENT_SANDBOX_CONTROL_TOKEN": self._secrets.payment_token,
            },
        )
        self.run_clock()

    def run_clock(self) -> None:
        """Let orders move from now on. Said here and not at its start, so that it does not make up for lost time."""
        self._tell(f"{self.prosku_url}/_sandbox/pace", self._secrets.prosku_token, {"seconds": PACE})

    def place_order(self, order: DemoOrder) -> None:
        """A customer pays, and the warehouse hears of the order. A second call changes nothing. Raises NoAnswer."""
        if order.payment:
            reference, amount, currency = order.payment
            payment = {"reference": reference, "amount": amount, "currency": currency}
            self._tell(f"{self.payment_url}/payments", self._secrets.payment_key, payment)
        loaded = {"orders": [warehouse.as_loaded(order, self._secrets.prosku_keys)]}
        self._tell(f"{self.prosku_url}/_sandbox/orders", self._secrets.prosku_token, loaded)

    def misbehave(self, *, on: str, do: str, payment: str) -> None:
        """Have the provider do something wrong with this payment, until it is started again. Raises NoAnswer."""
        switch = {"on": on, "do": do, "payment": payment}
        self._tell(f"{self.payment_url}/_sandbox/misbehave", self._secrets.payment_token, switch)

    def refund_elsewhere(self, payment: str, amount: int, currency: str, *, web_url: str) -> None:
        """Somebody refunds a payment in the provider's own dashboard, and the provider says so. Raises NoAnswer."""
        wanted = {"payment": payment, "amount": amount, "currency": currency, "metadata": {}}
        refund = self._tell(
            f"{self.payment_url}/refunds", self._secrets.payment_key, wanted, key=f"dashboard:{payment}"
        )
        now = int(time.time())
        event = {"id": f"ev_{refund['id']}", "type": "refund.created", "created": now, "refund": refund}
        body = json.dumps(event).encode()
        headers = {HEADER: signature(body, self._secrets.payment_key, now), "Content-Type": "application/json"}
        _expect(send("POST", f"{web_url}/providers/sandbox/events", headers=headers, body=body, seconds=TIMEOUT))

    def _tell(self, url: str, token: str, content: Mapping[str, Any], *, key: str = "") -> Any:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        headers |= {"Idempotency-Key": key} if key else {}
        answer = send("POST", url, headers=headers, body=json.dumps(content), seconds=TIMEOUT)
        return json.loads(_expect(answer).body)


def _expect(answer: Answer) -> Answer:
    if answer.status >= 300:
        raise NoAnswer(f"HTTP {answer.status}: {answer.body[:200].decode(errors='replace')}")
    return answer
