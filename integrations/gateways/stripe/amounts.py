"""In which units does Stripe count a currency? Not always in those of ISO 4217."""

from math import gcd

from orders import money

# ISK and UGX are missing on purpose: they have no decimals any more, yet Stripe wants two zeros (5 ISK is 500).
# MGA is in although ISO 4217 gives it two decimals.
_ZERO_DECIMAL = frozenset({
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF",
})  # fmt: skip
# The last of the three digits must be 0.
_THREE_DECIMAL = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})


class NotInStripe(ValueError):
    """An amount that Stripe has no way to pay; the message is a sentence for people."""


def to_stripe(amount: int, currency: str) -> int:
    """Our minor units in Stripe's. Never rounds: raises NotInStripe when Stripe cannot pay exactly this."""
    result, rest = divmod(amount * _units(_digits(currency)), _units(money.digits(currency)))
    if rest or (currency in _THREE_DECIMAL and result % 10):
        raise NotInStripe(f"Stripe cannot pay exactly {money.text(amount, currency)} {currency}: too many decimals.")
    return result


def from_stripe(amount: int, currency: str) -> int:
    """Stripe's units in our minor units. Raises NotInStripe when ours cannot tell this amount."""
    result, rest = divmod(amount * _units(money.digits(currency)), _units(_digits(currency)))
    if rest:
        raise NotInStripe(f"Stripe told of {amount} of its units of {currency}, which is no amount of that currency.")
    return result


def smallest(currency: str) -> int:
    """The smallest amount that Stripe can pay, in our minor units; it pays multiples of it."""
    ours, theirs = _units(money.digits(currency)), _units(_digits(currency))
    return ours // gcd(ours, theirs) * (10 if currency in _THREE_DECIMAL else 1)


def _digits(currency: str) -> int:
    if currency in _ZERO_DECIMAL:
        return 0
    return 3 if currency in _THREE_DECIMAL else 2


def _units(digits: int) -> int:
    return int(10**digits)
