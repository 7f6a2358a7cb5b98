"""How does PayPal write an amount? As decimals, and with fewer of them than ISO 4217 knows for some currencies."""

from orders import money

# PayPal takes these without decimals, although ISO 4217 gives two of them some.
_WHOLE = frozenset({"HUF", "JPY", "TWD"})


class NotInPayPal(ValueError):
    """An amount that PayPal has no way to pay, or none as it writes them; the message is a sentence for people."""


def to_paypal(amount: int, currency: str) -> str:
    """Our minor units as PayPal writes them. Never rounds: raises NotInPayPal when it cannot pay exactly this."""
    if amount % smallest(currency):
        raise NotInPayPal(f"PayPal cannot pay exactly {money.text(amount, currency)} {currency}: too many decimals.")
    digits = _digits(currency)
    whole, rest = divmod(amount // smallest(currency), 10**digits)
    return f"{whole}.{rest:0{digits}}" if digits else str(whole)


def from_paypal(value: str, currency: str) -> int:
    """What PayPal writes in our minor units. Raises NotInPayPal when ours cannot tell this amount."""
    try:
        return money.parse(value, currency)
    except money.BadAmount:
        raise NotInPayPal(f"PayPal names {value[:40]!r} {currency}, which is no amount of that currency.") from None


def smallest(currency: str) -> int:
    """The smallest amount that PayPal can pay, in our minor units; it pays multiples of it."""
    return int(10 ** (money.digits(currency) - _digits(currency)))


def _digits(currency: str) -> int:
    return 0 if currency in _WHOLE else min(money.digits(currency), 2)
