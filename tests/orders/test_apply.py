"""Does what the warehouse says end up on the order: quantities, statuses, shipments?"""

from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from orders.fulfilment.apply import apply, rederive
from orders.fulfilment.messages import WarehouseMessage
from orders.models import AttentionItem, Order, OrderItem, Shipment
from tests.builders import make_channel, make_order, make_seller
from tests.warehouse import ACTOR, despatched, minute, reported, tell, warehouse_of

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


# Despatch notes


def test_a_despatch_note_becomes_a_shipment_with_its_units() -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998)])

    tell(order, despatched("D-1", at=5, tracking="T-9", message=77, TEE=1))

    shipment = Shipment.objects.get()
    assert (shipment.number, shipment.tracking_number, shipment.message) == ("D-1", "T-9", 77)
    assert (shipment.despatched_at, shipment.withdrawn) == (minute(5), False)
    assert [(i.sku, i.quantity) for i in shipment.items.all()] == [("TEE", 1)]
    assert state(order) == ("partially_shipped", 1, 0, 1)
    assert items(order) == [("TEE", 1, 0, 1, "partially_shipped")]


def test_a_second_note_ships_the_rest() -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998), ("CAP", 1, 1000)])

    tell(order, despatched("D-1", TEE=1))
    tell(order, despatched("D-2", at=3, TEE=1, CAP=1))

    assert state(order) == ("shipped", 3, 0, 0)


def test_a_newer_state_of_a_note_replaces_the_older_one() -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998), ("CAP", 1, 1000)])

    tell(order, despatched("D-1", TEE=2, CAP=1), despatched("D-1", changed=4, tracking="T-1", TEE=1))
    tell(order, despatched("D-1", changed=3, tracking="T-0", CAP=1))

    assert items(order) == [("TEE", 1, 0, 1, "partially_shipped"), ("CAP", 0, 0, 1, "processing")]
    assert Shipment.objects.get().tracking_number == "T-1"


def test_a_withdrawn_note_ships_nothing_any_more() -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998)])

    tell(order, despatched("D-1", TEE=2))
    tell(order, despatched("D-1", changed=9, withdrawn=True, TEE=2))

    assert state(order) == ("processing", 0, 0, 2)
    assert Shipment.objects.get().withdrawn


def test_the_same_note_in_two_messages_counts_once() -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998)])

    tell(order, despatched("D-1", TEE=1, message=5), despatched("D-1", TEE=1, message=4))

    assert state(order) == ("partially_shipped", 1, 0, 1)
    assert Shipment.objects.get().message == 4


def test_more_shipped_than_ordered_is_recorded_and_said() -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998)])

    tell(order, despatched("D-1", TEE=3))

    assert state(order) == ("shipped", 3, 0, 0)
    assert items(order) == [("TEE", 3, 0, 0, "shipped")]
    assert attention(order) == [("over_shipment", "W-1: 3 of TEE shipped, 2 ordered")]


def test_an_over_shipment_that_was_a_mistake_closes_its_attention() -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998)])
    tell(order, despatched("D-1", TEE=3))

    tell(order, despatched("D-1", changed=1, TEE=2))

    assert attention(order) == []
    assert state(order) == ("shipped", 2, 0, 0)


def test_an_unknown_sku_is_recorded_and_said() -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998)])

    tell(order, despatched("D-1", TEE=1, UFO=1))

    assert state(order) == ("partially_shipped", 1, 0, 1)
    assert attention(order) == [("unknown_sku", "W-1: shipped UFO, which is not on the order")]


def test_an_unknown_sku_of_a_report_is_said_until_a_newer_report_knows_better() -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998)])

    tell(order, reported("Processing", at=1, TEE=(2, 0, 0), UFO=(1, 0, 0)))

    assert attention(order) == [("unknown_sku", "W-1: the warehouse has UFO on order, which is not on the order here")]
    assert state(order) == ("processing", 0, 0, 2)
    tell(order, reported("Processing", at=2, TEE=(2, 0, 0)))
    assert attention(order) == []
    tell(order, reported("Processing", at=1, TEE=(2, 0, 0), UFO=(1, 0, 0)))
    assert attention(order) == []


def test_a_sku_on_two_lines_of_one_price_ships_from_the_first_and_is_cancelled_from_the_last() -> None:
    order = make_order("W-1", items=[("TEE", 1, 1000), ("TEE", 2, 2000)])

    tell(order, despatched("D-1", TEE=2), reported("Processing", at=1, TEE=(3, None, 1)))

    assert items(order) == [("TEE", 1, 0, 0, "shipped"), ("TEE", 1, 1, 0, "shipped")]
    assert state(order) == ("shipped", 2, 1, 0)


def test_a_sku_on_two_lines_ships_from_the_dearest_and_is_cancelled_from_the_cheapest() -> None:
    order = make_order("W-1", items=[("TEE", 1, 0), ("TEE", 2, 4000)])

    tell(order, despatched("D-1", TEE=2), reported("Despatched", at=1))

    assert items(order) == [("TEE", 0, 1, 0, "cancelled"), ("TEE", 2, 0, 0, "shipped")]


def test_units_shipped_beyond_two_lines_of_a_sku_stay_on_its_last_line() -> None:
    order = make_order("W-1", items=[("TEE", 1, 1000), ("TEE", 1, 1000)])

    tell(order, despatched("D-1", TEE=4))

    assert [row[1] for row in items(order)] == [1, 3]
    assert attention(order) == [("over_shipment", "W-1: 4 of TEE shipped, 2 ordered")]


# Which order


def test_two_sellers_may_use_the_same_reference() -> None:
    mine, other = make_order("W-1"), make_order("W-1")

    tell(mine, despatched("D-1", TEE=2))

    assert (state(mine)[0], state(other)[0]) == ("shipped", "new")


def test_two_sellers_may_use_the_same_despatch_number() -> None:
    mine, other = make_order("W-1"), make_order("W-1")

    tell(mine, despatched("D-1", TEE=2))
    tell(other, despatched("D-1", TEE=1))

    assert (state(mine)[0], state(other)[0]) == ("shipped", "partially_shipped")


def test_a_reference_on_two_channels_of_a_seller_waits_for_a_person() -> None:
    seller = make_seller()
    order = make_order("W-1", seller=seller, channel=make_channel())
    make_order("W-1", seller=seller, channel=make_channel())

    applied = tell(order, despatched("D-1", TEE=2, message=5))

    assert applied.waiting == {5: "2 orders carry the reference W-1: somebody must say which one is meant"}
    assert not Shipment.objects.exists()


def test_a_message_for_an_order_that_is_not_here_waits() -> None:
    order = make_order("W-1")

    applied = tell(order, despatched("D-1", order="W-2", TEE=2, message=5))

    assert (applied.waiting, applied.touched) == ({5: "no order W-2 yet"}, [])
    assert not Shipment.objects.exists()


def test_one_despatch_number_on_two_orders_is_two_shipments_with_attention() -> None:
    seller = make_seller()
    first, second = make_order("W-1", seller=seller), make_order("W-2", seller=seller)
    tell(first, despatched("D-1", TEE=1))

    tell(first, despatched("D-1", order="W-2", changed=5, TEE=2))

    assert (state(first)[0], state(second)[0]) == ("partially_shipped", "shipped")
    assert AttentionItem.objects.get().summary == "main: despatch D-1 stands on W-1, W-2"


@pytest.mark.parametrize("sequence", [(0, 1), (1, 0)])
def test_the_warehouse_s_own_number_finds_the_order_once_it_was_told(sequence: tuple[int, int]) -> None:
    order = make_order("W-1")
    told = [reported("Picking", warehouse_number="S-9"), despatched("D-1", order="", warehouse_number="S-9", TEE=2)]

    tell(order, *(told[n] for n in sequence))

    assert state(order)[0] == "shipped"


@pytest.mark.parametrize(("sku", "status"), [("TEE", "shipped"), ("UFO", "new")])
def test_the_warehouse_s_number_serves_as_a_reference_only_if_the_order_has_the_skus(sku: str, status: str) -> None:
    order = make_order("W-1")
    units: Any = {sku: 2}

    tell(order, despatched("D-1", order="", warehouse_number="W-1", **units))

    assert state(order)[0] == status


# How


def test_apply_refuses_to_work_outside_a_transaction(transactional_db: None) -> None:
    order = make_order("W-1")

    with pytest.raises(RuntimeError, match="belongs inside the transaction"):
        apply(order.seller_id, [despatched(TEE=1)], actor=ACTOR, warehouse=1)


def test_two_hundred_messages_cost_as_many_statements_as_five() -> None:
    seller, channel = make_seller(), make_channel()
    warehouse_of(seller.pk)
    make_all = [make_order(f"W-{n}", seller=seller, channel=channel) for n in range(205)]

    def page(orders: list[Order]) -> list[WarehouseMessage]:
        figures: Any = {"TEE": (2, 1, 1)}
        return [
            snapshot
            for order in orders
            for snapshot in (
                despatched(f"D-{order.pk}", order=order.reference, TEE=1),
                reported("Despatched", at=1, order=order.reference, **figures),
            )
        ]

    with CaptureQueriesContext(connection) as few:
        tell(make_all[0], *page(make_all[:5]))
    with CaptureQueriesContext(connection) as many:
        tell(make_all[0], *page(make_all[5:]))

    assert len(many) == len(few)
    assert Order.objects.filter(status="shipped", cancelled_units=1).count() == 205


def test_rederive_works_quantities_out_again_after_the_items_changed() -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998)])
    tell(order, despatched("D-1", TEE=2, CAP=1))
    assert [kind for kind, _ in attention(order)] == ["unknown_sku"]
    OrderItem.objects.create(order=order, position=2, sku="CAP", quantity=2, unit_price=500, paid=1000)

    with transaction.atomic():
        rederive(order.seller_id, [order.pk], actor="import")

    assert items(order) == [("TEE", 2, 0, 0, "shipped"), ("CAP", 1, 0, 1, "partially_shipped")]
    assert state(order) == ("partially_shipped", 3, 0, 1)
    assert attention(order) == []


def test_rederive_tells_a_new_item_that_its_order_is_on_hold() -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998)])
    tell(order, reported("On Hold"))
    OrderItem.objects.create(order=order, position=2, sku="CAP", quantity=2, unit_price=500, paid=1000)

    with transaction.atomic():
        rederive(order.seller_id, [order.pk], actor="import")

    assert [row[4] for row in items(order)] == ["on_hold", "on_hold"]
