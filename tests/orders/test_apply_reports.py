"""Does the warehouse's view of an order end up on it: words, figures, closing?"""

import pytest

from orders.models import FulfilmentOrder, Order, OrderItem
from tests.builders import make_order
from tests.warehouse import despatched, reported, tell

pytestmark = pytest.mark.django_db


def state(order: Order) -> tuple[str, int, int, int]:
    """Status, shipped, cancelled and outstanding units."""
    now = Order.objects.get(pk=order.pk)
    return now.status, now.shipped_units, now.cancelled_units, now.outstanding_units


def items(order: Order) -> list[tuple[str, int, int, int, str]]:
    """SKU, shipped, cancelled, outstanding, status of each item."""
    fields = ("sku", "shipped_quantity", "cancelled_quantity", "outstanding_quantity", "status")
    return list(order.items.order_by("position").values_list(*fields))


def attention(order: Order) -> list[tuple[str, str]]:
    return list(order.attention.filter(closed_at=None).order_by("kind").values_list("kind", "summary"))


# The warehouse's view of the order


@pytest.mark.parametrize(
    ("word", "status", "detail"),
    [
        ("Processing", "processing", ""),
        ("Picking", "processing", "picking"),
        ("Packed", "processing", "packed"),
        ("On Hold", "on_hold", ""),
        ("Part Despatched", "processing", ""),
        ("Cancelled", "cancelled", ""),
    ],
)
def test_a_word_moves_the_status_of_order_and_items(word: str, status: str, detail: str) -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998)])

    tell(order, reported(word))

    now = Order.objects.get()
    word_shown = FulfilmentOrder.objects.get().external_status
    assert (now.status, now.status_detail, word_shown) == (status, detail, word)
    assert OrderItem.objects.get().status == status


def test_cancelled_means_that_nothing_outstanding_ships() -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998), ("CAP", 1, 1000)])

    tell(order, despatched("D-1", TEE=1), reported("Cancelled", at=1))

    assert items(order) == [("TEE", 1, 1, 0, "shipped"), ("CAP", 0, 1, 0, "cancelled")]
    assert state(order) == ("shipped", 1, 2, 0)


def test_closed_short_means_that_the_rest_is_cancelled() -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998), ("CAP", 1, 1000)])

    tell(order, despatched("D-1", TEE=1, CAP=1), reported("Despatched", at=1))

    assert items(order) == [("TEE", 1, 1, 0, "shipped"), ("CAP", 1, 0, 0, "shipped")]
    assert state(order) == ("shipped", 2, 1, 0)


def test_closed_before_any_despatch_note_cancels_nothing_and_is_said() -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998)])

    tell(order, reported("Despatched"))

    assert state(order) == ("processing", 0, 0, 2)
    assert [kind for kind, _ in attention(order)] == ["closed_without_figures"]


def test_the_note_that_follows_settles_an_order_closed_without_figures() -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998)])
    tell(order, reported("Despatched"))

    tell(order, despatched("D-1", at=1, TEE=2))

    assert state(order) == ("shipped", 2, 0, 0)
    assert attention(order) == []


def test_the_order_s_own_figure_may_run_ahead_of_its_notes() -> None:
    order = make_order("W-1", items=[("TEE", 3, 5998)])

    tell(order, despatched("D-1", TEE=1), reported("Part Despatched", at=2, TEE=(3, 2, 0)))

    assert state(order) == ("partially_shipped", 2, 0, 1)


def test_a_figure_older_than_the_newest_note_no_longer_counts() -> None:
    order = make_order("W-1", items=[("TEE", 3, 5998)])

    tell(order, reported("Part Despatched", at=2, TEE=(3, 2, 0)), despatched("D-1", at=3, TEE=1))

    assert state(order) == ("partially_shipped", 1, 0, 2)


def test_cancelled_units_are_taken_from_the_newest_figures() -> None:
    order = make_order("W-1", items=[("TEE", 3, 5998)])

    tell(order, reported("Processing", at=2, TEE=(3, 0, 1)))
    tell(order, reported("Processing", at=1, TEE=(3, 0, 3)))

    assert state(order) == ("processing", 0, 1, 2)


def test_cancelled_units_may_come_back() -> None:
    order = make_order("W-1", items=[("TEE", 3, 5998)])
    tell(order, reported("Processing", at=1, TEE=(3, 0, 3)))

    tell(order, reported("Processing", at=2, TEE=(3, 0, 0)))

    assert state(order) == ("processing", 0, 0, 3)


def test_a_stale_report_changes_nothing() -> None:
    order = make_order("W-1", items=[("TEE", 3, 5998)])
    tell(order, reported("Picking", at=5))

    tell(order, reported("On Hold", at=4))

    now = Order.objects.get()
    word_shown = FulfilmentOrder.objects.get().external_status
    assert (now.status, now.status_detail, word_shown) == ("processing", "picking", "Picking")


def test_an_unknown_status_is_shown_but_moves_nothing() -> None:
    order = make_order("W-1", items=[("TEE", 3, 5998)])
    tell(order, reported("Picking", at=1))

    tell(order, reported("Lost in space", at=2, TEE=(3, 3, 0)))

    now = Order.objects.get()
    word_shown = FulfilmentOrder.objects.get().external_status
    assert (now.status, now.status_detail, word_shown) == ("processing", "picking", "Lost in space")
    assert now.shipped_units == 0


def test_a_status_that_goes_backwards_is_said_and_cancels_stay() -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998)])
    tell(order, despatched("D-1", TEE=1), reported("Despatched", at=1))

    tell(order, reported("Picking", at=2))

    assert state(order) == ("shipped", 1, 1, 0)
    assert attention(order) == [
        ("status_backwards", "W-1: the warehouse reported Picking after it had closed the order")
    ]


def test_another_quantity_at_the_warehouse_is_said() -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998)])

    tell(order, reported("Processing", TEE=(3, None, None)))

    assert attention(order) == [("quantity_mismatch", "W-1: the warehouse has 3 of TEE on order, the shop 2")]
