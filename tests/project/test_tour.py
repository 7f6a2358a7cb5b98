"""Is a newcomer to the demo shown around, and left alone afterwards?"""

import re

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from refunds.models import Refund
from tests.builders import make_staff
from tests.refunds.people import approved, make_refund

pytestmark = pytest.mark.django_db
STEP = re.compile(r'href="(/admin/tour/\d/)"')


@pytest.fixture
def demo(settings: Settings) -> Refund:
    settings.DEMO = True
    refund = make_refund()
    Refund.objects.update(provider="sandbox")
    return refund


def login(*groups: str) -> Client:
    client = Client()
    client.force_login(make_staff(None, *groups))
    return client


def shown(client: Client) -> str:
    page = client.get(reverse("admin:index")).content.decode()
    return page[page.index("tour-heading") : page.index('id="now"')] if "tour-heading" in page else ""


def test_each_step_leads_into_the_story_of_one_refund_and_counts_when_done(demo: Refund) -> None:
    client = login("Approver")

    ways = STEP.findall(shown(client))
    assert len(ways) == 5
    make_refund(reference="W-2")
    order = f"/admin/orders/order/{demo.order_id}/change/"
    refund = f"/admin/refunds/refund/{demo.pk}/change/"
    message = f"/admin/integrations/archivedmessage/{demo.messages[-1]}/change/"
    assert [client.get(way)["Location"] for way in ways] == [message, refund, order, f"{order}#timeline", refund]
    assert "3 of 5 steps done" in shown(client)
    approved(demo)
    assert "4 of 5 steps done" in shown(client)


def test_whoever_has_had_enough_never_sees_it_again_and_others_still_do(demo: Refund) -> None:
    client = login("Viewer")
    assert "Log in as approver" in shown(client)

    assert client.get(reverse("admin:tour_over")).status_code == 405
    assert client.post(reverse("admin:tour_over")).status_code == 302

    assert shown(client) == ""
    assert shown(login("Approver")) != ""


def test_outside_the_demo_nobody_is_shown_around() -> None:
    make_refund()
    client = login("Approver")

    assert shown(client) == ""
    assert client.get(reverse("admin:tour_step", args=[1])).status_code == 404
