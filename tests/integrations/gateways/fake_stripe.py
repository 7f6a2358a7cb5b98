"""How does Stripe's API answer about refunds? The part of it that we use, over a real socket, able to misbehave."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from hemi_intake.demo.payment_server.misbehaviour import Switchboard

Reply = tuple[int, Any]
KNOWN = {"amount", "payment_intent", "charge", "metadata[hemi_key]", "metadata[hemi_refund]"}


def _error(status: int, message: str, code: str | None = None, kind: str = "invalid_request_error") -> Reply:
    return status, {"error": {"type": kind, "code": code, "message": message}}


class FakeStripe(ThreadingHTTPServer):
    """Keeps its books in memory; `pages_of` is the most it lists at once, `status` what new refunds become.

    The next `empty_lists` listings show nothing, as if the refunds were made just after them. What begins as one of
    `forbidden`, such as "POST /v1/refunds", is not within the rights of the key.
    """

    daemon_threads = True

    def __init__(self, key: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.key = key
        self.switches = Switchboard()
        self.payments: dict[str, dict[str, Any]] = {}
        self.refunds: list[dict[str, Any]] = []
        self.remembered: dict[str, tuple[dict[str, str], Reply]] = {}
        self.posted: list[dict[str, str]] = []
        self.pages_of = 100
        self.empty_lists = 0
        self.status = "succeeded"
        self.names = "re_"
        self.forbidden: set[str] = set()
        self.closing = threading.Event()
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def refund(self, form: dict[str, str], key: str, wrong: dict[str, float]) -> Reply:
        """Pay back as Stripe does: the first answer per key is kept, a 500 included."""
        with self.lock:
            self.posted.append(form)
            if key in self.remembered and "ignore_keys" not in wrong:
                asked, reply = self.remembered[key]
                if asked == form:
                    return reply
                return _error(400, "Keys can only be used with the same parameters.", kind="idempotency_error")
            reply = self._decide(form, wrong)
            self.remembered[key] = (form, reply)
            return reply

    def _decide(self, form: dict[str, str], wrong: dict[str, float]) -> Reply:
        if refusal := self._refusal(form, wrong):
            return refusal
        amount = int(form["amount"])
        refund = self.book(form.get("payment_intent") or form["charge"], amount, form["metadata[hemi_key]"])
        if "pending" in wrong:
            refund["status"] = "pending"
        if "error_after_paying" in wrong:
            return _error(500, "Something went wrong.", kind="api_error")
        return 200, {**refund, "amount": amount + ("wrong_amount" in wrong)}

    def _refusal(self, form: dict[str, str], wrong: dict[str, float]) -> Reply | None:
        if "error_before_paying" in wrong:
            return _error(500, "Something went wrong.", kind="api_error")
        if unknown := set(form) - KNOWN:
            return _error(400, f"Received unknown parameters: {sorted(unknown)}", "parameter_unknown")
        payment = self.payments.get(form.get("payment_intent") or form.get("charge") or "")
        if payment is None:
            return _error(404, "No such payment_intent", "resource_missing")
        if "decline" in wrong:
            return _error(400, "The charge has been charged back; cannot issue a refund.", "charge_disputed")
        captured = payment.get("amount_captured", payment.get("amount_received", payment["amount"]))
        left = captured - sum(r["amount"] for r in self._alive(payment["id"]))
        if int(form["amount"]) > left and "allow_overpay" not in wrong:
            code = None if left else "charge_already_refunded"
            return _error(400, "Refund amount is greater than unrefunded amount on charge.", code)
        return None

    def _alive(self, payment: str) -> list[dict[str, Any]]:
        return [r for r in self.refunds if r["payment_intent"] == payment and r["status"] != "failed"]

    def book(self, payment: str, amount: int, hemi_key: str | None) -> dict[str, Any]:
        """Note a refund; without a key it was made in the dashboard."""
        refund = {
            "id": f"{self.names}{len(self.refunds) + 1}",
            "object": "refund",
            "created": 1772618400,
            "amount": amount,
            "currency": self.payments[payment]["currency"],
            "payment_intent": payment,
            "status": self.status,
            "metadata": {"hemi_key": hemi_key} if hemi_key else {},
        }
        self.refunds.append(refund)
        return refund

    def listing(self, query: dict[str, str], wrong: dict[str, float]) -> Reply:
        """Newest first, a page at a time."""
        payment = query.get("payment_intent") or query.get("charge")
        if payment not in self.payments and "created[gte]" not in query:
            return _error(404, "No such payment_intent", "resource_missing")
        since = int(query.get("created[gte]", 0))
        found = [
            refund
            for refund in reversed(self.refunds)
            if payment in (None, refund["payment_intent"]) and refund["created"] >= since
        ]
        if self.empty_lists:
            self.empty_lists, found = self.empty_lists - 1, []
        if after := query.get("starting_after"):
            found = found[[refund["id"] for refund in found].index(after) + 1 :]
        size = min(int(query.get("limit", 10)), self.pages_of)
        page = [{**refund, "amount": refund["amount"] + ("wrong_amount" in wrong)} for refund in found[:size]]
        return 200, {"object": "list", "url": "/v1/refunds", "has_more": len(found) > size, "data": page}


class _Handler(BaseHTTPRequestHandler):
    server: FakeStripe
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Look something up."""
        address = urlsplit(self.path)
        query = dict(parse_qsl(address.query))
        if not self._may():
            return
        if address.path == "/v1/refunds":
            wrong = self.server.switches.take("find")
            if "close" in wrong:
                self.close_connection = True
                return
            reply = self.server.listing(query, wrong)
            self._send(_error(503, "Down.", kind="api_error") if "error" in wrong else reply, wrong)
            return
        payment = self.server.payments.get(address.path.rpartition("/")[2])
        self._send((200, payment) if payment else _error(404, "No such payment", "resource_missing"), {})

    def do_POST(self) -> None:
        """Pay back."""
        form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        if not self._may():
            return
        wrong = self.server.switches.take("refund")
        if "close_before_paying" in wrong:
            self.close_connection = True
            return
        reply = self.server.refund(form, self.headers["Idempotency-Key"], wrong)
        if "close_after_paying" in wrong:
            self.close_connection = True
            return
        self._send(reply, wrong)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is http.server's
        """Stay silent."""

    def _may(self) -> bool:
        given = self.headers.get("Authorization", "").removeprefix("Bearer ")
        asked = f"{self.command} {urlsplit(self.path).path}"
        if given != self.server.key:
            self._send(_error(401, f"Invalid API Key provided: {given}"), {})
        elif any(asked.startswith(one) for one in self.server.forbidden):
            self._send(_error(403, f"The provided key '{given}' does not have the required permissions."), {})
        else:
            return True
        return False

    def _send(self, reply: Reply, wrong: dict[str, float]) -> None:
        self.server.closing.wait(wrong.get("late", 0))
        status, document = reply
        body = b"<html>tea</html>" if "nonsense" in wrong else json.dumps(document).encode()
        try:
            self.send_response(200 if "nonsense" in wrong else status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True
