"""Does the landing page count what waits, and does each number lead to exactly what it counts?"""

import re

import pytest
from django.test import Client
from django.urls import reverse

from orders.attention import Concern, raise_
from refunds import review
from tests.builders import make_seller, make_staff
from tests.refunds.people import approved, make_refund, manager

pytestmark = pytest.mark.django_db
TILE = re.compile(
    r'class="d-tile[^"]*" href="([^"]+)"[^>]*><b>(\d+)</b><span>([^<]+)</span>(?:<small>([^<]*)</small>)?'
)


def tiles(client: Client) -> dict[str, tuple[str, int, str]]:
    page = client.get(reverse("admin:index")).content.decode()
    return {
        label: (address.replace("&amp;", "&"), int(count), more) for address, count, label, more in TILE.findall(page)
    }


def login(*groups: str) -> Client:
    client = Client()
    client.force_login(make_staff("anna", *groups))
    return client


def test_each_number_leads_to_as_many_rows() -> None:
    for n in range(3):
        make_refund(reference=f"W-{n}")
    review.hold(make_refund(reference="W-3").pk, by=manager("bob"), why="Ask")
    approved(make_refund(reference="W-4"))
    raise_([Concern("unknown_sku", f"order:{n}", "What?") for n in range(2)])
    client = login("Viewer")

    shown = tiles(client)

    assert {label: count for label, (_, count, _) in shown.items() if count} == {
        "Refunds to decide": 3,
        "On hold": 1,
        "Approved, not sent yet": 1,
        "Unknown SKU": 2,
    }
    for address, count, _ in shown.values():
        page = client.get(address).content.decode()
        assert len(re.findall(r'<th scope="row">', page)) == count


def test_sums_stand_per_currency() -> None:
    make_refund(reference="W-1")
    make_refund(reference="J-1", seller=make_seller("tokyo", currency="JPY"))

    _, count, more = tiles(login("Viewer"))["Refunds to decide"]

    assert count == 2
    assert more.startswith("29.99\N{NO-BREAK SPACE}GBP, 2999\N{NO-BREAK SPACE}JPY · oldest ")


def test_an_empty_desk_says_what_to_do() -> None:
    page = login("Manager").get(reverse("admin:index")).content.decode()

    assert "No orders yet." in page
    assert "Nothing needs attention." in page
    assert "No warehouse is connected." in page
