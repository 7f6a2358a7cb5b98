"""What becomes of a message that says something strange, is late, or contradicts another one? Over real HTTP."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from hemi_intake.demo.prosku_server import Sandbox
from integrations.models import ArchivedMessage
from orders.models import Shipment
from tests.builders import make_order
from tests.integrations.warehouses.world import CALM, DISTURBED, make_world, note, open_attention, report

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=["xml", "json"])
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def prosku() -> Iterator[Sandbox]:
    with Sandbox(keys=(DISTURBED, CALM)) as sandbox:
        yield sandbox


# What single messages may say: (lines of the note, state, part of the reason, shipped units)
SAID = [
    pytest.param({"TEE": "2.0"}, ("applied", "", 2), id="fraction that is none"),
    pytest.param({"TEE": "2"}, ("applied", "", 2), id="number as text"),
    pytest.param({"TEE": 0}, ("applied", "", 0), id="nothing"),
    pytest.param({"TEE": "1.5"}, ("rejected", "quantity", 0), id="half a unit"),
    pytest.param({"TEE": -1}, ("rejected", "quantity", 0), id="negative"),
    pytest.param({"TEE": 10**15}, ("rejected", "quantity", 0), id="absurd"),
    pytest.param({"TEE": "two"}, ("rejected", "quantity", 0), id="a word"),
    pytest.param({"TEE": 5}, ("applied", "", 5), id="over-shipment"),
    pytest.param({"XXX": 1}, ("applied", "", 0), id="unknown SKU"),
]


@pytest.mark.parametrize(("units", "fate"), SAID)
def test_a_strange_quantity_is_taken_as_told_or_refused_in_words(
    prosku: Sandbox, form: str, units: dict[str, object], fate: tuple[str, str, int]
) -> None:
    state, reason, shipped = fate
    world = make_world(prosku, form=form, orders=0)
    order = make_order("W-1", seller=world.disturbed.seller, items=[("TEE", 3, 8997)])
    prosku.state.put(DISTURBED, "despatches", [note("1", "W-1", **units), note("2", "nobody", TEE=1)])

    run = world.run()

    message = ArchivedMessage.objects.get(state__in=["applied", "rejected"])
    assert (message.state, reason in message.reason, run.parked) == (state, True, 1)
    order.refresh_from_db()
    assert order.shipped_units == shipped
    kinds = {"over_shipment"} if shipped == 5 else {"unknown_sku"} if "XXX" in units else set()
    kinds |= {"message_rejected"} if state == "rejected" else set()
    assert set(open_attention()) == kinds | {"unknown_order"}
    assert not order.refunds.exists()


def test_units_of_one_sku_on_two_lines_add_up(prosku: Sandbox, form: str) -> None:
    world = make_world(prosku, form=form, orders=0)
    order = make_order("W-1", seller=world.disturbed.seller, items=[("TEE", 2, 5998), ("TEE", 1, 2999)])
    twice = note("1", "W-1", TEE=1)
    twice["despatch_lines"] = [{"product_code": "TEE", "quantity": 1}, {"product_code": "TEE", "quantity": 2}]
    prosku.state.put(DISTURBED, "despatches", [twice])

    world.run()

    assert list(order.items.values_list("shipped_quantity", flat=True)) == [2, 1]


@pytest.mark.parametrize("lists", ["array", "named", "bare"])
def test_a_list_of_one_that_json_writes_as_an_object_is_read(prosku: Sandbox, lists: str) -> None:
    world = make_world(prosku, form="json", orders=0)
    prosku.list_style = lists
    order = make_order("W-1", seller=world.disturbed.seller, items=[("TEE", 1, 2999)])
    prosku.state.put(DISTURBED, "despatches", [note("1", "W-1", TEE=1)])

    assert world.run().state == "succeeded"

    order.refresh_from_db()
    assert order.status == "shipped"


def test_a_despatch_withdrawn_by_a_later_message_ships_nothing(prosku: Sandbox) -> None:
    world = make_world(prosku, orders=0)
    order = make_order("W-1", seller=world.disturbed.seller, items=[("TEE", 1, 2999)])
    prosku.state.put(DISTURBED, "despatches", [note("1", "W-1", TEE=1)])
    world.run()
    withdrawn = note("1", "W-1", TEE=1) | {"status": "cancelled", "updated_at": "03/03/2026 12:00:00"}
    prosku.state.put(DISTURBED, "despatches", [withdrawn])

    world.run()

    order.refresh_from_db()
    assert (order.status, order.shipped_units, Shipment.objects.get().withdrawn) == ("processing", 0, True)


def test_messages_out_of_order_end_with_the_newest(prosku: Sandbox) -> None:
    world = make_world(prosku, orders=0)
    order = make_order("W-1", seller=world.disturbed.seller, items=[("TEE", 2, 5998)])
    prosku.state.put(DISTURBED, "orders", [report("W-1", "packed", "03/03/2026 12:00:00", TEE=(2, 0, 0))])
    world.run()
    prosku.state.put(DISTURBED, "orders", [report("W-1", "picking", "03/03/2026 11:00:00", TEE=(2, 0, 0))])

    world.run()

    order.refresh_from_db()
    assert (order.status_detail, order.fulfilment_orders.get().external_status) == ("packed", "packed")
    assert ArchivedMessage.objects.filter(state="applied").count() == 2


def test_a_status_that_goes_backwards_is_told_and_changes_no_unit(prosku: Sandbox) -> None:
    world = make_world(prosku, orders=0)
    order = make_order("W-1", seller=world.disturbed.seller, items=[("TEE", 2, 5998)])
    prosku.state.put(DISTURBED, "orders", [report("W-1", "despatched", "03/03/2026 12:00:00", TEE=(2, 2, 0))])
    world.run()
    prosku.state.put(DISTURBED, "orders", [report("W-1", "picking", "03/03/2026 13:00:00", TEE=(2, 2, 0))])

    world.run()

    order.refresh_from_db()
    assert (order.status, order.shipped_units) == ("shipped", 2)
    assert open_attention() == ["status_backwards"]


def test_the_hour_that_the_clocks_repeat_is_read_as_its_first_run_and_flagged(prosku: Sandbox, form: str) -> None:
    world = make_world(prosku, form=form, orders=0)
    make_order("W-1", seller=world.disturbed.seller, items=[("TEE", 2, 5998)])
    notes = [
        note("1", "W-1", "25/10/2026 01:30:00", TEE=1),
        note("2", "W-1", "25/10/2026 02:30:00", TEE=1),
    ]
    prosku.state.put(DISTURBED, "despatches", notes)

    run = world.run()

    assert (run.applied, run.rejected) == (2, 0)
    assert Shipment.objects.get(number="1").despatched_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert Shipment.objects.get(number="2").despatched_at == datetime(2026, 10, 25, 2, 30, tzinfo=UTC)
    flagged = ArchivedMessage.objects.exclude(reason="").get()
    assert flagged.reason == "the clocks show 25/10/2026 01:30:00 twice; it was taken for the first"
    assert open_attention("ambiguous_time") == [
        "Lumen at main: messages have ambiguous times on 25/10/2026 (clock change); they were taken for the first."
    ]


def test_the_hour_that_the_clocks_skip_is_refused(prosku: Sandbox, form: str) -> None:
    world = make_world(prosku, form=form, orders=0)
    order = make_order("W-1", seller=world.disturbed.seller, items=[("TEE", 1, 2999)])
    prosku.state.put(DISTURBED, "despatches", [note("1", "W-1", "29/03/2026 01:30:00", TEE=1)])

    world.run()

    message = ArchivedMessage.objects.get()
    assert (message.state, "does not exist" in message.reason) == ("rejected", True)
    order.refresh_from_db()
    assert order.shipped_units == 0


def test_the_same_parcel_under_a_second_number_is_recorded_and_shown_to_a_person(prosku: Sandbox) -> None:
    world = make_world(prosku, orders=0)
    order = make_order("W-1", seller=world.disturbed.seller, items=[("TEE", 2, 5998)])
    again = note("2", "W-1", "03/03/2026 10:05:00", TEE=1) | {"carrier_data": "DPD|Next Day|T1"}
    prosku.state.put(DISTURBED, "despatches", [note("1", "W-1", TEE=1), again])

    world.run()

    order.refresh_from_db()
    assert (order.status, order.shipped_units) == ("shipped", 2)
    assert open_attention("duplicate_shipment") == ["W-1: despatch 2 repeats 1: same tracking number T1, same units"]
    prosku.state.put(DISTURBED, "despatches", [again | {"withdrawn": "true", "updated_at": "03/03/2026 11:00:00"}])
    world.run()
    assert open_attention("duplicate_shipment") == []


# A document that came first with a year that somebody mistyped, and what is reported after it.
MISTYPED = [
    pytest.param(
        ("despatches", note("1", "W-1", "03/03/2062 10:00:00", TEE=1)),
        ("despatches", note("1", "W-1", "03/03/2026 10:00:00", TEE=2)),
        id="the only date of a despatch",
    ),
    pytest.param(
        ("despatches", note("1", "W-1", TEE=1) | {"updated_at": "03/03/2062 10:00:00"}),
        ("despatches", note("1", "W-1", TEE=2) | {"updated_at": f"{datetime.now(UTC) + timedelta(1):%d/%m/%Y %H:%M}"}),
        id="when a despatch changed",
    ),
    pytest.param(
        ("orders", report("W-1", "picking", "03/03/2062 10:00:00", TEE=(2, 1, 0))),
        ("orders", report("W-1", "despatched", f"{datetime.now(UTC) + timedelta(1):%d/%m/%Y %H:%M:%S}", TEE=(2, 2, 0))),
        id="when an order changed",
    ),
    pytest.param(
        ("despatches", note("1", "W-1", "", TEE=1) | {"delivery_date": "03/03/2062 10:00"}),
        ("despatches", note("1", "W-1", "03/03/2026 10:00:00", TEE=2)),
        id="a planned despatch",
    ),
]


@pytest.mark.parametrize(("mistyped", "later"), MISTYPED)
def test_a_date_years_ahead_is_a_doubt_and_hides_nothing_that_comes_later(
    prosku: Sandbox, form: str, mistyped: tuple[str, dict[str, object]], later: tuple[str, dict[str, object]]
) -> None:
    world = make_world(prosku, form=form, orders=0)
    order = make_order("W-1", seller=world.disturbed.seller, items=[("TEE", 2, 5998)])
    prosku.state.put(DISTURBED, mistyped[0], [mistyped[1]])
    world.run()
    assert open_attention("date_ahead") == ["W-1: main reports a date that lies far ahead, 03 March 2062."]
    assert order.attention.filter(kind="date_ahead").count() == 1

    prosku.state.put(DISTURBED, later[0], [later[1]])
    world.run()

    order.refresh_from_db()
    assert (order.status, order.shipped_units) == ("shipped", 2)
