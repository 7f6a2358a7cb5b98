"""Does an order say what of its payment is paid back, and is it found by that?"""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orders.models import Order
from refunds.execution import execute, failed_later
from refunds.gateway import Receipt
from refunds.models import Refund
from tests.builders import PLACED_AT, make_order, make_staff
from tests.refunds.people import approved, make_refund
from tests.warehouse import cancelled, tell

pytestmark = pytest.mark.django_db
LIST = reverse("admin:orders_order_changelist")


def paid_back(refund: Refund) -> Refund:
    claim = execute.claim_refund(approved(refund).pk, old="approved")
    assert claim is not None
    execute.record_paid(claim, Receipt(f"re_{refund.pk}", refund.amount, refund.currency))
    return Refund.objects.get(pk=refund.pk)


def status(order: Order) -> tuple[str, int, int]:
    now = Order.objects.get(pk=order.pk)
    return now.payment_status, now.refunded_amount, now.pending_refunds


def test_an_order_is_partially_refunded_then_refunded_as_money_goes_back_and_not_before() -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998)])
    refund = make_refund(1, 2, order=order)
    assert status(order) == ("paid", 0, 2999)

    paid_back(refund)
    assert status(order) == ("partially_refunded", 2999, 0)

    tell(order, cancelled(5, of={"TEE": (2, 2)}, order="W-1"))
    paid_back(Refund.objects.get(order=order, status="proposed"))
    assert status(order) == ("refunded", 5998, 0)


def test_money_that_comes_back_is_refunded_no_more() -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998)])
    refund = paid_back(make_refund(1, 2, order=order))

    failed_later.take_back(refund.pk, reference=refund.provider_reference, detail="closed account")

    assert status(order) == ("paid", 0, 2999)


def test_orders_are_filtered_by_what_is_paid_back_and_the_list_shows_it() -> None:
    make_order("W-plain", placed_at=PLACED_AT - timedelta(1))
    part, whole, waits = (make_order(f"W-{name}", items=[("TEE", 2, 5998)]) for name in ("part", "whole", "waits"))
    paid_back(make_refund(1, 2, order=part))
    paid_back(make_refund(2, 2, order=whole))
    make_refund(1, 2, order=waits)
    client = Client()
    client.force_login(make_staff("anna", permissions=["orders.view_order"]))

    found = {
        value: re.findall(r">(W-\w+)</a>", client.get(LIST, {"payment": value}).content.decode())
        for value in ("paid", "partially_refunded", "refunded", "pending")
    }
    assert found == {
        "paid": ["W-waits", "W-plain"],
        "partially_refunded": ["W-part"],
        "refunded": ["W-whole"],
        "pending": ["W-waits"],
    }
    page = client.get(LIST, {"payment": ""}).content.decode()
    assert re.findall(r'data-label="Payment">(?:<[^>]*>)?([\w ]+)', page) == [
        "Refund pending",
        "Refunded",
        "Partially refunded",
        "Paid",
    ]


def test_a_late_order_says_in_colour_how_late_it_is() -> None:
    order = make_order("W-1", placed_at=timezone.now() - timedelta(days=8, hours=1))
    make_order("W-2", placed_at=timezone.now())
    client = Client()
    client.force_login(make_staff("anna", permissions=["orders.view_order"]))

    assert re.findall(r'<b class="d-bad">([^<]+)</b>', client.get(LIST).content.decode()) == ["3\xa0d late"]
    page = client.get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()
    assert "3\xa0d late" in page
