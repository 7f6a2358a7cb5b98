"""Does a cut-short order show as such everywhere, while its status stays what it was?"""

import csv

import pytest
from django.test import Client
from django.urls import reverse

from orders.models import Order
from tests.api import make_reader, rows
from tests.builders import make_order, make_staff
from tests.refunds.people import make_refund
from tests.warehouse import despatched, reported, tell

pytestmark = pytest.mark.django_db
SHOWN = '<span class="d-state" data-tone="short">Shipped short</span>'


def cut_short() -> Order:
    """An order of TEE 1 of 2 and CAP 1 of 1, closed as despatched; beside it one that shipped whole."""
    whole = make_order("W-2", items=[("TEE", 1, 1000)])
    tell(whole, despatched("D-2", order="W-2", TEE=1))
    order = make_order("W-1", items=[("TEE", 2, 2000), ("CAP", 1, 500)])
    tell(order, despatched(TEE=1, CAP=1), reported("Despatched", at=1))
    return Order.objects.get(pk=order.pk)


def login() -> Client:
    client = Client()
    client.force_login(make_staff("root", is_superuser=True))
    return client


def test_the_status_stays_shipped_and_says_besides_that_it_is_short() -> None:
    order = cut_short()

    assert (order.status, order.shipped_short) == ("shipped", True)
    found = order.items.order_by("position").values_list("sku", "status", "shipped_short")
    assert list(found) == [("TEE", "shipped", True), ("CAP", "shipped", False)]
    assert not Order.objects.get(reference="W-2").shipped_short


def test_lists_and_pages_show_its_own_word_and_colour() -> None:
    order = cut_short()
    refund = order.refunds.get()
    client = login()

    lists = client.get(reverse("admin:orders_order_changelist")).content.decode()
    short = client.get(reverse("admin:orders_order_changelist"), {"status": "shipped_short"}).content.decode()
    page = client.get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()
    money = client.get(reverse("admin:refunds_refund_change", args=[refund.pk])).content.decode()

    assert (lists.count(SHOWN), lists.count(">Shipped</span>")) == (1, 1)
    assert ("W-1" in short, ">W-2<" in short) == (True, False)
    # The order and its first item; the second item shipped whole.
    assert (page.count(SHOWN), page.count(">Shipped</span>")) == (2, 1)
    assert money.count(SHOWN) == 1


def test_the_api_and_the_export_say_so() -> None:
    cut_short()
    reader, client = make_reader(), login()

    [found] = rows(reader, "/api/v1/orders/?shipped_short=true")
    assert (found["reference"], found["status"], found["shipped_short"]) == ("W-1", "shipped", True)
    assert [item["shipped_short"] for item in found["items"]] == [True, False]
    assert [one["reference"] for one in rows(reader, "/api/v1/orders/?shipped_short=false")] == ["W-2"]
    answer = client.post(
        reverse("admin:orders_order_export"), {"asked": "status=shipped", "lines": "items", "kind": "csv"}
    )
    lines = csv.DictReader(b"".join(answer.streaming_content).decode("utf-8-sig").splitlines())  # type: ignore[attr-defined]
    assert [(one["item_sku"], one["shipped_short"], one["item_shipped_short"]) for one in lines] == [
        ("TEE", "yes", "yes"),
        ("CAP", "yes", "no"),
        ("TEE", "no", "no"),
    ]


def test_what_is_still_outstanding_or_cancelled_whole_is_not_short() -> None:
    waiting = make_refund(lost=1, units=3, reference="W-1").order
    tell(waiting, despatched(TEE=1))
    gone = make_order("W-2")
    tell(gone, reported("Cancelled", order="W-2"))

    found = Order.objects.order_by("reference").values_list("status", "shipped_short")
    assert list(found) == [("partially_shipped", False), ("cancelled", False)]
