"""Can people be added, limited, found in the record, and can everybody set up their own desk, in a real browser?"""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from hemi_intake.roles import apply_roles
from orders.models import Order
from tests.builders import PASSWORD, make_order, make_seller, make_staff
from tests.refunds.people import make_refund

pytestmark = pytest.mark.django_db(transaction=True)
NEW = "a quite new password"


@pytest.fixture(autouse=True)
def roles(transactional_db: None) -> None:
    """The roles: a test before this one left an empty database."""
    apply_roles()


def log_in(page: Page, live_server: LiveServer, name: str, password: str = PASSWORD) -> None:
    page.goto(f"{live_server.url}/admin/login/")
    # Whoever comes here types at once.
    expect(page.get_by_label("User name")).to_be_focused()
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/")


def log_out(page: Page) -> None:
    _menu(page)
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_text("You are logged out.")).to_be_visible()


def _menu(page: Page) -> None:
    if not page.get_by_role("link", name="My settings").is_visible():
        page.get_by_role("button", name="Menu", exact=True).click()


def _go(page: Page, entry: str) -> None:
    _menu(page)
    page.locator("#nav-sidebar").get_by_role("link", name=entry).click()
    page.wait_for_load_state()


def two_sellers() -> tuple[Order, Order]:
    north, south = make_seller("north", name="North"), make_seller("south", name="South")
    return make_order("N-1", seller=north), make_order("S-1", seller=south)


def test_a_person_is_added_for_one_seller_and_sees_that_one_alone(page: Page, live_server: LiveServer) -> None:
    _, theirs = two_sellers()
    make_refund(reference="S-2", seller=theirs.seller)
    make_staff("boss", "Administrator")
    log_in(page, live_server, "boss")

    _go(page, "Users")
    page.get_by_role("link", name="Add user").click()
    page.get_by_label("User name").fill("boss")
    page.get_by_label("Password").fill("short")
    page.get_by_role("button", name="Add user").click()
    expect(page.get_by_text("This user name is taken.")).to_be_visible()
    expect(page.get_by_text("This password is too short.")).to_be_visible()
    page.get_by_label("User name").fill("nina")
    page.get_by_label("Password").fill(NEW)
    page.get_by_label("Role").select_option(label="Viewer")
    page.get_by_label("North").check()
    page.get_by_role("button", name="Add user").click()
    expect(page.get_by_text("User nina added. Pass the password on securely.")).to_be_visible()
    log_out(page)

    log_in(page, live_server, "nina", NEW)
    expect(page.get_by_text("None: ")).to_contain_text("Refunds to decide")
    _go(page, "Orders")
    expect(page.locator("tbody th")).to_have_text(["N-1"])
    page.goto(f"{live_server.url}/admin/refunds/refund/")
    expect(page.get_by_text("S-2-R1")).to_have_count(0)
    page.goto(f"{live_server.url}/admin/orders/order/?q=S-1")
    expect(page.get_by_text("No orders found for “S-1”.")).to_be_visible()
    _go(page, "My settings")
    expect(page.locator("dl")).to_contain_text("North")
    expect(page.locator("dl")).not_to_contain_text("South")


def test_somebody_who_left_is_kept_out_from_this_moment_on(page: Page, live_server: LiveServer) -> None:
    gone = make_staff("gone", "Approver")
    make_staff("boss", "Administrator")
    log_in(page, live_server, "boss")
    page.goto(f"{live_server.url}/admin/auth/user/{gone.pk}/change/")

    page.get_by_text("Deactivate…").click()
    expect(page.get_by_text("gone is signed out everywhere and cannot log in.")).to_be_visible()
    page.get_by_role("button", name="Deactivate", exact=True).click()

    expect(page.get_by_text("gone deactivated.")).to_be_visible()
    expect(page.locator(".d-timeline")).to_contain_text("Deactivated")
    log_out(page)
    page.get_by_label("User name").fill("gone")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("Incorrect user name or password.")
    expect(page.get_by_label("Password")).to_be_focused()


def test_times_follow_the_zone_that_a_person_chooses(page: Page, live_server: LiveServer) -> None:
    order = make_order("W-1", placed_at=datetime(2026, 7, 1, 22, 30, 5, tzinfo=UTC))
    placed = page.locator(f'time[datetime="{order.placed_at.isoformat()}"]').first
    make_staff("anna", "Viewer")
    log_in(page, live_server, "anna")
    page.goto(f"{live_server.url}/admin/orders/order/{order.pk}/change/")
    expect(placed).to_have_text("1 Jul 2026, 22:30")

    _go(page, "My settings")
    page.get_by_label("Time zone").select_option(label="Tokyo")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Times are shown in your time zone.")).to_be_visible()
    page.goto(f"{live_server.url}/admin/orders/order/{order.pk}/change/")

    expect(placed).to_have_text("2 Jul 2026, 07:30")
    expect(placed).to_have_attribute("title", "2026-07-02 07:30:05 +0900")


def test_colours_and_password_are_everybodys_own(page: Page, live_server: LiveServer) -> None:
    make_staff("anna", "Viewer")
    log_in(page, live_server, "anna")
    _go(page, "My settings")

    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_class(re.compile("dark"))
    page.get_by_role("link", name="Change password").click()
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_label("New password", exact=True).fill(NEW)
    page.get_by_label("New password again").fill(NEW)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("Password changed.")).to_be_visible()
    log_out(page)

    log_in(page, live_server, "anna", NEW)
    expect(page.locator("html")).to_have_class(re.compile("dark"))


def test_a_manager_finds_who_did_what(page: Page, live_server: LiveServer) -> None:
    first, _ = two_sellers()
    make_staff("boss", "Manager")
    ben = make_staff("ben", "Reviewer")
    log_in(page, live_server, "boss")
    page.goto(f"{live_server.url}/admin/orders/order/{first.pk}/change/")
    page.get_by_text("Hold…").click()
    page.get_by_label("Reason").fill("Address looks wrong")
    page.get_by_role("button", name="Hold", exact=True).click()
    page.goto(f"{live_server.url}/admin/orders/order/?view=all&seller={first.seller_id}")
    page.get_by_role("link", name="Export").click()
    with page.expect_download():
        page.get_by_role("button", name="Export").click()

    page.goto(f"{live_server.url}/admin/auth/user/{ben.pk}/change/")
    page.get_by_role("link", name="View activity").click()
    expect(page.get_by_text("No activity found.")).to_be_visible()
    page.locator("select[name=who]").select_option("boss")
    page.get_by_label("Type").select_option(label="Exports")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**kind=exports**")
    assert _told(page) == ["boss Exported 1 order as CSV Seller: North"]
    page.get_by_role("link", name="Reset").click()
    page.get_by_placeholder("Order reference").fill("n-1")
    page.keyboard.press("Enter")
    page.wait_for_url("**about=n-1**")
    assert _told(page) == ["boss Placed on hold: Address looks wrong N-1"]
    page.get_by_role("link", name="N-1").click()
    expect(page).to_have_url(re.compile(f"/orders/order/{first.pk}/change/"))


def _told(page: Page) -> list[str]:
    rows = page.locator("tbody tr").all()
    return [" ".join(" ".join(row.locator("td").all_inner_texts()).split()) for row in rows]
