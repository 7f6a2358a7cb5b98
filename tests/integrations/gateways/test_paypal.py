"""What is peculiar to PayPal?"""

import pytest
from pytest_django import Settings

from integrations.gateways.paypal.amounts import NotInPayPal, from_paypal, smallest, to_paypal
from integrations.gateways.paypal.gateway import PayPalGateway
from refunds.gateway import Declined, NotSetUp, Unclear
from tests.integrations.gateways.provider import PayPal
from tests.integrations.gateways.suite import request_for


def test_paypal_is_sent_the_amount_our_key_and_the_customers_reason(paypal_provider: PayPal) -> None:
    paypal_provider.pay(5997, "GBP")
    asked = request_for(paypal_provider)

    paypal_provider.gateway.refund(asked)

    assert paypal_provider.server.posted == [
        {
            "amount": {"currency_code": "GBP", "value": "19.99"},
            "custom_id": asked.key,
            "note_to_payer": "Out of stock",
        }
    ]
    assert list(paypal_provider.server.remembered) == [asked.key]


@pytest.mark.parametrize(
    ("amount", "currency", "written", "least"),
    [(1999, "GBP", "19.99", 1), (5, "EUR", "0.05", 1), (199900, "HUF", "1999", 100), (700, "JPY", "700", 1)],
)
def test_amounts_are_written_with_as_many_decimals_as_paypal_takes(
    amount: int, currency: str, written: str, least: int
) -> None:
    assert to_paypal(amount, currency) == written
    assert from_paypal(written, currency) == amount
    assert smallest(currency) == least


def test_an_amount_that_paypal_cannot_pay_is_refused_before_anything_is_sent(paypal_provider: PayPal) -> None:
    with pytest.raises(NotInPayPal):
        to_paypal(199950, "HUF")
    with pytest.raises(NotInPayPal):
        from_paypal("1.999", "GBP")
    with pytest.raises(Declined, match=r"PayPal cannot pay exactly 1,?999\.50 HUF"):
        paypal_provider.gateway.refund(request_for(paypal_provider, amount=199950, currency="HUF"))


def test_what_paypal_could_not_pay_is_declined(paypal_provider: PayPal) -> None:
    paypal_provider.server.status = "FAILED"
    paypal_provider.pay(5997, "GBP")
    asked = request_for(paypal_provider)

    for call in (paypal_provider.gateway.refund, paypal_provider.gateway.find):
        with pytest.raises(Declined):
            call(asked)


@pytest.mark.parametrize("status", ["PENDING", "DECLINED", "FAILED"])
def test_of_a_payment_that_is_not_captured_nothing_goes_back(paypal_provider: PayPal, status: str) -> None:
    paypal_provider.pay(5997, "GBP")
    paypal_provider.server.captures[paypal_provider.payment]["status"] = status

    with pytest.raises(Declined, match=r"Only 0\.00 GBP"):
        paypal_provider.gateway.refund(request_for(paypal_provider))

    assert paypal_provider.paid_back() == []


def test_refunds_of_another_payment_of_the_same_paypal_order_are_not_this_payments(paypal_provider: PayPal) -> None:
    paypal_provider.pay(1999, "GBP")
    server, asked = paypal_provider.server, request_for(paypal_provider)
    server.captures["8MC585209K746392H"] = {**server.captures[paypal_provider.payment], "id": "8MC585209K746392H"}
    server.order_of["8MC585209K746392H"] = server.order_of[paypal_provider.payment]
    server.book("8MC585209K746392H", {"currency_code": "GBP", "value": "19.99"})

    assert paypal_provider.gateway.find(asked) is None
    assert paypal_provider.gateway.refund(asked).amount == 1999


def test_a_payment_without_an_order_is_left_to_people(paypal_provider: PayPal) -> None:
    paypal_provider.pay(5997, "GBP")
    paypal_provider.server.order_of.clear()
    asked = request_for(paypal_provider)

    with pytest.raises(Declined, match="Refund it in PayPal, then record the payment here"):
        paypal_provider.gateway.refund(asked)
    with pytest.raises(Unclear):
        paypal_provider.gateway.find(asked)

    assert paypal_provider.paid_back() == []


@pytest.mark.parametrize("payment", ["pi_1", "../../v1/oauth2/token", "A B", "", "9" * 41])
def test_what_is_no_payment_of_paypal_is_never_asked_for(paypal_provider: PayPal, payment: str) -> None:
    paypal_provider.payment = payment or "x"

    with pytest.raises(Declined, match="is no capture of PayPal"):
        paypal_provider.gateway.refund(request_for(paypal_provider))


@pytest.mark.parametrize(
    ("forbidden", "right"),
    [("GET /v2/payments", "read payments and orders"), ("POST /v2/payments", "refund payments")],
)
def test_a_missing_right_is_named(paypal_provider: PayPal, forbidden: str, right: str) -> None:
    paypal_provider.pay(5997, "GBP")
    paypal_provider.server.forbidden = {forbidden}

    with pytest.raises(NotSetUp, match=right):
        paypal_provider.gateway.refund(request_for(paypal_provider))

    assert paypal_provider.paid_back() == []


def test_without_credentials_nothing_is_attempted(settings: Settings) -> None:
    settings.PAYPAL_CLIENT_ID, settings.PAYPAL_CLIENT_SECRET = "", ""
    assert PayPalGateway().missing() == "PAYPAL_CLIENT_ID and PAYPAL_CLIENT_SECRET are not set."

    settings.PAYPAL_CLIENT_ID = "A"
    assert PayPalGateway().missing() == "PAYPAL_CLIENT_SECRET is not set."
