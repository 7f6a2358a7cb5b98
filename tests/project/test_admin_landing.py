"""Does the landing page count what waits, and does each number lead to exactly what it counts?"""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from integrations.models import Account, ArchivedMessage, Connection
from orders.models import Order, Person, Seller
from orders.timeline.attention import AttentionRequest, open_items
from refunds import transitions
from refunds.decisions import review
from refunds.execution import execute
from refunds.models import Refund
from tests.builders import make_order, make_seller, make_staff
from tests.refunds.people import approved, make_refund, manager
from tests.refunds.policies import make_limit
from tests.warehouse import BEGIN, cancelled, despatched, tell

pytestmark = pytest.mark.django_db
# Two of them ask the switch: whether the installation is live, and what is stopped.
QUERIES, QUERIES_OF_REFRESH = 19, 15
TILE = re.compile(r'<li class="d-tile" data-tone="(\w+)">\s*<a href="([^"]+)"><b>(\d+)</b> <span>([^<]+)</span>')
NUMBER = re.compile(r'<a [^>]*href="([^"]+)"[^>]*>\s*(?:<title>[^<]*: |<span>[^<]+</span>\s*<b>|<b>)?(\d+)[ <]')
NONE = re.compile(r'<p class="d-calm">(.*?)</p>', re.DOTALL)


def login(*groups: str, sellers: tuple[Seller, ...] = ()) -> Client:
    client = Client()
    person = make_staff(None, *groups)
    if sellers:
        Person.objects.create(user=person).sellers.set(sellers)
    client.force_login(person)
    return client


def overview(client: Client) -> str:
    return client.get(reverse("admin:index")).content.decode()


def numbers(page: str) -> list[tuple[str, int]]:
    """Every number that is a link, with its address."""
    body = page[page.index('id="now"') :]
    return [(unescape(address), int(count)) for address, count in NUMBER.findall(body)]


def rows(client: Client, address: str) -> int:
    return len(re.findall(r'<th scope="row">', client.get(address).content.decode()))


def busy_desk(seller: Seller | None = None) -> None:
    """Something of everything that the page counts."""
    seller = seller or make_seller("acme")
    here = timezone.now()

    def order(name: str, days: int) -> Order:
        return make_order(f"{seller.code}-{name}", seller=seller, placed_at=here - timedelta(days=days))

    def refund(name: str, days: int = 1) -> Refund:
        return make_refund(order=order(name, days))

    for n in range(3):
        refund(f"D{n}", days=9 if n else 1)
    make_limit(seller, second_approver_above=1)
    review.approve(
        (second := refund("S")).pk, by=manager(f"{seller.code}-eve"), seen=transitions.ExpectedVersion(1, second.amount)
    )
    refund("T")
    make_limit(seller, second_approver_above=None)
    review.hold(refund("H").pk, by=manager(f"{seller.code}-bob"), why="Ask")
    for name, ago, reason in (("P1", 0, "goodwill"), ("P2", 3, "goodwill"), ("P3", 3, "damaged"), ("P4", 45, "lost")):
        paid = approved(refund(name), manager(f"{seller.code}-{name}"))
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            Refund.objects.filter(pk=paid.pk).update(
                status="executed", executed_at=here - timedelta(days=ago), reason=reason
            )
            cursor.execute("SET LOCAL session_replication_role = origin")
    approved(refund("A"), manager(f"{seller.code}-ann"))
    for name, ago in (("X1", 2), ("X2", 2), ("X3", 20), ("X4", 40)):
        minutes = round((here - timedelta(days=ago) - BEGIN).total_seconds() / 60)
        tell(gone := order(name, ago), despatched(f"{name}-{seller.code}", at=minutes, TEE=1, order=gone.reference))
        tell(gone, cancelled(at=minutes, of={"TEE": (1, 2)}, order=gone.reference))
    open_items([AttentionRequest("unknown_sku", f"{seller.code}:{n}", "What?", seller.pk) for n in range(2)])
    open_items([AttentionRequest("sync_failing", f"{seller.code}", "What?", seller.pk)])
    north = Connection.objects.get_or_create(name="main", base_url="https://prosku.example")[0]
    account = Account.objects.create(connection=north, seller=seller, key="secret")
    for n, state in enumerate(("parked", "rejected", "rejected", "pending")):
        ArchivedMessage.objects.create(
            account=account, seller=seller, resource="orders", digest=f"{n}", raw=b"", state=state
        )


def test_each_number_leads_to_exactly_the_rows_it_counts() -> None:
    busy_desk()
    client = login("Manager")

    page = overview(client)

    tiles = {label: int(count) for _, _, count, label in TILE.findall(page)}
    assert tiles == {
        "Sync keeps failing": 1,
        "Refunds to decide": 9,
        "Need two approvals": 2,
        "Waiting for second approval": 1,
        "Refunds on hold": 1,
        "Late orders": 2,
        "Unknown SKU": 2,
        "Messages rejected": 2,
        "Messages parked": 1,
        "To pay by hand": 1,
        "Messages pending": 1,
    }
    found = numbers(page)
    assert len(found) > len(tiles) + 15
    assert {(address, count) for address, count in found if rows(client, address) != count} == set()


def test_a_refund_that_failed_is_counted_once() -> None:
    open_items([AttentionRequest("refund_failed", "refund:1", "Failed", None)])

    assert "Refund failed" not in [label for *_, label in TILE.findall(overview(login("Viewer")))]


def test_what_is_worst_comes_first_and_what_is_empty_stands_aside() -> None:
    busy_desk()

    page = overview(login("Viewer"))

    tones = [tone for tone, *_ in TILE.findall(page)]
    assert tones == sorted(tones, key=["bad", "warn", "info"].index)
    aside = NONE.search(page)
    assert aside is not None
    assert re.findall(r">([^<]+)</a>", aside[1]) == [
        "Refunds in doubt",
        "Refunds failed",
        "Approved, sending",
        "Sending to the provider",
        "Pending at the provider",
    ]


def test_somebody_limited_to_sellers_counts_theirs_alone() -> None:
    busy_desk(one := make_seller("one"))
    everything = overview(login("Viewer"))
    busy_desk(make_seller("two"))
    client = login("Viewer", sellers=(one,))

    page = overview(client)

    assert numbers(page) == numbers(everything)
    assert {(address, count) for address, count in numbers(page) if rows(client, address) != count} == set()


def test_sums_stand_per_currency_with_the_oldest() -> None:
    make_refund(reference="W-1")
    make_refund(reference="J-1", seller=make_seller("tokyo", currency="JPY"))

    page = overview(login("Viewer"))

    tile = page[page.index("Refunds to decide") :]
    assert re.sub(r">\s+<", "><", tile[tile.index("<small>") :]).startswith(
        "<small><span>29.99\N{NO-BREAK SPACE}GBP</span><span>2,999\N{NO-BREAK SPACE}JPY</span><span>oldest "
    )


def test_the_age_of_a_number_counts_from_the_state_that_it_shows() -> None:
    held, failed, second = (make_refund(reference=f"W-{n}") for n in range(3))
    anna = manager("anna")
    Refund.objects.update(
        proposed_at=timezone.now() - timedelta(days=9), status_since=timezone.now() - timedelta(days=8)
    )
    review.hold(held.pk, by=anna, why="wait")
    approved(failed, anna)
    claim = execute.claim_refund(failed.pk, old="approved")
    assert claim is not None
    execute.record_declined(claim, "closed account")
    make_limit(second.seller, second_approver_above=0)
    review.approve(second.pk, by=anna, seen=transitions.ExpectedVersion(second.version, second.amount))

    page = overview(login("Viewer"))

    ages = dict(re.findall(r"<span>([^<]+)</span></a>.*?<span>oldest ([^<]+)</span>", page, re.DOTALL))
    shown = {name: age[-1] for name, age in ages.items() if name.startswith(("Refunds", "Waiting", "Need"))}
    assert shown == {
        "Refunds on hold": "s",
        "Refunds failed": "s",
        "Refunds to decide": "d",
        "Need two approvals": "d",
        "Waiting for second approval": "s",
    }


def test_a_calm_desk_says_so_and_an_empty_one_what_to_do() -> None:
    page = overview(login("Manager"))

    assert "Nothing needs you now" in page
    assert "No orders yet." in page
    assert "<b>Nothing yet.</b> How many orders ship" in page
    assert "No warehouse is connected." in page
    assert TILE.findall(page) == []
    assert "your account has no role" not in page.lower()


def test_each_sees_the_numbers_of_their_rights_alone() -> None:
    busy_desk()
    client = Client()
    client.force_login(make_staff("anna", permissions=["orders.view_order"]))

    page = overview(client)

    assert [label for *_, label in TILE.findall(page)] == ["Late orders"]
    assert "Refund" not in page[page.index('id="now"') :]


def test_the_page_costs_the_same_however_much_waits() -> None:
    busy_desk()
    client = login("Manager")
    overview(client)

    def cost(view: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse(view)).status_code == 200
        return len(queries)

    few = cost("admin:index"), cost("admin:overview_now")
    busy_desk(make_seller("two"))

    assert (cost("admin:index"), cost("admin:overview_now")) == few
    assert few == (QUERIES, QUERIES_OF_REFRESH)


def test_the_part_that_the_page_asks_for_by_itself_is_no_whole_page() -> None:
    answer = login("Viewer").get(reverse("admin:overview_now"))

    assert answer.status_code == 200
    assert b"<html" not in answer.content
