"""What may people do with an order on its page, what do they read before, and what is refused?"""

import pytest
from django.urls import reverse

from orders.actions import hold
from orders.models import Order, OrderEvent
from tests.builders import make_order
from tests.orders.pressing import login, page, press
from tests.refunds.people import kinds

pytestmark = pytest.mark.django_db


def test_an_order_is_held_for_a_reason_and_let_go_again() -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998)])
    client = login("orders.hold_order")

    shown = page(client, order)
    assert "This hold is only visible here (2 units outstanding). The warehouse is not told" in shown
    said = press(client, order, "hold", why="Address looks wrong")

    order.refresh_from_db()
    assert said == ["W-1 is on hold. The warehouse has NOT been told: ask it not to ship."]
    assert (order.held_because, order.status) == ("Address looks wrong", "on_hold")
    shown = page(client, order)
    assert "The hold on W-1 ends (“Address looks wrong”)" in shown
    assert "do/hold/" not in shown
    assert press(client, order, "release") == ["Hold on W-1 released."]
    order.refresh_from_db()
    assert (order.held_because, order.status) == ("", "new")
    assert kinds(order) == ["order.hold_placed", "order.held", "order.hold_released", "order.reopened"]
    assert set(OrderEvent.objects.values_list("actor", flat=True)) == {"staff:anna"}


@pytest.mark.parametrize(
    ("verb", "said", "told"),
    [
        ("hold", {"why": "Late"}, "W-1 cannot be put on hold: no units are outstanding."),
        ("hold", {"why": " "}, "Please give a reason: it stays on record."),
        ("release", {}, "W-1 is not on hold."),
    ],
)
def test_what_comes_too_late_is_refused_in_a_sentence(verb: str, said: dict[str, str], told: str) -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998)])
    Order.objects.filter(pk=order.pk).update(shipped_units=2, outstanding_units=0)
    before = Order.objects.values().get()

    assert press(login("orders.hold_order"), order, verb, **said) == [told]

    assert Order.objects.values().get() == before
    assert kinds(order) == []


@pytest.mark.parametrize("verb", ["hold", "release"])
def test_who_may_only_look_has_no_buttons_and_is_refused(verb: str) -> None:
    order = make_order("W-1")
    if verb == "release":
        hold.hold(order.pk, why="Late", actor="system")
    before = Order.objects.values().get()
    client = login()

    assert "/do/" not in page(client, order)
    answer = client.post(reverse("admin:orders_order_do", args=[order.pk, verb]), {"why": "x"})

    assert answer.status_code == 403
    assert Order.objects.values().get() == before
