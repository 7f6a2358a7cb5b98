"""Which facts does the timeline get when the warehouse speaks, and what do they carry?"""

import pytest

from orders.actions import hold
from orders.admin import entries_of
from orders.models import Order, OrderEvent
from orders.timeline.wording import sentence
from tests.builders import make_order
from tests.refunds.people import kinds
from tests.warehouse import ACTOR, despatched, minute, reported, tell

pytestmark = pytest.mark.django_db


def test_an_order_s_way_is_told_fact_by_fact() -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998)])

    tell(order, reported("Processing"))
    tell(order, reported("On Hold", at=1))
    tell(order, reported("Picking", at=2))
    tell(order, despatched("D-1", at=3, TEE=1))
    tell(order, reported("Despatched", at=4))

    assert kinds(order) == [
        "order.started",
        "order.held",
        "order.started",
        "shipment.recorded",
        "order.partially_shipped",
        "order.units_cancelled",
        "order.shipped",
        "refund.proposed",
    ]


def test_a_fact_says_who_when_and_on_what_evidence() -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998)])

    tell(order, despatched("D-1", at=3, tracking="T-1", message=42, TEE=1))

    recorded, shipped = OrderEvent.objects.order_by("id")
    assert (recorded.kind, recorded.actor, recorded.occurred_at, recorded.message) == (
        *("shipment.recorded", ACTOR, minute(3), 42),
    )
    assert recorded.data == {
        "number": "D-1",
        "carrier": "",
        "tracking_number": "T-1",
        "items": [{"sku": "TEE", "quantity": 1}],
    }
    assert (shipped.kind, shipped.occurred_at, shipped.seller_id) == (
        *("order.partially_shipped", minute(3), order.seller_id),
    )
    assert shipped.data == {"from": "new", "to": "partially_shipped", "word": "", "shipped": 1, "ordered": 2}


def test_the_same_messages_again_add_nothing() -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998)])
    told = [despatched("D-1", TEE=1), reported("Despatched", at=1), reported("Picking", at=2)]
    tell(order, *told)
    before = kinds(order), Order.objects.values().get()

    tell(order, *told)
    for one in reversed(told):
        tell(order, one)

    assert (kinds(order), Order.objects.values().get()) == before


def test_a_changed_note_and_a_withdrawn_one_are_facts_of_their_own() -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998)])

    tell(order, despatched("D-1", TEE=1))
    tell(order, despatched("D-1", changed=1, TEE=2))
    tell(order, despatched("D-1", changed=2, withdrawn=True, TEE=2))

    assert kinds(order) == [
        *("shipment.recorded", "order.partially_shipped"),
        *("shipment.changed", "order.shipped"),
        *("shipment.withdrawn", "order.started"),
    ]


def test_a_note_that_was_only_touched_is_no_news() -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998)])

    tell(order, despatched("D-1", TEE=1))
    tell(order, despatched("D-1", changed=1, TEE=1))

    assert kinds(order) == ["shipment.recorded", "order.partially_shipped"]


def test_units_that_come_back_are_a_fact() -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998)])

    tell(order, reported("Processing", TEE=(2, 0, 1)))
    tell(order, reported("Processing", at=1, TEE=(2, 0, 0)))

    assert kinds(order) == [
        *("order.units_cancelled", "order.started", "refund.proposed"),
        *("order.units_restored", "refund.withdrawn"),
    ]


def test_what_belongs_together_is_one_entry_with_one_piece_of_evidence() -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998), ("CAP", 2, 123400)])
    tell(order, despatched("D-1", at=3, message=42, TEE=1))
    tell(order, reported("Cancelled", at=3, message=43, TEE=(2, 1, 1), CAP=(2, 0, 2)))

    entries = entries_of(list(order.events.order_by("-id")), lambda message: f"/{message}")

    # The refund was proposed when the message was settled, not when the warehouse wrote it.
    assert [(len(entry.events), entry.evidence) for entry in entries] == [(1, "/43"), (2, "/43"), (2, "/42")]
    assert sentence(entries[0].events[0].kind, entries[0].events[0].data, "GBP") == (
        "Refund W-1-R1 of 1,263.99\N{NO-BREAK SPACE}GBP proposed: cancelled by warehouse"
    )


def said(order: Order) -> list[tuple[str, str]]:
    return [(event.actor, sentence(event.kind, event.data, order.currency)) for event in order.events.order_by("id")]


def test_our_own_hold_is_told_as_ours_and_never_in_the_warehouse_s_words() -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998)])
    tell(order, reported("Picking"))

    hold.hold(order.pk, why="Address looks wrong", actor="staff:anna")
    hold.release(order.pk, actor="staff:anna")

    assert said(order)[1:] == [
        ("staff:anna", "Placed on hold: Address looks wrong"),
        ("staff:anna", "On hold"),
        ("staff:anna", "Hold released (was: Address looks wrong)"),
        ("staff:anna", "Off hold – warehouse working on it"),
    ]


def test_the_warehouse_s_hold_is_told_in_its_words() -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998)])

    tell(order, reported("On Hold"), despatched("D-1", at=1, TEE=1))
    tell(order, reported("Picking", at=2))

    assert said(order) == [
        (ACTOR, "Despatch D-1 shipped: 1 × TEE"),
        (ACTOR, "On hold: warehouse status On Hold"),
        (ACTOR, "Off hold: 1 of 2 units shipped"),
    ]
