"""Is no refund proposed that its provider cannot pay, and nothing lost by it? (KWD and MGA at Stripe)"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.models import Order
from orders.money import text
from refunds.execution import execute
from refunds.models import Refund
from refunds.proposals.manual import propose_by_hand
from refunds.proposals.refund_request import RefundRequest
from refunds.rules.amounts import Held, Item, OrderFunds, work_out
from tests.builders import make_order
from tests.integrations.gateways.conftest import stripe_provider, stripe_server
from tests.integrations.gateways.provider import Stripe
from tests.refunds.people import approved, manager
from tests.refunds.rules_hold import check_rules
from tests.refusals import refused
from tests.warehouse import cancelled, tell

__all__ = ["stripe_provider", "stripe_server"]

pytestmark = pytest.mark.django_db


def bought(stripe: Stripe, currency: str, paid: int, units: int = 3) -> Order:
    stripe.pay(paid, currency)
    payment: dict[str, Any] = {"payment_provider": "stripe", "payment_reference": stripe.payment}
    return make_order("W-1", items=[("TEE", units, paid)], currency=currency, **payment)


def amounts(order: Order) -> list[tuple[str, str]]:
    return [(text(one.amount, one.currency), one.status) for one in order.refunds.order_by("sequence")]


@pytest.mark.parametrize(
    ("currency", "paid", "given_back"),
    [
        ("KWD", 10_000, ["3.330", "3.330", "3.340"]),
        ("MGA", 1_000_00, ["333.00", "333.00", "334.00"]),
        ("JPY", 1_000, ["333", "334", "333"]),
        ("GBP", 10_00, ["3.33", "3.34", "3.33"]),
    ],
)
def test_unit_after_unit_is_paid_and_the_last_refund_takes_the_rest(
    stripe_provider: Stripe, currency: str, paid: int, given_back: list[str]
) -> None:
    order = bought(stripe_provider, currency, paid)

    for lost in (1, 2, 3):
        tell(order, cancelled(at=lost, of={"TEE": (lost, 3)}))
        approved(Refund.objects.get(order=order, status="proposed"), manager(f"anna-{lost}"))
        assert execute.execute_approved() == 1
        check_rules()

    assert amounts(order) == [(amount, "executed") for amount in given_back]
    order.refresh_from_db()
    assert order.left_to_refund == 0


def test_an_amount_by_hand_is_rounded_to_what_can_be_paid_and_shown_so(stripe_provider: Stripe) -> None:
    order = bought(stripe_provider, "KWD", 9_000)
    item = order.items.get()

    refund = propose_by_hand(
        order.pk, by=manager("bert"), wish=RefundRequest(amounts={item.pk: 5_124}), reason="damaged", note=""
    )

    assert (refund.amount, refund.items_amount, refund.rounding_amount) == (5_120, 5_124, -4)
    check_rules()


def test_less_than_can_be_paid_is_refused_and_never_proposed(stripe_provider: Stripe) -> None:
    order = bought(stripe_provider, "KWD", 20, units=5)
    item = order.items.get()

    with refused("below_smallest_amount"):
        propose_by_hand(
            order.pk, by=manager("bert"), wish=RefundRequest(amounts={item.pk: 9}), reason="damaged", note=""
        )
    tell(order, cancelled(of={"TEE": (1, 5)}))

    assert not order.refunds.exists()


@given(
    paid=st.integers(0, 10**6),
    quantity=st.integers(1, 20),
    charge=st.integers(0, 10**4),
    smallest=st.sampled_from([1, 10, 100]),
    steps=st.lists(st.integers(1, 5), max_size=8),
)
def test_whatever_the_sequence_each_can_be_paid_and_less_than_the_smallest_stays(
    paid: int, quantity: int, charge: int, smallest: int, steps: list[int]
) -> None:
    held, given_back, total = Held(), 0, paid + charge
    for units in [*steps, quantity]:
        last = units >= quantity - held.units
        item = Item(1, quantity, paid, 0, held)
        made = work_out(
            [item],
            OrderFunds(total, charge, given_back, 0, smallest),
            {1: min(units, quantity - held.units)},
            shipping=last,
        )
        assert made.amount >= 0
        assert made.amount % smallest == 0
        amount = held.amount + made.items_amount
        held = Held(held.units + min(units, quantity - held.units), 0, amount, 0, amount, 0)
        given_back += made.amount
        if last:
            break

    assert 0 <= total - given_back < smallest
