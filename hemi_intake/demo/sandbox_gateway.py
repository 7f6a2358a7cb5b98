"""How is a refund paid at the sandbox payment provider of the demo and the tests?"""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from integrations.gateways.http import Answer, NoAnswer, send
from integrations.gateways.response_mapping import Found, failure, strangers, verdict
from refunds.gateway import Declined, MadeElsewhere, OtherCurrency, ProviderRefund, Receipt, RefundRequest, Unclear

# Only these are about the refund. A wrong key, a full queue or a broken server say nothing about it: such a refund
# is asked for again later, and must not count as refused for good.
_REFUSALS = {
    "unknown_payment": Declined,
    "declined": Declined,
    "other_currency": OtherCurrency,
    "exceeds_payment": Declined,
}


class SandboxGateway:
    """Speaks to hemi_intake.demo.payment_server at PAYMENT_SANDBOX_URL."""

    by_hand = False

    def missing(self) -> str:
        """The demo sets the address."""
        return "" if settings.PAYMENT_SANDBOX_URL else "PAYMENT_SANDBOX_URL is not set."

    def smallest_amount(self, currency: str) -> int:
        """It counts as we do."""
        return 1

    def refund(self, request: RefundRequest) -> Receipt:
        """Pay back once; the server remembers the key for good."""
        self._expect_on_record(request)
        asked = {
            "payment": request.payment,
            "amount": request.amount,
            "currency": request.currency,
            "metadata": {"hemi_key": request.key, "hemi_refund": request.number},
        }
        answer = self._send("POST", "/refunds", body=json.dumps(asked), key=request.key)
        document = _document(answer)
        match document:
            case {"error": {"code": str(code), "message": str(message)}} if code in _REFUSALS:
                return self._already_paid_or_declined(request, message, _REFUSALS[code])
        if answer.status not in (200, 201):
            raise failure("The payment sandbox", answer.status, right="write refunds")
        receipt = verdict([_found(document)], request)
        if receipt is None:
            raise Unclear("The payment sandbox answered with another refund than ours.")
        return receipt

    def find(self, request: RefundRequest) -> Receipt | None:
        """Ask for the refunds that carry our key."""
        answer = self._send("GET", f"/refunds?{urlencode({'hemi_key': request.key})}")
        match _document(answer):
            case {"refunds": list(listed)} if answer.status == 200:
                return verdict([_found(refund) for refund in listed], request)
        raise Unclear(f"The payment sandbox could not say what it paid (it answered {answer.status}).")

    def all_refunds(self) -> list[dict[str, Any]]:
        """Every refund of the sandbox. Raises Unclear."""
        answer = self._send("GET", "/refunds")
        match _document(answer):
            case {"refunds": list(listed)} if answer.status == 200:
                return listed
        raise Unclear(f"The payment sandbox could not say what it paid (it answered {answer.status}).")

    def _expect_on_record(self, request: RefundRequest) -> None:
        answer = self._send("GET", f"/refunds?{urlencode({'payment': request.payment})}")
        match _document(answer):
            case {"refunds": list(listed)} if answer.status == 200:
                unknown = strangers([_found(refund) for refund in listed], request)
            case _:
                raise failure("The payment sandbox", answer.status, right="read refunds")
        if unknown:
            raise MadeElsewhere([_made_elsewhere(one, request.payment) for one in unknown])

    def _already_paid_or_declined(self, request: RefundRequest, message: str, refusal: type[Declined]) -> Receipt:
        # "Nothing left to refund" may be said because an earlier sending of this very refund was paid.
        if receipt := self.find(request):
            return receipt
        raise refusal(f"The payment sandbox refused: {message[:300]}")

    def _send(self, method: str, path: str, *, body: str | None = None, key: str | None = None) -> Answer:
        headers = {"Authorization": f"Bearer {settings.PAYMENT_SANDBOX_KEY}", "Content-Type": "application/json"}
        if key is not None:
            headers["Idempotency-Key"] = key
        url = settings.PAYMENT_SANDBOX_URL.rstrip("/") + path
        try:
            return send(method, url, headers=headers, body=body, seconds=settings.PAYMENT_TIMEOUT_SECONDS)
        except NoAnswer as error:
            raise Unclear(str(error)) from None


def _made_elsewhere(found: Found, payment: str) -> ProviderRefund:
    # The sandbox tells no time: that of the first look stands for it.
    now = datetime.now(UTC)
    return ProviderRefund(found.reference, found.key, (payment,), found.amount, found.currency, False, "", now)


def _document(answer: Answer) -> Any:
    try:
        return json.loads(answer.body)
    except ValueError:
        raise Unclear(f"The payment sandbox answered {answer.status} with something that is not JSON.") from None


def _found(refund: Any) -> Found:
    match refund:
        case {
            "id": str(reference),
            "amount": int(amount),
            "currency": str(currency),
            "status": "succeeded" | "pending" | "failed" as status,
            "metadata": dict(metadata),
        } if reference:
            key = str(metadata.get("hemi_key", ""))
            return Found(reference, key, amount, currency, alive=status != "failed", pending=status == "pending")
    raise Unclear("The payment sandbox answered with something that is not a refund.")
