"""Do the views above the refunds lead to what their numbers count, and is deciding offered where something can be?"""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from orders.models import Order
from refunds.decisions import review
from refunds.execution import execute, manual_payment
from refunds.models import Refund
from tests.builders import limit, make_seller, make_staff
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
