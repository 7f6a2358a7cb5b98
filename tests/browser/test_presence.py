"""Do two people at two browsers see that they look at the same refund?"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from refunds.models import Presence
from tests.browser.conftest import answered
from tests.browser.people import open_refund, sign_in
from tests.refunds.people import make_refund
from tests.waiting import WITHIN

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def at_a_desk(browser: Browser, live_server: LiveServer, username: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(WITHIN * 1000)
    try:
        page = context.new_page()
        sign_in(page, live_server, username)
        yield page
    finally:
        context.close()


def test_two_people_see_each_other_until_one_goes_on(browser: Browser, live_server: LiveServer) -> None:
    first, second = (make_refund(reference=f"W-{n}") for n in range(2))
    with answered(), at_a_desk(browser, live_server, "maya") as maya, at_a_desk(browser, live_server, "tom") as tom:
        open_refund(maya, live_server, first)
        open_refund(tom, live_server, first)
        expect(tom.get_by_text("maya is reviewing this.")).to_be_visible()
        # Maya's page hears of Tom by itself, with its next beat.
        expect(maya.get_by_text("tom is reviewing this.")).to_be_visible()

        tom.keyboard.press("n")
        tom.wait_for_url(f"**/{second.pk}/change/")
        tom.goto(f"{live_server.url}/admin/refunds/refund/")

        expect(tom.get_by_text("Being reviewed by maya")).to_be_visible()
        maya.keyboard.press("p")
        maya.reload()
        expect(maya.get_by_text("tom is reviewing this.")).to_be_hidden()
    assert Presence.objects.filter(user__username="tom").count() == 0
