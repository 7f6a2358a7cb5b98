"""Worked cases of the executable specification of payments, and the product's rules held against it."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refunds.gateway import gateway_for
from refunds.rules.amounts import Held, Item, OrderFunds, work_out
from tests.refunds.bought import MANY
from tests.refunds.payments.cases import DUES, SPLITS
from tests.refunds.payments.oracle import Due, Plan, Room, due, split, step


@pytest.mark.parametrize(("amount", "rooms", "final", "plan"), [c[1:] for c in SPLITS], ids=[c[0] for c in SPLITS])
def test_split(amount: int, rooms: Sequence[Room], final: bool, plan: Plan) -> None:
    assert split(amount, rooms, final=final) == plan


@pytest.mark.parametrize(
    ("paid", "value", "cancelled", "held", "wanted"), [c[1:] for c in DUES], ids=[c[0] for c in DUES]
)
def test_due(paid: int, value: int, cancelled: int, held: int, wanted: Due) -> None:
    assert due(paid=paid, value=value, cancelled=cancelled, held=held) == wanted
    assert proposed(paid, value, cancelled, held) == wanted.propose


@MANY
@given(st.integers(1, 500), st.integers(0, 1000), st.data())
def test_cancellations_one_after_the_other_propose_what_is_due(value: int, paid: int, data: st.DataObject) -> None:
    cancelled = held_units = held = 0
    while cancelled < value:
        cancelled += data.draw(st.integers(1, value - cancelled))
        amount = proposed(paid, value, cancelled, held, held_units)
        assert amount == due(paid=paid, value=value, cancelled=cancelled, held=held).propose
        if amount:
            held, held_units = held + amount, cancelled


def proposed(paid: int, value: int, cancelled: int, held: int, held_units: int | None = None) -> int:
    """What the product proposes of an order of items worth one minor unit each."""
    units = held if held_units is None else held_units
    item = Item(1, value, value, 0, Held(units, units, units, 0, units))
    funds = OrderFunds(paid, 0, held, unpaid=max(0, value - paid), overpaid=max(0, paid - value))
    return work_out([item], funds, {1: cancelled - units} if cancelled > units else {}, shipping=False).amount


@pytest.mark.parametrize("currency", ["BHD", "GBP", "JPY", "KWD", "MGA", "OMR"])
@pytest.mark.parametrize("provider", ["manual", "stripe"])
def test_the_smallest_amount_of_a_provider(provider: str, currency: str) -> None:
    assert gateway_for(provider).smallest_amount(currency) == step(provider, currency)
