"""Do any part refunds add up to exactly what was paid? (pure)"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders import money
from refunds.rules.amounts import Held, Item, OrderFunds, Part, Sum, part, work_out
from tests.refunds.bought import MANY, Bought

AMOUNTS = st.one_of(st.just(0), st.integers(1, 10), st.integers(0, 10**6), st.integers(0, 10**11))
QUANTITIES = st.one_of(st.integers(1, 5), st.integers(1, 10_000))


@st.composite
def goods(draw: st.DrawFn) -> Bought:
    paid = draw(AMOUNTS)
    return Bought(draw(QUANTITIES), paid, tax=draw(st.integers(0, paid)))


@MANY
@given(goods(), st.data())
def test_any_steps_and_takebacks_of_one_item_end_at_exactly_what_was_paid(bought: Bought, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(0, 6))):
        left = bought.quantity - sum(one.quantity for one in bought.given)
        backwards = data.draw(st.booleans())
        if bought.given and backwards:
            bought.given.remove(data.draw(st.sampled_from(bought.given)))
        elif left:
            bought.given.append(part(bought.item(1), data.draw(st.integers(1, left))))
        assert 0 <= bought.item(1).held.amount <= bought.paid
        assert 0 <= bought.item(1).held.tax <= bought.tax
    left = bought.quantity - sum(one.quantity for one in bought.given)

    bought.given.append(part(bought.item(1), left))

    assert sum(one.amount for one in bought.given) == bought.paid
    assert sum(one.tax for one in bought.given) == bought.tax
    assert all(one.amount >= 0 and one.tax >= 0 for one in bought.given)


@MANY
@given(st.lists(goods(), min_size=1, max_size=4), AMOUNTS, st.data())
def test_any_refunds_of_an_order_end_at_exactly_what_was_paid(
    order: list[Bought], shipping: int, data: st.DataObject
) -> None:
    parts_paid = sum(one.paid for one in order)
    # One minor unit per item, and one for shipping: what a shop that rounds per order may be off by.
    total = max(0, parts_paid + shipping + data.draw(st.integers(-len(order) - 1, len(order) + 1)))
    sums: list[Sum] = []

    def refund(units: dict[int, int], *, with_shipping: bool) -> Sum:
        purse = OrderFunds(total, shipping, sum(s.amount for s in sums), sum(s.shipping for s in sums))
        items = [one.item(number) for number, one in enumerate(order)]
        return work_out(items, purse, units, shipping=with_shipping)

    def give(made: Sum) -> None:
        assert made.amount >= 0
        assert all(one.amount >= 0 and one.tax >= 0 for one in made.parts)
        sums.append(made)
        for one in made.parts:
            order[one.item_id].given.append(one)

    def take_back(made: Sum) -> None:
        sums.remove(made)
        for one in made.parts:
            order[one.item_id].given.remove(one)

    def left() -> dict[int, int]:
        return {n: one.quantity - one.item(n).held.units for n, one in enumerate(order)}

    for _ in range(data.draw(st.integers(0, 6))):
        backwards = data.draw(st.booleans())
        if sums and backwards:
            take_back(data.draw(st.sampled_from(sums)))
        else:
            some = {n: data.draw(st.integers(0, most)) for n, most in left().items()}
            give(refund(some, with_shipping=data.draw(st.booleans())))
        assert 0 <= sum(s.amount for s in sums) <= total
        assert 0 <= sum(s.shipping for s in sums) <= shipping

    give(refund(left(), with_shipping=True))

    assert sum(s.amount for s in sums) == total
    assert sum(s.shipping for s in sums) == shipping
    assert sum(s.items_amount for s in sums) == parts_paid
    assert sum(s.tax for s in sums) == sum(one.tax for one in order)


@MANY
@given(QUANTITIES, AMOUNTS)
def test_one_by_one_no_unit_is_worth_a_minor_unit_more_or_less_than_its_share(quantity: int, paid: int) -> None:
    steps = min(quantity, 50)
    for already in range(steps):
        item = Item(1, quantity, paid, 0, Held(units=already, amount_by_units=money.share(paid, already, quantity)))
        assert abs(part(item, 1).amount * quantity - paid) <= quantity


@pytest.mark.parametrize(
    ("currency", "paid", "steps"),
    [
        ("GBP", "59.97", ["19.99", "19.99", "19.99"]),
        ("GBP", "10.00", ["3.33", "3.34", "3.33"]),
        ("JPY", "100", ["33", "34", "33"]),
        ("KWD", "10.000", ["3.333", "3.334", "3.333"]),
        ("GBP", "0.01", ["0.00", "0.01", "0.00"]),
        ("GBP", "0.00", ["0.00", "0.00", "0.00"]),
    ],
)
def test_three_units_one_after_the_other(currency: str, paid: str, steps: list[str]) -> None:
    bought = Bought(3, money.parse(paid, currency), 0)

    for _ in range(3):
        bought.given.append(part(bought.item(1), 1))

    assert [money.text(one.amount, currency) for one in bought.given] == steps


@pytest.mark.parametrize("units", [-1, 3])
def test_units_that_were_not_ordered_are_worth_nothing(units: int) -> None:
    with pytest.raises(ValueError, match="units cannot be refunded"):
        part(Item(1, 2, 5998, 0), units)


def test_the_rounding_difference_belongs_to_the_refund_that_empties_the_order() -> None:
    first = work_out([Item(1, 2, 200, 0)], OrderFunds(299 + 2, 100), {1: 1}, shipping=False)
    held = Held(1, 1, 100, 0, 100, 0)
    last = work_out([Item(1, 2, 200, 0, held)], OrderFunds(301, 100, held_amount=100), {1: 1}, shipping=True)

    assert (first.amount, first.rounding) == (100, 0)
    assert (last.amount, last.shipping, last.rounding) == (201, 100, 1)


def test_a_refund_of_money_alone_does_not_make_units_cheaper_than_what_is_left_allows() -> None:
    damaged = Held(amount=50)

    assert part(Item(1, 2, 200, 0, damaged), 1) == Part(1, 1, 100, 0)
    assert part(Item(1, 2, 200, 0, damaged), 2) == Part(1, 2, 150, 0)


def test_nothing_left_is_worth_nothing() -> None:
    everything: dict[str, Any] = {"units": 0, "amount": 200, "tax": 20}

    assert part(Item(1, 2, 200, 20, Held(**everything)), 2) == Part(1, 2, 0, 0)
