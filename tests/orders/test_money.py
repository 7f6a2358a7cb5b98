"""Are amounts read, shared out and written exactly?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders import money

AMOUNTS = st.integers(0, 10**9)
CURRENCIES = st.sampled_from(["GBP", "JPY", "KWD"])


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("12.50", "GBP", 1250),
        ("12.5", "EUR", 1250),
        ("0", "GBP", 0),
        ("-0.01", "GBP", -1),
        ("1250", "JPY", 1250),
        ("1250.00", "JPY", 1250),
        ("1.234", "KWD", 1234),
        ("007", "GBP", 700),
        ("10000000000.00", "GBP", money.LARGEST),
    ],
)
def test_decimal_text_is_read_as_minor_units(text: str, currency: str, amount: int) -> None:
    assert money.parse(text, currency) == amount


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("12.505", "GBP"),
        ("1250.5", "JPY"),
        ("1.2345", "KWD"),
        ("12.500000000000000000000000000000001", "GBP"),
        ("0.00" + "0" * 60 + "1", "GBP"),
        ("10000000000.01", "GBP"),
        ("9" * 5000, "GBP"),
        ("", "GBP"),
        (" 1", "GBP"),
        ("1 000", "GBP"),
        ("1,50", "GBP"),
        ("1_000", "GBP"),
        ("1e3", "GBP"),
        (".5", "GBP"),
        ("5.", "GBP"),
        ("NaN", "GBP"),
        ("sNaN", "GBP"),
        ("Infinity", "GBP"),
        ("١٢", "GBP"),
        ("１２", "GBP"),
        ("£5", "GBP"),
        ("5\n", "GBP"),
    ],
)
def test_what_is_not_an_exact_amount_is_refused(text: str, currency: str) -> None:
    with pytest.raises(money.BadAmount):
        money.parse(text, currency)


@pytest.mark.parametrize("number", [12.5, 12, True, None])
def test_numbers_are_refused(number: object) -> None:
    with pytest.raises(money.BadAmount, match="decimal string"):
        money.parse(number, "GBP")  # type: ignore[arg-type]


@pytest.mark.parametrize(("currency", "decimals"), [("GBP", 2), ("JPY", 0), ("KWD", 3), ("UGX", 0), ("TND", 3)])
def test_each_currency_has_its_own_minor_unit(currency: str, decimals: int) -> None:
    assert (money.known(currency), money.digits(currency)) == (True, decimals)


@pytest.mark.parametrize("code", ["", "gbp", "GPB", "XXX", "POUND"])
def test_codes_of_no_currency_are_not_known(code: str) -> None:
    assert not money.known(code)


@given(st.integers(-money.LARGEST, money.LARGEST), CURRENCIES)
def test_what_is_written_is_read_back_the_same(amount: int, currency: str) -> None:
    written = money.text(amount, currency)

    assert money.parse(written, currency) == amount
    assert len(written.partition(".")[2]) == money.digits(currency)


@pytest.mark.parametrize(("part", "whole", "expected"), [(1, 2, 3), (1, 3, 2), (2, 3, 3), (0, 7, 0), (7, 7, 5)])
def test_halves_are_rounded_up(part: int, whole: int, expected: int) -> None:
    assert money.share(5, part, whole) == expected


@given(AMOUNTS, st.integers(1, 10_000), st.data())
def test_refunds_in_any_steps_add_up_to_what_was_paid(paid: int, quantity: int, data: st.DataObject) -> None:
    steps: list[int] = []
    left = quantity
    while left and len(steps) < 50:
        steps.append(data.draw(st.integers(1, left)))
        left -= steps[-1]
    done = refunded = 0
    for step in [*steps, left]:
        part = money.share(paid, done + step, quantity) - money.share(paid, done, quantity)
        assert part >= 0
        done, refunded = done + step, refunded + part

    assert refunded == paid


@given(AMOUNTS, st.lists(AMOUNTS, min_size=1, max_size=60))
def test_shares_add_up_and_follow_their_weights(amount: int, weights: list[int]) -> None:
    parts = money.split(amount, weights)

    assert sum(parts) == amount
    assert len(parts) == len(weights)
    whole = sum(weights)
    if whole:
        assert all(abs(part * whole - amount * weight) <= whole for part, weight in zip(parts, weights, strict=True))
    else:
        assert max(parts) - min(parts) <= 1


@given(st.lists(AMOUNTS, min_size=1, max_size=60), st.data())
def test_a_share_of_no_more_than_the_whole_is_never_more_than_its_weight(
    weights: list[int], data: st.DataObject
) -> None:
    amount = data.draw(st.integers(0, sum(weights)))

    parts = money.split(amount, weights)

    assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (0, "GBP", "0.00"),
        (99999, "GBP", "999.99"),
        (123456789, "EUR", "1,234,567.89"),
        (-123456, "GBP", "\N{MINUS SIGN}1,234.56"),
        (1250, "JPY", "1,250"),
        (1234567, "KWD", "1,234.567"),
    ],
)
def test_people_read_amounts_in_groups_with_a_true_minus(amount: int, currency: str, shown: str) -> None:
    assert money.shown(amount, currency) == shown


@pytest.mark.parametrize(
    ("typed", "currency", "amount"),
    [
        *(("99,50", "GBP", 9950), ("99.50", "GBP", 9950), (" 12,5 ", "GBP", 1250), ("7", "GBP", 700)),
        *(("1 250,00", "EUR", 125000), ("1\u202f250,00", "EUR", 125000), ("1.250,00", "EUR", 125000)),
        *(("1,250.00", "GBP", 125000), ("1.250.000,5", "EUR", 125000050), ("1.250,500", "KWD", 1250500)),
    ],
)
def test_what_people_type_is_understood_with_a_comma_a_point_or_blanks(typed: str, currency: str, amount: int) -> None:
    assert money.parse_typed(typed, currency) == amount


@pytest.mark.parametrize("typed", ["1,250", "1.25.0", "1,2,3", "12,50.1", "1.25,00", "abc", ""])
def test_what_may_mean_two_amounts_is_refused(typed: str) -> None:
    with pytest.raises(money.BadAmount):
        money.parse_typed(typed, "GBP")
