"""Do the views above the refunds lead to what their numbers count, and is deciding offered where something can be?"""

import csv
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from orders.backoffice import saved_views
from orders.models import Export, Order
from refunds.decisions import review
from refunds.execution import execute, manual_payment
from refunds.models import Refund
from tests.builders import limit, make_channel, make_seller, make_staff
from tests.refunds.people import approved, make_refund, manager, seen
from tests.refunds.policies import make_limit

pytestmark = pytest.mark.django_db
LIST = reverse("admin:refunds_refund_changelist")
TAB = re.compile(
    r'<a href="(?P<url>[^"]*)"(?P<on> aria-current="page")?>\s*<bdi>(?P<label>[^<]*)</bdi>'
    r'(?:\s*<span class="d-many">(?P<count>[^<]*)</span>)?'
)


def login(name: str = "anna") -> Client:
    client = Client()
    client.force_login(make_staff(name, permissions=["refunds.view_refund", "refunds.approve_refund"]))
    return client


def tabs(page: str) -> dict[str, str]:
    """What each view is called, with its number; "" where it has none."""
    return {found["label"]: found["count"] or "" for found in TAB.finditer(page)}


def shown(page: str) -> list[str]:
    return re.findall(r">(S-\d+-R1)</a>", page)


def current(page: str) -> str:
    return next((found["label"] for found in TAB.finditer(page) if found["on"]), "")


def in_every_state() -> None:
    anna, seller = manager("maker"), make_seller("north")
    two, hold, ok, doubt, failed, done, no = (make_refund(reference=f"S-{n}", seller=seller) for n in range(1, 8))
    make_refund(reference="S-8", seller=make_seller("south"))
    make_limit(seller, second_approver_above=0)
    review.approve(two.pk, by=anna, seen=seen(two))
    make_limit(seller, second_approver_above=None)
    review.hold(hold.pk, by=anna, why="wait")
    review.reject(no.pk, by=anna, why="no", seen=seen(no))
    for refund in (ok, doubt, failed, done):
        approved(refund, anna)
    claims = [execute.claim_refund(refund.pk, old="approved") for refund in (doubt, failed)]
    assert claims[0]
    assert claims[1]
    execute.record_unclear(claims[0], "no answer")
    execute.record_declined(claims[1], "no")
    manual_payment.record_payment(done.pk, by=anna, reference="BACS 1")


def test_each_view_leads_to_the_rows_that_it_counts() -> None:
    in_every_state()
    client = login()
    page = client.get(LIST).content.decode()

    assert tabs(page) == {
        "To decide": "2",
        "Second approval": "1",
        "On hold": "1",
        "To pay by hand": "1",
        "Approved": "",
        "In doubt": "1",
        "Pending at provider": "",
        "Failed": "1",
        "Refunded": "",
        "All": "",
    }
    assert current(page) == "To decide"
    led = {}
    for found in TAB.finditer(page):
        there = client.get(found["url"].replace("&amp;", "&")).content.decode()
        assert current(there) == found["label"]
        led[found["label"]] = shown(there)
    assert led == {
        "To decide": ["S-1-R1", "S-8-R1"],
        "Second approval": ["S-1-R1"],
        "On hold": ["S-2-R1"],
        "To pay by hand": ["S-3-R1"],
        "Approved": [],
        "In doubt": ["S-4-R1"],
        "Pending at provider": [],
        "Failed": ["S-5-R1"],
        "Refunded": ["S-6-R1"],
        "All": [f"S-{n}-R1" for n in range(8, 0, -1)],
    }


def test_who_is_limited_counts_their_own_sellers_only() -> None:
    in_every_state()
    client = login()
    limit(User.objects.get(username="anna"), Refund.objects.get(number="S-8-R1").seller)

    page = client.get(LIST).content.decode()

    assert (tabs(page)["To decide"], tabs(page)["On hold"]) == ("1", "")
    assert shown(page) == ["S-8-R1"]


@pytest.mark.parametrize(
    ("asked", "view"),
    [
        ("status=in_doubt", "In doubt"),
        ("status=proposed&needs=second", "Second approval"),
        ("view=all&status=on_hold", "On hold"),
        ("view=all&status=rejected", ""),
        ("view=doubt&status=in_doubt&q=S-4", "In doubt"),
    ],
)
def test_the_view_that_is_shown_is_the_one_that_stands_out(asked: str, view: str) -> None:
    in_every_state()

    assert current(login().get(f"{LIST}?{asked}").content.decode()) == view


@pytest.mark.parametrize(
    ("asked", "offered"),
    [("", True), ("status=on_hold", True), ("status=", True), ("status=executed", False), ("status=in_doubt", False)],
)
def test_deciding_in_bulk_is_offered_where_something_can_be_decided(asked: str, offered: bool) -> None:
    in_every_state()

    assert ('id="bulk"' in login().get(f"{LIST}?{asked}").content.decode()) is offered


@pytest.mark.parametrize("text", ["S-6-R1", "s 6 r1", "BACS 1"])
def test_a_refund_that_a_text_names_in_full_opens_at_once(text: str) -> None:
    in_every_state()
    refund = Refund.objects.get(number="S-6-R1")

    answer = login().get(LIST, {"status": "", "q": text})

    assert (answer.status_code, answer.headers.get("Location")) == (
        302,
        reverse("admin:refunds_refund_change", args=[refund.pk]),
    )


def test_refunds_are_found_by_whatever_finds_their_orders() -> None:
    in_every_state()
    refund = Refund.objects.get(number="S-8-R1")
    Order.objects.filter(pk=refund.order_id).update(customer_name="Zoë", customer_phone="+44 7700 900123")

    for text in ("zoe", "07700 900123", "S-8"):
        assert shown(login(f"anna {text}").get(LIST, {"status": "", "q": text}).content.decode()) == ["S-8-R1"]


def cells(page: str, label: str) -> list[str]:
    return [re.sub(r"<[^>]*>|\s+", " ", cell).strip() for cell in re.findall(rf'data-label="{label}">(.*?)</td>', page)]


def test_the_executed_view_shows_execution_the_last_first() -> None:
    in_every_state()
    anna = User.objects.get(username="maker")
    later = approved(make_refund(reference="S-9", customer_name="Zoë"), anna)
    manual_payment.record_payment(later.pk, by=anna, reference="BACS 2")
    client = login()

    page = client.get(LIST, {"status": "executed"}).content.decode()

    assert shown(page) == ["S-9-R1", "S-6-R1"]
    assert cells(page, "Customer") == ["Zoë", "Ada Lovelace"]
    assert cells(page, "Provider") == ["manual", "manual"]
    assert cells(page, "Payment reference") == ["BACS 2", "BACS 1"]
    assert cells(page, "Approver") == ["maker", "maker"]
    assert [bool(cell) for cell in cells(page, "Executed")] == [True, True]
    assert cells(page, "Approvals") == []


@pytest.mark.parametrize(
    ("column", "ascending"),
    [("amount_shown", ["S-2-R1", "S-3-R1", "S-1-R1"]), ("proposed", ["S-1-R1", "S-2-R1", "S-3-R1"])],
)
def test_a_head_sorts_the_list_and_turns_it_round(column: str, ascending: list[str]) -> None:
    for n, paid in enumerate((9000, 1000, 5000), start=1):
        make_refund(reference=f"S-{n}", paid=paid)
    client = login()
    head = re.compile(r'aria-sort="(\w+)">\s*<a class="d-by"\s+href="(\?[^"]*)"')

    first = client.get(LIST, {"sort": f"-{column}"}).content.decode()
    found = head.search(first)
    assert found is not None
    second = client.get(LIST + found[2].replace("&amp;", "&")).content.decode()

    assert (shown(first), found[1]) == (ascending[::-1], "descending")
    assert shown(second) == ascending


def test_pages_of_a_list_sorted_by_amount_follow_each_other() -> None:
    by = make_staff("pat", permissions=["refunds.view_refund"])
    saved_views.choose("refunds.refund", by=by, size=25)
    for n in range(30):
        make_refund(reference=f"S-{n}", paid=2000 + 100 * (n % 7))
    client = Client()
    client.force_login(by)
    first = client.get(LIST, {"sort": "-amount_shown"}).content.decode()
    following = re.search(r'rel="next"\s+href="(\?[^"]+)"', first)
    assert following is not None

    second = client.get(LIST + following[1].replace("&amp;", "&")).content.decode()

    by_amount = Refund.objects.order_by("-amount", "-id").values_list("number", flat=True)
    assert [*shown(first), *shown(second)] == list(by_amount)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"amount": "-20"}, ["S-1-R1", "S-4-R1"]),
        ({"amount": "20-100"}, ["S-2-R1"]),
        ({"amount": "500-"}, ["S-3-R1", "S-5-R1"]),
        ({"age": "3"}, ["S-2-R1"]),
        ({"provider": "stripe"}, ["S-3-R1"]),
        ({"channel": "market"}, ["S-1-R1"]),
    ],
)
def test_refunds_are_narrowed_by_amount_age_channel_and_provider(asked: dict[str, str], found: list[str]) -> None:
    market = make_channel("market")
    make_refund(reference="S-1", paid=3998, channel=market)
    old = make_refund(reference="S-2", paid=4000)
    make_refund(reference="S-3", paid=100_000, payment_provider="stripe")
    make_refund(reference="S-4", paid=38, currency="JPY")
    make_refund(reference="S-5", paid=1_000_000, currency="KWD")
    Refund.objects.filter(pk=old.pk).update(proposed_at=timezone.now() - timedelta(days=3, hours=1))
    asked = {name: str(market.pk) if name == "channel" else value for name, value in asked.items()}

    assert sorted(shown(login().get(LIST, asked).content.decode())) == found


def test_columns_of_the_order_and_of_people_cost_no_query_each_row() -> None:
    in_every_state()
    client = login()
    by = User.objects.get(username="anna")

    def cost(*columns: str) -> int:
        saved_views.choose("refunds.refund", by=by, columns=["number", *columns])
        with CaptureQueriesContext(connection) as queries:
            assert client.get(LIST, {"status": "", "view": "every"}).status_code == 200
        return len(queries)

    cost()
    assert cost("customer", "channel", "provider", "executed", "approver", "payment_reference", "units") == cost()


def test_the_list_is_taken_along_with_what_its_filters_leave_and_that_is_on_record() -> None:
    in_every_state()
    client = login()
    address = reverse("admin:refunds_refund_export")
    assert client.get(address).status_code == 403
    rights = ["refunds.view_refund", "orders.export_order"]
    client.force_login(make_staff("elsa", permissions=rights))
    assert (
        f'href="{address}?status=executed&amp;view=executed"'
        in client.get(LIST, {"status": "executed"}).content.decode()
    )
    assert "1 refund (current filters)" in " ".join(
        client.get(address, {"status": "executed"}).content.decode().split()
    )

    answer = client.post(address, {"asked": "status=executed"})

    lines = list(csv.DictReader(answer.content.decode("utf-8-sig").splitlines()))
    first = lines[0]
    named = ("refund", "status", "amount", "provider", "payment_reference", "approved_by", "units")
    assert [first[name] for name in named] == ["S-6-R1", "executed", "29.99", "manual", "BACS 1", "maker", "1"]
    assert len(lines) == 1
    made = Export.objects.get()
    assert (made.of, made.total, made.asked) == ("refunds.refund", 1, {"status": "executed"})
