"""Does the client bring home every page, and name what went wrong, over real HTTP?"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from hemi_intake.demo.prosku_server import Sandbox
from hemi_intake.demo.prosku_server.answers import Fault
from integrations import http
from integrations.warehouses.port import KeyRefused, Unavailable, UnreadableAnswer, WrongAddress
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


@pytest.mark.parametrize("form", ["xml", "json"])
@pytest.mark.parametrize("lists", ["array", "named", "bare"])
def test_every_page_is_read_once_in_order_and_in_the_form_asked_for(sandbox: Sandbox, form: str, lists: str) -> None:
    put_notes(sandbox, 5)
    sandbox.list_style = lists

    pages = fetch(sandbox, form)

    assert [fetched.number for fetched in pages] == [1, 2, 3]
    assert numbers(pages) == ["000000", "000001", "000002", "000003", "000004"]
    assert {fetched.content_type for fetched in pages} == {f"application/{form}; charset=utf-8"}
    assert pages[0].body.startswith(b"<?xml" if form == "xml" else b"{")
    assert pages[2].page.last_change == "01/06/2026 10:04:00"
    assert KEY not in repr(pages)


def test_only_what_changed_after_the_cursor_is_asked_for_and_nothing_new_costs_one_request(sandbox: Sandbox) -> None:
    put_notes(sandbox, 5)

    newer = fetch(sandbox, since=START + timedelta(minutes=2))
    nothing = fetch(sandbox, since=START + timedelta(minutes=4))

    assert numbers(newer) == ["000003", "000004"]
    assert numbers(nothing) == []
    assert [asked["since"] for asked in sandbox.requests] == ["01/06/2026 10:02:00", "01/06/2026 10:04:00"]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_busy_server_is_asked_again(sandbox: Sandbox, status: int) -> None:
    put_notes(sandbox, 1)
    sandbox.faults = [Fault("status", times=2, status=status, retry_after="0")]

    pages = fetch(sandbox)

    assert numbers(pages) == ["000000"]
    assert [asked["status"] for asked in sandbox.requests] == [status, status, 200]


@pytest.mark.parametrize("mode", ["reset", "short_body"])
def test_a_connection_that_breaks_is_tried_again(sandbox: Sandbox, mode: str) -> None:
    put_notes(sandbox, 1)
    sandbox.faults = [Fault(mode, times=2)]

    assert numbers(fetch(sandbox)) == ["000000"]


def test_a_server_that_stays_busy_is_left_alone_after_the_last_try(sandbox: Sandbox) -> None:
    sandbox.faults = [Fault("status", times=-1, status=502)]

    with pytest.raises(Unavailable, match=r"^ProSKU answers with status 502$") as failed:
        fetch(sandbox)

    assert failed.value.retry_after is None
    assert len(sandbox.requests) == QUICK.tries


def test_a_wait_longer_than_our_patience_is_handed_to_the_caller_at_once(sandbox: Sandbox) -> None:
    sandbox.faults = [Fault("status", times=-1, status=429, retry_after="600")]

    with pytest.raises(Unavailable) as failed:
        fetch(sandbox)

    assert failed.value.retry_after == 600
    assert len(sandbox.requests) == 1


def test_an_interim_answer_is_not_the_answer(sandbox: Sandbox) -> None:
    put_notes(sandbox, 3)
    sandbox.faults = [Fault("interim", times=-1)]

    assert numbers(fetch(sandbox)) == ["000000", "000001", "000002"]
    assert sandbox.counts["despatches 200"] == 2


@pytest.mark.parametrize("retry_after", ["soon", "NaN", "Fri, 99 Foo 2026"])
def test_a_retry_after_that_says_nothing_is_no_reason_to_stop(sandbox: Sandbox, retry_after: str) -> None:
    put_notes(sandbox, 1)
    sandbox.faults = [Fault("status", retry_after=retry_after)]

    assert numbers(fetch(sandbox)) == ["000000"]


def test_a_server_that_is_not_there_is_unavailable(sandbox: Sandbox) -> None:
    sandbox.stop()

    with pytest.raises(Unavailable, match=r"^ProSKU cannot be reached: the server refuses connections$"):
        fetch(sandbox)


@pytest.mark.parametrize("mode", ["slow", "drip"])
def test_an_answer_that_takes_too_long_is_given_up(sandbox: Sandbox, mode: str) -> None:
    put_notes(sandbox, 1)
    sandbox.faults = [Fault(mode, times=-1, seconds=0.4)]
    hasty = http.Patience(connect=1, read=0.2 if mode == "slow" else 1, in_all=1, tries=2, backoff=0.01)

    asking = ProSkuClient(sandbox.url, KEY, patience=hasty)
    with pytest.raises(Unavailable, match=r"^ProSKU cannot be reached: no whole answer came in time$"), asking:
        list(asking.pages("despatches", None, LONDON))


def test_a_key_revoked_in_mid_run_stops_it_and_keeps_the_pages_before(sandbox: Sandbox) -> None:
    put_notes(sandbox, 5)

    with client(sandbox) as asking:
        pages = asking.pages("despatches", None, LONDON, 2)
        first = next(pages)
        sandbox.state.set_revoked(KEY, revoked=True)
        with pytest.raises(KeyRefused, match=r"^ProSKU refuses the key \(status 401\)$"):
            next(pages)

    assert numbers([first]) == ["000000", "000001"]
    assert sandbox.counts == {"despatches 200": 1, "despatches 401": 1}


def test_an_address_that_is_not_proskus_is_told_from_a_wrong_key(sandbox: Sandbox) -> None:
    sandbox.faults = [Fault("status", status=404), Fault("status", status=302), Fault("status", status=403)]

    with pytest.raises(WrongAddress, match="status 404"):
        fetch(sandbox)
    with pytest.raises(WrongAddress, match="status 302"):
        fetch(sandbox)
    with pytest.raises(KeyRefused, match="status 403"):
        fetch(sandbox)
    assert len(sandbox.requests) == 3


@pytest.mark.parametrize("form", ["xml", "json"])
@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        ("html", "the answer is an HTML page, not ProSKU data"),
        ("cut_off", "breaks off"),
        ("encoding", "the answer is not written in UTF-8, which it claims"),
        ("dtd", "the XML carries a DTD or entities, which are never read"),
        ("deep", "nest"),
        ("wrong_root", "the answer's root is <Error>, not ProSKU's"),
        ("wrong_shape", "not"),
        ("empty_body", "the answer is empty"),
    ],
)
def test_an_answer_that_cannot_be_read_is_kept_for_a_person(
    sandbox: Sandbox, form: str, mode: str, reason: str
) -> None:
    put_notes(sandbox, 1)
    sandbox.faults = [Fault(mode, times=-1)]

    with pytest.raises(UnreadableAnswer, match=reason) as failed:
        fetch(sandbox, form)

    assert bool(failed.value.body) == (mode != "empty_body")
    assert failed.value.url == f"{sandbox.url}/despatches?page=1&per_page=2"
    assert len(sandbox.requests) == QUICK.tries


def test_an_endless_answer_is_cut_short(sandbox: Sandbox) -> None:
    sandbox.faults = [Fault("huge", times=-1)]

    with pytest.raises(UnreadableAnswer, match=r"^the answer is larger than 16 MB$") as failed:
        fetch(sandbox)

    assert len(failed.value.body) == http.CHUNK


def test_an_empty_list_is_an_answer(sandbox: Sandbox) -> None:
    put_notes(sandbox, 5)
    sandbox.faults = [Fault("empty")]

    assert [fetched.page.total for fetched in fetch(sandbox)] == [0]


@pytest.mark.parametrize(
    "address",
    ["http://prosku.example", "ftp://localhost", "https://", "//localhost", "https://u:p@x.example", "http://127.0.0.1:x"],
)  # fmt: skip
def test_an_address_that_may_not_be_called_is_refused(address: str) -> None:
    with pytest.raises(http.NotAllowed):
        ProSkuClient(address, KEY)


@pytest.mark.parametrize("key", ["", "a b", 'a"b', "a\nb", "a\\b", "schlüssel"])
def test_a_key_that_would_break_the_header_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(ValueError, match=r"^the key is empty or holds characters that no key has$"):
        ProSkuClient("https://prosku.example", key)


def test_the_key_is_in_no_text_of_the_client_or_its_errors(sandbox: Sandbox) -> None:
    secret = "a-very-secret-key"

    with client(sandbox, key=secret) as asking, pytest.raises(KeyRefused) as refused:
        next(asking.pages("orders", None, LONDON))

    assert secret not in repr(asking) + str(refused.value) + repr(refused.value)


def test_an_account_sees_only_its_own_records(sandbox: Sandbox) -> None:
    put_notes(sandbox, 2)
    sandbox.state.account("seller-two-key")

    assert numbers(fetch(sandbox, key="seller-two-key")) == []
