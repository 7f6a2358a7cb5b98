"""Does the page of an attention item lead to where it is put right?"""

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from integrations.models import StatusWord
from orders.advice import ADVICE
from orders.attention import Concern, raise_
from orders.models import AttentionItem
from tests.builders import make_staff

pytestmark = pytest.mark.django_db


def way(client: Client, kind: str, subject: str) -> str:
    raise_([Concern(kind, subject, "What?")])
    item = AttentionItem.objects.get(kind=kind, subject=subject)
    page = client.get(reverse("admin:orders_attentionitem_change", args=[item.pk]))
    assert page.status_code == 200
    return "".join(re.findall(r'Look at</dt><dd><a class="d-link" href="([^"]+)"', unescape(page.content.decode())))


def test_an_item_leads_to_what_it_is_about() -> None:
    client = Client()
    client.force_login(make_staff("anna", "Viewer"))
    word = StatusWord.objects.create(word="quarantined")

    assert way(client, "refund_failed", "refund:7") == "/admin/refunds/refund/7/change/"
    assert way(client, "message_rejected", "message:8") == "/admin/integrations/archivedmessage/8/change/"
    assert way(client, "key_refused", "prosku:9") == "/admin/integrations/proskuseller/9/change/"
    assert way(client, "ambiguous_time", "prosku:9:25/10/2026") == "/admin/integrations/proskuseller/9/change/"
    assert way(client, "silence", "connector:3") == "/admin/integrations/proskuconnector/3/change/"
    assert way(client, "unknown_word", "word:quarantined") == f"/admin/integrations/statusword/{word.pk}/change/"
    assert way(client, "unknown_order", "prosku:9") == "/admin/integrations/archivedmessage/?state=parked&from=9"
    assert way(client, "unknown_word", "word:gone") == ""
    assert way(client, "ceiling_reached", "ceiling:1:GBP:2026-03-02") == "/admin/refunds/refundpolicy/1/change/"
    assert way(client, "many_refunds", "many:1") == "/admin/refunds/refund/?seller=1"
    assert way(client, "refund_failed", "refund:²") == ""


def test_every_kind_says_what_to_do() -> None:
    assert set(ADVICE) == set(AttentionItem.Kind)


@pytest.mark.parametrize(("kind", "warned"), [("refund_failed", True), ("ambiguous_time", False)])
def test_closing_asks_first_only_while_the_cause_is_there(kind: str, warned: bool) -> None:
    client = Client()
    client.force_login(make_staff("anna", "Reviewer"))
    raise_([Concern(kind, "prosku:7", "What?")])
    item = AttentionItem.objects.get()

    page = client.get(reverse("admin:orders_attentionitem_change", args=[item.pk])).content.decode()

    assert ("Its cause is still there" in page) is warned
    assert ADVICE[AttentionItem.Kind(kind)] in unescape(page)
