"""How is a refund paid at PayPal? (Payments and Orders API v2)

PayPal remembers the answer per PayPal-Request-Id for 45 days. Refunds cannot be listed by capture: the capture names
its order, and the order holds all refunds. Our key stands in the refund's `custom_id`.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from integrations.gateways.paypal import api, mapping
from integrations.gateways.paypal.amounts import NotInPayPal, smallest, to_paypal
from integrations.gateways.response_mapping import Found, expect_left, failure, strangers, verdict
from refunds.gateway import Declined, MadeElsewhere, NotSetUp, Receipt, RefundRequest, Unclear

_LONGEST_REPORT = timedelta(days=31)
_MOST_PAGES = 20
"""PayPal reports no more than 10,000 transactions at once."""
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"
_RIGHTS = {"GET": "read payments and orders", "POST": "refund payments"}


class PayPalGateway:
    """Speaks to PayPal with PAYPAL_CLIENT_ID and PAYPAL_CLIENT_SECRET."""

    by_hand = False

    def missing(self) -> str:
        """The credentials of the app at PayPal."""
        names = [name for name in ("PAYPAL_CLIENT_ID", "PAYPAL_CLIENT_SECRET") if not getattr(settings, name)]
        return f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} not set." if names else ""

    def smallest_amount(self, currency: str) -> int:
        """PayPal takes no decimals of some currencies, and never more than two."""
        return smallest(currency)

    def refund(self, request: RefundRequest) -> Receipt:
        """Pay back once: sends only when PayPal has no refund with our key yet and enough of the payment is left."""
        amount, began = _amount(request), time.monotonic()
        with _readable():
            client = api.connect()
            capture, listed = _payment(client, request.payment)
            refunds = [mapping.found(one) for one in listed]
            if ours := verdict(refunds, request):
                return ours
            _expect_on_record(refunds, listed, request)
            expect_left(mapping.captured(capture), request, refunds)
            if time.monotonic() - began > 2 * settings.PAYMENT_TIMEOUT_SECONDS:
                # What was seen is old, and somebody else may soon ask about this attempt.
                raise Unclear("PayPal took too long to say what it has paid; nothing was sent.")
            receipt = verdict([_create(client, request, amount)], request)
            if receipt is None:
                raise Unclear("PayPal answered with another refund than ours.")
            return receipt

    def find(self, request: RefundRequest) -> Receipt | None:
        """Ask for all refunds of the payment and pick the one with our key.

        A payment that PayPal does not know is Unclear here: the credentials may be another account's.
        """
        try:
            with _readable():
                _, listed = _payment(api.connect(), request.payment)
                return verdict(map(mapping.found, listed), request)
        except (NotSetUp, _Unknown) as error:
            raise Unclear(str(error)) from None


class _Unknown(Declined):
    """PayPal has no such payment, or does not say what was refunded of it."""


def refunds_of(payment: str) -> list[dict[str, Any]]:
    """All refunds of a capture as PayPal holds them, whoever made them. Raises Declined, Unclear."""
    try:
        with _readable():
            return _payment(api.connect(), payment)[1]
    except NotSetUp as error:
        raise Unclear(str(error)) from None


def refund_of(reference: str) -> dict[str, Any]:
    """One refund as PayPal holds it now. Raises Declined, Unclear."""
    try:
        with _readable():
            return _get(api.connect(), "v2", "payments", "refunds", reference)
    except NotSetUp as error:
        raise Unclear(str(error)) from None


def refunds_reported(since: datetime, until: datetime) -> Iterator[dict[str, Any]]:
    """The rows of PayPal's report about refunds, of at most 31 days at a time. Raises Declined, Unclear."""
    client = api.connect()
    while since < until:
        ends, page, pages = min(until, since + _LONGEST_REPORT), 1, 1
        while page <= pages:
            query = {
                "start_date": since.strftime(_MOMENT),
                "end_date": ends.strftime(_MOMENT),
                "transaction_type": "T1107",
                "page_size": "500",
                "page": str(page),
            }
            answer = _get(client, "v1", "reporting", "transactions", query=query)
            match answer:
                case {"transaction_details": list(rows), "total_pages": int(pages)} if 0 <= pages <= _MOST_PAGES:
                    yield from (row for row in rows if isinstance(row, dict))
                case _:
                    raise Unclear("PayPal answered with something that is not a report.")
            page += 1
        since = ends


@contextmanager
def _readable() -> Iterator[None]:
    """Turn what cannot be read of PayPal's answers into Unclear."""
    try:
        yield
    except NotInPayPal as error:
        raise Unclear(str(error)) from None


def _amount(request: RefundRequest) -> str:
    try:
        return to_paypal(request.amount, request.currency)
    except NotInPayPal as error:
        raise Declined(str(error)) from None


def _payment(client: api.Client, payment: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A capture and all its refunds."""
    if not mapping.ID.fullmatch(payment):
        raise _Unknown(f"{payment[:60]!r} is no capture of PayPal: those are capital letters and digits.")
    capture = _get(client, "v2", "payments", "captures", payment)
    order = mapping.order_of(capture)
    if not order:
        raise _Unknown(
            f"PayPal names no order for {payment}, so what was refunded of it cannot be looked up. "
            "Refund it in PayPal, then record the payment here."
        )
    return capture, mapping.refunds_in(_get(client, "v2", "checkout", "orders", order), payment)


def _get(client: api.Client, *path: str, query: dict[str, str] | None = None) -> dict[str, Any]:
    try:
        return client.get(*path, query=query)
    except api.NotSuccess as error:
        if error.status == 404:
            raise _Unknown(f"PayPal refused: {error.words or 'it does not know this payment'}") from None
        raise failure("PayPal", error.status, right=_RIGHTS["GET"], words=error.words) from None


def _expect_on_record(refunds: list[Found], listed: list[dict[str, Any]], request: RefundRequest) -> None:
    """Refuse while PayPal has refunds of the payment that do not count here yet."""
    unknown = {one.reference for one in strangers(refunds, request)}
    if unknown:
        raise MadeElsewhere([mapping.provider_refund(one) for one in listed if one["id"] in unknown])


def _create(client: api.Client, request: RefundRequest, amount: str) -> Found:
    body = {
        "amount": {"currency_code": request.currency, "value": amount},
        "custom_id": request.key,
        "note_to_payer": request.reason[:255],
    }
    try:
        path = ("v2", "payments", "captures", request.payment, "refund")
        return mapping.found(client.post(*path, body=body, key=request.key))
    except api.NotSuccess as error:
        # "Fully refunded" may be said because an earlier sending of this very refund was paid meanwhile.
        if error.status == 422 and (ours := _find_again(client, request)):
            return ours
        raise failure("PayPal", error.status, right=_RIGHTS["POST"], words=error.words) from None


def _find_again(client: api.Client, request: RefundRequest) -> Found | None:
    _, listed = _payment(client, request.payment)
    return next((one for one in map(mapping.found, listed) if one.key == request.key), None)
