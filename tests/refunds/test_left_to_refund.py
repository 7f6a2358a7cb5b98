"""Is what is left to refund of an order the same in the API and the export as on its pages? (see test_manual_pages)"""

import csv

import pytest
from django.test import Client
from django.urls import reverse

from refunds.proposals.manual import preview, propose_by_hand
from refunds.proposals.refund_request import RefundRequest
from tests.api import make_reader
from tests.builders import make_staff
from tests.refunds.people import make_refund, manager

pytestmark = pytest.mark.django_db


def test_preview_page_api_and_export_tell_one_number() -> None:
    order = make_refund(lost=1, units=4, paid=4000, shipping_charge=500).order
    wish = RefundRequest(units={order.items.get().pk: 2}, shipping=True)
    client = Client()
    client.force_login(make_staff("root", is_superuser=True))

    _, leaves = preview(order.pk, wish)
    propose_by_hand(order.pk, by=manager("bert"), wish=wish, reason="goodwill", note="")

    page = client.get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()
    told = make_reader().get(f"/api/v1/orders/{order.pk}/").json()["left_to_refund"]
    asked = {"asked": "", "lines": "items", "kind": "csv"}
    answer = b"".join(client.post(reverse("admin:orders_order_export"), asked))
    [line] = csv.DictReader(answer.decode("utf-8-sig").splitlines())
    assert (leaves, told, line["left_to_refund"]) == (2000, "20.00", "20.00")
    assert "20.00\N{NO-BREAK SPACE}GBP" in page
