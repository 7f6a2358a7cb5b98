"""Which word counts when two shipping files, or a file and the API, tell the same despatch note differently?"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from hemi_intake.demo.prosku_server import Sandbox
from integrations.models import Account
from integrations.warehouses.files.import_file import import_file
from orders.models import Shipment
from tests.builders import make_order
from tests.integrations.warehouses.world import CALM, DISTURBED, World, make_world, note

pytestmark = pytest.mark.django_db(transaction=True)
WRITTEN_AT = datetime(2026, 3, 3, 18, 0, tzinfo=UTC)
HEADER = "Order reference,SKU,Quantity,Carrier,Tracking number,Despatch time,Despatch number\n"
ONE = HEADER + "W-1,TEE,2,DPD,T1,03/03/2026 10:00:00,000123\nW-1,MUG,1,DPD,T1,03/03/2026 10:00:00,000123\n"


@pytest.fixture
def world() -> Iterator[World]:
    with Sandbox(keys=(DISTURBED, CALM)) as sandbox:
        yield make_world(sandbox, orders=0)


@pytest.fixture
def account(world: World) -> Account:
    return world.disturbed


@pytest.mark.parametrize("units", [1, 3, 4, 5, 6])
@pytest.mark.parametrize("later_first", [False, True])
def test_a_corrected_file_wins_over_the_one_it_corrects_in_any_sequence(
    account: Account, units: int, *, later_first: bool
) -> None:
    order = make_order("W-1", seller=account.seller, items=[("TEE", 2, 5998), ("MUG", 1, 999)])
    files = [
        (ONE, "today.csv", WRITTEN_AT),
        (ONE.replace("TEE,2", f"TEE,{units}"), "corrected.csv", WRITTEN_AT + timedelta(minutes=9)),
    ]

    for text, name, written_at in reversed(files) if later_first else files:
        import_file(account, name, text.encode(), written_at=written_at)

    order.refresh_from_db()
    assert (order.shipped_units, Shipment.objects.count()) == (units + 1, 1)


@pytest.mark.parametrize("first", ["file", "api"])
@pytest.mark.parametrize("units", [1, 3, 4, 5])
def test_where_both_ways_contradict_each_other_at_the_same_time_prosku_itself_counts(
    world: World, account: Account, first: str, units: int
) -> None:
    order = make_order("W-1", seller=account.seller, items=[("TEE", 2, 5998), ("MUG", 1, 999)])
    told = note("000123", "W-1", "03/03/2026 10:00:00", TEE=units)
    world.prosku.state.put(DISTURBED, "despatches", [told])
    ways: list[Callable[[], object]] = [
        lambda: import_file(account, "today.csv", ONE.encode(), written_at=WRITTEN_AT),
        world.run,
    ]

    for way in ways if first == "file" else reversed(ways):
        way()

    order.refresh_from_db()
    assert (order.shipped_units, Shipment.objects.count()) == (units, 1)
