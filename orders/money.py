"""How is money counted, shared out, read and written?

Inside the product an amount is a whole number of the currency's minor units (pence, yen, fils) beside an
ISO 4217 code; text and decimals exist only at the doors. Halves are rounded away from zero.
"""

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from iso4217 import Currency

LARGEST = 10**12
"""No single amount is larger (in minor units); it keeps every product with a quantity within 64 bits."""

PRICE_DECIMALS = 6
"""So many decimals the price of one unit may have; shops that price without tax send more than the currency has."""

# Units of account and funds have a code, but nobody pays in them.
_FUNDS = frozenset({"BOV", "CHE", "CHW", "CLF", "COU", "MXV", "USN", "UYW", "XAD"})
_DIGITS = {one.code: one.exponent for one in Currency if one.exponent is not None and one.code not in _FUNDS}
_EXACT = re.compile(r"-?[0-9]+(\.[0-9]+)?")
# With both signs there is no doubt which of them groups.
_POINTS_GROUP = re.compile(r"-?[0-9]{1,3}(\.[0-9]{3})+,[0-9]{1,3}")
_COMMAS_GROUP = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+\.[0-9]{1,3}")


class BadAmount(ValueError):
    """A text that is not an exact amount of its currency; the message is a sentence for people."""


def known(currency: str) -> bool:
    """Whether this is a currency that is in use, by its ISO 4217 code."""
    return currency in _DIGITS


def choices() -> list[tuple[str, str]]:
    """The currencies that are in use, by code, each with its name."""
    return sorted((one.code, f"{one.code} · {one.currency_name}") for one in Currency if one.code in _DIGITS)


def digits(currency: str) -> int:
    """How many decimals the currency's minor unit has: GBP 2, JPY 0, KWD 3."""
    return _DIGITS.get(currency, 2)


def with_digits(number: int) -> list[str]:
    """The currencies whose minor unit has this many decimals."""
    return sorted(currency for currency, digits in _DIGITS.items() if digits == number)


def parse(text: str, currency: str) -> int:
    """Read a decimal string such as "12.50" as minor units. Raises BadAmount; never rounds."""
    scaled = _exact(text, currency)
    if scaled != scaled.to_integral_value():
        raise BadAmount(f"{text!r} has more decimals than {currency} has ({digits(currency)})")
    return int(scaled)


def parse_price(text: str, currency: str) -> tuple[int, str]:
    """Read the price of one unit: rounded to minor units, and the exact text where it has more decimals, else "".

    Only what a whole line costs is money that somebody pays. Raises BadAmount.
    """
    scaled = _exact(text, currency)
    exact = scaled.scaleb(-digits(currency)).normalize()
    if -int(exact.as_tuple().exponent) > PRICE_DECIMALS:
        raise BadAmount(f"{text!r} has more decimals than a price may have ({PRICE_DECIMALS})")
    rounded = _rounded(scaled)
    return rounded, "" if rounded == scaled else f"{exact:f}"


def line_cost(price: int, exact: str, quantity: int, currency: str) -> int:
    """What this many units cost: by the exact price, where one is given, rounded only now."""
    if not exact:
        return price * quantity
    return _rounded(Decimal(exact).scaleb(digits(currency)) * quantity)


def _rounded(amount: Decimal) -> int:
    return int(amount.to_integral_value(ROUND_HALF_UP))


def _exact(text: str, currency: str) -> Decimal:
    if not isinstance(text, str):
        raise BadAmount(f'{text!r} is not an amount: send a decimal string such as "12.50"')
    if not _EXACT.fullmatch(text):
        raise BadAmount(f"{text[:60]!r} is not an amount. Enter the amount like 99.50.")
    # Decimals keep 28 digits; a longer text would be rounded before it could be refused.
    if len(text) > 28:
        raise BadAmount(f"{text[:60]!r} is longer than any amount this system keeps")
    scaled = Decimal(text).scaleb(digits(currency))
    if abs(scaled) > LARGEST:
        raise BadAmount(f"{text!r} is larger than any amount this system keeps")
    return scaled


def parse_typed(text: str, currency: str) -> int:
    """The same for what a person typed: "99,50", "1 250,00", "1.250,00" and "1,250.00" are understood."""
    text = "".join(text.split())
    if _POINTS_GROUP.fullmatch(text):
        text = text.replace(".", "").replace(",", ".")
    elif _COMMAS_GROUP.fullmatch(text):
        text = text.replace(",", "")
    whole, comma, decimals = text.partition(",")
    # "1,250" may mean either: it is refused like every other text that is no exact amount.
    meant = f"{whole}.{decimals}" if comma and len(decimals) <= min(digits(currency), 2) else text
    return parse(meant, currency)


def text(amount: int, currency: str) -> str:
    """Write minor units as an exact decimal string: 1250 GBP is "12.50", 1250 JPY is "1250"."""
    return f"{Decimal(amount).scaleb(-digits(currency)):.{digits(currency)}f}"


def shown(amount: int, currency: str) -> str:
    """Write minor units for people: 125000 GBP is "1,250.00", a negative amount has a true minus."""
    return grouped(Decimal(amount).scaleb(-digits(currency)))


def grouped(number: Decimal) -> str:
    """Write an exact number for people, with all of its decimals: 1250.00 is "1,250.00"."""
    return f"{number:,f}".replace("-", "\N{MINUS SIGN}")


def share(amount: int, part: int, whole: int) -> int:
    """`amount × part ÷ whole`, rounded half up. All are whole numbers ≥ 0 and `whole` > 0."""
    return (2 * amount * part + whole) // (2 * whole)


def split(amount: int, weights: Sequence[int]) -> list[int]:
    """Share `amount` out by weight so that the parts add up to it exactly. All zero weights share equally."""
    if not any(weights):
        weights = [1] * len(weights)
    whole, running, given, parts = sum(weights), 0, 0, []
    for weight in weights:
        running += weight
        upto = share(amount, running, whole)
        parts.append(upto - given)
        given = upto
    return parts
