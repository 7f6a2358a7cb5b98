"""Does a comparison find where ProSKU and we disagree, and does one click take ProSKU's side?"""

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from hemi_intake.demo.prosku_server import Sandbox
from hemi_intake.demo.prosku_server.answers import Fault
from integrations.models import Account, ArchivedMessage, Discrepancy
from integrations.warehouses.accept_discrepancy import accept_discrepancy
from integrations.warehouses.compare import compare, compare_due
from orders.models import FulfilmentOrder, Order, OrderEvent
from tests.builders import make_order, make_staff
from tests.integrations.warehouses.world import (
    CALM,
    DISTURBED,
    QUICK,
    World,
    fresh,
    make_world,
    open_attention,
    picture,
    report,
)
from tests.refusals import refused

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def prosku() -> Iterator[Sandbox]:
    with Sandbox(keys=(DISTURBED, CALM)) as sandbox:
        yield sandbox


@pytest.fixture
def world(prosku: Sandbox) -> World:
    """Everything read, and one order open on both sides."""
    world = make_world(prosku, orders=0)
    make_order("W-1", seller=world.disturbed.seller, items=[("TEE", 3, 8997)])
    prosku.state.put(DISTURBED, "orders", [report("W-1", "picking", "03/03/2026 10:00:00", TEE=(3, 0, 0))])
    world.run()
    return world


def standing() -> list[tuple[str, str, dict[str, object], dict[str, object]]]:
    rows = Discrepancy.objects.filter(resolved_at__isnull=True).order_by("reference", "kind")
    return [(row.reference, row.kind, row.ours, row.theirs) for row in rows]


def compared(world: World) -> int:
    return compare(fresh(world.disturbed), patience=QUICK)


def lose_a_message(world: World) -> None:
    """ProSKU has shipped one and cancelled one, and its message never came."""
    told = report("W-1", "part_despatched", "03/03/2026 12:00:00", TEE=(3, 1, 1))
    world.prosku.state.put(DISTURBED, "orders", [told])
    world.run()
    archived = ArchivedMessage.objects.latest("id")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE orders_orderitem SET shipped_quantity = 0")
    Order.objects.update(shipped_units=0, outstanding_units=2)
    FulfilmentOrder.objects.update(figures=[], units={}, report_version="", reported_at=None, report_message=None)
    archived.delete()


def test_where_nothing_differs_nothing_is_kept(world: World) -> None:
    assert compared(world) == 0
    assert standing() == []
    assert open_attention() == []


def test_units_that_differ_are_kept_by_sku_and_change_nothing(world: World) -> None:
    lose_a_message(world)
    before = picture(world.disturbed.seller)

    assert compared(world) == 1

    assert standing() == [("W-1", "shipped", {"TEE": 0}, {"TEE": 1})]
    assert open_attention("discrepancy") == ["Lumen at main: data mismatch on 1 order"]
    assert compared(world) == 1
    assert Discrepancy.objects.count() == 1
    after = picture(world.disturbed.seller)
    assert {**after, "attention": []} == {**before, "attention": []}


def test_one_click_applies_what_prosku_says_and_settles(world: World) -> None:
    lose_a_message(world)
    compared(world)
    anna = make_staff("anna", permissions=["integrations.accept_discrepancy"])

    said = accept_discrepancy(Discrepancy.objects.get(), by=anna)

    assert said == "W-1 updated to ProSKU's values."
    order = Order.objects.get()
    assert (order.shipped_units, order.cancelled_units) == (1, 1)
    row = Discrepancy.objects.get()
    assert (row.resolved_at is not None, row.accepted_by) == (True, anna)
    assert ArchivedMessage.objects.latest("id").state == "applied"
    assert OrderEvent.objects.filter(kind="order.compared").get().actor == "staff:anna"
    assert open_attention("discrepancy") == []
    with refused("already_settled"):
        accept_discrepancy(row, by=anna)


def test_a_person_without_the_right_takes_nothing(world: World) -> None:
    lose_a_message(world)
    compared(world)
    before = picture(world.disturbed.seller)

    with refused("not_permitted"):
        accept_discrepancy(Discrepancy.objects.get(), by=make_staff("bert"))

    assert picture(world.disturbed.seller) == before
    assert standing() != []


def test_figures_spoilt_on_our_side_are_made_anew_from_the_archive(world: World) -> None:
    told = report("W-1", "part_despatched", "03/03/2026 12:00:00", TEE=(3, 1, 0))
    world.prosku.state.put(DISTURBED, "orders", [told])
    world.run()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE orders_orderitem SET shipped_quantity = 0")
    FulfilmentOrder.objects.update(figures=[])
    compared(world)
    assert standing() == [("W-1", "shipped", {"TEE": 0}, {"TEE": 1})]

    said = accept_discrepancy(Discrepancy.objects.get(), by=make_staff(permissions=["integrations.accept_discrepancy"]))

    assert said == "W-1 updated to ProSKU's values."
    assert Order.objects.get().items.get().shipped_quantity == 1


def test_orders_that_only_one_side_knows_are_listed(world: World) -> None:
    make_order("W-2", seller=world.disturbed.seller, items=[("TEE", 1, 2999)])
    world.prosku.state.put(DISTURBED, "orders", [report("X-9", "picking", "03/03/2026 09:00:00", TEE=(1, 0, 0))])
    world.run()

    assert compared(world) == 2

    assert standing() == [
        ("W-2", "unknown_there", {"status": "new"}, {}),
        ("X-9", "unknown_here", {}, {"status": "picking"}),
    ]
    missing = Discrepancy.objects.get(reference="W-2")
    with refused("order_not_found"):
        accept_discrepancy(missing, by=make_staff(permissions=["integrations.accept_discrepancy"]))


def test_an_order_closed_on_one_side_only_is_a_discrepancy_about_its_status(world: World) -> None:
    told = report("W-1", "despatched", "03/03/2026 10:00:00", TEE=3)
    world.prosku.state.put(DISTURBED, "orders", [told])
    ArchivedMessage.objects.all().delete()

    assert compared(world) == 1

    assert standing() == [("W-1", "status", {"status": "processing"}, {"status": "despatched"})]


def test_news_that_the_next_sync_will_bring_is_no_disagreement(world: World) -> None:
    world.prosku.state.put(DISTURBED, "orders", [report("W-1", "despatched", "21/11/2098 10:00:00", TEE=(3, 3, 0))])

    assert compared(world) == 0


def test_what_a_later_comparison_no_longer_finds_is_settled(world: World) -> None:
    lose_a_message(world)
    compared(world)
    world.run(since=fresh(world.disturbed).seller.orders.get().placed_at)

    assert compared(world) == 0

    assert Discrepancy.objects.get().resolved_at is not None
    assert open_attention("discrepancy") == []


def test_without_an_answer_nothing_is_settled_and_the_command_says_why(world: World) -> None:
    lose_a_message(world)
    compared(world)
    before = standing()
    world.prosku.faults.append(Fault("status", times=-1, status=401))

    with refused("not_connected", says="refuses the key"):
        compared(world)
    out = StringIO()
    with pytest.raises(CommandError, match="could not be compared"):
        call_command("compare_prosku", "--seller", "lumen", stdout=out)

    said = json.loads(out.getvalue())["compared"][0]
    assert "refuses the key" in said["error"]
    assert said["discrepancies"] == [{"order": "W-1", "about": "shipped", "ours": {"TEE": 0}, "theirs": {"TEE": 1}}]
    assert standing() == before


def test_each_account_is_compared_once_a_night_and_what_cannot_be_is_said_after_days(world: World) -> None:
    now = timezone.now()
    Account.objects.update(active=False)
    due = Account.objects.filter(pk=world.disturbed.pk)
    due.update(active=True, compared_at=now - timedelta(days=4))
    world.prosku.faults.append(Fault("status", times=-1, status=401))

    assert compare_due(since=now, ends=time.monotonic() + 60) == 0
    assert open_attention("sync_failing") == [
        "Lumen at main has not been compared with ProSKU for days: ProSKU refuses the key (status 401)"
    ]
    world.prosku.faults.clear()
    lose_a_message(world)
    assert compare_due(since=now, ends=time.monotonic()) == 0
    assert due.get().compared_at < now
    assert compare_due(since=now, ends=time.monotonic() + 60) == 1
    assert due.get().compared_at > now
    assert open_attention() == ["discrepancy"]
    asked = len(world.prosku.requests)
    assert compare_due(since=now, ends=time.monotonic() + 60) == 0
    assert len(world.prosku.requests) == asked


def test_a_comparison_ends_in_time_and_settles_nothing_then(world: World) -> None:
    lose_a_message(world)
    compared(world)
    before = standing()

    with refused("too_slow"):
        compare(fresh(world.disturbed), patience=QUICK, ends=time.monotonic())

    assert standing() == before


def test_all_the_stories_of_the_sandbox_agree(prosku: Sandbox) -> None:
    world = make_world(prosku)
    world.run()

    assert compared(world) == 0
    assert standing() == []


def test_another_case_of_a_sku_is_no_discrepancy(prosku: Sandbox) -> None:
    world = make_world(prosku, orders=0)
    make_order("W-1", seller=world.disturbed.seller, items=[("TEE-RED", 3, 8997)])
    told = report("W-1", "part_despatched", "03/03/2026 10:00:00", **{"tee-red": (3, 1, 0)})
    prosku.state.put(DISTURBED, "orders", [told])
    world.run()

    assert (compared(world), standing()) == (0, [])
