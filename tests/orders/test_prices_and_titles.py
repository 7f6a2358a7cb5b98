"""Are prices with many decimals rounded at the line alone, and long titles cut, so that no order is refused?"""

from typing import Any

import pytest

from orders.actions.edit import change
from orders.documents import Faulty, check
from orders.intake.upsert import IntakeResult, upsert_orders
from orders.models import Order
from orders.timeline.wording import sentence
from tests.orders.documents import line, small_order

pytestmark = pytest.mark.django_db


def take(*raws: dict[str, Any]) -> list[IntakeResult]:
    return upsert_orders([check(raw) for raw in raws], create_sellers=True, actor="test")


def test_a_price_may_have_six_decimals_and_the_line_alone_is_rounded() -> None:
    raw = small_order("W-1", items=[line("PIN", 300, "0.333333"), line("TEE", 1, "20.000000")], total_paid="120.00")

    taken = take(raw, raw, raw | {"notes": "x"})

    assert [one.outcome.value for one in taken] == ["created", "unchanged", "updated"]
    order = Order.objects.get()
    assert list(order.items.values_list("sku", "unit_price", "exact_unit_price", "paid")) == [
        ("PIN", 33, "0.333333", 10000),
        ("TEE", 2000, "", 2000),
    ]
    assert [item.cost("GBP") for item in order.items.all()] == [10000, 2000]
    assert change(order.pk, {"notes": "y"}, actor="api:main").outcome.value == "updated"
    assert order.items.get(sku="PIN").paid == 10000


@pytest.mark.parametrize("price", ["0.3333333", "-0.001", "0.33e1", "1 000.50"])
def test_a_price_that_nobody_can_read_is_refused(price: str) -> None:
    with pytest.raises(Faulty) as refused:
        check(small_order("W-1", items=[line("PIN", 1, price)], total_paid="0.33"))

    assert {fault.field for fault in refused.value.faults} == {"items[0].unit_price"}


def test_a_long_title_or_name_is_cut_with_a_note() -> None:
    long = "x" * 260
    raw = small_order(
        "W-1",
        items=[line(name=long)],
        customer={"name": long},
        shipping_address={"name": long, "company": long, "line1": "1 High St"},
        shipping_method=long,
    )

    outcomes = [one.outcome.value for one in take(raw, raw)]

    order = Order.objects.get()
    assert outcomes == ["created", "unchanged"]
    assert order.items.get().name == f"{'x' * 249}…"
    assert order.customer_name == order.shipping_address["name"] == f"{'x' * 199}…"
    event = order.events.get(kind="order.placed")
    assert event.data["cut"] == (
        "items[0].name, customer.name, shipping_address.name, shipping_address.company, shipping_method"
    )
    assert "too long and cut: items[0].name" in sentence(event.kind, event.data, "GBP")


def test_a_street_is_never_cut() -> None:
    with pytest.raises(Faulty):
        check(small_order("W-1", shipping_address={"line1": "x" * 201}))
