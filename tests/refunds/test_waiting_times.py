"""Is an attempt over before anybody asks about it? (docs/decisions/0012)"""

from django.conf import settings

CALLS = 4
"""Two questions, the sending, and one more question when it was refused."""


def test_a_claim_lasts_longer_than_all_the_calls_of_an_attempt() -> None:
    assert settings.REFUND_LEASE_SECONDS - CALLS * settings.PAYMENT_TIMEOUT_SECONDS >= 40


def test_the_provider_is_left_alone_for_several_time_outs() -> None:
    assert settings.REFUND_QUIET_SECONDS >= 3 * settings.PAYMENT_TIMEOUT_SECONDS
