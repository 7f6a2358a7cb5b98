"""Can a person find orders, keep what they look at, take it along, and get about with the keys, in a real browser?"""

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from orders.models import SavedView
from tests.builders import PASSWORD, make_order, make_seller, make_staff

pytestmark = pytest.mark.django_db(transaction=True)
RIGHTS = ["orders.view_order", "orders.export_order", "orders.view_attentionitem"]
NASTY = "Wolfeschlegelsteinhausenbergerdorff " * 5


def sign_in(page: Page, live_server: LiveServer) -> None:
    make_staff("anna", permissions=RIGHTS)
    page.goto(f"{live_server.url}/admin/")
    page.fill("input[name=username]", "anna")
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url("**/admin/")


def test_orders_are_searched_narrowed_down_kept_as_a_view_and_exported(page: Page, live_server: LiveServer) -> None:
    seller = make_seller(name="Acme")
    for n in range(3):
        make_order(
            f"W-{n}", seller=seller, customer_name=NASTY[:200], on_hold=n != 1, held_because="Fraud?" if n else ""
        )
    make_order("X-1", customer_name="قاسم 🎁", on_hold=True, held_because="Fraud?")
    sign_in(page, live_server)

    page.goto(f"{live_server.url}/admin/orders/order/")
    page.keyboard.press("/")
    page.keyboard.type("w-")
    page.keyboard.press("Enter")
    expect(page.locator("tbody th")).to_have_text(["W-2", "W-1", "W-0"])
    page.locator(".d-more > summary").click()
    page.locator("select[name=hold]").select_option(label="On hold here")
    page.locator(".d-grid").get_by_role("button", name="Apply").click()
    expect(page.locator(".d-chip")).to_contain_text("On hold here")
    expect(page.locator("tbody th")).to_have_text(["W-2"])
    assert page.url.endswith("/admin/orders/order/?view=all&q=w-&hold=us")
    page.get_by_text("Save view", exact=True).click()
    page.get_by_label("Name").fill("Ours")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("link", name="Ours")).to_have_attribute("aria-current", "page")
    page.get_by_role("link", name="Export").click()
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Export").click()

    with Path(downloading.value.path()).open(encoding="utf-8-sig", newline="") as file:
        assert [line["reference"] for line in csv.DictReader(file)] == ["W-2"]
    assert re.fullmatch(r"orders-\d{4}-\d\d-\d\d-\d+\.csv", downloading.value.suggested_filename)
    assert SavedView.objects.get().asked == {"hold": "us", "q": "w-"}


def test_keys_lead_from_row_to_row_into_an_order_and_back_to_its_row(page: Page, live_server: LiveServer) -> None:
    for n in range(4):
        make_order(f"W-{n}", on_hold=True)
    sign_in(page, live_server)

    page.goto(f"{live_server.url}/admin/orders/order/?view=held&hold=any")
    for key in ("j", "j", "j", "k"):
        page.keyboard.press(key)
    expect(page.get_by_role("link", name="W-2")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/change/")
    page.go_back()
    page.wait_for_url("**/order/?view=held&hold=any")

    expect(page.get_by_role("link", name="W-2")).to_be_focused()


def test_columns_are_chosen_and_moved_with_the_keys_alone(page: Page, live_server: LiveServer) -> None:
    make_order("W-1", customer_email="ada@example.com")
    sign_in(page, live_server)

    page.goto(f"{live_server.url}/admin/orders/order/?view=all")
    page.get_by_text("Columns", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_label("E-mail", exact=True).press("Space")
    page.get_by_label("Placed up").press("Enter")
    up = page.get_by_label("E-mail up")
    for _ in range(20):
        up.press("Enter")
    page.get_by_role("button", name="Save", exact=True).press("Enter")

    page.wait_for_load_state()
    heads = page.locator("thead th").all_text_contents()
    assert heads[:3] == ["Reference", "E-mail", "Placed"]
    expect(page.locator("tbody")).to_contain_text("ada@example.com")


def test_the_way_back_from_an_order_leads_to_the_list_as_it_was_narrowed_down(
    page: Page, live_server: LiveServer
) -> None:
    make_order("W-1", on_hold=True, held_because="Fraud?")
    make_order("W-2")
    sign_in(page, live_server)
    page.goto(f"{live_server.url}/admin/orders/order/?hold=us")

    page.get_by_role("link", name="W-1").click()
    page.locator("h1").get_by_role("link", name="Orders").click()

    page.wait_for_url("**/admin/orders/order/?hold=us")
    expect(page.locator("tbody th")).to_have_text(["W-1"])
