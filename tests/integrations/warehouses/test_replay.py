"""Does the archive alone make the same orders again?"""

import json
import zlib
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from hemi_intake.demo.prosku_server import Sandbox
from integrations.models import ArchivedMessage
from integrations.warehouses.replay import replay
from orders.models import FulfilmentOrder, Order, OrderEvent, Seller, Shipment
from refunds import transitions
from refunds.decisions import review
from refunds.models import Refund
from tests.builders import make_staff
from tests.integrations.warehouses.world import CALM, DISTURBED, make_world, note, picture, wipe

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def prosku() -> Iterator[Sandbox]:
    with Sandbox(keys=(DISTURBED, CALM)) as sandbox:
        yield sandbox


def timeline() -> list[tuple[int, str]]:
    return list(OrderEvent.objects.order_by("id").values_list("order_id", "kind"))


def test_what_was_wiped_comes_back_as_it_was(prosku: Sandbox) -> None:
    world = make_world(prosku)
    world.run()
    before, events = picture(world.disturbed.seller), timeline()
    wipe()
    assert picture(world.disturbed.seller) != before

    out, err = StringIO(), StringIO()
    call_command("replay_prosku", stdout=out, stderr=err)

    assert picture(world.disturbed.seller) == before
    messages = ArchivedMessage.objects.count()
    assert json.loads(out.getvalue()) == {
        "orders": 14, "messages": messages, "changed": 14, "incomplete": 0, "left": 0, "waiting_applied": 0,
    }  # fmt: skip
    assert err.getvalue() == f"14 orders, {messages} messages\n"
    replayed = [
        (order, "order.replayed")
        for order in Order.objects.filter(events__isnull=False).distinct().order_by("id").values_list("id", flat=True)
    ]
    assert timeline() == events + replayed


def test_a_replay_without_need_changes_nothing_at_all(prosku: Sandbox) -> None:
    world = make_world(prosku)
    world.run()
    before, events = picture(world.disturbed.seller), timeline()
    ids = list(Shipment.objects.order_by("number").values_list("id", "recorded_at"))

    counts = replay([world.disturbed.seller])

    assert (picture(world.disturbed.seller), timeline(), counts["changed"]) == (before, events, 0)
    assert list(Shipment.objects.order_by("number").values_list("id", "recorded_at")) == ids


def test_what_no_message_ever_told_is_gone_after_a_replay(prosku: Sandbox) -> None:
    world = make_world(prosku, orders=2)
    world.run()
    before = picture(world.disturbed.seller)
    order = Order.objects.filter(seller=world.disturbed.seller).latest("id")
    forged = order.shipments.get()
    forged.pk, forged.number = None, "forged"
    forged.save()
    order.items.update(cancelled_quantity=1)

    replay([world.disturbed.seller])

    assert picture(world.disturbed.seller) == before


def test_what_was_decided_stays_decided(prosku: Sandbox) -> None:
    world = make_world(prosku)
    world.run()
    refund = Refund.objects.filter(status="proposed").earliest("id")
    approver = make_staff(permissions=["refunds.approve_refund"])
    review.approve(refund.pk, by=approver, seen=transitions.ExpectedVersion(refund.version, refund.amount))
    before = list(Refund.objects.order_by("id").values("id", "status", "amount", "messages", "version"))
    wipe()

    replay(Seller.objects.all())

    assert list(Refund.objects.order_by("id").values("id", "status", "amount", "messages", "version")) == before
    assert Refund.objects.get(pk=refund.pk).status == "approved"


def test_an_order_whose_messages_were_pruned_keeps_what_they_said(prosku: Sandbox) -> None:
    world = make_world(prosku, orders=1)
    world.run()
    before = picture(world.disturbed.seller)
    ArchivedMessage.objects.filter(resource="orders").delete()

    counts = replay([world.disturbed.seller])

    after = picture(world.disturbed.seller)
    assert counts["incomplete"] == 1
    assert {**after, "archive": []} == {**before, "archive": []}


def test_only_the_orders_of_one_seller_that_have_news_are_told_again(prosku: Sandbox) -> None:
    world = make_world(prosku, orders=2)
    world.run()
    world.run(world.calm)
    last = ArchivedMessage.objects.filter(seller=world.disturbed.seller).latest("id")
    ArchivedMessage.objects.filter(seller=world.disturbed.seller).exclude(order=last.order).update(
        received_at="2026-01-01T00:00:00Z"
    )
    wipe()

    out = StringIO()
    call_command("replay_prosku", "--seller", "lumen", "--since", "2026-02-01T00:00:00Z", stdout=out, stderr=StringIO())

    assert json.loads(out.getvalue())["orders"] == 1
    assert [order.pk for order in Order.objects.filter(shipped_units__gt=0)] == [last.order_id]
    with pytest.raises(CommandError, match="needs a zone"):
        call_command("replay_prosku", "--since", "2026-02-01T00:00:00")
    with pytest.raises(CommandError, match="account_not_found"):
        call_command("replay_prosku", "--seller", "nobody")


def test_messages_of_two_numbers_for_one_order_find_it_again(prosku: Sandbox) -> None:
    world = make_world(prosku, orders=1)
    world.run()
    by_number = note("999", "", TEE=1) | {
        "order_number": FulfilmentOrder.objects.get(order__seller=world.disturbed.seller).number
    }
    prosku.state.put(DISTURBED, "despatches", [by_number])
    world.run()
    before = picture(world.disturbed.seller)
    wipe()

    replay([world.disturbed.seller])

    assert picture(world.disturbed.seller) == before


def test_an_order_whose_messages_can_no_longer_be_applied_is_left_as_it_is(prosku: Sandbox) -> None:
    world = make_world(prosku, orders=2)
    world.run()
    before = picture(world.disturbed.seller)
    ArchivedMessage.objects.filter(reference="W-000").update(raw=zlib.compress(b'{"order_reference": "W-000"}'))
    archived = list(ArchivedMessage.objects.order_by("id").values_list("state", "reason"))

    counts = replay([world.disturbed.seller])

    assert (counts["orders"], counts["left"], counts["changed"]) == (2, 1, 0)
    assert picture(world.disturbed.seller) == before
    assert list(ArchivedMessage.objects.order_by("id").values_list("state", "reason")) == archived
