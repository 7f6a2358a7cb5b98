"""Do staff find an order by whatever they have in hand, page through all of them, and close what they dealt with?"""

import re

import pytest
from django.test import Client
from django.urls import reverse

from orders.backoffice.search import find
from orders.models import AttentionItem, Order, Shipment
from orders.timeline.attention import AttentionRequest, open_items
from tests.builders import PLACED_AT, make_order, make_staff
from tests.warehouse import make_part

pytestmark = pytest.mark.django_db


def login(*permissions: str) -> Client:
    client = Client()
    client.force_login(make_staff("anna", permissions=["orders.view_order", "orders.view_attentionitem", *permissions]))
    return client


def shipped(order: Order, **fields: str) -> None:
    Shipment.objects.create(
        order=order,
        fulfilment_order=make_part(order, **fields),
        seller=order.seller,
        number="DN-77",
        tracking_number="RM123GB",
        despatched_at=PLACED_AT,
        changed_at=PLACED_AT,
        version="1",
        message=1,
    )


@pytest.mark.parametrize("text", ["W-55", "w-5", "ada@b", "mug-r", "dn-77", "RM123", "WH-9"])
def test_an_order_is_found_by_the_beginning_of_what_names_it(text: str) -> None:
    order = make_order("W-55", items=[("MUG-RED", 1, 500)], customer_email="Ada@b.example")
    shipped(order, number="wh-9")
    make_order("X-1", customer_email="other@example.com")

    assert find(text) == [order.pk]


@pytest.mark.parametrize("text", ["%", "_-55", "\\", "' OR 1=1"])
def test_a_search_takes_every_sign_as_it_is(text: str) -> None:
    make_order("W-55")

    assert find(text) == []


def test_pages_lead_through_every_order_once_and_back() -> None:
    references = [make_order(f"W-{n}").reference for n in range(120)]
    client, seen, address = login(), [], reverse("admin:orders_order_changelist")

    page = ""
    while address:
        page = client.get(address).content.decode()
        seen += re.findall(r">(W-\d+)</a>", page)
        following = re.search(r'rel="next"\s+href="([^"]+)"', page)
        address = reverse("admin:orders_order_changelist") + following[1].replace("&amp;", "&") if following else ""

    back = re.search(r'rel="prev"\s+href="([^"]+)"', page)
    assert back is not None
    before = client.get(reverse("admin:orders_order_changelist") + back[1]).content.decode()
    assert seen == references[::-1]
    assert re.findall(r">(W-\d+)</a>", before) == seen[50:100]


@pytest.mark.parametrize(
    "query", ["after=x", "after=1_2_3", "before=2026_99999999999999999999", "status=nonsense", "q=%00"]
)
def test_an_address_that_makes_no_sense_shows_the_first_page(query: str) -> None:
    make_order("W-1")

    page = login().get(reverse("admin:orders_order_changelist") + f"?{query}").content.decode()

    assert ">W-1</a>" in page


def test_names_are_shown_as_text_never_as_markup() -> None:
    order = make_order("<b>W</b>", customer_name="<script>alert(1)</script>")

    client = login()

    for address in (reverse("admin:orders_order_changelist"), reverse("admin:orders_order_change", args=[order.pk])):
        page = client.get(address).content.decode()
        assert "<script>alert" not in page
        assert "<b>W</b>" not in page


def test_closing_attention_needs_its_right_and_a_post() -> None:
    open_items([AttentionRequest("unknown_sku", "order:1", "What is this?")])
    item = AttentionItem.objects.get()
    close = reverse("admin:orders_attentionitem_do", args=[item.pk, "close"])
    client = login()

    assert client.post(close).status_code == 403
    assert AttentionItem.objects.get().closed_at is None

    client.force_login(make_staff("bob", permissions=["orders.view_attentionitem", "orders.close_attention"]))
    assert client.get(close).status_code == 405
    assert AttentionItem.objects.get().closed_at is None
    assert client.post(close).status_code == 302
    closed = AttentionItem.objects.get()
    assert closed.closed_by is not None
    assert closed.closed_by.username == "bob"


def test_a_page_names_the_place_in_the_warehouse_only_while_processing() -> None:
    order = make_order("W-1", items=(("TEE", 2, 5998),), started=True, status_detail="picking")
    client, address = login(), reverse("admin:orders_order_changelist")

    assert ">Picking</span>" in client.get(address).content.decode()
    Order.objects.filter(pk=order.pk).update(shipped_units=2, outstanding_units=0)
    assert ">Picking</span>" not in client.get(address).content.decode()
