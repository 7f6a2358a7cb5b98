"""What must every gateway do, whatever its provider does? Each case is run against each of them."""

import traceback
from collections.abc import Callable
from dataclasses import replace

import pytest
from pytest_django import Settings

from refunds.gateway import Declined, NotSetUp, OtherCurrency, Receipt, RefundRequest, Unclear
from tests.integrations.gateways.provider import Provider

Case = Callable[[Provider, Settings], None]
CASES: list[Case] = []


def case(function: Case) -> Case:
    """Mark a function as one that every gateway must pass."""
    CASES.append(function)
    return function


def request_for(
    provider: Provider, *, key: str = "key-1", amount: int = 1999, currency: str = "GBP", payment: str | None = None
) -> RefundRequest:
    """A refund of 19.99 GBP; what carries a key of ours so far is on record."""
    return RefundRequest(
        key=f"{provider.payment}-{key}",
        number="WEB-1001-R1",
        payment=payment or provider.payment,
        amount=amount,
        currency=currency,
        reason="Out of stock",
        on_record=frozenset(key for key, _, _ in provider.paid_back() if key),
    )


def refused(kind: type[Exception], call: Callable[[RefundRequest], object], asked: RefundRequest, key: str) -> str:
    """The call raises this error, and the error shows the API key nowhere, its traceback included."""
    with pytest.raises(kind) as caught:
        call(asked)
    assert key not in "".join(traceback.format_exception(caught.value))
    return str(caught.value)


@case
def a_refund_is_paid_and_gives_its_receipt(provider: Provider, settings: Settings) -> None:
    provider.pay(5997, "GBP")
    asked = request_for(provider)

    receipt = provider.gateway.refund(asked)

    assert (receipt.amount, receipt.currency) == (1999, "GBP")
    assert receipt.reference
    assert provider.gateway.find(asked) == receipt
    assert provider.paid_back() == [(asked.key, 1999, "GBP")]


@case
def the_same_key_twice_pays_once(provider: Provider, settings: Settings) -> None:
    provider.pay(5997, "GBP")
    asked = request_for(provider)

    first, second = provider.gateway.refund(asked), provider.gateway.refund(asked)

    assert first == second
    assert provider.paid_back() == [(asked.key, 1999, "GBP")]


@case
def two_keys_are_two_refunds(provider: Provider, settings: Settings) -> None:
    provider.pay(5997, "GBP")
    one = request_for(provider, key="one")
    first = provider.gateway.refund(one)
    two = request_for(provider, key="two")

    receipts = [first, provider.gateway.refund(two)]

    assert [provider.gateway.find(one), provider.gateway.find(two)] == receipts
    assert provider.paid_back() == [(one.key, 1999, "GBP"), (two.key, 1999, "GBP")]


@case
def a_refusal_is_declined_and_moves_nothing(provider: Provider, settings: Settings) -> None:
    provider.pay(5997, "GBP")
    provider.misbehave("decline")
    asked = request_for(provider)

    refused(Declined, provider.gateway.refund, asked, provider.key)

    assert provider.gateway.find(asked) is None
    assert provider.paid_back() == []


@case
def a_payment_that_does_not_exist_is_declined(provider: Provider, settings: Settings) -> None:
    asked = request_for(provider)

    refused(Declined, provider.gateway.refund, asked, provider.key)

    assert provider.paid_back() == []


@case
def more_than_is_left_is_declined(provider: Provider, settings: Settings) -> None:
    provider.pay(5997, "GBP")
    provider.gateway.refund(request_for(provider, key="first", amount=4000))

    refused(Declined, provider.gateway.refund, request_for(provider, amount=1998), provider.key)

    assert [amount for _, amount, _ in provider.paid_back()] == [4000]


@case
def of_a_payment_captured_in_part_only_that_part_goes_back(provider: Provider, settings: Settings) -> None:
    provider.pay(5997, "GBP", captured=2000)
    first = request_for(provider, key="first", amount=1500)
    provider.gateway.refund(first)

    refused(Declined, provider.gateway.refund, request_for(provider, amount=501), provider.key)

    assert provider.paid_back() == [(first.key, 1500, "GBP")]


@case
def another_currency_than_the_payments_is_declined(provider: Provider, settings: Settings) -> None:
    provider.pay(5997, "GBP")

    refused(OtherCurrency, provider.gateway.refund, request_for(provider, currency="EUR"), provider.key)

    assert provider.paid_back() == []


def _paid_but_unclear(provider: Provider, do: str) -> None:
    provider.pay(1999, "GBP")
    provider.misbehave(do)
    asked = request_for(provider)

    refused(Unclear, provider.gateway.refund, asked, provider.key)

    receipt = provider.gateway.find(asked)
    assert isinstance(receipt, Receipt)
    assert (receipt.amount, receipt.currency) == (1999, "GBP")
    assert provider.paid_back() == [(asked.key, 1999, "GBP")]


@case
def a_late_answer_after_paying_is_unclear_until_found(provider: Provider, settings: Settings) -> None:
    settings.PAYMENT_TIMEOUT_SECONDS = 2
    _paid_but_unclear(provider, "late")


@case
def an_error_after_paying_is_unclear_until_found(provider: Provider, settings: Settings) -> None:
    _paid_but_unclear(provider, "error_after_paying")


@case
def a_connection_closed_after_paying_is_unclear_until_found(provider: Provider, settings: Settings) -> None:
    _paid_but_unclear(provider, "close_after_paying")


@case
def nonsense_after_paying_is_unclear_until_found(provider: Provider, settings: Settings) -> None:
    _paid_but_unclear(provider, "nonsense")


@case
def another_amount_in_the_answer_is_unclear_until_found(provider: Provider, settings: Settings) -> None:
    _paid_but_unclear(provider, "wrong_amount")


@case
def paid_before_and_keys_forgotten_gives_the_first_receipt(provider: Provider, settings: Settings) -> None:
    provider.pay(1999, "GBP")
    provider.misbehave("close_after_paying")
    asked = request_for(provider)
    refused(Unclear, provider.gateway.refund, asked, provider.key)
    provider.misbehave("ignore_keys", times=None)

    receipt = provider.gateway.refund(asked)

    assert receipt == provider.gateway.find(asked)
    assert provider.paid_back() == [(asked.key, 1999, "GBP")]


@case
def an_error_before_paying_is_unclear_and_nothing_is_found(provider: Provider, settings: Settings) -> None:
    provider.pay(5997, "GBP")
    provider.misbehave("error_before_paying")
    asked = request_for(provider)

    refused(Unclear, provider.gateway.refund, asked, provider.key)

    assert provider.gateway.find(asked) is None
    assert provider.paid_back() == []


@case
def a_connection_closed_before_paying_can_be_sent_again(provider: Provider, settings: Settings) -> None:
    provider.pay(5997, "GBP")
    provider.misbehave("close_before_paying")
    asked = request_for(provider)
    refused(Unclear, provider.gateway.refund, asked, provider.key)
    assert provider.gateway.find(asked) is None

    receipt = provider.gateway.refund(asked)

    assert provider.gateway.find(asked) == receipt
    assert provider.paid_back() == [(asked.key, 1999, "GBP")]


@case
def a_refund_never_sent_is_not_found(provider: Provider, settings: Settings) -> None:
    provider.pay(5997, "GBP")
    provider.gateway.refund(request_for(provider, key="another"))

    assert provider.gateway.find(request_for(provider)) is None


@case
def a_provider_that_cannot_be_asked_leaves_it_unclear(provider: Provider, settings: Settings) -> None:
    provider.pay(5997, "GBP")
    asked = request_for(provider)
    provider.gateway.refund(asked)

    settings.PAYMENT_TIMEOUT_SECONDS = 2
    for do in ("error", "close", "nonsense", "late", "wrong_amount"):
        provider.misbehave(do, on="find")
        refused(Unclear, provider.gateway.find, asked, provider.key)

    assert provider.gateway.find(asked) is not None
    assert provider.paid_back() == [(asked.key, 1999, "GBP")]


@case
def a_refund_that_is_accepted_and_not_paid_yet_is_pending_until_it_is(provider: Provider, settings: Settings) -> None:
    provider.pay(5997, "GBP")
    provider.misbehave("pending")
    asked = request_for(provider)

    accepted = provider.gateway.refund(asked)

    assert (accepted.pending, provider.gateway.find(asked)) == (True, accepted)
    assert provider.gateway.refund(asked) == accepted
    provider.succeed()
    assert provider.gateway.find(asked) == replace(accepted, pending=False)
    assert provider.paid_back() == [(asked.key, 1999, "GBP")]


@case
def a_pending_refund_that_fails_is_declined_when_asked_for(provider: Provider, settings: Settings) -> None:
    provider.pay(5997, "GBP")
    provider.misbehave("pending")
    asked = request_for(provider)
    provider.gateway.refund(asked)
    provider.fail_later()

    refused(Declined, provider.gateway.find, asked, provider.key)


@case
def a_refund_that_came_back_is_declined_when_asked_for(provider: Provider, settings: Settings) -> None:
    provider.pay(5997, "GBP")
    asked = request_for(provider)
    provider.gateway.refund(asked)
    provider.fail_later()

    refused(Declined, provider.gateway.find, asked, provider.key)

    assert provider.paid_back() == [(asked.key, 1999, "GBP")]


@case
def a_wrong_key_fails_the_refund_leaves_a_doubt_and_is_shown_nowhere(provider: Provider, settings: Settings) -> None:
    provider.pay(5997, "GBP")
    settings.PAYMENT_SANDBOX_KEY = settings.STRIPE_API_KEY = settings.PAYPAL_CLIENT_SECRET = "sk_wr0ngwr0ngwr0ng"

    refused(NotSetUp, provider.gateway.refund, request_for(provider), "sk_wr0ngwr0ngwr0ng")
    refused(Unclear, provider.gateway.find, request_for(provider), "sk_wr0ngwr0ngwr0ng")

    assert provider.paid_back() == []


@case
def a_server_that_is_gone_is_unclear(provider: Provider, settings: Settings) -> None:
    settings.PAYMENT_SANDBOX_URL = settings.STRIPE_API_BASE = settings.PAYPAL_API_BASE = "http://127.0.0.1:1"

    for call in (provider.gateway.refund, provider.gateway.find):
        refused(Unclear, call, request_for(provider), provider.key)


@case
def plain_http_to_another_machine_is_never_spoken(provider: Provider, settings: Settings) -> None:
    settings.PAYMENT_SANDBOX_URL = settings.STRIPE_API_BASE = settings.PAYPAL_API_BASE = "http://192.0.2.1"

    for call in (provider.gateway.refund, provider.gateway.find):
        assert "Nothing was sent" in refused(Unclear, call, request_for(provider), provider.key)
