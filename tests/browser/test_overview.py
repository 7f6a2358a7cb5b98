"""Does the landing page lead to work and stay true, and is an order found from anywhere, in a real browser?"""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.people import sign_in
from tests.builders import make_order
from tests.refunds.people import make_refund

pytestmark = pytest.mark.django_db(transaction=True)
HALF_A_MINUTE = 31_000


def test_what_waits_appears_by_itself_and_leads_to_the_rows(page: Page, live_server: LiveServer) -> None:
    page.clock.install()
    sign_in(page, live_server)
    expect(page.get_by_text("Nothing needs you now")).to_be_visible()

    make_refund(reference="W-1")
    page.clock.run_for(HALF_A_MINUTE)

    expect(page.get_by_role("heading", name="Needs you now")).to_be_visible()
    page.get_by_role("link", name="1 Refunds to decide").click()
    page.wait_for_url("**/refunds/refund/?status=proposed")
    expect(page.locator("tbody th")).to_have_text(["W-1-R1"])


def test_who_was_logged_out_elsewhere_is_told_and_led_back(page: Page, live_server: LiveServer) -> None:
    page.clock.install()
    sign_in(page, live_server)
    away = page.get_by_text("You are signed out: this page is no longer updated.")
    expect(away).to_be_hidden()

    page.context.clear_cookies()
    page.clock.run_for(HALF_A_MINUTE)

    expect(away).to_be_visible()
    page.get_by_role("link", name="Log in again").click()
    expect(page.get_by_label("User name")).to_be_visible()


def test_an_order_is_found_from_any_page_by_one_key(page: Page, live_server: LiveServer) -> None:
    order, refund = make_order("W-7", customer_name="Grace Hopper"), make_refund(reference="W-1")
    sign_in(page, live_server)
    page.goto(f"{live_server.url}/admin/refunds/refund/{refund.pk}/change/")

    page.keyboard.press("/")
    expect(page.get_by_role("heading", name="Find an order")).to_be_visible()
    page.keyboard.type("w-7")
    page.keyboard.press("Enter")

    page.wait_for_url(f"**/orders/order/{order.pk}/change/")
    expect(page.get_by_text("Grace Hopper").first).to_be_visible()
