"""Does any history of refunds of any order that a shop can send us end at exactly what was paid? (pure)

500 orders in `make test`, 20,000 in `make nightly`.
"""

from collections import Counter
from typing import Any

from hypothesis import event, given
from hypothesis import strategies as st

from orders import money
from orders.documents import Document, check
from refunds.rules.amounts import OrderFunds, Sum, work_out
from tests.refunds.bought import MANY, Bought
from tests.refunds.generated import Shop, documents


class History:
    """An order and its refunds, those given up left out."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.items = [Bought(item.quantity, item.amount, item.tax) for item in document.items]
        self.sums: list[Sum] = []

    def refund(self, units: dict[int, int], amounts: dict[int, int], *, shipping: bool) -> None:
        """Give this back too."""
        paid_back = (sum(one.amount for one in self.sums), sum(one.shipping for one in self.sums))
        purse = OrderFunds(self.document.total_paid, self.document.shipping_charge, *paid_back)
        items = [one.item(number) for number, one in enumerate(self.items)]
        made = work_out(items, purse, units, shipping=shipping, amounts=amounts)
        assert made.amount == made.items_amount + made.shipping + made.rounding
        assert made.amount >= 0
        self.sums.append(made)
        for part in made.parts:
            assert min(part.quantity, part.amount, part.tax) >= 0
            self.items[part.item_id].given.append(part)

    def give_up(self, made: Sum) -> None:
        """A refund is rejected: what it held is free again."""
        self.sums.remove(made)
        for part in made.parts:
            self.items[part.item_id].given.remove(part)

    def finish(self) -> None:
        """Give back everything that is left."""
        units = {n: left for n, one in enumerate(self.items) if (left := one.units_left)}
        amounts = {n: left for n, one in enumerate(self.items) if n not in units and (left := one.amount_left)}
        self.refund(units, amounts, shipping=True)

    def stays_within(self) -> None:
        """No more is given back than was paid: for each item, its tax, its units, the shipping, the order."""
        assert 0 <= sum(one.amount for one in self.sums) <= self.document.total_paid
        assert 0 <= sum(one.shipping for one in self.sums) <= self.document.shipping_charge
        for one in self.items:
            assert one.units_left >= 0
            assert one.amount_left >= 0
            assert sum(part.tax for part in one.given) <= one.tax

    def comes_to_an_end(self) -> None:
        """Exactly what was paid was given back: for each item, its tax, the shipping, the order."""
        assert [sum(part.amount for part in one.given) for one in self.items] == [one.paid for one in self.items]
        assert [sum(part.tax for part in one.given) for one in self.items] == [one.tax for one in self.items]
        assert sum(one.shipping for one in self.sums) == self.document.shipping_charge
        assert sum(one.amount for one in self.sums) == self.document.total_paid
        assert sum(one.rounding for one in self.sums) == self.document.rounding


def step(history: History, data: st.DataObject) -> None:
    """A refund of some units, some amounts alone, and perhaps the shipping; or one that is given up."""
    if history.sums and data.draw(st.integers(0, 3)) == 0:
        history.give_up(data.draw(st.sampled_from(history.sums)))
        return
    units, amounts = {}, {}
    for number, one in enumerate(history.items):
        how = data.draw(st.sampled_from(["units", "units", "amount", "left out"]))
        if how == "units" and one.units_left:
            units[number] = data.draw(st.integers(1, one.units_left))
        elif how == "amount" and one.amount_left:
            amounts[number] = data.draw(st.integers(1, one.amount_left))
    history.refund(units, amounts, shipping=data.draw(st.booleans()))


@MANY
@given(documents(), st.data())
def test_any_refunds_of_any_order_come_to_exactly_what_was_paid(
    order: tuple[dict[str, Any], Shop], data: st.DataObject
) -> None:
    raw, shop = order
    history = History(check(raw))
    event(f"{money.digits(shop.currency)} decimals, {shop.tax_included=}, {shop.rounds_per_order=}")
    event(f"{history.document.rounding=}")

    for _ in range(data.draw(st.integers(0, 6))):
        step(history, data)
        history.stays_within()
    history.finish()

    history.stays_within()
    history.comes_to_an_end()


@MANY
@given(documents(), st.randoms(use_true_random=False))
def test_one_unit_at_a_time_in_any_sequence_comes_to_exactly_what_was_paid(
    order: tuple[dict[str, Any], Shop], chance: Any
) -> None:
    history = History(check(order[0]))
    units = Counter({n: min(one.units_left, 5) for n, one in enumerate(history.items)})
    steps = list(units.elements())
    chance.shuffle(steps)

    for number in steps:
        history.refund({number: 1}, {}, shipping=False)
        history.stays_within()
    history.finish()

    history.comes_to_an_end()
