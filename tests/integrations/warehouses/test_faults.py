"""Does a sync end where an undisturbed one ends, whatever ProSKU does meanwhile? A misbehaving server, real HTTP."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from hemi_intake.demo.prosku_server import Sandbox
from hemi_intake.demo.prosku_server.answers import Fault
from integrations.models import Account, ArchivedMessage, Connection, SyncRun
from integrations.warehouses import poll
from orders.models import AttentionItem, Order, Shipment
from tests.builders import make_order, make_seller
from tests.integrations.warehouses.world import (
    CALM,
    DISTURBED,
    World,
    fresh,
    make_connection,
    make_world,
    note,
    open_attention,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=["xml", "json"])
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def prosku() -> Iterator[Sandbox]:
    with Sandbox(keys=(DISTURBED, CALM)) as sandbox:
        yield sandbox


@pytest.fixture
def small_pages(settings: object) -> None:
    settings.PROSKU_PAGE_SIZE = 5  # type: ignore[attr-defined]


def disturb(world: World, *faults: Fault) -> None:
    for fault in faults:
        fault.key = DISTURBED
    world.prosku.faults.extend(faults)


TRANSIENT = [
    pytest.param([Fault("status", times=2, status=503)], id="503 twice"),
    pytest.param([Fault("status", times=1, status=429, retry_after="0")], id="429"),
    pytest.param([Fault("status", times=1, status=500, page=2)], id="500 on page 2"),
    pytest.param([Fault("reset", times=2, page=2)], id="reset"),
    pytest.param([Fault("short_body", times=1, page=2)], id="body shorter than told"),
    pytest.param([Fault("duplicates", times=-1)], id="every record twice"),
    pytest.param([Fault("shift", times=2, page=2, resource="despatches")], id="pages shift"),
]
READ_AGAIN_LATER = [
    pytest.param("html", id="HTML with status 200"),
    pytest.param("cut_off", id="cut off"),
    pytest.param("dtd", id="DTD and entities"),
    pytest.param("deep", id="too deep"),
    pytest.param("huge", id="too large"),
    pytest.param("encoding", id="wrong encoding"),
    pytest.param("wrong_root", id="another root"),
    pytest.param("wrong_shape", id="another shape"),
    pytest.param("empty_body", id="nothing at all"),
    pytest.param("same_page", id="the same page for ever"),
]


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("faults", TRANSIENT)
def test_one_run_gets_over_what_passes(prosku: Sandbox, form: str, faults: list[Fault]) -> None:
    world = make_world(prosku, form=form)
    disturb(world, *(Fault(**vars(fault)) for fault in faults))

    run = world.run()

    assert (run.state, run.rejected) == ("succeeded", 0)
    prosku.faults.clear()
    if faults[0].mode != "shift":
        world.ends_like_the_calm_one()
    else:
        assert set(Shipment.objects.filter(seller=world.disturbed.seller).values_list("number", flat=True)) == {
            str(name) for name in prosku.state.accounts[DISTURBED].records["despatches"]
        }


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("mode", READ_AGAIN_LATER)
def test_a_page_that_cannot_be_read_moves_nothing_and_the_next_run_completes(
    prosku: Sandbox, form: str, mode: str
) -> None:
    world = make_world(prosku, form=form)
    disturb(world, Fault(mode, times=-1, page=2, resource="despatches"))

    failed = world.run()

    account = fresh(world.disturbed)
    assert (failed.state, failed.pages, account.despatches_cursor) == ("failed", 1 + 3, None)
    kept = ArchivedMessage.objects.get(seller=account.seller, resource="answer")
    assert (kept.state, kept.run_id) == ("rejected", failed.pk)
    assert kept.reason in failed.error
    assert Shipment.objects.filter(seller=account.seller).count() == 5
    prosku.faults.clear()
    assert world.run().state == "succeeded"
    world.ends_like_the_calm_one()


def test_an_endless_outage_leaves_the_cursor_and_the_books_as_they_were(prosku: Sandbox) -> None:
    world = make_world(prosku)
    assert world.run().state == "succeeded"
    before = fresh(world.disturbed)
    disturb(world, Fault("status", times=-1, status=502))

    failed = world.run()

    assert (failed.state, failed.error) == ("failed", "ProSKU answers with status 502")
    after = fresh(world.disturbed)
    assert (after.despatches_cursor, after.orders_cursor) == (before.despatches_cursor, before.orders_cursor)
    world.ends_like_the_calm_one()


def test_a_retry_after_is_kept_to_and_the_other_sellers_go_on(prosku: Sandbox) -> None:
    world = make_world(prosku)
    disturb(world, Fault("status", times=-1, status=429, retry_after="600"))

    world.run()

    wait = fresh(world.disturbed).next_poll_at - timezone.now()
    assert timedelta(seconds=590) < wait <= timedelta(seconds=600)
    assert poll.poll() == 1
    assert SyncRun.objects.get(account=world.calm).state == "succeeded"
    assert Connection.objects.get().unavailable == 0


def test_a_retry_after_of_a_week_is_cut_to_a_quarter_of_an_hour(prosku: Sandbox) -> None:
    world = make_world(prosku, orders=1)
    disturb(world, Fault("status", times=-1, status=429, retry_after="604800"))

    world.run()

    assert fresh(world.disturbed).next_poll_at - timezone.now() <= timedelta(minutes=15)


def test_a_connector_that_never_answers_is_left_alone_longer_each_time(prosku: Sandbox) -> None:
    world = make_world(prosku, orders=1)
    prosku.stop()

    pauses = []
    for _ in range(5):
        world.run()
        pauses.append((fresh(world.calm).next_poll_at - timezone.now()).total_seconds())

    # The calm seller was never asked, and waits with the other one from the third failure on.
    assert [round(pause / 30) for pause in pauses[2:]] == [4, 8, 16]
    assert max(pauses[:2]) <= 0
    assert poll.poll() == 0
    assert Connection.objects.get().unavailable == 5
    assert open_attention() == ["sync_failing"]


def test_a_connector_that_answers_again_is_well_again(prosku: Sandbox) -> None:
    world = make_world(prosku, orders=1)
    prosku.faults.append(Fault("status", times=-1, status=503))
    for _ in range(3):
        world.run()
    assert open_attention() == ["sync_failing"]
    prosku.faults.clear()
    Account.objects.update(next_poll_at=timezone.now())

    assert poll.poll() == 2

    assert open_attention() == []
    assert Connection.objects.get().unavailable == 0
    assert [fresh(account).failures for account in (world.disturbed, world.calm)] == [0, 0]


@pytest.mark.usefixtures("small_pages")
def test_a_key_revoked_in_mid_run_keeps_the_work_so_far_and_stops_nobody_else(prosku: Sandbox, form: str) -> None:
    world = make_world(prosku, form=form)
    disturb(world, Fault("status", times=-1, status=401, page=2, resource="despatches"))

    assert poll.poll() == 2

    assert Shipment.objects.filter(seller=world.disturbed.seller).count() == 5
    assert SyncRun.objects.get(account=world.calm).state == "succeeded"
    assert "refuses the key" in fresh(world.disturbed).paused_because
    asked = len(prosku.requests)
    assert poll.poll() == 0
    assert len(prosku.requests) == asked
    prosku.faults.clear()
    Account.objects.update(paused_because="")
    assert world.run().state == "succeeded"
    world.ends_like_the_calm_one()


def test_an_empty_list_is_believed_but_told_when_it_stays_empty(prosku: Sandbox) -> None:
    world = make_world(prosku)
    world.run()
    disturb(world, Fault("empty", times=-1))

    runs = [world.run() for _ in range(3)]

    assert [run.state for run in runs] == ["succeeded"] * 3
    assert open_attention("empty_list") == [
        "Lumen at main: the order list is empty, even of orders it listed before. Nothing was changed."
    ]
    prosku.faults.clear()
    world.run()
    assert open_attention("empty_list") == []
    world.ends_like_the_calm_one()


def test_the_same_reference_at_two_sellers_is_two_orders(prosku: Sandbox) -> None:
    world = make_world(prosku, orders=3)

    world.run()

    assert Order.objects.filter(seller=world.disturbed.seller, shipped_units__gt=0).count() == 3
    assert Order.objects.filter(seller=world.calm.seller, shipped_units__gt=0).count() == 0
    world.ends_like_the_calm_one()


def test_the_skew_of_the_two_clocks_is_kept_and_told(prosku: Sandbox) -> None:
    world = make_world(prosku, orders=1)
    prosku.clock_ahead = 600

    world.run()

    skew = fresh(world.disturbed).clock_skew
    assert skew is not None
    assert timedelta(minutes=9) < skew < timedelta(minutes=11)
    assert open_attention("clock_skew") == [
        "The clock of main is 10 min ahead of ours. Times it tells are off by as much."
    ]
    prosku.clock_ahead = 0
    world.run()
    assert open_attention("clock_skew") == []


@pytest.mark.parametrize("ahead", [-7200.0, 0.0, 7200.0])
def test_a_clock_that_is_off_loses_no_message(prosku: Sandbox, ahead: float) -> None:
    world = make_world(prosku, orders=0)
    prosku.clock_ahead = ahead
    make_order("W-1", seller=world.disturbed.seller, items=[("TEE", 3, 8997)])
    for number in range(3):
        at = datetime.now(UTC) + timedelta(seconds=ahead)
        prosku.state.put(DISTURBED, "despatches", [note(str(number), "W-1", TEE=1)], at)
        world.run()

    assert Order.objects.get().shipped_units == 3


def test_a_change_told_for_the_year_2098_does_not_hide_the_news_until_then(prosku: Sandbox) -> None:
    world = make_world(prosku, orders=0)
    make_order("W-1", seller=world.disturbed.seller, items=[("TEE", 2, 5998)])
    prosku.state.put(DISTURBED, "despatches", [note("1", "W-1", TEE=1)], datetime(2098, 1, 1, tzinfo=UTC))
    world.run()
    prosku.state.put(DISTURBED, "despatches", [note("2", "W-1", TEE=1)])

    world.run()

    assert Order.objects.get().status == "shipped"


def test_a_key_that_cannot_be_decrypted_pauses_the_seller_and_asks_nobody(prosku: Sandbox) -> None:
    world = make_world(prosku, orders=1)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE integrations_account SET key = 'gAAAAAnonsense' WHERE id = %s", [world.disturbed.pk])

    run = world.run()

    assert run.state == "failed"
    assert fresh(world.disturbed).paused_because
    assert not prosku.requests
    assert AttentionItem.objects.get(closed_at__isnull=True).kind == "key_refused"


def test_sellers_of_another_connector_do_not_wait_for_one_that_is_down(prosku: Sandbox) -> None:
    world = make_world(prosku, orders=1)
    with Sandbox(keys=("third-key",)) as other:
        elsewhere = make_connection(other, name="north")
        third = Account.objects.create(connection=elsewhere, seller=make_seller("third"), key="third-key")
        prosku.faults.append(Fault("status", times=-1, status=503))
        for _ in range(3):
            world.run()

        assert poll.poll() == 1

        assert SyncRun.objects.get(account=third).state == "succeeded"
