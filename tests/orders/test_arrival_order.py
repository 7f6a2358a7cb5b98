"""Does the sequence in which things become known show? Where the facts leave a doubt, a person is asked."""

from itertools import permutations
from typing import Any

import pytest

from orders.documents import check
from orders.intake.upsert import upsert_orders
from orders.models import AttentionItem, Order
from refunds.decisions.blocked import blocks
from refunds.models import Refund
from tests.orders.documents import line, small_order
from tests.warehouse import despatched, reported, tell

pytestmark = pytest.mark.django_db

TEE, CAP = line("TEE", 1, "20.00"), line("CAP", 1, "5.00")


def take(*items: dict[str, Any]) -> Order:
    """The order as the shop sends it now."""
    paid = sum(int(float(item["unit_price"]) * item["quantity"]) for item in items)
    raw = small_order("W-1", items=list(items), total_paid=f"{paid}.00")
    [taken] = upsert_orders([check(raw)], create_sellers=True, actor="shop")
    assert taken.order_id
    return Order.objects.get(pk=taken.order_id)


def units(order: Order) -> dict[str, tuple[int, int]]:
    """Shipped and cancelled units by SKU."""
    rows = order.items.values_list("sku", "shipped_quantity", "cancelled_quantity")
    return {sku: (shipped, cancelled) for sku, shipped, cancelled in rows}


def attention() -> list[str]:
    return sorted(AttentionItem.objects.filter(closed_at=None).values_list("kind", flat=True))


def test_figures_of_a_sku_count_when_its_item_is_added_later() -> None:
    order = take(TEE)
    tell(order, reported("Part Despatched", at=1, TEE=(1, 0, 0), CAP=(1, 1, 0)))
    before = attention()

    order = take(TEE, CAP)

    assert (before, attention(), units(order)) == (["unknown_sku"], [], {"TEE": (0, 0), "CAP": (1, 0)})


@pytest.mark.parametrize("sequence", list(permutations(range(2))))
def test_a_later_note_about_one_sku_does_not_take_another_back_without_a_word(sequence: tuple[int, ...]) -> None:
    order = take(TEE, CAP)
    messages = [
        reported("Despatched", at=1, message=1, TEE=(1, 1, 0), CAP=(1, 1, 0)),
        despatched("D-1", at=2, message=2, CAP=1),
    ]

    for place in sequence:
        tell(order, messages[place])

    assert (units(order), attention()) == ({"TEE": (0, 1), "CAP": (1, 0)}, ["figures_overtaken"])
    assert blocks(Refund.objects.select_related("order").get()) == ["Figures and despatch notes differ"]


@pytest.mark.parametrize("sequence", list(permutations(range(3))))
def test_a_closing_that_is_taken_back_and_given_again_is_not_believed_without_a_word(sequence: tuple[int, ...]) -> None:
    order = take(TEE, CAP)
    messages = [
        reported("Cancelled", at=1, message=1),
        reported("Processing", at=2, message=2),
        reported("Despatched", at=3, message=3),
    ]

    for place in sequence:
        tell(order, messages[place])

    assert (units(order), attention()) == ({"TEE": (0, 1), "CAP": (0, 1)}, ["closing_changed"])
    assert blocks(Refund.objects.select_related("order").get(status="proposed"))[0] == (
        "Warehouse closed it twice, in two ways"
    )


@pytest.mark.parametrize("lines", [{}, {"TEE": (1, 0, 0), "CAP": (1, 0, 0)}])
def test_an_item_that_is_removed_after_the_warehouse_had_it_is_said(lines: dict[str, Any]) -> None:
    order = take(TEE, CAP)
    tell(order, reported("Picking", at=1, **lines))

    take(TEE)

    assert attention() == (["removed_item", "unknown_sku"] if lines else ["removed_item"])
    item = AttentionItem.objects.get(kind="removed_item")
    assert item.summary == "W-1: 1 of CAP removed from the order after the warehouse had received it"


def test_an_item_that_is_removed_before_is_nobodys_business() -> None:
    take(TEE, CAP)
    take(TEE)

    assert attention() == []
