"""How is PayPal's REST API spoken to? One token for one piece of work; every answer that is no success is sorted once.

A token is asked for each time: it is one request more, and none is ever kept, shared or found out of date.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings

from integrations.gateways.http import Answer, NoAnswer, send
from integrations.gateways.response_mapping import failure
from refunds.gateway import NotSetUp, Unclear

LIVE = "https://api-m.paypal.com"


class NotSuccess(Exception):
    """PayPal answered with an error; `issue` is its code, `words` are for people."""

    def __init__(self, status: int, issue: str, words: str) -> None:
        super().__init__(f"HTTP {status}")
        self.status, self.issue, self.words = status, issue, words


@dataclass(frozen=True, slots=True, repr=False)
class Client:
    """Speaks with one token. Every method raises NotSuccess for an error, Unclear where no answer can be read."""

    token: str

    def get(self, *path: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Look something up."""
        return _document(self._send("GET", path, query=query))

    def post(self, *path: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        """Ask for something once: PayPal remembers the key for 45 days and answers with the same again."""
        headers = {"PayPal-Request-Id": key, "Prefer": "return=representation", "Content-Type": "application/json"}
        return _document(self._send("POST", path, headers, json.dumps(body)))

    def _send(
        self,
        method: str,
        path: tuple[str, ...],
        headers: dict[str, str] | None = None,
        body: str | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        url = f"{base()}/{'/'.join(quote(part, safe='') for part in path)}" + (f"?{urlencode(query)}" if query else "")
        return _call(method, url, {"Authorization": f"Bearer {self.token}", **(headers or {})}, body)


def base() -> str:
    """Where PayPal's API is: PAYPAL_API_BASE, or PayPal's own address."""
    return str(settings.PAYPAL_API_BASE or LIVE).rstrip("/")


def connect() -> Client:
    """Get a token. Raises NotSetUp when PayPal does not accept our credentials, Unclear when it gives no token."""
    if not (settings.PAYPAL_CLIENT_ID and settings.PAYPAL_CLIENT_SECRET):
        raise Unclear("PAYPAL_CLIENT_ID and PAYPAL_CLIENT_SECRET are not set; nothing was sent.")
    credentials = base64.b64encode(f"{settings.PAYPAL_CLIENT_ID}:{settings.PAYPAL_CLIENT_SECRET}".encode()).decode()
    headers = {"Authorization": f"Basic {credentials}", "Content-Type": "application/x-www-form-urlencoded"}
    try:
        answer = _document(_call("POST", f"{base()}/v1/oauth2/token", headers, "grant_type=client_credentials"))
    except NotSuccess as error:
        if error.status == 401:
            raise NotSetUp(
                "PayPal does not accept our credentials (HTTP 401). Nothing was sent: set the right ones, then retry."
            ) from None
        raise failure("PayPal", error.status) from None
    match answer:
        case {"access_token": str(token)} if token and token.isascii() and token.isprintable():
            return Client(token)
    raise Unclear("PayPal answered with something that is not a token; nothing was sent.")


def _call(method: str, url: str, headers: dict[str, str], body: str | None) -> Answer:
    try:
        return send(method, url, headers=headers, body=body, seconds=settings.PAYMENT_TIMEOUT_SECONDS)
    except NoAnswer as error:
        raise Unclear(f"PayPal: {error}") from None


def _document(answer: Answer) -> dict[str, Any]:
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError):
        document = None
    if answer.status in (200, 201):
        if isinstance(document, dict):
            return document
        raise Unclear(f"PayPal gave no clear answer (HTTP {answer.status}).")
    raise NotSuccess(answer.status, *_words(document))


def _words(document: Any) -> tuple[str, str]:
    """PayPal's code of what is wrong, and its words for people; those never hold what we sent."""
    match document:
        case {"details": [{"issue": str(issue), **first}, *_]}:
            description = first.get("description")
            return issue[:100], f"{str(description or issue)[:300]} ({issue[:100]})"
        case {"name": str(name), "message": str(message)}:
            return name[:100], f"{message[:300]} ({name[:100]})"
    return "", ""
