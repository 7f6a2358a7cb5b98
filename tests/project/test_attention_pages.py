"""Does the page of an attention item lead to where it is put right?"""

import re
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from integrations.models import StatusMapping
from orders.models import AttentionItem
from orders.timeline.attention import AttentionRequest, close, open_items, resolve
from orders.timeline.remedies import ADVICE
from tests.builders import make_order, make_staff
from tests.warehouse import despatched, tell

pytestmark = pytest.mark.django_db


def way(client: Client, kind: str, subject: str) -> str:
    open_items([AttentionRequest(kind, subject, "What?")])
    item = AttentionItem.objects.get(kind=kind, subject=subject)
    page = client.get(reverse("admin:orders_attentionitem_change", args=[item.pk]))
    assert page.status_code == 200
    return "".join(re.findall(r'href="([^"]+)">Go to the (?!order)', unescape(page.content.decode())))


def test_an_item_leads_to_what_it_is_about() -> None:
    client = Client()
    client.force_login(make_staff("anna", "Viewer"))
    word = StatusMapping.objects.create(external_status="quarantined")

    assert way(client, "refund_failed", "refund:7") == "/admin/refunds/refund/7/change/"
    assert way(client, "message_rejected", "message:8") == "/admin/integrations/archivedmessage/8/change/"
    assert way(client, "key_refused", "account:9") == "/admin/integrations/account/9/change/"
    assert way(client, "discrepancy", "account:9") == "/admin/integrations/discrepancy/?from=9"
    assert way(client, "ambiguous_time", "account:9:25/10/2026") == "/admin/integrations/account/9/change/"
    assert way(client, "silence", "connection:3") == "/admin/integrations/connection/3/change/"
    assert (
        way(client, "unknown_status", "status:prosku:quarantined")
        == f"/admin/integrations/statusmapping/{word.pk}/change/"
    )
    assert way(client, "unknown_order", "account:9") == "/admin/integrations/archivedmessage/?state=parked&from=9"
    assert way(client, "unknown_status", "status:prosku:gone") == ""
    assert way(client, "ceiling_reached", "ceiling:1:GBP:2026-03-02") == "/admin/refunds/refundpolicy/1/change/"
    assert way(client, "many_refunds", "many:1") == "/admin/refunds/refund/?seller=1"
    assert way(client, "refund_failed", "refund:²") == ""


def test_every_kind_says_what_to_do() -> None:
    assert set(ADVICE) == set(AttentionItem.Kind)


@pytest.mark.parametrize(("kind", "warned"), [("refund_failed", True), ("ambiguous_time", False)])
def test_closing_asks_first_only_while_the_cause_is_there(kind: str, warned: bool) -> None:
    client = Client()
    client.force_login(make_staff("anna", "Reviewer"))
    open_items([AttentionRequest(kind, "account:7", "What?")])
    item = AttentionItem.objects.get()

    page = client.get(reverse("admin:orders_attentionitem_change", args=[item.pk])).content.decode()

    assert ("Its cause is still there" in page) is warned
    assert ADVICE[AttentionItem.Kind(kind)] in unescape(page)


def test_what_is_about_an_order_stands_beside_its_units_and_parcels_at_the_same_cost_however_many() -> None:
    client = Client()
    client.force_login(make_staff("anna", "Viewer"))

    def shown(reference: str, many: int) -> tuple[str, int]:
        order = make_order(reference, items=[(f"{reference}-{n}", 1, 100) for n in range(many)])
        for n in range(many):
            units: Any = {f"{reference}-{n}": 2}
            tell(order, despatched(f"D-{reference}-{n}", order=reference, **units))
        address = reverse("admin:orders_attentionitem_change", args=[order.attention.earliest("id").pk])
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            page = client.get(address).content.decode()
        return page, len(queries)

    few, cost = shown("W", 1)
    many, same = shown("X", 20)

    assert "2 of 1 shipped" in few
    assert "1 too many" in few
    assert "D-W-0" in few
    assert "Go to the order" in few
    assert (many.count(">1 too many<"), many.count(">20 too many<")) == (20, 1)
    assert (cost, cost <= 15) == (same, True)


def test_who_may_not_see_orders_sees_nothing_of_one_beside_its_attention() -> None:
    client = Client()
    client.force_login(make_staff("anna", permissions=["orders.view_attentionitem"]))
    order = make_order("W-1", items=[("TEE", 1, 100)])
    tell(order, despatched("D-1", TEE=2))

    page = client.get(reverse("admin:orders_attentionitem_change", args=[order.attention.get().pk])).content.decode()

    assert "W-1: 2 of TEE shipped, 1 ordered" in page
    assert "Go to the order" not in page
    assert "D-1" not in page


def test_the_list_opens_with_what_is_open_and_tells_of_the_closed_who_closed_it() -> None:
    client = Client()
    client.force_login(anna := make_staff("anna", "Reviewer"))
    open_items([AttentionRequest("refund_failed", f"refund:{n}", f"Failed {n}") for n in range(3)])
    first, second, _ = AttentionItem.objects.order_by("id")
    close(first, by=anna)
    resolve("refund_failed", [second.subject])
    address = reverse("admin:orders_attentionitem_changelist")

    def rows(query: str) -> list[str]:
        page = re.sub(r"<[^>]+>", " ", client.get(f"{address}?{query}").content.decode())
        return re.findall(r"Failed \d|by anna|automatically", page)

    assert rows("") == ["Failed 2"]
    assert rows("view=closed&state=closed") == ["Failed 1", "automatically", "Failed 0", "by anna"]
    assert len(rows("view=every&state=")) == 5
