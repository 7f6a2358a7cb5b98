"""Do managers find who did what, their sellers' alone where they are limited, at a constant cost?"""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from axes.models import AccessLog
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders.actions import hold
from orders.backoffice import export
from orders.backoffice.export.write import RIGHT
from orders.models import Export, Order, OrderEvent, Seller
from orders.timeline.events import Event, record
from refunds.decisions import review
from tests.builders import PASSWORD, limit, make_order, make_seller, make_staff
from tests.records import unguarded
from tests.refunds.people import make_refund, manager, seen
from tests.stale import opened

pytestmark = pytest.mark.django_db

ROW = re.compile(r'<tr>\s*<th scope="row">.*?</tr>', re.DOTALL)
CELL = re.compile(r"<bdi>(.*?)</bdi>")


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    with unguarded("axes_accesslog"):
        AccessLog.objects.filter(username=user.username).delete()
    return client


def boss(**fields: Any) -> Client:
    return client_of(make_staff("boss", "Manager", **fields))


def told(client: Client, **asked: str) -> list[tuple[str, ...]]:
    page = client.get(reverse("admin:activity"), asked).content.decode()
    return [tuple(CELL.findall(row)) for row in ROW.findall(page)]


def note(order: Order, actor: str, kind: str = "order.hold_released") -> None:
    record([Event(order.pk, order.seller_id, kind, None, actor)])


def test_it_tells_what_people_did_and_nothing_that_others_did() -> None:
    refund = make_refund(reference="W-1")
    anna = manager("anna")
    review.reject(refund.pk, by=anna, why="They wait", seen=seen(refund))
    client = boss()

    assert told(client) == [("anna", "Refund W-1-R1 rejected: They wait", "W-1-R1")]
    assert OrderEvent.objects.count() > 1


def test_what_an_act_led_to_is_no_act_of_its_own() -> None:
    order = make_order("W-1")
    hold.hold(order.pk, why="Ask first", actor=f"staff:{make_staff('anna').username}")

    assert told(boss()) == [("anna", "Placed on hold: Ask first", "W-1")]
    assert OrderEvent.objects.count() == 2


def test_log_ins_wrong_passwords_and_settings_stand_there_too() -> None:
    make_staff("anna", "Viewer")
    client = boss()
    for name, password in (("anna", "wrong"), ("anna", PASSWORD), ("my-password-by-mistake", "x")):
        Client().post(reverse("admin:login"), {"username": name, "password": password})
    client.post(reverse("admin:orders_seller_add"), {"code": "north", "name": "North", "currency": "GBP"})
    seller = make_seller("south", name="South")
    sent = {
        "code": "south",
        "name": "Southern",
        "currency": "GBP",
        "time_zone": "Europe/London",
        "promise_days": str(seller.promise_days),
        "ignore_sku_case": "on",
        "non_shipping_skus-TOTAL_FORMS": "0",
        "non_shipping_skus-INITIAL_FORMS": "0",
    }
    address = reverse("admin:orders_seller_change", args=[seller.pk])
    client.post(address, sent | opened(client, address))

    assert told(client) == [
        ("boss", "Changed. Name South → Southern; Active yes → no", "seller Southern"),
        ("anna", "Logged in from 127.0.0.1"),
        ("anna", "Wrong password from 127.0.0.1"),
    ]
    assert told(client, kind="failed") == [("anna", "Wrong password from 127.0.0.1")]
    assert told(client, kind="logins", who="boss") == []


def test_acts_on_settings_by_buttons_are_on_record() -> None:
    client = boss()
    client.post(
        reverse("admin:integrations_apikey_add"), {"name": "finance", "scopes": ["orders:read"], "per_minute": "60"}
    )
    address = reverse("admin:integrations_apikey_changelist")
    key = re.findall(r"/admin/integrations/apikey/(\d+)/change/", client.get(address).content.decode())[0]
    client.post(reverse("admin:integrations_apikey_do", args=[key, "revoke"]))

    assert told(client, kind="settings") == [
        ("boss", "API key finance revoked.", "API key finance"),
        ("boss", "API key finance created.", "API key finance"),
    ]


def test_who_exported_what_and_how_many_rows_stands_there() -> None:
    seller = make_seller("north", name="North")
    make_order("W-1", seller=seller)
    make_order("W-2", seller=seller)
    anna = limit(make_staff("anna", "Viewer", permissions=[RIGHT]), seller)
    address = reverse("admin:orders_order_export")
    sent = {"lines": "columns", "kind": "csv"}
    client_of(anna).post(address, sent | {"asked": f"status=new&seller={seller.pk}"})
    client_of(anna).post(address, sent | {"asked": "q=W-2", "kind": "xlsx"})
    export.ask(anna, {}, ["reference"], "csv")
    failed = export.ask(anna, {"tag": "gone"}, ["reference"], "csv")
    Export.objects.filter(pk=failed.pk).update(state="failed", total=7, why="The export failed.")

    client = boss()
    assert told(client) == [
        ("anna", "Requested 7 orders as CSV: The export failed.", "some orders"),
        ("anna", "Requested orders as CSV: waiting", "all orders"),
        ("anna", "Exported 1 order as Excel (XLSX)", "a search"),
        ("anna", "Exported 2 orders as CSV", "Status: New, Seller: North"),
    ]
    assert told(client, kind="exports", who="anna") == told(client)
    assert told(client, kind="exports", who="boss") == told(client, about="W-2") == []
    elsewhere = client_of(limit(make_staff("far", "Manager"), make_seller("south")))
    assert told(elsewhere, kind="exports") == []


def test_amounts_have_their_currency_and_refunds_lead_to_their_page() -> None:
    refund = make_refund(reference="J-1", seller=make_seller("tokyo", currency="JPY"))
    review.approve(refund.pk, by=manager("anna"), seen=seen(refund))
    client = boss()

    assert told(client) == [("anna", "Refund J-1-R1 of 2,999\N{NO-BREAK SPACE}JPY approved", "J-1-R1")]
    page = client.get(reverse("admin:activity")).content.decode()
    assert f'href="{reverse("admin:refunds_refund_change", args=[refund.pk])}"><bdi>J-1-R1' in page


def test_it_is_searched_by_person_kind_reference_and_day() -> None:
    first, second = make_order("W-1"), make_order("W-2")
    refund = make_refund(reference="W-3")
    review.hold(refund.pk, by=manager("carl"), why="Ask")
    note(first, f"staff:{make_staff('anna').username}")
    note(second, "staff:ben")
    note(second, "prosku:main")
    client = boss()

    assert [who for who, *_ in told(client)] == ["ben", "anna", "carl"]
    assert [who for who, *_ in told(client, who="anna")] == ["anna"]
    assert [who for who, *_ in told(client, kind="refunds")] == ["carl"]
    assert [who for who, *_ in told(client, kind="orders")] == ["ben", "anna"]
    assert [about for _, _, about in told(client, about="w-2")] == ["W-2"]
    assert [about for _, _, about in told(client, about="w-3-r1")] == ["W-3-R1"]
    assert told(client, about="W-9") == []
    today = datetime.now(UTC).date()
    assert len(told(client, first=str(today), last=str(today))) == 3
    assert told(client, last=str(today - timedelta(days=1))) == []
    assert told(client, first=str(today + timedelta(days=1))) == []


def test_days_are_those_of_the_reader() -> None:
    order = make_order("W-1")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO orders_orderevent (order_id, seller_id, kind, occurred_at, recorded_at, actor, data)"
            " VALUES (%s, %s, 'order.held', now(), '2026-03-01T16:00:00Z', 'staff:anna', '{}')",
            [order.pk, order.seller_id],
        )
    tokyo = client_of(limit(make_staff("boss", "Manager"), time_zone="Asia/Tokyo"))

    assert len(told(tokyo, first="2026-03-02", last="2026-03-02")) == 1
    assert told(tokyo, first="2026-03-01", last="2026-03-01") == []


def two_sellers() -> tuple[Seller, Client]:
    mine, theirs = make_seller("mine"), make_seller("theirs")
    note(make_order("M-1", seller=mine), "staff:anna")
    note(make_order("T-1", seller=theirs), "staff:anna")
    limit(make_staff("close", "Viewer"), mine)
    limit(make_staff("far", "Viewer"), theirs)
    for name in ("close", "far"):
        Client().post(reverse("admin:login"), {"username": name, "password": "wrong"})
    return mine, client_of(limit(make_staff("boss", "Manager"), mine))


def test_a_limited_manager_sees_acts_on_their_sellers_and_their_people_alone() -> None:
    _, client = two_sellers()

    assert told(client) == [("close", "Wrong password from 127.0.0.1"), ("anna", "Hold released", "M-1")]
    assert told(client, about="T-1") == []
    assert [who for who, *_ in told(client, who="far")] == ["close", "anna"]
    assert "far" not in client.get(reverse("admin:activity")).content.decode().split("<select")[1]


def test_pages_follow_each_other_without_a_gap_and_cost_the_same() -> None:
    order = make_order("W-1")
    client = boss()
    record([Event(order.pk, order.seller_id, "order.held", None, f"staff:p{n}") for n in range(120)])
    names: list[str] = []
    address, costs = reverse("admin:activity"), []
    client.get(address)
    while address:
        with CaptureQueriesContext(connection) as queries:
            page = client.get(address).content.decode()
        costs.append(len(queries))
        names += [CELL.findall(row)[0] for row in ROW.findall(page)]
        older = re.findall(r'rel="next"\s+href="([^"]+)"', page)
        address = f"{reverse('admin:activity')}{older[0].replace('&amp;', '&')}" if older else ""

    assert names == [f"p{n}" for n in reversed(range(120))]
    assert len(costs) == 3
    assert max(costs) == min(costs) <= 15


@pytest.mark.parametrize("role", ["Viewer", "Reviewer", "Approver"])
def test_only_managers_see_it(role: str) -> None:
    client = client_of(make_staff("anna", role))

    assert client.get(reverse("admin:activity")).status_code == 403
    assert reverse("admin:activity") not in client.get(reverse("admin:index")).content.decode()


@pytest.mark.parametrize("asked", [{"after": "x_1_2"}, {"after": "2026_9_9"}, {"first": "soon"}, {"who": "nobody"}])
def test_what_cannot_be_read_narrows_nothing(asked: dict[str, str]) -> None:
    note(make_order("W-1"), "staff:anna")

    assert len(told(boss(), **asked)) == 1
