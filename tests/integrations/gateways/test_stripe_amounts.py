"""Are amounts the same money in Stripe's units as in ours?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.gateways.stripe.amounts import NotInStripe, from_stripe, smallest, to_stripe


@pytest.mark.parametrize(
    ("amount", "currency", "at_stripe"),
    [
        (1099, "USD", 1099),
        (500, "JPY", 500),
        (5, "ISK", 500),
        (5, "UGX", 500),
        (1045, "HUF", 1045),
        (80045, "TWD", 80045),
        (5120, "KWD", 5120),
        (500, "MGA", 5),
    ],
)
def test_the_same_money_in_both_units(amount: int, currency: str, at_stripe: int) -> None:
    assert to_stripe(amount, currency) == at_stripe
    assert from_stripe(at_stripe, currency) == amount


@pytest.mark.parametrize(("amount", "currency"), [(5124, "KWD"), (501, "MGA"), (1234, "IQD")])
def test_what_stripe_cannot_pay_exactly_is_refused_and_never_rounded(amount: int, currency: str) -> None:
    with pytest.raises(NotInStripe):
        to_stripe(amount, currency)


def test_a_fraction_of_a_krona_is_no_amount() -> None:
    with pytest.raises(NotInStripe):
        from_stripe(550, "ISK")


@given(amount=st.integers(1, 10**9), currency=st.sampled_from(["GBP", "JPY", "ISK", "UGX", "KWD", "MGA", "IQD"]))
def test_multiples_of_the_smallest_amount_and_nothing_else_can_be_paid(amount: int, currency: str) -> None:
    to_stripe(amount * smallest(currency), currency)

    if amount % smallest(currency):
        with pytest.raises(NotInStripe):
            to_stripe(amount, currency)


@given(amount=st.integers(1, 10**12), currency=st.sampled_from(["GBP", "JPY", "ISK", "UGX", "KWD", "MGA", "HUF"]))
def test_what_can_be_sent_comes_back_unchanged(amount: int, currency: str) -> None:
    try:
        sent = to_stripe(amount, currency)
    except NotInStripe:
        return
    assert from_stripe(sent, currency) == amount
