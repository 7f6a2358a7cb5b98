"""Can a person find a proposed refund, see why at a glance, and decide with one or two keys, in a real browser?"""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from refunds.models import Refund
from tests.browser.people import look, open_refund, sign_in
from tests.refunds.people import make_refund

pytestmark = pytest.mark.django_db(transaction=True)


def gone(page: Page, refund: Refund) -> None:
    """The page has come that follows the decision on this refund."""
    page.wait_for_url(lambda url: f"?undo={refund.pk}" in url)


def test_a_refund_is_found_understood_and_approved_with_one_key(page: Page, live_server: LiveServer) -> None:
    refund = make_refund(reference="W-7")
    sign_in(page, live_server)

    page.goto(f"{live_server.url}/admin/refunds/refund/")
    page.get_by_role("link", name=refund.number).click()
    expect(page.get_by_role("heading", name="Refund breakdown")).to_be_visible()
    look(page)
    page.keyboard.press("a")
    gone(page, refund)

    refund.refresh_from_db()
    assert (refund.status, refund.approved_by and refund.approved_by.get_username()) == ("approved", "anna")


def test_a_key_pressed_before_the_page_can_be_read_decides_nothing_and_says_so(
    page: Page, live_server: LiveServer
) -> None:
    refund = make_refund(reference="W-7")
    sign_in(page, live_server)

    open_refund(page, live_server, refund)
    page.wait_for_load_state()
    # Into view again, as after a glance at another tab: from now on the page counts as just opened.
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.keyboard.press("a")

    expect(page.get_by_text("Too early: nothing was decided.")).to_be_visible()
    assert Refund.objects.get().status == "proposed"
    look(page)
    page.keyboard.press("a")
    gone(page, refund)
    assert Refund.objects.get().status == "approved"


def test_the_buttons_stay_in_sight_however_far_somebody_reads(page: Page, live_server: LiveServer) -> None:
    refund = make_refund(reference="W-7")
    sign_in(page, live_server)

    open_refund(page, live_server, refund)
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")

    expect(page.get_by_role("button", name="Approve")).to_be_in_viewport(ratio=1)
    page.get_by_text("Reject…").click()
    expect(page.locator("#reject-why")).to_be_in_viewport(ratio=1)


def test_the_lists_of_refunds_fit_wide_screens_and_say_which_keys_there_are(
    page: Page, live_server: LiveServer
) -> None:
    make_refund(reference="TR-20593", customer_name="Wolfeschlegelsteinhausenbergerdorff")
    sign_in(page, live_server)

    for width in (1280, 1440, 1920):
        page.set_viewport_size({"width": width, "height": 900})
        for query in ("", "?status=&view=every"):
            page.goto(f"{live_server.url}/admin/refunds/refund/{query}")
            expect(page.get_by_text("next and previous row")).to_be_visible()
            table = page.locator(".d-flush:has(> table)")
            assert table.evaluate("one => one.scrollWidth - one.clientWidth") <= 0
    page.set_viewport_size({"width": 390, "height": 900})


def test_a_usual_reason_takes_one_key_and_an_own_one_its_letters_and_enter(page: Page, live_server: LiveServer) -> None:
    usual, own, held = (make_refund(reference=f"W-{n}") for n in range(3))
    sign_in(page, live_server)

    open_refund(page, live_server, usual)
    look(page)
    page.keyboard.press("r")
    page.keyboard.press("3")
    gone(page, usual)
    look(page)
    page.keyboard.press("r")
    page.keyboard.type("sent 2 by courier")
    page.keyboard.press("Enter")
    gone(page, own)
    look(page)
    page.keyboard.press("h")
    page.keyboard.press("1")
    gone(page, held)

    assert list(Refund.objects.order_by("id").values_list("status", "why")) == [
        ("rejected", "Refunded another way"),
        ("rejected", "sent 2 by courier"),
        ("on_hold", "Waiting for warehouse"),
    ]


def test_the_keys_are_listed_and_lead_on_and_back(page: Page, live_server: LiveServer) -> None:
    first, second = (make_refund(reference=f"W-{n}") for n in range(2))
    sign_in(page, live_server)
    open_refund(page, live_server, first)

    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys).to_be_visible()
    page.keyboard.press("a")
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    page.get_by_role("button", name="Keys").click()
    expect(keys).to_be_visible()
    keys.get_by_role("button", name="Close").click()

    for key, where in (("n", f"/{second.pk}/change/"), ("p", f"/{first.pk}/change/"), ("e", "/edit/")):
        page.keyboard.press(key)
        page.wait_for_url(f"**{where}")
    open_refund(page, live_server, first)
    page.keyboard.press("l")
    page.wait_for_url("**/refunds/refund/")
    assert set(Refund.objects.values_list("status", flat=True)) == {"proposed"}


def test_an_ordinary_refund_is_seen_whole_without_scrolling(page: Page, live_server: LiveServer) -> None:
    refund = make_refund(reference="W-7")
    sign_in(page, live_server)
    open_refund(page, live_server, refund)
    if page.viewport_size != {"width": 1440, "height": 900}:
        return

    assert page.evaluate("document.documentElement.scrollHeight") <= 900
    for heading in ("Refund breakdown", "Approval", "Order W-7", "Timeline"):
        box = page.get_by_role("heading", name=heading).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < 800, heading
    assert page.evaluate(
        "[...document.querySelectorAll('.d-refunded, .d-said')].every(c => c.scrollHeight <= c.clientHeight)"
    )


def test_a_decision_is_undone_with_one_key_on_the_page_that_follows(
    page: Page, live_server: LiveServer, settings: Settings
) -> None:
    settings.UNDO_SECONDS = 10
    first, second = (make_refund(reference=f"W-{n}") for n in range(2))
    sign_in(page, live_server)
    open_refund(page, live_server, first)
    look(page)
    page.keyboard.press("a")
    gone(page, first)
    expect(page.get_by_text("can be undone for")).to_be_visible()

    page.keyboard.press("u")
    page.wait_for_url(f"**/{first.pk}/change/")

    expect(page.get_by_text("was undone: decide again.")).to_be_visible()
    assert [Refund.objects.get(pk=refund.pk).status for refund in (first, second)] == ["proposed", "proposed"]
