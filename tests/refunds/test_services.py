"""Is what no warehouse ships refunded with the goods only where the policy says so, and nothing ships?"""

import pytest

from orders.models import Order
from refunds.decisions import review
from tests.builders import make_order
from tests.refunds.people import manager, seen
from tests.refunds.policies import make_policy
from tests.warehouse import despatched, reported, tell

pytestmark = pytest.mark.django_db


def with_tip(*, refund_services: bool = True) -> Order:
    order = make_order("W-1", items=[("TEE", 1, 2000), ("TIP", 1, 500)])
    order.items.filter(sku="TIP").update(ships=False)
    make_policy(order.seller, refund_services=refund_services)
    return order


def refunds(order: Order) -> list[tuple[str, int]]:
    return list(order.refunds.order_by("sequence").values_list("status", "amount"))


def test_nothing_ships_and_the_policy_says_so() -> None:
    order = with_tip()

    tell(order, reported("Cancelled"))

    assert refunds(order) == [("proposed", 2500)]


def test_the_policy_says_nothing() -> None:
    order = with_tip(refund_services=False)

    tell(order, reported("Cancelled"))

    assert refunds(order) == [("proposed", 2000)]


def test_some_of_the_order_ships() -> None:
    order = with_tip()
    order.items.create(position=3, sku="CAP", quantity=1, unit_price=0, paid=0)

    tell(order, despatched(CAP=1), reported("Despatched", at=1))

    assert refunds(order) == [("proposed", 2000)]


def test_what_ships_after_all_takes_it_back() -> None:
    order = with_tip()
    tell(order, reported("Cancelled"))

    tell(order, despatched(at=1, TEE=1))

    assert refunds(order) == [("withdrawn", 2500)]


def test_what_a_person_rejected_is_not_proposed_again() -> None:
    order = with_tip()
    tell(order, reported("Cancelled"))
    refund = order.refunds.get()
    review.reject(refund.pk, by=manager("anna"), why="no", seen=seen(refund))

    tell(order, reported("Cancelled", at=1, cancel_reason="again"))

    assert refunds(order) == [("rejected", 2500)]
