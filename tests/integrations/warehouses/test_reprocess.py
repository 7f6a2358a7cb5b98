"""Do rejected and waiting messages come right after a fix, and does only what nobody needs go away?"""

import zlib
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from hemi_intake.demo.prosku_server import Sandbox
from hemi_intake.demo.prosku_server.answers import Fault
from integrations.models import ArchivedMessage, SyncRun
from integrations.prune import prune
from integrations.warehouses.models import MessageDigest
from integrations.warehouses.reprocess import again, rejected
from orders.models import AttentionItem, Order
from refunds.models import Refund
from tests.builders import make_order
from tests.integrations.warehouses.world import CALM, DISTURBED, World, make_world, note, open_attention

pytestmark = pytest.mark.django_db(transaction=True)
OLD = timedelta(days=91)


@pytest.fixture
def prosku() -> Iterator[Sandbox]:
    with Sandbox(keys=(DISTURBED, CALM)) as sandbox:
        yield sandbox


@pytest.fixture
def world(prosku: Sandbox) -> World:
    return make_world(prosku, orders=0)


def test_a_rejected_message_applies_after_a_fix(world: World) -> None:
    make_order("W-1", seller=world.disturbed.seller, items=[("TEE", 1, 2999)])
    world.prosku.state.put(DISTURBED, "despatches", [note("1", "W-1", TEE="one")])
    world.run()
    message = ArchivedMessage.objects.get()
    assert (message.state, message.reason) == (
        "rejected",
        "'one' is not a whole number of units from 0 to 1000000 (despatch_lines[1].quantity)",
    )
    assert again(rejected()) == {"rejected": 1}
    # The fix: what could not be read can be read now.
    ArchivedMessage.objects.update(raw=zlib.compress(zlib.decompress(bytes(message.raw)).replace(b"one", b"1")))

    counts = again(rejected())

    assert (counts["applied"], rejected()) == (1, [])
    assert Order.objects.get().status == "shipped"
    assert open_attention() == []
    assert again([message.pk])["applied"] == 1
    assert Order.objects.get().shipped_units == 1


def test_a_whole_answer_is_nothing_to_apply_again(world: World) -> None:
    world.prosku.faults.append(Fault("html", times=-1, resource="orders"))
    world.run()

    assert again(list(ArchivedMessage.objects.values_list("pk", flat=True))) == {}

    assert ArchivedMessage.objects.get().state == "rejected"


def age() -> None:
    ArchivedMessage.objects.update(received_at=timezone.now() - OLD)
    SyncRun.objects.update(started_at=timezone.now() - OLD)


def kept() -> set[str]:
    return set(ArchivedMessage.objects.values_list("reference", flat=True))


def test_the_messages_of_finished_orders_go_after_their_time_and_those_of_open_ones_stay(prosku: Sandbox) -> None:
    world = make_world(prosku)
    world.run()
    age()
    mine = Order.objects.filter(seller=world.disturbed.seller)
    unfinished = set(mine.filter(outstanding_units__gt=0).values_list("reference", flat=True))
    decided_on = set(Refund.objects.values_list("order__reference", flat=True))
    assert unfinished
    assert decided_on

    gone = prune()

    assert gone["messages"] > 0
    assert kept() == unfinished | decided_on
    Refund.objects.update(status="rejected", decided_at=timezone.now())
    assert prune()["messages"] > 0
    assert kept().isdisjoint(decided_on - unfinished)
    assert prune()["messages"] == 0


def test_young_messages_stay(prosku: Sandbox) -> None:
    world = make_world(prosku)
    world.run()

    assert prune() == {"messages": 0, "runs": 0, "discrepancies": 0}


def test_one_young_message_keeps_all_of_its_order(world: World) -> None:
    make_order("W-1", seller=world.disturbed.seller, items=[("TEE", 2, 5998)])
    world.prosku.state.put(DISTURBED, "despatches", [note("1", "W-1", TEE=1), note("2", "W-1", TEE=1)])
    world.run()
    age()
    ArchivedMessage.objects.filter(pk=ArchivedMessage.objects.latest("id").pk).update(received_at=timezone.now())

    assert prune()["messages"] == 0

    age()
    assert prune() == {"messages": 2, "runs": 1, "discrepancies": 0}


def test_what_waits_or_was_rejected_stays_until_somebody_has_looked(world: World) -> None:
    world.prosku.state.put(DISTURBED, "despatches", [note("1", "W-1", TEE="one"), note("2", "nobody", TEE=1)])
    world.run()
    age()
    assert prune()["messages"] == 0

    AttentionItem.objects.filter(kind="message_rejected").update(closed_at=timezone.now())

    assert prune()["messages"] == 1
    assert kept() == {"nobody"}


def test_an_order_that_needs_attention_keeps_its_messages(world: World) -> None:
    make_order("W-1", seller=world.disturbed.seller, items=[("TEE", 1, 2999)])
    world.prosku.state.put(DISTURBED, "despatches", [note("1", "W-1", TEE=2)])
    world.run()
    age()
    assert open_attention() == ["over_shipment"]
    assert prune()["messages"] == 0

    AttentionItem.objects.update(closed_at=timezone.now())

    assert prune()["messages"] == 1


def test_a_message_that_went_is_kept_again_when_it_comes_again(world: World) -> None:
    make_order("W-1", seller=world.disturbed.seller, items=[("TEE", 1, 2999)])
    world.prosku.state.put(DISTURBED, "despatches", [note("1", "W-1", TEE=1)])
    world.run()
    world.run()
    assert (ArchivedMessage.objects.count(), MessageDigest.objects.count()) == (1, 1)

    ArchivedMessage.objects.all().delete()
    assert not MessageDigest.objects.exists()
    world.run()

    message = ArchivedMessage.objects.get()
    assert (message.state, bytes(MessageDigest.objects.get(message=message).digest).hex()) == (
        "applied",
        message.digest,
    )
