"""What becomes of a shipping file, alone and beside the API?"""

import json
import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import LazySettings

from hemi_intake.demo.prosku_server import Sandbox
from integrations.models import Account, ArchivedMessage, SyncRun
from integrations.warehouses import poll
from integrations.warehouses.files import folder
from integrations.warehouses.files.import_file import import_file
from integrations.warehouses.files.report import Report
from integrations.warehouses.files.rows import NoShippingFile
from orders.models import Order, OrderEvent, Shipment
from tests.builders import make_order
from tests.integrations.warehouses.world import CALM, DISTURBED, World, make_world, note, open_attention, picture

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


def order_of(account: Account, reference: str = "W-1") -> Order:
    return make_order(reference, seller=account.seller, items=[("TEE", 2, 5998), ("MUG", 1, 999)])


def taken(account: Account, text: str, name: str = "today.csv", *, written_at: datetime = WRITTEN_AT) -> Report:
    return import_file(account, name, text.encode(), written_at=written_at)


def test_rows_of_one_despatch_number_are_one_despatch_note(account: Account) -> None:
    order = order_of(account)

    report = taken(account, ONE)

    order.refresh_from_db()
    shipment = Shipment.objects.get()
    assert (order.status, order.shipped_units) == ("shipped", 3)
    assert (shipment.number, shipment.carrier, shipment.tracking_number) == ("000123", "DPD", "T1")
    assert (report.rows, report.applied, report.lines, report.well) == (2, 2, [], True)
    run = SyncRun.objects.get()
    assert (run.file, run.state, run.messages, run.expected, run.applied) == ("today.csv", "succeeded", 2, 2, 2)
    assert OrderEvent.objects.filter(kind="shipment.recorded").count() == 1


def test_the_same_file_again_is_all_duplicates(account: Account) -> None:
    order_of(account)
    taken(account, ONE)
    before = picture(account.seller)

    report = taken(account, ONE, "yesterday again.csv")

    assert (report.duplicates, report.applied) == (2, 0)
    assert picture(account.seller) == before


def test_the_same_file_again_names_again_what_waits_or_cannot_be_used(account: Account) -> None:
    order_of(account)
    text = ONE + "W-9,TEE,1,DPD,T2,03/03/2026 10:00:00,000124\nW-1,TEE,two,DPD,T3,03/03/2026 10:00:00,000125\n"
    first = taken(account, text)

    again = taken(account, text)

    assert (first.parked, first.rejected, len(first.lines)) == (1, 1, 2)
    assert (again.duplicates, again.parked, again.rejected, again.well) == (2, 1, 1, False)
    assert again.lines == first.lines


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(ONE.replace(",", ";").encode(), id="semicolons"),
        pytest.param(ONE.replace(",", "\t").encode(), id="tabs"),
        pytest.param(ONE.encode("utf-8-sig"), id="byte order mark"),
        pytest.param(ONE.encode("utf-16"), id="UTF-16"),
        pytest.param(ONE.replace("DPD", "Träger").encode("cp1252"), id="Windows-1252"),
        pytest.param(ONE.replace("\n", "\r\n").encode(), id="Windows line ends"),
        pytest.param(ONE.replace("\n", "\n\n").encode(), id="empty lines"),
        pytest.param(ONE.replace("W-1,TEE", '"W-1","TEE"').encode(), id="quotes"),
        pytest.param(
            ONE.replace(
                HEADER, "ORDER_REF,product code,Qty,courier,Tracking-No,despatched at,Despatch note\n"
            ).encode(),
            id="other names",
        ),
    ],
)
def test_a_file_may_be_written_in_many_ways(account: Account, content: bytes) -> None:
    order = order_of(account)

    report = import_file(account, "today.csv", content, written_at=WRITTEN_AT)

    order.refresh_from_db()
    assert (order.shipped_units, report.applied, report.rejected) == (3, 2, 0)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "the file is empty"),
        (b"SKU,Quantity\nTEE,1\n", "the header has no column for order reference, despatch time, despatch number"),
        ((HEADER.strip() + ",qty\n").encode(), "the header has two columns for quantity"),
        ((ONE + 'W-1,"TEE,1').encode(), "line 4 is no CSV"),
        (b"\x00\x01\x02", "the file is no text"),
    ],
)
def test_what_is_no_shipping_file_is_refused_in_words_and_leaves_nothing(
    account: Account, content: bytes, sentence: str
) -> None:
    with pytest.raises(NoShippingFile, match=sentence):
        import_file(account, "odd.csv", content, written_at=WRITTEN_AT)

    assert not ArchivedMessage.objects.exists()
    assert not SyncRun.objects.exists()


def test_a_row_that_cannot_be_read_is_rejected_with_its_line_and_spoils_its_note_alone(account: Account) -> None:
    order_of(account)
    order_of(account, "W-2")
    bad = (
        HEADER
        + "W-1,TEE,two,DPD,T1,03/03/2026 10:00:00,1\n"
        + "W-1,MUG,1,DPD,T1,03/03/2026 10:00:00,1\n"
        + "W-2,TEE,2,DPD,T2,03/03/2026 10:00:00,2\n"
        + "W-2,MUG,,DPD,T3,03/03/2026 10:00:00,3\n"
    )

    report = taken(account, bad)

    assert report.lines == [
        {
            "line": 2,
            "state": "rejected",
            "reason": "line 2: 'two' is not a whole number of units from 0 to 1000000 (despatch_lines[1].quantity)",
        },
        {
            "line": 3,
            "state": "rejected",
            "reason": "line 3: 'two' is not a whole number of units from 0 to 1000000 (despatch_lines[1].quantity)",
        },
        {"line": 5, "state": "rejected", "reason": "line 5: the row has no quantity"},
    ]
    assert (report.applied, report.rejected, report.well) == (1, 3, False)
    assert list(Shipment.objects.values_list("number", "items__quantity")) == [("2", 2)]


def test_rows_for_an_order_that_is_not_here_wait_and_apply_by_themselves(account: Account) -> None:
    report = taken(account, ONE)
    assert (report.parked, report.well) == (2, True)
    assert report.lines[0] == {"line": 2, "state": "parked", "reason": "no order W-1 yet"}

    order = order_of(account)
    poll.apply_everywhere()

    order.refresh_from_db()
    assert (order.shipped_units, Shipment.objects.count()) == (3, 1)
    assert open_attention() == []


@pytest.mark.parametrize("first", ["file", "api"])
def test_a_despatch_that_comes_both_ways_counts_once(world: World, account: Account, first: str) -> None:
    order = order_of(account)
    told = note("000123", "W-1", TEE=2, MUG=1) | {"carrier_data": "DPD||T1"}
    world.prosku.state.put(DISTURBED, "despatches", [told])
    ways: list[Callable[[], object]] = [lambda: taken(account, ONE), world.run]

    for way in ways if first == "file" else reversed(ways):
        way()

    order.refresh_from_db()
    assert (order.status, order.shipped_units, Shipment.objects.count()) == ("shipped", 3, 1)
    assert list(OrderEvent.objects.filter(kind__startswith="shipment.").values_list("kind", flat=True)) == [
        "shipment.recorded"
    ]
    assert open_attention() == []


@pytest.mark.parametrize("first", ["file", "api"])
def test_where_both_ways_contradict_each_other_the_newer_word_counts(
    world: World, account: Account, first: str
) -> None:
    order = order_of(account)
    newer = note("000123", "W-1", "03/03/2026 11:00:00", TEE=1) | {"carrier_data": "DPD||T1"}
    world.prosku.state.put(DISTURBED, "despatches", [newer])
    ways: list[Callable[[], object]] = [lambda: taken(account, ONE), world.run]

    for way in ways if first == "file" else reversed(ways):
        way()

    order.refresh_from_db()
    assert (order.shipped_units, Shipment.objects.count()) == (1, 1)


def test_the_same_sku_on_two_rows_of_a_note_adds_up(account: Account) -> None:
    order = order_of(account)
    row = "W-1,TEE,1,DPD,T1,03/03/2026 10:00:00,1\n"

    report = taken(account, HEADER + row + row)

    order.refresh_from_db()
    assert (order.shipped_units, report.applied) == (2, 2)


def test_rows_that_disagree_about_their_note_are_rejected(account: Account) -> None:
    order_of(account)
    torn = HEADER + "W-1,TEE,1,DPD,T1,03/03/2026 10:00:00,1\nW-1,MUG,1,DPD,T2,03/03/2026 10:00:00,1\n"

    report = taken(account, torn)

    assert report.rejected == 2
    assert report.lines[1]["reason"] == "line 3: lines 2 and 3 give the same despatch note another tracking number"
    assert not Shipment.objects.exists()


# The folder


@pytest.fixture
def inbox(settings: LazySettings, tmp_path: Path) -> Path:
    settings.SHIPPING_FILES_DIR = str(tmp_path)
    (tmp_path / "lumen").mkdir()
    return tmp_path / "lumen"


def drop(inbox: Path, name: str, text: str, *, age: float = 60) -> None:
    file = inbox / name
    file.write_text(text)
    os.utime(file, (time.time() - age, time.time() - age))


def lying(inbox: Path, where: str) -> list[str]:
    return sorted(file.name.split("-", 2)[2] for file in (inbox / where).iterdir())


def test_a_file_in_the_folder_is_read_and_put_away_with_a_report(account: Account, inbox: Path) -> None:
    order = order_of(account)
    drop(inbox, "today.csv", ONE)

    assert folder.read_all() == 1

    order.refresh_from_db()
    assert order.shipped_units == 3
    assert lying(inbox, "done") == ["today.csv", "today.csv.report.json"]
    report = json.loads(next((inbox / "done").glob("*.json")).read_text())
    assert (report["rows"], report["applied"], report["error"]) == (2, 2, "")
    assert folder.read_all() == 0


def test_a_file_that_cannot_be_read_fails_and_the_others_go_on(account: Account, inbox: Path) -> None:
    order = order_of(account)
    drop(inbox, "a.csv", "nonsense")
    drop(inbox, "b.csv", ONE)

    assert folder.read_all() == 2

    order.refresh_from_db()
    assert order.shipped_units == 3
    assert (lying(inbox, "failed"), lying(inbox, "done")) == (
        ["a.csv", "a.csv.report.json"],
        ["b.csv", "b.csv.report.json"],
    )
    assert "no column" in json.loads(next((inbox / "failed").glob("*.json")).read_text())["error"]


def test_a_file_that_may_still_be_growing_is_left_for_later(account: Account, inbox: Path) -> None:
    drop(inbox, "today.csv", ONE, age=0)

    assert folder.read_all() == 0

    assert (inbox / "today.csv").exists()


def test_a_folder_of_nobody_fails_in_words(account: Account, inbox: Path) -> None:
    (inbox.parent / "nobody").mkdir()
    drop(inbox.parent / "nobody", "today.csv", ONE)

    folder.read_all()

    report = json.loads(next((inbox.parent / "nobody" / "failed").glob("*.json")).read_text())
    assert report["error"] == "0 accounts belong to the folder nobody; it takes exactly one"
