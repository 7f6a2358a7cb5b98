"""What is peculiar to the sandbox provider?"""

import pytest
from pytest_django import Settings

from refunds.gateway import Unclear
from tests.integrations.gateways.provider import Sandbox
from tests.integrations.gateways.suite import request_for


def test_a_refund_that_was_paid_twice_needs_a_person(sandbox: Sandbox, settings: Settings) -> None:
    sandbox.pay(5997, "GBP")
    sandbox.misbehave("ignore_keys", times=None)
    asked = request_for(sandbox)
    sandbox.gateway.refund(asked)
    sandbox.gateway.refund(asked)

    with pytest.raises(Unclear, match="paid more than once"):
        sandbox.gateway.find(asked)

    assert sandbox.paid_back() == [(asked.key, 1999, "GBP"), (asked.key, 1999, "GBP")]


def test_other_parameters_under_our_key_are_unclear(sandbox: Sandbox, settings: Settings) -> None:
    sandbox.pay(5997, "GBP")
    sandbox.gateway.refund(request_for(sandbox))

    with pytest.raises(Unclear, match="HTTP 409"):
        sandbox.gateway.refund(request_for(sandbox, amount=2000))

    assert [amount for _, amount, _ in sandbox.paid_back()] == [1999]


def test_a_provider_that_still_thinks_about_it_is_unclear_and_has_nothing_yet(
    sandbox: Sandbox, settings: Settings
) -> None:
    sandbox.pay(5997, "GBP")
    settings.PAYMENT_TIMEOUT_SECONDS = 2
    sandbox.misbehave("pay_late")
    asked = request_for(sandbox)

    with pytest.raises(Unclear):
        sandbox.gateway.refund(asked)

    assert sandbox.gateway.find(asked) is None
    assert sandbox.paid_back() == []
