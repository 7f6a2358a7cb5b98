"""Order documents that say which warehouse ships what, and which lines no warehouse ships."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.documents import Faulty, check
from orders.intake.upsert import IntakeResult, Outcome, upsert_orders
from orders.models import FulfilmentOrder, Order, OrderEvent
from tests.builders import make_channel, make_seller
from tests.orders.documents import line, small_order
from tests.warehouse import reported, tell, warehouse_of

pytestmark = pytest.mark.django_db
EAST, WEST = (
    {"warehouse": "east", "items": [{"sku": "TEE", "quantity": 1}]},
    {"warehouse": "west", "items": [{"sku": "TEE", "quantity": 1}]},
)


@pytest.fixture(autouse=True)
def _places() -> None:
    seller = make_seller("acme")
    make_channel("acme-web")
    for code in ("east", "west"):
        warehouse_of(seller.pk, code)


def take(*documents: dict[str, Any]) -> list[IntakeResult]:
    return upsert_orders([check(document) for document in documents], actor="import")


def routed() -> list[tuple[str, str, Any, Any]]:
    parts = FulfilmentOrder.objects.order_by("order__reference", "warehouse__code")
    return list(parts.values_list("warehouse__code", "state", "requested", "units"))


def test_a_document_may_say_which_warehouse_ships_what() -> None:
    take(small_order(fulfilment_orders=[EAST, WEST]))

    asked = {"TEE": [1, 0, 0, 1]}
    assert routed() == [("east", "open", {"TEE": 1}, asked), ("west", "open", {"TEE": 1}, asked)]
    assert Order.objects.get().outstanding_units == 2


def test_a_later_document_routes_anew_and_one_without_routing_leaves_it_alone() -> None:
    take(small_order(fulfilment_orders=[EAST, WEST]))
    tell(Order.objects.get(), reported("Processing", TEE=(1, 0, 0)), warehouse="east")
    both = {"warehouse": "west", "items": [{"sku": "TEE", "quantity": 2}]}

    assert [result.outcome for result in take(small_order())] == [Outcome.UNCHANGED]
    assert [result.outcome for result in take(small_order(fulfilment_orders=[both]))] == [Outcome.UPDATED]

    # East has reported, so its part stays, though it is asked for nothing; what it lists it may still ship.
    assert [row[:3] for row in routed()] == [("east", "in_progress", {}), ("west", "open", {"TEE": 2})]
    changes = OrderEvent.objects.get(kind="order.changed").data["changes"]
    before = {"east": {"TEE": 1}, "west": {"TEE": 1}}
    assert changes == [{"field": "fulfilment_orders", "from": before, "to": {"west": {"TEE": 2}}}]
    assert [result.outcome for result in take(small_order(fulfilment_orders=[both]))] == [Outcome.UNCHANGED]


def test_a_warehouse_that_the_seller_does_not_use_is_refused_by_name() -> None:
    warehouse_of(make_seller("other").pk, "north")

    (result,) = take(small_order(fulfilment_orders=[EAST | {"warehouse": "north"}]))

    assert result.outcome == Outcome.REFUSED
    assert [fault.message for fault in result.faults] == [
        "fulfilment_orders[0].warehouse north is no warehouse of the seller acme"
    ]


@pytest.mark.parametrize(
    ("parts", "field", "message"),
    [
        (
            [{"warehouse": "east", "items": [{"sku": "CAP", "quantity": 1}]}],
            "fulfilment_orders[0].items[0].sku",
            "is not on the order: CAP",
        ),
        (
            [EAST, {"warehouse": "west", "items": [{"sku": "TEE", "quantity": 2}]}],
            "fulfilment_orders[1].items[0].quantity",
            "is more than the 1 of TEE that are left to be shipped",
        ),
        ([EAST, EAST], "fulfilment_orders[1].warehouse", "stands in an earlier entry already: east"),
    ],
)
def test_routing_that_does_not_fit_the_order_is_refused(parts: list[Any], field: str, message: str) -> None:
    with pytest.raises(Faulty) as refused:
        check(small_order(fulfilment_orders=parts))

    assert [(fault.field, fault.message) for fault in refused.value.faults] == [(field, f"{field} {message}")]


def test_a_line_that_no_warehouse_ships_is_never_outstanding_nor_cancelled() -> None:
    tip = line("TIP", 1, "5.00", ships=False, channel_line="L-2", properties={"for": "Ada"})
    take(small_order(items=[line(channel_line="L-1"), tip], total_paid="64.98"))
    order = Order.objects.get()
    assert (order.ordered_units, order.outstanding_units) == (3, 2)

    tell(order, reported("Cancelled", TEE=(2, 0, 2)), warehouse="east")

    fields = ("sku", "cancelled_quantity", "outstanding_quantity", "channel_line", "ships", "properties")
    assert list(order.items.order_by("position").values_list(*fields)) == [
        ("TEE", 2, 0, "L-1", True, {}),
        ("TIP", 0, 0, "L-2", False, {"for": "Ada"}),
    ]
    assert Order.objects.get().status == "cancelled"
    assert "services_left" in order.attention.filter(closed_at=None).values_list("kind", flat=True)


def test_ids_language_and_properties_may_change_once_units_have_shipped() -> None:
    take(small_order())
    tell(Order.objects.get(), reported("Despatched", TEE=(2, 2, 0)), warehouse="east")

    changed = small_order(channel_id="gid-7", language="en-GB", items=[line(properties={"engraving": "A"})])

    assert [result.outcome for result in take(changed)] == [Outcome.UPDATED]
    order = Order.objects.get()
    assert (order.channel_order_id, order.language) == ("gid-7", "en-GB")
    assert order.items.get().properties == {"engraving": "A"}


def test_many_routed_orders_cost_as_many_statements_as_one() -> None:
    def documents(start: int, count: int) -> list[dict[str, Any]]:
        return [small_order(f"W-{n}", fulfilment_orders=[EAST, WEST]) for n in range(start, start + count)]

    with CaptureQueriesContext(connection) as few:
        take(*documents(1, 1))
    with CaptureQueriesContext(connection) as many:
        take(*documents(2, 20))

    assert len(many) == len(few)
