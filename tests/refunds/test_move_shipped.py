"""One SKU at two prices, one of which ships: does the rule hold, is it said, and can a person move it?"""

from typing import Any

import pytest
from django.urls import reverse

from orders.models import Order, OrderEvent, OrderItem
from refunds.decisions.auto_approve import approve_by_rule
from refunds.models import Refund
from refunds.proposals.move_shipped import move_shipped
from tests.builders import make_order, make_staff
from tests.refunds.policies import make_limit
from tests.refusals import refused
from tests.warehouse import despatched, reported, tell

pytestmark = pytest.mark.django_db


def short(*paid: int) -> Order:
    """An order of TEE on lines of these prices, of which one unit ships."""
    order = make_order("W-1", items=[("TEE", 1, each) for each in paid])
    tell(order, despatched(TEE=1), reported("Despatched", at=1, TEE=(len(paid), 1, 0)))
    return order


def units(order: Order) -> list[tuple[int, int, int]]:
    """Paid, shipped and cancelled of each line."""
    return list(order.items.order_by("position").values_list("paid", "shipped_quantity", "cancelled_quantity"))


def refunds(order: Order) -> list[tuple[str, int]]:
    return list(order.refunds.order_by("sequence").values_list("status", "amount"))


def line_of(order: Order, paid: int) -> OrderItem:
    return order.items.get(paid=paid)


def reviewer() -> Any:
    return make_staff("anna", "Reviewer")


def test_paid_lines_fill_first_and_the_proposal_says_so() -> None:
    order = short(0, 2000, 1500)

    assert units(order) == [(0, 0, 1), (2000, 1, 0), (1500, 0, 1)]
    assert refunds(order) == [("proposed", 1500)]
    assert OrderEvent.objects.get(kind="refund.proposed").data["price_choices"] == ["TEE"]


def test_a_person_moves_it_and_the_refund_follows() -> None:
    order = short(0, 2000)
    before = refunds(order)

    move_shipped(order.pk, line_of(order, 0).pk, by=reviewer(), why="the customer says so")

    assert (before, units(order), refunds(order)) == ([], [(0, 1, 0), (2000, 0, 1)], [("proposed", 2000)])
    event = OrderEvent.objects.get(kind="order.shipped_line_chosen")
    assert (event.actor, event.data["sku"], event.data["paid"]) == ("staff:anna", "TEE", "0.00")


def test_it_can_be_moved_back_and_later_messages_keep_it() -> None:
    order, anna = short(0, 2000), reviewer()
    move_shipped(order.pk, line_of(order, 0).pk, by=anna, why="x")
    tell(order, despatched(changed=5, tracking="T1", TEE=1))
    kept = units(order)

    move_shipped(order.pk, line_of(order, 2000).pk, by=anna, why="no")

    assert kept == [(0, 1, 0), (2000, 0, 1)]
    assert (units(order), refunds(order)) == ([(0, 0, 1), (2000, 1, 0)], [("withdrawn", 2000)])


def test_what_a_person_chose_is_never_approved_automatically() -> None:
    order = short(0, 2000)
    make_limit(order.seller, unattended_upto=10_000)
    move_shipped(order.pk, line_of(order, 0).pk, by=reviewer(), why="x")

    assert approve_by_rule() == 0
    assert Refund.objects.get().status == "proposed"


def test_it_is_refused_where_there_is_nothing_to_choose() -> None:
    order, anna = short(2000, 2000), reviewer()
    with refused("no_choice"):
        move_shipped(order.pk, order.items.latest("position").pk, by=anna, why="x")
    other = short(0, 1000)
    with refused("chosen_already"):
        move_shipped(other.pk, line_of(other, 1000).pk, by=anna, why="x")
    with refused("not_permitted"):
        move_shipped(other.pk, line_of(other, 0).pk, by=make_staff("ben", "Viewer"), why="x")


def test_the_order_page_offers_it(client: Any) -> None:
    order = short(0, 2000)
    client.force_login(reviewer())

    page = client.get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()
    pressed = client.post(
        reverse("admin:orders_order_do", args=[order.pk, "move-shipped"]),
        {"item": line_of(order, 0).pk, "why": "the parcel was opened"},
    )

    assert "1 × TEE for 0.00 GBP, 0 counted as shipped" in page
    assert pressed.status_code == 302
    assert refunds(order) == [("proposed", 2000)]
