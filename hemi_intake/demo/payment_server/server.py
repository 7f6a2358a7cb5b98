"""How does the sandbox provider answer over HTTP, rightly or wrongly?"""

import hmac
import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from hemi_intake.demo.payment_server.ledger import Answer, Ledger, refusal
from hemi_intake.demo.payment_server.misbehaviour import BadSwitch, Switchboard

_LARGEST_BODY = 64 * 1024
_NONSENSE = b"<html><body>Our engineers are having tea.</body></html>"


class PaymentServer(ThreadingHTTPServer):
    """Listens on loopback only; one thread per connection."""

    daemon_threads = True

    def __init__(self, port: int, ledger: Ledger, *, key: str, control_token: str) -> None:
        self.ledger, self.key, self.control_token = ledger, key, control_token
        self.switches = Switchboard()
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: PaymentServer
    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_GET(self) -> None:
        """Look something up."""
        self._route("GET")

    def do_POST(self) -> None:
        """Register, refund or control."""
        self._route("POST")

    def do_DELETE(self) -> None:
        """Clear the switches."""
        self._route("DELETE")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is http.server's
        """Stay silent: the ledger tells what happened."""

    def _route(self, method: str) -> None:
        address = urlsplit(self.path)
        try:
            body = self._body()
        except ValueError:
            self.close_connection = True
            return self._send(refusal(400, "unreadable", "The body must be a JSON object of at most 64 KB."))
        control = address.path.startswith("/_sandbox/")
        if not self._may(self.server.control_token if control else self.server.key):
            return self._send(refusal(401, "unauthorised", "The bearer key is missing or wrong."))
        if control:
            return self._send(self._control(method, address.path, body))
        match (method, address.path):
            case ("POST", "/payments"):
                self._send(self._register(body))
            case ("POST", "/refunds"):
                self._refund(body)
            case ("GET", "/refunds"):
                asked = {name: values[0] for name, values in parse_qs(address.query).items()}
                self._find(asked["hemi_key"]) if "hemi_key" in asked else self._list(asked.get("payment"))
            case ("GET", path) if path.startswith("/payments/"):
                self._send(self.server.ledger.payment(unquote(path.removeprefix("/payments/"))))
            case _:
                self._send(refusal(404, "no_such_page", "There is nothing here."))

    def _body(self) -> dict[str, Any]:
        length = int(self.headers.get("Content-Length") or 0)
        if length > _LARGEST_BODY:
            raise ValueError("too large")
        body = json.loads(self.rfile.read(length) or b"{}")
        if not isinstance(body, dict):
            raise ValueError("not an object")
        return body

    def _may(self, token: str) -> bool:
        given = self.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())

    def _register(self, body: dict[str, Any]) -> Answer:
        match body:
            case {"reference": str(reference), "amount": int(amount), "currency": str(currency)} if amount > 0:
                return self.server.ledger.register(reference, amount, currency)
        return refusal(400, "bad_payment", "A payment has reference, amount (minor units, above 0) and currency.")

    def _refund(self, body: dict[str, Any]) -> None:
        key = self.headers.get("Idempotency-Key", "")
        match body:
            case {"payment": str(), "amount": int(amount), "currency": str(), "metadata": dict(), **more} if (
                amount > 0 and key and not more
            ):
                wrong = self.server.switches.take("refund", body["payment"])
            case _:
                return self._send(refusal(400, "bad_refund", "Give payment, amount, currency, metadata and a key."))
        if "close_before_paying" in wrong:
            return self._hang_up()
        if "error_before_paying" in wrong:
            return self._send(refusal(500, "broken", "Something went wrong."))
        time.sleep(wrong.get("pay_late", 0))
        answer = self.server.ledger.refund(
            body,
            key,
            declined="decline" in wrong,
            overpay="allow_overpay" in wrong,
            forget="ignore_keys" in wrong,
            pending="pending" in wrong,
        )
        if "close_after_paying" in wrong:
            return self._hang_up()
        if "error_after_paying" in wrong:
            return self._send(refusal(500, "broken", "Something went wrong."))
        if "wrong_amount" in wrong and answer.status == 201:
            answer = Answer(201, {**answer.body, "amount": answer.body["amount"] + 1})
        self._send_perhaps_wrong(answer, wrong)

    def _find(self, hemi_key: str) -> None:
        found = self.server.ledger.refunds(hemi_key)
        wrong = self.server.switches.take("find", found[0]["payment"] if found else None)
        if "close" in wrong:
            return self._hang_up()
        if "error" in wrong:
            return self._send(refusal(503, "down", "Come back later."))
        if "wrong_amount" in wrong:
            found = [{**refund, "amount": refund["amount"] + 1} for refund in found]
        self._send_perhaps_wrong(Answer(200, {"refunds": found}), wrong)

    def _list(self, payment: str | None) -> None:
        wrong = self.server.switches.take("list", payment)
        if "close" in wrong:
            return self._hang_up()
        if "error" in wrong:
            return self._send(refusal(503, "down", "Come back later."))
        self._send_perhaps_wrong(Answer(200, {"refunds": self.server.ledger.refunds_of(payment)}), wrong)

    def _control(self, method: str, path: str, body: dict[str, Any]) -> Answer:
        switches, ledger = self.server.switches, self.server.ledger
        try:
            match (method, path):
                case ("GET", "/_sandbox/ledger"):
                    return Answer(200, ledger.everything())
                case ("POST", "/_sandbox/fail"):
                    return ledger.fail(str(body.get("refund")))
                case ("POST", "/_sandbox/succeed"):
                    return ledger.succeed(str(body.get("refund")))
                case ("POST", "/_sandbox/misbehave"):
                    switches.add(body)
                case ("DELETE", "/_sandbox/misbehave"):
                    switches.clear()
                case ("GET", "/_sandbox/misbehave"):
                    pass
                case _:
                    return refusal(404, "no_such_page", "There is nothing here.")
        except BadSwitch as error:
            return refusal(400, "bad_switch", str(error))
        return Answer(200, {"switches": switches.listing()})

    def _send_perhaps_wrong(self, answer: Answer, wrong: dict[str, float]) -> None:
        time.sleep(wrong.get("late", 0))
        if "nonsense" in wrong:
            return self._write(200, "text/html", _NONSENSE)
        self._send(answer)

    def _send(self, answer: Answer) -> None:
        self._write(answer.status, "application/json", json.dumps(answer.body).encode())

    def _write(self, status: int, kind: str, body: bytes) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _hang_up(self) -> None:
        """End the connection without a word."""
        self.close_connection = True
