"""Which orders can a shop send us? Generated documents as they come, in text, with what the shop worked out itself."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from orders import money
from tests.orders.documents import line, small_order

CURRENCIES = ("GBP", "EUR", "JPY", "ISK", "KWD", "BHD")
PRICES = st.one_of(st.just(0), st.integers(1, 99), st.integers(0, 10**5), st.integers(0, 10**7))
QUANTITIES = st.one_of(st.integers(1, 5), st.integers(1, 10_000), st.just(10_000))
RATES = st.sampled_from([0, 5, 7, 19, 20, 25])


@dataclass(frozen=True, slots=True)
class Shop:
    """How a shop works: its currency, whether its prices have the tax in them, and where it rounds the tax."""

    currency: str
    tax_included: bool
    rounds_per_order: bool


SHOPS = st.builds(Shop, st.sampled_from(CURRENCIES), st.booleans(), st.booleans())


def half_up(value: Fraction) -> int:
    """Rounded to whole minor units."""
    return int(value + Fraction(1, 2))


@st.composite
def documents(draw: st.DrawFn) -> tuple[dict[str, Any], Shop]:
    """An order document with item discounts, order discounts, free items, tax and shipping."""
    shop = draw(SHOPS)
    lines = [(draw(QUANTITIES), draw(PRICES)) for _ in range(draw(st.integers(1, 4)))]
    off_lines = [draw(st.sampled_from([0, 0, quantity * price // 3, quantity * price])) for quantity, price in lines]
    values = [quantity * price - off for (quantity, price), off in zip(lines, off_lines, strict=True)]
    goods = sum(values)
    discounts = draw(st.sampled_from([[], [], [goods // 10], [goods // 7, goods // 3], [goods]]))
    shipping = draw(st.one_of(st.just(0), st.integers(1, 2000)))
    exact = [
        Fraction(value * (goods - sum(discounts)) * rate, (goods or 1) * (100 + rate * shop.tax_included))
        for value, rate in ((value, draw(RATES)) for value in values)
    ]
    # What has the tax in it cannot have more tax in it than it costs.
    taxes = [int(tax) if shop.tax_included else half_up(tax) for tax in exact]
    total = goods - sum(discounts) + shipping
    if not shop.tax_included:
        total += half_up(sum(exact, start=Fraction(0))) if shop.rounds_per_order else sum(taxes)
    elif shop.rounds_per_order:
        most = len(lines) + (1 if shipping else 0)
        total = max(0, total + draw(st.integers(-most, most)))

    def text(amount: int) -> str:
        return money.text(amount, shop.currency)

    items = [
        line(f"SKU-{n}", quantity, text(price), discount=text(off), tax=text(tax))
        for n, ((quantity, price), off, tax) in enumerate(zip(lines, off_lines, taxes, strict=True))
    ]
    raw = small_order(
        currency=shop.currency,
        prices_include_tax=shop.tax_included,
        items=items,
        discounts=[{"name": f"D{n}", "amount": text(amount)} for n, amount in enumerate(discounts)],
        shipping_charge=text(shipping),
        total_paid=text(total),
    )
    return raw, shop
