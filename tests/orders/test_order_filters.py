"""Does each filter of the orders leave just its rows, and say in words and an address what is in force?"""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from orders.admin.order_list import OrderList
from orders.backoffice import saved_views
from orders.models import Order, SalesChannel, Seller
from orders.timeline.attention import AttentionRequest, open_items
from tests.builders import PLACED_AT, limit, make_channel, make_order, make_seller, make_staff

pytestmark = pytest.mark.django_db
LIST = "admin:orders_order_changelist"


def login() -> Client:
    client = Client()
    client.force_login(make_staff("anna", permissions=["orders.view_order"]))
    return client


def page(client: Client, query: str) -> str:
    answer = client.get(f"{reverse(LIST)}?{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def shown(client: Client, query: str) -> list[str]:
    return re.findall(r">(W-[\w-]+)</a>", page(client, query))


def world() -> None:
    acme, other = make_seller("acme"), make_seller("other")
    shop, market = make_channel("shop"), make_channel("market", kind="marketplace")
    now = timezone.now()
    make_order("W-new", seller=acme, channel=shop, placed_at=now, shipping_address={"country": "GB"})
    make_order(
        "W-picking", seller=acme, channel=shop, started=True, status_detail="picking", placed_at=now - timedelta(3)
    )
    make_order("W-ours", seller=other, channel=shop, on_hold=True, held_because="Fraud?", placed_at=now - timedelta(6))
    make_order("W-theirs", seller=other, channel=market, on_hold=True, placed_at=now - timedelta(20))
    shipped = make_order("W-short", seller=other, channel=market, shipping_address={"country": "fr"})
    Order.objects.filter(pk=shipped.pk).update(shipped_units=1, cancelled_units=1, outstanding_units=0)
    open_items([AttentionRequest("unknown_sku", "order:1", "What is this?", other.pk, shipped.pk)])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=open", "new picking ours theirs"),
        ("status=shipped", "short"),
        ("detail=picking", "picking"),
        ("seller={acme}", "new picking"),
        ("channel={market}", "theirs short"),
        ("source=marketplace", "theirs short"),
        ("country=gb", "new"),
        ("country=FR", "short"),
        ("country=Fra", "new picking ours theirs short"),
        ("age=2", "theirs ours picking"),
        ("age=10", "theirs"),
        ("units=short", "short"),
        ("units=refunded", ""),
        ("hold=any", "ours theirs"),
        ("hold=us", "ours"),
        ("hold=warehouse", "theirs"),
        ("attention=any", "short"),
        ("attention=unknown_sku", "short"),
        ("attention=over_shipment", ""),
        ("promise=late", "theirs ours"),
        ("placed=2026-03-02", "short"),
        ("placed_from=2026-03-03", "new picking ours theirs"),
        ("placed_to=2026-03-02", "short"),
        ("placed_from=2026-03-05&placed_to=2026-03-01", "short"),
        ("placed_from=x", "new picking ours theirs short"),
        ("hold=any&seller={acme}", ""),
    ],
)
def test_a_filter_leaves_its_rows_in_the_sequence_that_suits_it(query: str, found: str) -> None:
    world()
    ids = {
        "acme": Seller.objects.get(code="acme").pk,
        "market": SalesChannel.objects.get(code="market").pk,
    }

    assert shown(login(), query.format(**ids)) == [f"W-{name}" for name in found.split()]


def test_a_day_begins_and_ends_in_the_persons_own_zone() -> None:
    make_order("W-late", placed_at=PLACED_AT.replace(hour=23, minute=30))
    client = login()

    limit(User.objects.get(), time_zone="Asia/Tokyo")

    assert shown(client, "placed=2026-03-02") == []
    assert shown(client, "placed=2026-03-03") == ["W-late"]


def test_what_was_chosen_stands_above_the_list_each_with_a_way_out() -> None:
    world()

    text = page(login(), "hold=us&country=gb&placed_from=2026-03-01&q=w")

    chips = re.findall(r'<li class="d-chip">\s*(.*?): <b><bdi>(.*?)</bdi></b>\s*<a href="(.*?)"', text)
    assert chips == [
        ("Hold", "On hold here", "?country=gb&amp;placed=2026-03-01..9998-12-31&amp;q=w&amp;view=all"),
        ("Country", "gb", "?hold=us&amp;placed=2026-03-01..9998-12-31&amp;q=w&amp;view=all"),
        ("Placed", "since 1 Mar 2026", "?hold=us&amp;country=gb&amp;q=w&amp;view=all"),
    ]


def test_orders_are_sorted_as_asked_and_pages_keep_it() -> None:
    references = [make_order(f"W-{n}").reference for n in range(60)]
    Order.objects.filter(reference="W-30").update(updated_at=timezone.now() + timedelta(1))
    client = login()

    oldest = page(client, "sort=oldest")
    after = re.search(r'rel="next"\s+href="\?([^"]+)"', oldest)
    assert after is not None
    assert after[1].startswith("sort=oldest&amp;after=")
    assert shown(client, "sort=oldest") + shown(client, after[1].replace("&amp;", "&")) == references
    assert shown(client, "sort=changed")[0] == "W-30"
    assert shown(client, "sort=nonsense")[0] == "W-59"


def test_a_hundred_rows_with_every_column_stay_below_200_kb_and_within_15_queries() -> None:
    seller, channel = make_seller(name="A seller with quite a long name"), make_channel()
    for n in range(101):
        make_order(f"WEB-2026-{n:06}", seller=seller, channel=channel, customer_name="Wolfeschlegelsteinhausenberger")
    client = login()
    by = User.objects.get()
    saved_views.choose("orders.order", by=by, size=100)
    client.get(reverse(LIST))
    with CaptureQueriesContext(connection) as plain:
        usual = client.get(f"{reverse(LIST)}?view=all").content
    saved_views.choose("orders.order", by=by, columns=[*OrderList.list_display, *OrderList.columns])
    with CaptureQueriesContext(connection) as all_columns:
        wide = client.get(f"{reverse(LIST)}?view=all").content

    assert usual.count(b'<th scope="row">') == wide.count(b'<th scope="row">') == 100
    assert (len(usual) < 130_000, len(wide) < 200_000) == (True, True), (len(usual), len(wide))
    make_order(reference="WEB-2026-000001")
    with CaptureQueriesContext(connection) as exact:
        assert b"Exact matches" in client.get(f"{reverse(LIST)}?q=web-2026-000001").content
    assert (len(plain), len(all_columns), len(exact)) == (12, 12, 13)
