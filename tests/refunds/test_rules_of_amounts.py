"""Do units, amounts without units and amounts paid past us add up to what was paid, in any sequence? (pure)"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refunds.rules.amounts import Held, Item, OrderFunds, amount_part, part, work_out


def after(item: Item, units: int, amount: int, tax: int, *, pays_units: bool) -> Item:
    held = item.held
    paying = (amount, tax) if pays_units else (0, 0)
    now = Held(
        held.units + units,
        held.unshipped,
        held.amount + amount,
        held.tax + tax,
        held.amount_by_units + paying[0],
        held.tax_by_units + paying[1],
    )
    return Item(item.id, item.quantity, item.paid, item.tax, now)


@given(
    quantity=st.integers(1, 10_000),
    paid=st.integers(0, 10**9),
    share=st.integers(0, 100),
    steps=st.lists(st.tuples(st.sampled_from(["units", "amount", "outside"]), st.integers(1, 10**9)), max_size=12),
)
def test_whatever_came_before_the_last_units_pay_the_rest_to_the_minor_unit(
    quantity: int, paid: int, share: int, steps: list[tuple[str, int]]
) -> None:
    item = Item(1, quantity, paid, paid * share // 100)
    for kind, size in steps:
        if kind == "units":
            units = min(size % quantity + 1, quantity - item.held.units)
            now = part(item, units)
            item = after(item, units, now.amount, now.tax, pays_units=True)
        else:
            now = amount_part(item, min(size, paid - item.held.amount))
            item = after(item, 0, now.amount, now.tax, pays_units=kind == "outside")
        assert now.amount >= 0
        assert now.tax >= 0
        assert item.held.amount <= paid
        assert item.held.tax <= item.tax

    last = part(item, quantity - item.held.units)

    if item.held.units < quantity:
        assert item.held.amount + last.amount == paid
        assert item.held.tax + last.tax == item.tax


@given(
    paid=st.lists(st.integers(0, 10**6), min_size=1, max_size=5),
    charge=st.integers(0, 10**4),
    rounding=st.integers(-5, 5),
    amounts=st.lists(st.integers(0, 10**6), min_size=5, max_size=5),
)
def test_amounts_first_and_everything_else_then_is_what_was_paid(
    paid: list[int], charge: int, rounding: int, amounts: list[int]
) -> None:
    total = max(0, sum(paid) + charge + rounding)
    items = [Item(n, 2, one, one // 6) for n, one in enumerate(paid)]
    wanted = {item.id: min(amounts[item.id], item.paid) for item in items}
    first = work_out(items, OrderFunds(total, charge), {}, shipping=False, amounts=wanted)
    given_before = {one.item_id: one for one in first.parts}
    left = [
        after(item, 0, one.amount, one.tax, pays_units=False) if (one := given_before.get(item.id)) else item
        for item in items
    ]

    rest = work_out(left, OrderFunds(total, charge, first.amount, 0), {item.id: 2 for item in items}, shipping=True)

    assert first.amount + rest.amount == total


def test_an_amount_beyond_what_is_left_is_no_refund() -> None:
    with pytest.raises(ValueError, match="11 of 10 cannot be refunded"):
        amount_part(Item(1, 1, 10, 0), 11)
