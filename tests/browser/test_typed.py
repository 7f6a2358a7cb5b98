"""Is what somebody typed there again when their session had ended before they sent it?"""

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.people import sign_in
from tests.builders import PASSWORD, make_order

pytestmark = pytest.mark.django_db(transaction=True)


def log_in_again(page: Page, username: str) -> None:
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name="Log in").click()


def test_a_reason_that_was_typed_in_an_ended_session_is_there_after_the_log_in(
    page: Page, live_server: LiveServer
) -> None:
    order = make_order("W-1")
    sign_in(page, live_server, rights=("orders.view_order", "orders.hold_order"))
    page.goto(f"{live_server.url}/admin/orders/order/{order.pk}/change/")
    page.get_by_text("Hold…").click()
    page.get_by_label("Reason").fill("Address looks wrong")
    Session.objects.all().delete()
    page.get_by_role("button", name="Hold", exact=True).click()
    log_in_again(page, "anna")

    expect(page.get_by_text("what you typed before you were logged out is here again")).to_be_visible()
    expect(page.get_by_label("Reason")).to_have_value("Address looks wrong")
    order.refresh_from_db()
    assert not order.on_hold
    page.reload()
    expect(page.get_by_text("is here again")).to_be_hidden()
