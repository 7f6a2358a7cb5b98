"""What must every gateway do about refunds that were made at its provider past us? (cases of the shared suite)"""

from dataclasses import replace

import pytest
from pytest_django import Settings

from refunds.gateway import MadeElsewhere
from tests.integrations.gateways.provider import Provider
from tests.integrations.gateways.suite import request_for


def a_refund_made_elsewhere_stops_the_sending_and_is_told(provider: Provider, settings: Settings) -> None:
    provider.pay(5997, "GBP")
    provider.refund_elsewhere(1999, "GBP")
    asked = request_for(provider)

    with pytest.raises(MadeElsewhere) as caught:
        provider.gateway.refund(asked)

    assert provider.paid_back() == [("", 1999, "GBP")]
    [told] = caught.value.refunds
    assert (told.amount, told.currency, told.key, told.dead) == (1999, "GBP", "", False)
    known = replace(asked, on_record=frozenset({told.reference}))
    assert provider.gateway.refund(known) == provider.gateway.find(asked)
    assert [amount for _, amount, _ in provider.paid_back()] == [1999, 1999]


def a_refund_of_ours_that_is_not_on_record_stops_the_sending_too(provider: Provider, settings: Settings) -> None:
    provider.pay(5997, "GBP")
    given_up = request_for(provider, key="given-up")
    provider.gateway.refund(given_up)

    with pytest.raises(MadeElsewhere) as caught:
        provider.gateway.refund(replace(request_for(provider), on_record=frozenset()))

    assert [one.key for one in caught.value.refunds] == [given_up.key]
    assert provider.paid_back() == [(given_up.key, 1999, "GBP")]


def a_refund_made_elsewhere_that_failed_stops_nothing(provider: Provider, settings: Settings) -> None:
    provider.pay(5997, "GBP")
    provider.refund_elsewhere(1999, "GBP")
    provider.fail_later()

    assert provider.gateway.refund(request_for(provider)).amount == 1999


CASES_ELSEWHERE = (
    a_refund_made_elsewhere_stops_the_sending_and_is_told,
    a_refund_of_ours_that_is_not_on_record_stops_the_sending_too,
    a_refund_made_elsewhere_that_failed_stops_nothing,
)
