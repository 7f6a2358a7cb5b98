"""Does any history of warehouse messages, decisions and payments keep the rules and end at what was paid?"""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Sum
from hypothesis import given
from hypothesis import strategies as st

from orders.models import Order
from refunds import errors
from refunds.decisions import review
from refunds.execution import manual_payment
from refunds.models import Refund
from tests.builders import make_order
from tests.refunds.people import manager, seen
from tests.refunds.policies import make_limit
from tests.refunds.racing import assert_the_rules_hold
from tests.warehouse import despatched, reported, tell

pytestmark = pytest.mark.django_db

ITEMS = (("TEE", 3, 1000, 167), ("CAP", 2, 3333, 556), ("PIN", 1, 0, 0))
QUANTITIES = {sku: quantity for sku, quantity, _, _ in ITEMS}
UNITS = {sku: st.integers(0, quantity) for sku, quantity in QUANTITIES.items()}

told = st.tuples(st.just("cancelled"), st.fixed_dictionaries(UNITS))
shipped = st.tuples(st.just("shipped"), st.tuples(st.sampled_from(["D-1", "D-2"]), st.fixed_dictionaries(UNITS)))
reopened = st.tuples(st.just("word"), st.sampled_from(["Cancelled", "Picking", "On Hold"]))
decided = st.tuples(
    st.sampled_from(["approve", "approve", "pay", "reject", "hold", "release", "revoke_approval"]), st.integers(0, 3)
)

NEXT = {"on_hold": "release", "proposed": "approve", "approved": "pay"}


@pytest.fixture
def people() -> list[User]:
    return [manager("anna"), manager("bert")]


@given(st.lists(told | shipped | reopened | decided, max_size=14), st.integers(-2, 2), st.sampled_from([None, 1000]))
def test_any_history_keeps_the_rules_and_pays_no_more_than_was_paid(
    people: list[User], history: list[tuple[str, Any]], rounding: int, limit: int | None
) -> None:
    with transaction.atomic():
        order = make_order("W-1", items=ITEMS, shipping_charge=495, total_paid=4828 + rounding)
        if limit is not None:
            make_limit(order.seller, second_approver_above=limit)

        for at, (act, argument) in enumerate(history, start=1):
            _do(order, people, at, act, argument)
            connection.check_constraints()
            assert_the_rules_hold()
        _finish(order, people)

        assert not order.refunds.filter(status__in=NEXT).exists()
        connection.check_constraints()
        assert_the_rules_hold()
        paid = Refund.objects.filter(status="executed").aggregate(total=Sum("amount"))["total"] or 0
        assert paid <= order.total_paid
        if not {"shipped", "reject"} & {act for act, _ in history}:
            assert paid == order.total_paid
        transaction.set_rollback(True)


def _do(order: Order, people: list[User], at: int, act: str, argument: Any) -> None:
    if act == "cancelled":
        figures: Any = {sku: (None, None, units) for sku, units in argument.items()}
        tell(order, reported("Processing", at=at, **figures))
    elif act == "shipped":
        number, units = argument
        tell(order, despatched(number, at=at, **units))
    elif act == "word":
        tell(order, reported(argument, at=at))
    else:
        refunds = list(order.refunds.order_by("sequence"))
        if refunds:
            _decide(refunds[argument % len(refunds)], people, act)


def _decide(refund: Refund, people: list[User], act: str) -> None:
    anna, bert = people
    try:
        match act:
            case "approve":
                if review.approve(refund.pk, by=anna, seen=seen(refund)) == "first":
                    review.approve(refund.pk, by=bert, seen=seen(refund))
            case "reject":
                review.reject(refund.pk, by=anna, why="no", seen=seen(refund))
            case "revoke_approval":
                review.revoke_approval(refund.pk, by=anna, why="mistake")
            case "hold":
                review.hold(refund.pk, by=anna, why="wait")
            case "release":
                review.release(refund.pk, by=anna)
            case "pay":
                manual_payment.record_payment(refund.pk, by=anna, reference=f"BACS {refund.number}")
    except errors.DecisionRefused:
        pass


def _finish(order: Order, people: list[User]) -> None:
    """The warehouse gives the whole order up, and everything that waits is decided and paid."""
    tell(order, reported("Cancelled", at=100))
    for _ in range(6):
        for refund in order.refunds.filter(status__in=NEXT):
            _decide(refund, people, NEXT[refund.status])
