"""Can a person hold an order, cancel units, note, tag, file and read the evidence, in a real browser?"""

import zlib
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect
from pytest_django.live_server_helper import LiveServer

from integrations.models import Account, ArchivedMessage, Connection
from orders.models import Order, OrderFile
from orders.timeline import events
from refunds.models import Refund
from tests.builders import PASSWORD, PLACED_AT, make_order, make_staff
from tests.refunds.people import kinds
from tests.warehouse import make_part

pytestmark = pytest.mark.django_db(transaction=True)
RIGHTS = ("view_order", "view_attentionitem", "hold_order", "cancel_order", "annotate_order", "delete_orderfile")


def open_order(page: Page, live_server: LiveServer) -> Order:
    order = make_order("W-7", items=[("TEE", 2, 5998), ("CAP", 1, 1500)], shipping_charge=499)
    look = ("refunds.view_refund", "integrations.view_archivedmessage")
    make_staff("anna", permissions=[*(f"orders.{right}" for right in RIGHTS), *look])
    page.goto(f"{live_server.url}/admin/")
    page.fill("input[name=username]", "anna")
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.goto(f"{live_server.url}/admin/orders/order/{order.pk}/change/")
    return order


def test_an_order_is_held_and_released_after_reading_what_happens(page: Page, live_server: LiveServer) -> None:
    order = open_order(page, live_server)

    page.get_by_text("Hold…").click()
    expect(page.get_by_text("This hold is only visible here")).to_be_visible()
    page.get_by_label("Reason").fill("Address looks wrong")
    page.get_by_role("button", name="Hold", exact=True).click()
    expect(page.get_by_text("On hold by anna")).to_be_visible()
    page.get_by_text("Release…").click()
    page.get_by_role("button", name="Release", exact=True).click()
    expect(page.get_by_text("Hold on W-7 released.")).to_be_visible()

    assert kinds(order)[0::2] == ["order.hold_placed", "order.hold_released"]


def test_units_are_cancelled_and_their_refund_is_there_at_once(page: Page, live_server: LiveServer) -> None:
    open_order(page, live_server)

    page.get_by_role("link", name="Request cancellation").click()
    expect(page.get_by_text("Refund 0.00")).to_be_visible()
    page.get_by_role("button", name="All outstanding units").click()
    expect(page.get_by_text("Refund 79.97")).to_be_visible()
    page.get_by_label("Units of TEE").fill("1")
    page.get_by_label("Units of CAP").fill("0")
    expect(page.get_by_text("Refund 29.99")).to_be_visible()
    page.get_by_label("Reason").fill("Ordered twice")
    page.get_by_role("button", name="Request cancellation", exact=True).click()
    expect(page.get_by_text("The warehouse has not confirmed, and has NOT been told.")).to_be_visible()
    page.get_by_role("link", name="W-7-R1").first.click()
    expect(page.get_by_role("heading", name="W-7-R1").first).to_be_visible()

    assert Refund.objects.get().amount == 2999


def test_notes_tags_and_files_stand_on_the_page(page: Page, live_server: LiveServer) -> None:
    order = open_order(page, live_server)

    page.keyboard.press("m")
    page.keyboard.type("Called: no answer.")
    page.get_by_role("button", name="Add note").click()
    expect(page.get_by_text("Note added.")).to_be_visible()
    page.get_by_label("Tag", exact=True).fill("call back")
    page.get_by_role("button", name="Add tag").click()
    expect(page.get_by_role("link", name="call back")).to_be_visible()
    picture = FilePayload(name="photo.png", mimeType="image/png", buffer=b"\x89PNG\r\n\x1a\n" + bytes(9))
    page.get_by_label("File").set_input_files(picture)
    page.get_by_role("button", name="Add file").click()
    with page.expect_download() as saved:
        page.get_by_role("link", name="photo.png").click()
    assert saved.value.suggested_filename == "photo.png"
    page.get_by_text("Delete…").click()
    page.get_by_role("button", name="Delete photo.png").click()
    expect(page.get_by_text("File photo.png deleted.")).to_be_visible()
    page.get_by_role("button", name="Remove call back").click()
    expect(page.get_by_text("W-7 is no longer tagged call back.")).to_be_visible()

    assert not OrderFile.objects.exists()
    assert kinds(order) == ["order.noted", "order.tagged", "order.file_added", "order.file_deleted", "order.untagged"]


def tell(order: Order, raw: str, times: int = 1) -> ArchivedMessage:
    """The warehouse sent something, and that many facts of the order rest on it."""
    connection = Connection.objects.create(name="main", base_url="https://prosku.example")
    account = Account.objects.create(connection=connection, seller=order.seller, key="k")
    about = {"account": account, "seller": order.seller, "order": order, "resource": "orders", "digest": "d"}
    message = ArchivedMessage.objects.create(raw=zlib.compress(raw.encode()), **about)
    for n in range(times):
        at, data = PLACED_AT + timedelta(minutes=n), {"note": f"Fact {n}."}
        events.record([events.Event(order.pk, order.seller_id, "order.noted", at, "prosku:main", data, message.pk)])
    return message


def test_the_evidence_of_a_fact_unfolds_in_its_place_and_is_asked_for_once(page: Page, live_server: LiveServer) -> None:
    order = open_order(page, live_server)
    message = tell(order, '{"status":"Picking<b>"}')
    address = f"/admin/integrations/archivedmessage/{message.pk}/change/"
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if address in request.url else None)
    page.reload()

    evidence = page.get_by_role("group").filter(has=page.get_by_text("Raw message"))
    text = evidence.locator("pre")
    page.get_by_text("Raw message").focus()
    page.keyboard.press("Enter")
    expect(text).to_have_text('{\n  "status": "Picking<b>"\n}')
    page.keyboard.press("Enter")
    expect(text).to_be_hidden()
    page.keyboard.press("Enter")
    expect(text).to_be_visible()
    page.get_by_role("link", name=f"Message {message.pk}").click()
    page.wait_for_url(f"**{address}")

    assert asked == [f"{live_server.url}{address}"] * 2


def test_evidence_that_could_not_be_had_says_so_or_is_asked_for_again(
    browser: Browser, live_server: LiveServer
) -> None:
    page = browser.new_page()
    order = open_order(page, live_server)
    message = tell(order, "{}")
    page.reload()
    opener, text = page.get_by_text("Raw message"), page.locator("#timeline pre")

    page.route("**/archivedmessage/**", lambda route: route.abort())
    opener.click()
    expect(text).to_have_count(0)
    expect(page.get_by_role("link", name=f"Message {message.pk}")).to_be_visible()
    opener.click()
    page.unroute("**/archivedmessage/**")
    message.delete()
    opener.click()
    expect(text).to_have_text("This message is no longer available.")
    page.close()


def test_of_many_parcels_the_newest_are_shown_until_somebody_asks_for_all(page: Page, live_server: LiveServer) -> None:
    order = open_order(page, live_server)
    for n in range(8):
        at = PLACED_AT + timedelta(minutes=n)
        about = {
            "seller": order.seller,
            "fulfilment_order": make_part(order),
            "version": "1",
            "message": 1,
            "despatched_at": at,
            "changed_at": at,
        }
        order.shipments.create(number=f"DN-{n}", **about)
    page.reload()

    expect(page.get_by_text("DN-7")).to_be_visible()
    expect(page.get_by_text("DN-1")).to_be_hidden()
    page.locator("summary", has_text="Show all").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("DN-0")).to_be_visible()
    page.get_by_text("Show fewer").click()
    expect(page.get_by_text("DN-1")).to_be_hidden()


def test_older_events_follow_below_until_the_first(page: Page, live_server: LiveServer) -> None:
    order = open_order(page, live_server)
    tell(order, "{}", times=60)
    page.reload()
    told = page.locator("#timeline .d-timeline > li")

    expect(told).to_have_count(50)
    page.get_by_role("link", name="Older events").click()
    expect(told).to_have_count(60)
    expect(told.last).to_contain_text("Note: Fact 0.")
    expect(told.nth(50)).to_be_focused()
    expect(page.get_by_role("link", name="Older events")).to_have_count(0)
