"""How is a refund paid at Stripe? (API v1, by the official library)

Stripe remembers the first answer per idempotency key, a 500 included, for at least 24 hours. A restricted key needs
to write refunds and to read refunds, charges and payment intents.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

import stripe
from django.conf import settings

from integrations.gateways.http import NoAnswer, send
from integrations.gateways.response_mapping import Found, expect_left, failure, strangers, verdict
from integrations.gateways.stripe import mapping
from integrations.gateways.stripe.amounts import NotInStripe, from_stripe, smallest, to_stripe
from refunds.gateway import Declined, MadeElsewhere, NotSetUp, Receipt, RefundRequest, Unclear

if TYPE_CHECKING:
    from stripe.params import RefundCreateParams, RefundListParams

_MOST_REFUNDS = 1000
"""No honest payment has more; it ends a list that never ends."""

# That any refund, a succeeded one too, may still fail days later comes as an event of Stripe, not as a response to us.
_ALIVE = {"pending": True, "requires_action": True, "succeeded": True, "failed": False, "canceled": False}


class StripeGateway:
    """Speaks to Stripe with STRIPE_API_KEY; STRIPE_API_BASE is another address than Stripe's own, for tests."""

    by_hand = False

    def missing(self) -> str:
        """The key."""
        return "" if settings.STRIPE_API_KEY else "STRIPE_API_KEY is not set."

    def smallest_amount(self, currency: str) -> int:
        """Stripe counts some currencies in other units than ISO 4217."""
        return smallest(currency)

    def refund(self, request: RefundRequest) -> Receipt:
        """Pay back once: sends only when Stripe has no refund with our key yet and enough of the payment is left."""
        amount, client, began = _amount(request), _client(), time.monotonic()
        with _unclear_unless_answered():
            try:
                listed = _listed(client, request.payment)
                refunds = [_found(refund) for refund in listed]
                if ours := verdict(refunds, request):
                    return ours
                _expect_on_record(refunds, listed, request)
                _check_payment(client, request, refunds)
                if time.monotonic() - began > 2 * settings.PAYMENT_TIMEOUT_SECONDS:
                    # What was seen is old, and somebody else may soon ask about this attempt.
                    raise Unclear("Stripe took too long to say what it has paid; nothing was sent.")
                receipt = verdict([_create(client, request, amount)], request)
            except (stripe.InvalidRequestError, stripe.CardError) as refusal:
                # "Already refunded" may be said because an earlier sending of this very refund was paid meanwhile.
                if refusal.code != "resource_missing" and (ours := self.find(request)):
                    return ours
                raise failure("Stripe", refusal.http_status, words=_words(refusal)) from None
            if receipt is None:
                raise Unclear("Stripe answered with another refund than ours.")
            return receipt

    def find(self, request: RefundRequest) -> Receipt | None:
        """Ask for all refunds of the payment and pick the one with our key: unlike Stripe's search, lists are current.

        A payment that Stripe does not know is Unclear here: the key may be another account's than the one that paid.
        """
        client = _client()
        with _only_looking():
            return verdict(_refunds_of_payment(client, request), request)


class _Transport(stripe.HTTPClient):
    """The library's requests go out our way: in time, without redirects, with a capped answer."""

    name = "hemi"

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None, **_: Any
    ) -> tuple[Any, int, Mapping[str, str]]:
        seconds = settings.PAYMENT_TIMEOUT_SECONDS
        try:
            answer = send(method.upper(), url, headers=headers or {}, body=post_data, seconds=seconds)
        except NoAnswer as error:
            raise stripe.APIConnectionError(str(error)) from None  # type: ignore[no-untyped-call]
        return answer.body, answer.status, answer.headers

    def close(self) -> None:
        """Nothing stays open."""


def _client() -> stripe.StripeClient:
    if not settings.STRIPE_API_KEY:
        # Not Declined: the refund itself is fine and goes out once the key is there.
        raise Unclear("STRIPE_API_KEY is not set; nothing was sent.")
    return stripe.StripeClient(
        settings.STRIPE_API_KEY,
        http_client=_Transport(),
        # Whether to send again is decided by those who can write down that they do.
        max_network_retries=0,
        base_addresses={"api": settings.STRIPE_API_BASE or stripe.DEFAULT_API_BASE},
    )


@contextmanager
def _only_looking() -> Iterator[None]:
    """The same where nothing is sent: a key that may not look says nothing about the refund."""
    try:
        with _unclear_unless_answered():
            yield
    except NotSetUp as error:
        raise Unclear(str(error)) from None


@contextmanager
def _allowed_to(right: str) -> Iterator[None]:
    """Name the right that our key lacks for this call, where Stripe does not let it."""
    try:
        yield
    except (stripe.PermissionError, stripe.AuthenticationError) as error:
        raise failure("Stripe", error.http_status, right=right) from None


@contextmanager
def _unclear_unless_answered() -> Iterator[None]:
    """Turn everything but a plain yes or no about this refund into Unclear.

    A full queue (429) is Unclear too, although nothing moved: Unclear is asked again and heals by itself.
    """
    try:
        yield
    except (Declined, Unclear, MadeElsewhere):
        raise
    except NotInStripe as error:
        raise Unclear(str(error)) from None
    except stripe.APIConnectionError as error:
        raise Unclear(f"Stripe: {error.user_message}") from None
    except stripe.StripeError as error:
        if isinstance(error, stripe.RateLimitError):
            raise failure("Stripe", error.http_status) from None
        # Without Stripe's words: those about keys and the body of a broken answer belong in no log.
        raise Unclear(f"Stripe gave no clear answer ({type(error).__name__}, HTTP {error.http_status}).") from None
    except Exception as error:  # noqa: BLE001 - whatever the library trips over in an answer, money may have moved
        raise Unclear(f"Stripe's answer could not be understood ({type(error).__name__}).") from None


def _amount(request: RefundRequest) -> int:
    try:
        return to_stripe(request.amount, request.currency)
    except NotInStripe as error:
        raise Declined(str(error)) from None


def _kind(payment: str) -> Literal["payment_intent", "charge"]:
    if payment.startswith("pi_"):
        return "payment_intent"
    if payment.startswith(("ch_", "py_")):
        return "charge"
    raise Declined(f"{payment!r} is no payment of Stripe: those begin with pi_, ch_ or py_.")


def refunds_of(payment: str) -> list[dict[str, Any]]:
    """All refunds of a payment as Stripe tells them, whoever made them. Raises Declined, Unclear."""
    with _only_looking():
        return _listed(_client(), payment)


def refunds_made_since(since: datetime) -> Iterator[dict[str, Any]]:
    """All refunds of the account since then, newest first, page by page. Raises Declined, Unclear."""
    params: RefundListParams = {"limit": 100, "created": {"gte": int(since.timestamp())}}
    with _only_looking(), _allowed_to("read refunds"):
        for refund in _client().v1.refunds.list(params).auto_paging_iter():
            yield refund.to_dict()


def _listed(client: stripe.StripeClient, payment: str) -> list[dict[str, Any]]:
    params: RefundListParams = {"limit": 100}
    params[_kind(payment)] = payment
    with _allowed_to("read refunds"):
        listed = list(islice(client.v1.refunds.list(params).auto_paging_iter(), _MOST_REFUNDS + 1))
    if len(listed) > _MOST_REFUNDS:
        raise Unclear(f"Stripe lists more than {_MOST_REFUNDS} refunds of {payment}.")
    return [refund.to_dict() for refund in listed]


def _refunds_of_payment(client: stripe.StripeClient, request: RefundRequest) -> list[Found]:
    return [_found(refund) for refund in _listed(client, request.payment)]


def _expect_on_record(refunds: list[Found], listed: list[dict[str, Any]], request: RefundRequest) -> None:
    """Refuse while Stripe has refunds of the payment that do not count here yet."""
    unknown = {one.reference for one in strangers(refunds, request)}
    if unknown:
        raise MadeElsewhere([mapping.refund(one) for one in listed if one["id"] in unknown])


def _check_payment(client: stripe.StripeClient, request: RefundRequest, refunds: list[Found]) -> None:
    """Refuse another currency or more than is left: Stripe takes the amount in the payment's currency, unasked."""
    intent = _kind(request.payment) == "payment_intent"
    service = client.v1.payment_intents if intent else client.v1.charges
    with _allowed_to("read charges and payment intents"):
        found = service.retrieve(request.payment).to_dict()
    # Of what was authorised (`amount`) the seller may have captured less; other servers tell no difference.
    captured = found.get("amount_received" if intent else "amount_captured", found.get("amount"))
    match found.get("currency"), captured:
        case str(currency), int(amount):
            paid = Found(request.payment, "", from_stripe(amount, currency.upper()), currency.upper(), alive=True)
        case _:
            raise Unclear(f"Stripe's answer about {request.payment} tells no amount and currency.")
    expect_left(paid, request, refunds)


def _create(client: stripe.StripeClient, request: RefundRequest, amount: int) -> Found:
    # Our reason stays here: Stripe's `reason` is one of three words, and "fraudulent" blocks the customer's card.
    metadata = {"hemi_key": request.key, "hemi_refund": request.number}
    params: RefundCreateParams = {"amount": amount, "metadata": metadata}
    params[_kind(request.payment)] = request.payment
    with _allowed_to("write refunds"):
        return _found(client.v1.refunds.create(params, {"idempotency_key": request.key}).to_dict())


def _found(refund: Mapping[str, Any]) -> Found:
    match refund:
        case {
            "id": str(reference),
            "amount": int(amount),
            "currency": str(currency),
            "status": str(status),
        } if reference and status in _ALIVE:
            key = str((refund.get("metadata") or {}).get("hemi_key", ""))
            code = currency.upper()
            alive, pending = _ALIVE[status], status in mapping.PENDING
            return Found(reference, key, from_stripe(amount, code), code, alive, pending)
    raise Unclear("Stripe answered with something that is not a refund.")


def _words(refusal: stripe.StripeError) -> str:
    words = str(refusal.user_message or "no reason given").replace(settings.STRIPE_API_KEY, "…")[:300]
    return words + (f" ({refusal.code})" if refusal.code else "")
