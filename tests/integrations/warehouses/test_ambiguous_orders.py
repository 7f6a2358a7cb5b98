"""Where one reference fits several orders: is it said so, and does a person's word decide?"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from hemi_intake.demo.prosku_server import Sandbox
from integrations.models import ArchivedMessage
from integrations.warehouses.choose_order import choose_order
from integrations.warehouses.files.import_file import import_file
from integrations.warehouses.replay import replay
from orders.models import AttentionItem, Order, OrderEvent, OrderMatch
from tests.builders import make_channel, make_order, make_staff
from tests.integrations.warehouses.world import CALM, DISTURBED, World, make_world, report
from tests.refusals import refused

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def prosku() -> Iterator[Sandbox]:
    with Sandbox(keys=(DISTURBED, CALM)) as sandbox:
        yield sandbox


@pytest.fixture
def world(prosku: Sandbox) -> World:
    """One reference on two channels of a seller; the warehouse knows both orders, under numbers of its own."""
    world = make_world(prosku, orders=0)
    for channel, paid in (("web", 3000), ("market", 6000)):
        make_order("W-1", seller=world.disturbed.seller, channel=make_channel(channel), items=[("TEE", 3, paid)])
    for number, shipped in (("000001", 1), ("000002", 3)):
        told = report("W-1", "despatched", "03/03/2026 10:00:00", TEE=(3, shipped, 0)) | {"order_number": number}
        prosku.state.put(DISTURBED, "orders", [told])
        world.run()
    return world


def message(number: str) -> ArchivedMessage:
    return ArchivedMessage.objects.filter(warehouse_number=number).latest("id")


def order(channel: str) -> Order:
    return Order.objects.get(channel__code=channel)


def attention() -> list[tuple[str, str]]:
    return list(AttentionItem.objects.filter(closed_at=None).values_list("kind", "summary"))


def test_attention_says_what_it_is(world: World) -> None:
    assert {row.reason for row in ArchivedMessage.objects.all()} == {
        "2 orders carry the reference W-1: somebody must say which one is meant"
    }
    [(kind, summary)] = attention()
    assert kind == "ambiguous_order"
    assert "several orders carry W-1" in summary


def test_a_persons_word_applies_all_that_waits_under_the_number(world: World) -> None:
    anna = make_staff("anna")
    choose_order(message("000001"), order("market").pk, by=anna)
    half = (order("web").shipped_units, order("market").shipped_units, len(attention()))
    choose_order(message("000002"), order("web").pk, by=anna)

    assert half == (0, 1, 1)
    assert (order("web").shipped_units, order("market").shipped_units) == (3, 1)
    assert "ambiguous_order" not in dict(attention())
    event = OrderEvent.objects.get(kind="order.matched", order=order("market"))
    assert (event.actor, event.data) == ("staff:anna", {"name": "000001"})


def test_later_messages_and_a_replay_follow_the_persons_word(world: World) -> None:
    choose_order(message("000001"), order("market").pk, by=make_staff("anna"))
    told = report("W-1", "despatched", "03/03/2026 12:00:00", TEE=(3, 2, 0)) | {"order_number": "000001"}
    world.prosku.state.put(DISTURBED, "orders", [told])
    world.run()
    before = order("market").shipped_units

    replay([world.disturbed.seller])

    assert (before, order("market").shipped_units, order("web").shipped_units) == (2, 2, 0)


def test_without_a_number_the_word_is_on_one_message_alone(prosku: Sandbox) -> None:
    world = make_world(prosku, orders=0)
    for channel in ("web", "market"):
        make_order("W-1", seller=world.disturbed.seller, channel=make_channel(channel), items=[("TEE", 3, 3000)])
    for hour, shipped in ((10, 1), (11, 2)):
        told = report("W-1", "part_despatched", f"03/03/2026 {hour}:00:00", TEE=(3, shipped, 0))
        told.pop("order_number", None)
        prosku.state.put(DISTURBED, "orders", [told])
        world.run()
    first = ArchivedMessage.objects.earliest("id")

    choose_order(first, order("web").pk, by=make_staff("anna"))

    assert (order("web").shipped_units, ArchivedMessage.objects.filter(state="parked").count()) == (1, 1)


def test_it_is_said_once_and_of_an_order_that_may_be_meant(world: World) -> None:
    anna = make_staff("anna")
    other = make_order("W-2", seller=world.disturbed.seller)

    with refused("not_a_candidate"):
        choose_order(message("000001"), other.pk, by=anna)
    choose_order(message("000001"), order("web").pk, by=anna)
    with refused("not_waiting"):
        choose_order(message("000001"), order("market").pk, by=anna)
    assert OrderMatch.objects.count() == 1


def test_a_person_comes_from_attention_to_the_choice(world: World, client: Any) -> None:
    may = ("integrations.view_archivedmessage", "orders.view_attentionitem", "orders.close_attention")
    client.force_login(make_staff("anna", permissions=may))
    item = AttentionItem.objects.get(kind="ambiguous_order")
    waiting = reverse("admin:integrations_archivedmessage_changelist") + "?state=parked&q=W-1"
    row = message("000001")

    page = client.get(reverse("admin:orders_attentionitem_change", args=[item.pk])).content.decode()
    listed = client.get(waiting).content.decode()
    shown = client.get(reverse("admin:integrations_archivedmessage_change", args=[row.pk])).content.decode()
    chosen = client.post(
        reverse("admin:integrations_archivedmessage_do", args=[row.pk, "order"]), {"order": order("market").pk}
    )

    assert waiting.replace("&", "&amp;") in page
    assert f"Message {row.pk}" in listed
    assert "W-1 · Market · 2 Mar 2026 · Ada Lovelace · 3 × TEE" in shown
    assert chosen.status_code == 302
    assert order("market").shipped_units == 1


def test_one_despatch_number_of_a_file_may_carry_parcels_of_two_orders(world: World) -> None:
    account = world.disturbed
    orders = [make_order(name, seller=account.seller, items=[("MUG", 1, 500)]) for name in ("W-7", "W-8")]
    header = "Order reference,SKU,Quantity,Carrier,Tracking number,Despatch time,Despatch number\n"
    rows = "".join(f"{order},MUG,1,DPD,T1,03/03/2026 10:00:00,1\n" for order in orders)

    read = import_file(account, "today.csv", (header + rows).encode(), written_at=timezone.now())

    assert read.rejected == 0
    assert [Order.objects.get(pk=order.pk).shipped_units for order in orders] == [1, 1]
    assert "shared_despatch_number" in dict(attention())
