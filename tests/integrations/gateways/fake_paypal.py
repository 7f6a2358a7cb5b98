"""How does PayPal's API answer about refunds? The part of it that we use, over a real socket, able to misbehave.

What comes in and what goes out is checked against the schemas that PayPal publishes.
"""

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from jsonschema import Draft202012Validator

from hemi_intake.demo.payment_server.misbehaviour import Switchboard

Reply = tuple[int, Any]
CLIENT = "AfakeClientId"
_SCHEMAS = json.loads((Path(__file__).parent / "paypal_schemas.json").read_text())


def check(name: str, document: Any) -> None:
    """Raise jsonschema's ValidationError for what is not as PayPal describes it."""
    Draft202012Validator({**_SCHEMAS, "$ref": f"#/$defs/{name}"}).validate(document)


def _error(status: int, name: str, issue: str = "", description: str = "") -> Reply:
    details = [{"issue": issue, "description": description}] if issue else []
    return status, {"name": name, "message": "The request was not carried out.", "debug_id": "d1", "details": details}


class FakePayPal(ThreadingHTTPServer):
    """Keeps its books in memory; `status` is what new refunds become.

    What begins as one of `forbidden`, such as "POST /v2/payments", is not within the rights of the app. A capture
    that is not in `order_of` names no order. `certificates` are served by name.
    """

    daemon_threads = True

    def __init__(self, secret: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.secret = secret
        self.switches = Switchboard()
        self.captures: dict[str, dict[str, Any]] = {}
        self.refunds: list[dict[str, Any]] = []
        self.capture_of: dict[str, str] = {}
        self.order_of: dict[str, str] = {}
        self.remembered: dict[str, Reply] = {}
        self.posted: list[dict[str, Any]] = []
        self.broken: list[Exception] = []
        self.certificates: dict[str, bytes] = {}
        self.status = "COMPLETED"
        self.rows_of = 500
        self.forbidden: set[str] = set()
        self.closing = threading.Event()
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def captured(self, capture: str) -> Reply:
        """A payment; it names the order that holds its refunds."""
        found = self.captures.get(capture)
        if found is None:
            return _error(404, "RESOURCE_NOT_FOUND", "INVALID_RESOURCE_ID", "Specified resource ID does not exist.")
        related = {"order_id": self.order_of[capture]} if capture in self.order_of else {}
        document = {**found, "supplementary_data": {"related_ids": related}}
        check("capture-2", document)
        return 200, document

    def order(self, order: str, wrong: dict[str, float]) -> Reply:
        """All refunds of an order, whichever of its captures they are of."""
        mine = [refund for refund in self.refunds if self.order_of.get(self.capture_of[refund["id"]]) == order]
        shown = [self._shown(refund, wrong) for refund in mine]
        return 200, {"id": order, "status": "COMPLETED", "purchase_units": [{"payments": {"refunds": shown}}]}

    def _shown(self, refund: dict[str, Any], wrong: dict[str, float]) -> dict[str, Any]:
        amount = dict(refund["amount"])
        if "wrong_amount" in wrong:
            amount["value"] = f"{float(amount['value']) + 0.01:.2f}"
        shown = {**refund, "amount": amount}
        check("refund", shown)
        return shown

    def report(self, query: dict[str, str]) -> Reply:
        """The refunds of a span of time, a page at a time."""
        inside = [r for r in self.refunds if query["start_date"] <= r["create_time"] < query["end_date"]]
        page, size = int(query["page"]), self.rows_of
        rows = [{"transaction_info": self._reported(one)} for one in inside[(page - 1) * size : page * size]]
        for row in rows:
            check("transaction_info", row["transaction_info"])
        return 200, {"transaction_details": rows, "page": page, "total_pages": -(-len(inside) // size)}

    def _reported(self, refund: dict[str, Any]) -> dict[str, Any]:
        return {
            "transaction_id": refund["id"],
            "paypal_reference_id": self.capture_of[refund["id"]],
            "paypal_reference_id_type": "TXN",
            "transaction_event_code": "T1107",
            "transaction_initiation_date": refund["create_time"],
            "transaction_amount": {**refund["amount"], "value": f"-{refund['amount']['value']}"},
            "transaction_status": {"COMPLETED": "S", "PENDING": "P"}.get(refund["status"], "D"),
        } | ({"custom_field": refund["custom_id"]} if "custom_id" in refund else {})

    def refund(self, capture: str, body: dict[str, Any], key: str, wrong: dict[str, float]) -> Reply:
        """Pay back as PayPal does: the answer per PayPal-Request-Id is kept."""
        check("refund_request", body)
        with self.lock:
            self.posted.append(body)
            if key in self.remembered and "ignore_keys" not in wrong:
                return self.remembered[key]
            reply = self._decide(capture, body, wrong)
            self.remembered[key] = reply
            return reply

    def _decide(self, capture: str, body: dict[str, Any], wrong: dict[str, float]) -> Reply:
        if "error_before_paying" in wrong:
            return _error(500, "INTERNAL_SERVER_ERROR")
        paid = self.captures.get(capture)
        if paid is None:
            return _error(404, "RESOURCE_NOT_FOUND", "INVALID_RESOURCE_ID", "Specified resource ID does not exist.")
        if "decline" in wrong:
            return _error(422, "UNPROCESSABLE_ENTITY", "REFUND_TIME_LIMIT_EXCEEDED", "You are over the time limit.")
        if body["amount"]["currency_code"] != paid["amount"]["currency_code"]:
            return _error(422, "UNPROCESSABLE_ENTITY", "REFUND_CAPTURE_CURRENCY_MISMATCH", "Not the same currency.")
        gone = sum(float(r["amount"]["value"]) for r in self.refunds if self._stands(r, capture))
        if float(body["amount"]["value"]) > float(paid["amount"]["value"]) - gone + 0.001:
            return _error(422, "UNPROCESSABLE_ENTITY", "REFUND_AMOUNT_EXCEEDED", "More than was not yet refunded.")
        refund = self.book(capture, body["amount"], body["custom_id"])
        if "pending" in wrong:
            refund["status"] = "PENDING"
        return (
            _error(500, "INTERNAL_SERVER_ERROR") if "error_after_paying" in wrong else (201, self._shown(refund, wrong))
        )

    def _stands(self, refund: dict[str, Any], capture: str) -> bool:
        return self.capture_of[refund["id"]] == capture and refund["status"] in ("COMPLETED", "PENDING")

    def book(self, capture: str, amount: dict[str, str], key: str = "") -> dict[str, Any]:
        """Note a refund; without a key it was made in the dashboard."""
        refund: dict[str, Any] = {
            "id": f"1JU08902781691{len(self.refunds) + 100}",
            "amount": amount,
            "status": self.status,
            "create_time": "2026-03-04T10:00:00Z",
            "update_time": "2026-03-04T10:00:00Z",
            "links": [{"rel": "up", "method": "GET", "href": f"{self.url}/v2/payments/captures/{capture}"}],
        } | ({"custom_id": key} if key else {})
        self.refunds.append(refund)
        self.capture_of[refund["id"]] = capture
        return refund


class _Handler(BaseHTTPRequestHandler):
    server: FakePayPal
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Look something up."""
        name = self.path.rpartition("/")[2]
        if self.path.startswith("/v1/notifications/certs/"):
            self._send_bytes(200 if name in self.server.certificates else 404, self.server.certificates.get(name, b""))
        elif not self._may():
            return
        elif self.path.startswith("/v2/payments/captures/"):
            self._send(self.server.captured(name), {})
        elif self.path.startswith("/v2/payments/refunds/"):
            found = next((r for r in self.server.refunds if r["id"] == name), None)
            self._send((200, found) if found else _error(404, "RESOURCE_NOT_FOUND"), {})
        elif self.path.startswith("/v1/reporting/transactions?"):
            self._send(self.server.report(dict(parse_qsl(urlsplit(self.path).query))), {})
        elif self.path.startswith("/v2/checkout/orders/"):
            wrong = self.server.switches.take("find")
            if "close" in wrong:
                self.close_connection = True
                return
            reply = self.server.order(name, wrong)
            self._send(_error(503, "SERVICE_UNAVAILABLE") if "error" in wrong else reply, wrong)
        else:
            self._send(_error(404, "RESOURCE_NOT_FOUND"), {})

    def do_POST(self) -> None:
        """Give a token, or pay back."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/v1/oauth2/token":
            self._token(body)
            return
        if not self._may():
            return
        wrong = self.server.switches.take("refund")
        if "close_before_paying" in wrong:
            self.close_connection = True
            return
        try:
            reply = self.server.refund(
                self.path.split("/")[4], json.loads(body), self.headers["PayPal-Request-Id"], wrong
            )
        except Exception as error:
            self.server.broken.append(error)
            raise
        if "close_after_paying" in wrong:
            self.close_connection = True
            return
        self._send(reply, wrong)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is http.server's
        """Stay silent."""

    def _token(self, body: bytes) -> None:
        right = base64.b64encode(f"{CLIENT}:{self.server.secret}".encode()).decode()
        if self.headers.get("Authorization") != f"Basic {right}" or body != b"grant_type=client_credentials":
            self._send((401, {"error": "invalid_client", "error_description": "Client Authentication failed"}), {})
        else:
            self._send((200, {"access_token": f"token-{self.server.secret[-4:]}", "expires_in": 32400}), {})

    def _may(self) -> bool:
        asked = f"{self.command} {self.path}"
        if self.headers.get("Authorization") != f"Bearer token-{self.server.secret[-4:]}":
            self._send(
                (401, {"error": "invalid_token", "error_description": "Token signature verification failed"}), {}
            )
        elif any(asked.startswith(one) for one in self.server.forbidden):
            self._send(_error(403, "NOT_AUTHORIZED", "PERMISSION_DENIED", "You do not have permission."), {})
        else:
            return True
        return False

    def _send(self, reply: Reply, wrong: dict[str, float]) -> None:
        self.server.closing.wait(wrong.get("late", 0))
        status, document = reply
        if "nonsense" in wrong:
            self._send_bytes(200, b"<html>tea</html>")
        else:
            self._send_bytes(status, json.dumps(document).encode())

    def _send_bytes(self, status: int, body: bytes) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True
