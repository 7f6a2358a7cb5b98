"""Is a list read whole, whatever moves in it meanwhile, and never taken for whole when it is not?"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from hemi_intake.demo.prosku_server import Sandbox
from hemi_intake.demo.prosku_server.answers import Fault
from integrations import http
from integrations.warehouses.port import Unavailable, UnreadableAnswer
from integrations.warehouses.prosku.client import ProSkuClient
from integrations.warehouses.prosku.paging import FetchedPage

LONDON = ZoneInfo("Europe/London")
KEY = "seller-one-key"
QUICK = http.Patience(connect=20, read=20, in_all=60, tries=3, backoff=0.01, longest_wait=1)
START = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(keys=(KEY,)) as running:
        yield running


def put_notes(sandbox: Sandbox, count: int) -> None:
    for number in range(count):
        note: dict[str, object] = {
            "despatch_number": f"{number:06d}",
            "order_number": f"{number:06d}",
            "additional_ref": f"W-{number}",
            "confirmed_at": "01/06/2026 10:00:00",
            "carrier_data": "DPD|Next Day|1",
            "despatch_lines": [{"product_code": "A", "quantity": 1}],
        }
        sandbox.state.put(KEY, "despatches", [note], START + timedelta(minutes=number))


def client(sandbox: Sandbox, form: str = "xml", *, key: str = KEY, path: str = "") -> ProSkuClient:
    return ProSkuClient(sandbox.url + path, key, form=form, patience=QUICK)


def fetch(
    sandbox: Sandbox, form: str = "xml", *, since: datetime | None = None, per_page: int = 2, key: str = KEY
) -> list[FetchedPage]:
    with client(sandbox, form, key=key) as asking:
        return list(asking.pages("despatches", since, LONDON, per_page))


def numbers(pages: list[FetchedPage]) -> list[str]:
    return [record.name for fetched in pages for record in fetched.page.records]


@pytest.mark.parametrize("per_page", [1, 2, 10])
def test_a_list_that_holds_a_record_twice_is_whole_when_all_its_rows_came(sandbox: Sandbox, per_page: int) -> None:
    sandbox.state.account(KEY).twice = {"000001"}
    put_notes(sandbox, 3)

    pages = fetch(sandbox, per_page=per_page)

    assert set(numbers(pages)) == {"000000", "000001", "000002"}
    assert {fetched.page.total for fetched in pages} == {4}


@pytest.mark.parametrize("mode", ["html", "cut_off", "dtd", "empty_body", "bomb", "same_page"])
def test_an_answer_that_cannot_be_read_is_asked_for_again(sandbox: Sandbox, mode: str) -> None:
    put_notes(sandbox, 3)
    sandbox.faults = [Fault(mode, times=2, page=2)]

    assert numbers(fetch(sandbox)) == ["000000", "000001", "000002"]


def test_a_record_that_slips_between_two_pages_is_found_by_reading_again(sandbox: Sandbox) -> None:
    put_notes(sandbox, 6)
    sandbox.faults = [Fault("shift", times=1, page=2)]

    pages = fetch(sandbox)

    assert set(numbers(pages[:3])) == {"000000", "000001", "000003", "000004", "000005"}
    assert set(numbers(pages)) == {f"{number:06d}" for number in range(6)}


def test_a_list_that_never_holds_still_is_not_taken_for_whole(sandbox: Sandbox) -> None:
    put_notes(sandbox, 3)
    sandbox.faults = [Fault("shift", times=-1, page=2)]

    def read_while_it_changes(asking: ProSkuClient) -> None:
        for fetched in asking.pages("despatches", None, LONDON, 1):
            if fetched.number == 3:
                put_notes(sandbox, 3)

    with client(sandbox) as asking, pytest.raises(Unavailable, match="kept changing while it was read"):
        read_while_it_changes(asking)


def test_a_record_that_comes_twice_is_handed_on_twice_and_nothing_is_missing(sandbox: Sandbox) -> None:
    put_notes(sandbox, 3)
    sandbox.faults = [Fault("duplicates", times=2)]

    assert numbers(fetch(sandbox)) == ["000000", "000000", "000001", "000001", "000002", "000002"]


def test_a_server_that_gives_the_same_page_for_ever_is_found_out(sandbox: Sandbox) -> None:
    put_notes(sandbox, 5)
    sandbox.faults = [Fault("same_page", times=-1)]

    with pytest.raises(UnreadableAnswer, match="page 2 was asked for, another came"):
        fetch(sandbox)

    assert len(sandbox.requests) == 1 + QUICK.tries
