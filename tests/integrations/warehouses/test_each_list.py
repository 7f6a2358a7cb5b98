"""Is each list of an account read on its own, and does everything arrive in the end from a server that misbehaves?"""

from collections.abc import Iterator

import pytest

from hemi_intake.demo.prosku_server import Sandbox
from hemi_intake.demo.prosku_server.answers import AtRandom, Fault
from orders.models import Order, Shipment
from tests.integrations.warehouses.world import CALM, DISTURBED, fresh, make_world, open_attention, picture

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("small_pages")]

POLLS = 20
SAYS = {"status": "ProSKU answers with status 500", "html": "the answer is an HTML page, not ProSKU data"}


@pytest.fixture
def prosku() -> Iterator[Sandbox]:
    with Sandbox(keys=(DISTURBED, CALM)) as sandbox:
        yield sandbox


@pytest.fixture
def small_pages(settings: object) -> None:
    settings.PROSKU_PAGE_SIZE = 5  # type: ignore[attr-defined]


@pytest.mark.parametrize("mode", SAYS)
@pytest.mark.parametrize(("failing", "other"), [("despatches", "orders"), ("orders", "despatches")])
def test_a_list_that_cannot_be_read_keeps_the_other_from_nothing(
    prosku: Sandbox, failing: str, other: str, mode: str
) -> None:
    world = make_world(prosku)
    prosku.faults.append(Fault(mode, times=-1, resource=failing, key=DISTURBED, status=500))

    runs = [world.run() for _ in range(3)]

    account = fresh(world.disturbed)
    assert [(run.state, run.error) for run in runs] == [("failed", f"{failing}: {SAYS[mode]}")] * 3
    assert getattr(account, f"{failing}_cursor") is None
    assert getattr(account, f"{other}_cursor") is not None
    read = Shipment.objects if other == "despatches" else Order.objects.exclude(fulfilment_orders__external_status="")
    assert read.filter(seller=account.seller).count() == len(prosku.state.accounts[DISTURBED].records[other])
    assert open_attention("sync_failing") == [
        f"Lumen at main: 3 runs in a row failed, the last because {failing}: {SAYS[mode]}. "
        f"Its list of {failing} is incomplete since the beginning: it was never read whole"
    ]
    prosku.faults.clear()
    assert world.run().state == "succeeded"
    world.ends_like_the_calm_one()
    assert open_attention("sync_failing") == []


def test_who_is_asked_to_wait_at_one_list_reads_the_other_first_next_time(prosku: Sandbox) -> None:
    world = make_world(prosku)
    prosku.faults.append(Fault("status", times=-1, resource="despatches", status=429, retry_after="60", key=DISTURBED))

    world.run()
    world.run()

    asked = [str(request["resource"]) for request in prosku.requests]
    assert asked == ["despatches", *["orders"] * 3, "despatches"]
    assert fresh(world.disturbed).orders_cursor is not None


def test_a_list_that_holds_records_twice_blocks_nothing(prosku: Sandbox) -> None:
    world = make_world(prosku)
    account = prosku.state.account(DISTURBED)
    account.twice = set(list(account.records["despatches"])[::3])

    assert [world.run().state for _ in range(2)] == ["succeeded"] * 2

    world.ends_like_the_calm_one()
    assert open_attention("sync_failing") == []


@pytest.mark.parametrize("form", ["xml", "json"])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_server_that_misbehaves_at_random_ends_like_a_calm_one_within_twenty_polls(
    prosku: Sandbox, form: str, seed: int
) -> None:
    world = make_world(prosku, form=form)
    account = prosku.state.account(DISTURBED)
    account.twice = set(list(account.records["despatches"])[::4])
    prosku.at_random = AtRandom(0.6, DISTURBED, seed)

    polls = next(number for number in range(1, POLLS + 1) if world.run().state == "succeeded")

    assert polls <= POLLS
    prosku.at_random = AtRandom()
    assert world.run(world.calm).state == "succeeded"
    assert picture(world.disturbed.seller) == picture(world.calm.seller)
