"""What is peculiar to Stripe?"""

from dataclasses import replace

import pytest
from pytest_django import Settings

from integrations.gateways.stripe.gateway import StripeGateway
from refunds.gateway import Declined, Unclear
from tests.integrations.gateways.fake_stripe import FakeStripe
from tests.integrations.gateways.provider import Stripe
from tests.integrations.gateways.suite import request_for


def test_stripe_is_told_the_payment_the_amount_and_our_key_and_no_reason(stripe_provider: Stripe) -> None:
    stripe_provider.pay(5997, "GBP")
    asked = request_for(stripe_provider)

    stripe_provider.gateway.refund(asked)

    assert stripe_provider.server.posted == [
        {
            "amount": "1999",
            "payment_intent": stripe_provider.payment,
            "metadata[hemi_key]": asked.key,
            "metadata[hemi_refund]": "WEB-1001-R1",
        }
    ]
    assert list(stripe_provider.server.remembered) == [asked.key]


@pytest.mark.parametrize("payment", ["ch_1", "py_1"])
def test_a_charge_is_refunded_as_a_charge(stripe_provider: Stripe, payment: str) -> None:
    stripe_provider.payment = payment
    stripe_provider.pay(5997, "GBP")

    stripe_provider.gateway.refund(request_for(stripe_provider))

    assert [form["charge"] for form in stripe_provider.server.posted] == [payment]


@pytest.mark.parametrize("status", ["pending", "requires_action", "succeeded"])
def test_what_stripe_has_accepted_is_on_its_way(stripe_provider: Stripe, status: str) -> None:
    stripe_provider.server.status = status
    stripe_provider.pay(5997, "GBP")
    asked = request_for(stripe_provider)

    receipt = stripe_provider.gateway.refund(asked)

    assert (receipt.reference, receipt.amount, receipt.currency) == ("re_1", 1999, "GBP")
    assert stripe_provider.gateway.find(asked) == receipt


@pytest.mark.parametrize("status", ["failed", "canceled"])
def test_what_stripe_could_not_pay_is_declined(stripe_provider: Stripe, status: str) -> None:
    stripe_provider.server.status = status
    stripe_provider.pay(5997, "GBP")
    asked = request_for(stripe_provider)

    with pytest.raises(Declined):
        stripe_provider.gateway.refund(asked)
    with pytest.raises(Declined):
        stripe_provider.gateway.find(asked)


def test_a_status_that_stripe_invents_is_unclear(stripe_provider: Stripe) -> None:
    stripe_provider.server.status = "daydreaming"
    stripe_provider.pay(5997, "GBP")

    with pytest.raises(Unclear):
        stripe_provider.gateway.refund(request_for(stripe_provider))


@pytest.mark.parametrize("names", ["re_\x00", "\ud800"], ids=ascii)
def test_a_receipt_that_cannot_be_stored_is_unclear(stripe_provider: Stripe, names: str) -> None:
    stripe_provider.server.names = names
    stripe_provider.pay(5997, "GBP")
    asked = request_for(stripe_provider)

    for ask in (stripe_provider.gateway.refund, stripe_provider.gateway.find):
        with pytest.raises(Unclear, match="cannot be stored"):
            ask(asked)


def test_nothing_left_is_declined_and_nothing_is_sent(stripe_provider: Stripe) -> None:
    stripe_provider.pay(1999, "GBP")
    refund = stripe_provider.server.book(stripe_provider.payment, 1999, None)

    with pytest.raises(Declined, match=r"Only 0\.00 GBP of pi_\w+ is left to refund"):
        stripe_provider.gateway.refund(replace(request_for(stripe_provider), on_record=frozenset({refund["id"]})))

    assert stripe_provider.server.posted == []


def test_already_refunded_by_our_own_other_sending_gives_its_receipt(stripe_provider: Stripe) -> None:
    stripe_provider.pay(1999, "GBP")
    asked = request_for(stripe_provider)
    stripe_provider.server.book(stripe_provider.payment, 1999, asked.key)
    stripe_provider.server.empty_lists = 1

    receipt = stripe_provider.gateway.refund(asked)

    assert receipt.reference == "re_1"
    assert stripe_provider.paid_back() == [(asked.key, 1999, "GBP")]
    assert len(stripe_provider.server.posted) == 1


def test_already_refunded_by_others_meanwhile_is_declined(stripe_provider: Stripe) -> None:
    stripe_provider.pay(1999, "GBP")
    stripe_provider.server.book(stripe_provider.payment, 1999, None)
    stripe_provider.server.empty_lists = 1

    with pytest.raises(Declined, match="charge_already_refunded"):
        stripe_provider.gateway.refund(request_for(stripe_provider))

    assert [refund["id"] for refund in stripe_provider.server.refunds] == ["re_1"]


def test_what_came_back_can_be_refunded_again_under_another_key(stripe_provider: Stripe) -> None:
    stripe_provider.pay(1999, "GBP")
    stripe_provider.gateway.refund(request_for(stripe_provider, key="first"))
    stripe_provider.fail_later()

    receipt = stripe_provider.gateway.refund(request_for(stripe_provider, key="second"))

    assert receipt.reference == "re_2"


def test_ours_is_found_on_a_later_page(stripe_provider: Stripe) -> None:
    stripe_provider.server.pages_of = 2
    stripe_provider.pay(9_999_999, "GBP")
    asked = request_for(stripe_provider)
    receipt = stripe_provider.gateway.refund(asked)
    for _ in range(5):
        stripe_provider.server.book(stripe_provider.payment, 100, None)

    assert stripe_provider.gateway.find(asked) == receipt


def test_a_refund_already_there_is_not_sent_though_stripe_would_pay_again(stripe_provider: Stripe) -> None:
    stripe_provider.pay(1999, "GBP")
    stripe_provider.misbehave("ignore_keys", times=None)
    stripe_provider.misbehave("allow_overpay", times=None)
    asked = request_for(stripe_provider)

    receipts = [stripe_provider.gateway.refund(asked) for _ in range(3)]

    assert receipts == [receipts[0]] * 3
    assert len(stripe_provider.server.posted) == 1


def test_more_than_is_left_is_not_sent_though_stripe_would_pay_it(stripe_provider: Stripe) -> None:
    stripe_provider.pay(1999, "GBP")
    stripe_provider.misbehave("allow_overpay", times=None)

    with pytest.raises(Declined, match=r"Only 19\.99 GBP"):
        stripe_provider.gateway.refund(request_for(stripe_provider, amount=2000))

    assert stripe_provider.server.posted == []


@pytest.mark.parametrize("payment", ["pi_1", "ch_1"])
def test_more_than_was_captured_is_not_sent_though_stripe_would_pay_it(stripe_provider: Stripe, payment: str) -> None:
    stripe_provider.payment = payment
    stripe_provider.pay(5997, "GBP", captured=2000)
    stripe_provider.misbehave("allow_overpay", times=None)

    with pytest.raises(Declined, match=r"Only 20\.00 GBP"):
        stripe_provider.gateway.refund(request_for(stripe_provider, amount=2001))

    assert stripe_provider.server.posted == []


def test_a_payment_that_this_account_does_not_know_stays_unclear_when_asked_for(stripe_provider: Stripe) -> None:
    with pytest.raises(Unclear):
        stripe_provider.gateway.find(request_for(stripe_provider))


def test_a_reference_of_another_provider_is_declined_unsent(stripe_provider: Stripe) -> None:
    with pytest.raises(Declined, match="no payment of Stripe"):
        stripe_provider.gateway.refund(request_for(stripe_provider, payment="PAYID-1"))

    assert stripe_provider.server.posted == []


def test_without_a_key_nothing_is_sent(stripe_provider: Stripe, settings: Settings) -> None:
    settings.STRIPE_API_KEY = ""

    with pytest.raises(Unclear, match="STRIPE_API_KEY is not set"):
        StripeGateway().refund(request_for(stripe_provider))

    assert stripe_provider.server.posted == []


@pytest.mark.parametrize(
    ("currency", "amount", "paid", "sent"),
    [("JPY", 500, 500, "500"), ("ISK", 5, 500, "500"), ("KWD", 5120, 9000, "5120"), ("GBP", 1, 1, "1")],
)
def test_amounts_are_sent_in_stripes_units_and_come_back_in_ours(
    stripe_provider: Stripe, currency: str, amount: int, paid: int, sent: str
) -> None:
    stripe_provider.pay(paid, currency)

    receipt = stripe_provider.gateway.refund(request_for(stripe_provider, amount=amount, currency=currency))

    assert (receipt.amount, receipt.currency) == (amount, currency)
    assert [form["amount"] for form in stripe_provider.server.posted] == [sent]


def test_an_amount_that_stripe_cannot_pay_exactly_is_declined_unsent(stripe_provider: Stripe) -> None:
    stripe_provider.pay(9000, "KWD")

    with pytest.raises(Declined, match=r"exactly 5\.124 KWD"):
        stripe_provider.gateway.refund(request_for(stripe_provider, amount=5124, currency="KWD"))

    assert stripe_provider.server.posted == []


def test_the_fake_forgets_no_answer_not_even_a_500(stripe_provider: Stripe, stripe_server: FakeStripe) -> None:
    stripe_provider.pay(5997, "GBP")
    stripe_provider.misbehave("error_before_paying")
    asked = request_for(stripe_provider)

    for _ in range(2):
        with pytest.raises(Unclear):
            stripe_provider.gateway.refund(asked)

    assert stripe_server.refunds == []


def test_nothing_is_sent_when_it_took_too_long_to_see_what_was_paid(
    stripe_provider: Stripe, settings: Settings
) -> None:
    stripe_provider.pay(5997, "GBP")
    server, settings.PAYMENT_TIMEOUT_SECONDS = stripe_provider.server, 1
    known = frozenset(server.book(stripe_provider.payment, 1, None)["id"] for _ in range(4))
    # Each page comes in time, all of them together do not.
    server.pages_of = 1
    server.switches.add({"on": "find", "do": "late", "times": 4, "seconds": 0.6})

    with pytest.raises(Unclear, match="nothing was sent"):
        stripe_provider.gateway.refund(replace(request_for(stripe_provider), on_record=known))

    assert server.posted == []
