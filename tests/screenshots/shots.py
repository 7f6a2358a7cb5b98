"""What does each picture of docs/guide.md show, and how does a person get there?"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from playwright.sync_api import Page

LOOK_MS = 1200
"""Until keys decide on a refund that has come into view."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: `show` leads the browser there from the landing page, given the admin's address."""

    name: str
    show: Callable[[Page, str], None]
    who: str = "approver"
    width: int = 1280
    height: int = 800
    scheme: Literal["light", "dark"] = "light"


def _first_row(page: Page) -> None:
    page.locator("main table tbody th a").first.click()
    page.wait_for_load_state()


def _overview(page: Page, admin: str) -> None:
    page.get_by_role("button", name="Do not show this again").click()
    page.wait_for_selector("#tour-heading", state="detached")


def _tour(page: Page, admin: str) -> None:
    page.wait_for_selector("#tour-heading")


def _queue(page: Page, admin: str) -> None:
    page.goto(f"{admin}/refunds/refund/")


def _refund(page: Page, admin: str) -> None:
    page.goto(f"{admin}/refunds/refund/?reason=closed_short")
    _first_row(page)


def _press(key: str) -> Callable[[Page, str], None]:
    def show(page: Page, admin: str) -> None:
        _refund(page, admin)
        page.wait_for_timeout(LOOK_MS)
        page.keyboard.press(key)
        page.wait_for_timeout(LOOK_MS)

    return show


def _edit(page: Page, admin: str) -> None:
    page.goto(f"{admin}/refunds/refund/?reason=closed_short")
    page.locator("main table tbody th a").nth(1).click()
    page.wait_for_load_state()
    page.get_by_role("link", name="Edit").click()
    page.wait_for_load_state()


def _bulk(page: Page, admin: str) -> None:
    _queue(page, admin)
    page.get_by_label("All on this page").check()
    page.get_by_role("button", name="Approve selected").click()
    page.wait_for_load_state()


def _orders(page: Page, admin: str) -> None:
    page.goto(f"{admin}/orders/order/")


def _found(page: Page, admin: str) -> None:
    page.fill("input[type=search]", "amelia")
    page.keyboard.press("Enter")
    page.wait_for_url("**/orders/order/?*")


def _order(page: Page, admin: str) -> None:
    page.goto(f"{admin}/orders/order/?status=partially_shipped")
    _first_row(page)


def _evidence(page: Page, admin: str) -> None:
    _order(page, admin)
    timeline = page.locator("#timeline")
    timeline.locator("details summary").first.click()
    page.wait_for_timeout(500)
    timeline.scroll_into_view_if_needed()
    timeline.evaluate("(one) => window.scrollTo(0, one.getBoundingClientRect().top + window.scrollY - 16)")


def _hold(page: Page, admin: str) -> None:
    page.goto(f"{admin}/orders/order/?status=processing")
    _first_row(page)
    page.keyboard.press("h")
    page.wait_for_timeout(300)


def _columns(page: Page, admin: str) -> None:
    _orders(page, admin)
    page.get_by_text("Columns", exact=True).click()
    page.wait_for_timeout(300)


def _attention(page: Page, admin: str) -> None:
    page.goto(f"{admin}/orders/attentionitem/")


def _reports(page: Page, admin: str) -> None:
    page.goto(f"{admin}/reports/")


def _users(page: Page, admin: str) -> None:
    page.goto(f"{admin}/auth/user/")


SHOTS = (
    Shot("tour", _tour, who="reviewer"),
    Shot("overview", _overview, height=1000),
    Shot("queue", _queue),
    Shot("refund", _refund, height=860),
    Shot("keys", _press("?")),
    Shot("reject", _press("r")),
    Shot("edit", _edit),
    Shot("bulk", _bulk),
    Shot("undo", _press("a")),
    Shot("orders", _orders),
    Shot("found", _found),
    Shot("columns", _columns),
    Shot("order", _order, height=900),
    Shot("evidence", _evidence),
    Shot("hold", _hold, who="manager"),
    Shot("attention", _attention, height=480),
    Shot("reports", _reports, height=900),
    Shot("users", _users, who="administrator", height=480),
    Shot("phone-overview", _overview, who="viewer", width=390, height=844),
    Shot("phone-refund", _refund, width=390, height=844, scheme="dark"),
)
