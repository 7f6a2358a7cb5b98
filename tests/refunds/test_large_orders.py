"""Can an order of 2,000 lines be refunded, edited and cancelled by hand, also from a browser without scripts?"""

import pytest
from django.test import Client
from django.urls import reverse

from orders.models import Order, OrderItem
from refunds.models import Refund
from tests.builders import make_order, make_staff

pytestmark = pytest.mark.django_db

LINES = 2000


@pytest.fixture
def desk() -> Client:
    client = Client()
    client.force_login(make_staff("anna", "Reviewer"))
    return client


@pytest.fixture
def order() -> Order:
    return make_order("W-1", items=[(f"SKU-{number}", 1, 100) for number in range(LINES)])


def every_field(order: Order, **amounts: str) -> dict[str, str]:
    """What a form of all lines posts: one unit of each, and what it has besides."""
    posted: dict[str, str] = {}
    for pk in OrderItem.objects.filter(order=order).values_list("pk", flat=True):
        posted |= {f"units_{pk}": "1"} | {f"{name}_{pk}": value for name, value in amounts.items()}
    return posted


def test_all_lines_are_refunded_by_hand_and_edited(desk: Client, order: Order) -> None:
    address = reverse("admin:refunds_refund_by_hand", args=[order.pk])
    part = {"scope": "part", "kind": "pre_shipment", "reason": "goodwill", "note": ""}

    looked = desk.post(address, part | every_field(order, amount=""))
    hidden = [*looked.context["form"], *looked.context["seen"]]
    made = desk.post(
        address, {field.html_name: str(field.value()) for field in hidden if field.value() not in (None, "")}
    )

    assert (made.status_code, Refund.objects.get().amount) == (302, LINES * 100)
    refund = Refund.objects.get()
    address = reverse("admin:refunds_refund_edit", args=[refund.pk])
    seen = {"version": str(refund.version), "amount": str(refund.amount), "why": "one less", "sure": "1"}
    first = OrderItem.objects.filter(order=order).order_by("pk")[0].pk
    assert desk.post(address, every_field(order) | seen | {f"units_{first}": "0"}).status_code == 302
    assert Refund.objects.get().amount == (LINES - 1) * 100


def test_all_lines_are_cancelled(desk: Client, order: Order) -> None:
    address = reverse("admin:orders_order_do", args=[order.pk, "cancel"])

    answer = desk.post(address, every_field(order) | {"why": "Ordered twice"})

    assert (answer.status_code, Refund.objects.get().amount) == (302, LINES * 100)
