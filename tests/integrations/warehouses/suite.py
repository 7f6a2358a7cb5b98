"""What must every warehouse system do, however it speaks? Each case is run against each of them."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.models import Account, ArchivedMessage, SyncRun
from integrations.warehouses import poll
from integrations.warehouses.compare import compare, compare_due
from integrations.warehouses.connection_check import test_connection as check_connection
from integrations.warehouses.port import Page, Unavailable
from integrations.warehouses.replay import replay
from integrations.warehouses.systems import system_of
from orders.models import Order, Shipment
from tests.builders import make_order
from tests.integrations.warehouses.systems import Warehouse
from tests.integrations.warehouses.world import QUICK, fresh, open_attention, picture
from tests.refusals import refused

Case = Callable[[Warehouse], None]
CASES: list[Case] = []
AUTUMN = "25/10/2026 01:30:00"


def case(function: Case) -> Case:
    """Mark a function as one that every warehouse system must pass."""
    CASES.append(function)
    return function


def place(warehouse: Warehouse, reference: str = "W-1") -> Order:
    """An order of two units."""
    return make_order(reference, seller=warehouse.account.seller, items=[("TEE", 2, 5998)])


def read(warehouse: Warehouse) -> SyncRun:
    """Read the account once, as the clock does."""
    Account.objects.update(next_poll_at=timezone.now())
    assert poll.poll() == 1
    return SyncRun.objects.latest("id")


def pages(warehouse: Warehouse, per_page: int) -> list[Page]:
    """All pages of the list that tells of despatches, without storing any."""
    account = fresh(warehouse.account)
    with system_of(account).connect(account, QUICK) as client:
        return list(client.pages(system_of(account).lists[0], None, per_page))


def states() -> list[str]:
    """The states of all messages about despatches, in the sequence in which they came."""
    return list(ArchivedMessage.objects.order_by("id").values_list("state", flat=True))


@case
def what_left_the_warehouse_is_archived_and_applied(warehouse: Warehouse) -> None:
    order = place(warehouse)
    warehouse.despatch(("000123", "W-1", 2))

    run = read(warehouse)

    order.refresh_from_db()
    assert (run.state, run.applied, run.rejected, run.error) == ("succeeded", 1, 0, "")
    assert (order.status, order.shipped_units, states()) == ("shipped", 2, ["applied"])
    assert Shipment.objects.get().number == "000123"


@case
def what_comes_again_changes_nothing(warehouse: Warehouse) -> None:
    place(warehouse)
    warehouse.despatch(("000123", "W-1", 2))
    read(warehouse)
    before = picture(warehouse.account.seller)

    warehouse.despatch(("000123", "W-1", 2))
    run = read(warehouse)

    assert (run.state, run.applied) == ("succeeded", 0)
    assert picture(warehouse.account.seller) == before


@case
def a_list_comes_whole_in_pages_of_the_size_that_was_asked_for(warehouse: Warehouse) -> None:
    warehouse.despatch(*((f"{number:06d}", "W-1", 1) for number in range(5)))

    read_pages = pages(warehouse, 2)

    assert [len(page.records) for page in read_pages] == [2, 2, 1]
    assert [(page.number, page.total, page.total_pages) for page in read_pages] == [(1, 5, 3), (2, 5, 3), (3, 5, 3)]
    assert len({record.digest for page in read_pages for record in page.records}) == 5


@case
def a_record_means_the_same_when_it_is_read_from_the_archive(warehouse: Warehouse) -> None:
    warehouse.despatch(("000123", "W-1", 2))
    account = fresh(warehouse.account)
    system, zone = system_of(account), account.connection.zone
    record = pages(warehouse, 10)[0].records[0]

    again = system.decode(record.raw, record.resource)

    assert again.fields == record.fields
    first, second = (system.message(one, number=1, zone=zone, statuses={}) for one in (record, again))
    assert (first.reference, first.notes) == (second.reference, second.notes)
    assert first.reference == "W-1"


@case
def one_bad_record_harms_no_other(warehouse: Warehouse) -> None:
    good, bad = place(warehouse, "W-1"), place(warehouse, "W-2")
    warehouse.despatch(("000123", "W-1", 2), ("000124", "W-2", "two"))

    run = read(warehouse)

    good.refresh_from_db()
    bad.refresh_from_db()
    assert (run.state, run.applied, run.rejected) == ("succeeded", 1, 1)
    assert (good.shipped_units, bad.shipped_units) == (2, 0)
    assert open_attention() == ["message_rejected"]


@case
def a_message_of_an_unknown_order_waits_until_it_comes(warehouse: Warehouse) -> None:
    warehouse.despatch(("000123", "W-1", 2))
    assert (read(warehouse).parked, open_attention()) == (1, ["unknown_order"])

    order = place(warehouse)
    assert poll.apply_everywhere() == 1

    order.refresh_from_db()
    assert (order.shipped_units, states(), open_attention()) == (2, ["applied"], [])


@case
def a_time_that_the_clocks_show_twice_is_said(warehouse: Warehouse) -> None:
    place(warehouse)
    warehouse.despatch(("000123", "W-1", 2), at=AUTUMN)

    read(warehouse)

    assert open_attention() == ["ambiguous_time"]
    assert Shipment.objects.get().despatched_at.isoformat() == "2026-10-25T00:30:00+00:00"


@case
def a_replay_rebuilds_the_same(warehouse: Warehouse) -> None:
    for reference in ("W-1", "W-2"):
        place(warehouse, reference)
    warehouse.despatch(("000123", "W-1", 1), ("000124", "W-2", 2))
    read(warehouse)
    before = picture(warehouse.account.seller)

    counts = replay([warehouse.account.seller])

    assert (counts["orders"], counts["changed"], counts["left"]) == (2, 0, 0)
    assert picture(warehouse.account.seller) == before


@case
def a_warehouse_that_is_gone_is_tried_again_later(warehouse: Warehouse) -> None:
    warehouse.go_away()

    with pytest.raises(Unavailable):
        pages(warehouse, 10)
    run = read(warehouse)

    account = fresh(warehouse.account)
    assert (run.state, run.messages, account.failures, account.paused_because) == ("failed", 0, 1, "")
    assert account.next_poll_at > timezone.now()
    with refused("not_connected"):
        check_connection(account)


@case
def testing_a_connection_stores_nothing(warehouse: Warehouse) -> None:
    warehouse.despatch(("000123", "W-1", 2))

    sentence = check_connection(fresh(warehouse.account))

    assert sentence.endswith(".")
    assert not ArchivedMessage.objects.exists()
    assert read(warehouse).messages >= 1


@case
def an_account_that_is_switched_off_is_neither_read_nor_compared(warehouse: Warehouse) -> None:
    warehouse.despatch(("000123", "W-1", 2))
    warehouse.account.seller.active = False
    warehouse.account.seller.save()

    assert poll.poll() == 0
    with refused("account_off"):
        compare(fresh(warehouse.account))

    assert not SyncRun.objects.exists()


@case
def a_system_without_a_list_of_open_orders_is_not_compared(warehouse: Warehouse) -> None:
    account = fresh(warehouse.account)
    if system_of(account).open_orders:
        return
    Account.objects.update(compared_at=timezone.now() - timedelta(days=9))

    assert compare_due(since=timezone.now(), ends=float("inf")) == 0
    with refused("not_comparable"):
        compare(account)

    assert open_attention() == []
