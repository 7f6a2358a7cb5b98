"""How does a person of a browser test come in, and how long do they look before they decide?"""

from collections.abc import Sequence

from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from refunds.admin.queue import LOOK_FIRST_MS
from refunds.models import Refund
from tests.builders import PASSWORD, make_staff

RIGHTS = (
    *("refunds.view_refund", "refunds.propose_refund", "refunds.reject_refund", "refunds.approve_refund"),
    *("orders.view_order", "orders.view_attentionitem"),
)


def sign_in(page: Page, live_server: LiveServer, username: str = "anna", rights: Sequence[str] = RIGHTS) -> None:
    """Somebody logs in who may do this; decide on refunds, if nothing is said."""
    make_staff(username, permissions=rights)
    page.goto(f"{live_server.url}/admin/")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url("**/admin/")


def open_refund(page: Page, live_server: LiveServer, refund: Refund) -> None:
    page.goto(f"{live_server.url}/admin/refunds/refund/{refund.pk}/change/")


def look(page: Page) -> None:
    """For as long as no key decides: nobody has read the page before."""
    page.wait_for_timeout(LOOK_FIRST_MS + 50)
