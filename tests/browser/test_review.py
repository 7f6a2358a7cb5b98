"""Can a person find a proposed refund, see why, and approve it with one key, in a real browser?"""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from refunds.models import Refund
from tests.builders import PASSWORD, make_staff
from tests.refunds.people import make_refund

pytestmark = pytest.mark.django_db(transaction=True)
RIGHTS = ["refunds.view_refund", "refunds.approve_refund", "orders.view_order", "orders.view_attentionitem"]


def sign_in(page: Page, live_server: LiveServer) -> None:
    make_staff("anna", permissions=RIGHTS)
    page.goto(f"{live_server.url}/admin/")
    page.fill("input[name=username]", "anna")
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")


def test_a_refund_is_found_understood_and_approved_with_one_key(page: Page, live_server: LiveServer) -> None:
    refund = make_refund(reference="W-7")
    sign_in(page, live_server)

    page.goto(f"{live_server.url}/admin/refunds/refund/")
    page.get_by_role("link", name=refund.number).click()
    expect(page.get_by_role("heading", name="What is refunded, and why so much")).to_be_visible()
    # No key decides before anybody can have read what it decides about.
    page.wait_for_timeout(1000)
    page.keyboard.press("a")
    page.wait_for_url(lambda url: f"/{refund.pk}/" not in url)

    refund.refresh_from_db()
    assert (refund.status, refund.approved_by and refund.approved_by.get_username()) == ("approved", "anna")


def test_a_key_pressed_before_the_page_can_be_read_decides_nothing(page: Page, live_server: LiveServer) -> None:
    refund = make_refund(reference="W-7")
    sign_in(page, live_server)

    page.goto(f"{live_server.url}/admin/refunds/refund/{refund.pk}/change/", wait_until="domcontentloaded")
    page.keyboard.press("a")
    page.wait_for_timeout(500)

    assert Refund.objects.get().status == "proposed"
