"""Can a person decide on many refunds at once in a real browser, and see it happen?"""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from refunds.decisions import bulk
from refunds.models import Batch, Refund
from tests.browser.people import sign_in
from tests.refunds.people import make_refund
from tests.refunds.policies import make_limit
from tests.warehouse import despatched, tell

pytestmark = pytest.mark.django_db(transaction=True)


def test_many_are_approved_at_once_after_a_look_at_what_it_comes_to(page: Page, live_server: LiveServer) -> None:
    first, second, big = (make_refund(reference=f"W-{n}", lost=2) for n in range(3))
    make_limit(big.seller, second_approver_above=0)
    sign_in(page, live_server)

    page.goto(f"{live_server.url}/admin/refunds/refund/")
    chosen = page.locator("[data-sum]")
    expect(chosen).to_have_text("None selected")
    expect(page.get_by_role("button", name="Approve selected…")).to_be_disabled()
    page.get_by_label(f"Choose {first.number}").check()
    page.get_by_label(f"Choose {big.number}").check()
    expect(chosen).to_have_text("2 selected: 119.96\u00a0GBP")
    page.get_by_label("All on this page").check()
    expect(chosen).to_have_text("3 selected: 179.94\u00a0GBP")
    expect(page.get_by_label(f"Choose {first.number}")).to_be_checked()
    page.get_by_role("button", name="Approve selected…").click()
    expect(page.get_by_role("heading", name="Approve 2 refunds?")).to_be_visible()
    expect(page.get_by_text("Above the limit: two people must approve it, each on its own page.")).to_be_visible()
    assert {refund.status for refund in Refund.objects.all()} == {"proposed"}
    tell(first.order, despatched(at=1, order=first.order.reference, TEE=1))
    page.get_by_role("button", name="Approve 2").click()

    expect(page.get_by_role("heading", name="2 of 2 still to decide")).to_be_visible()
    # The clock's turn; the page finds out by itself.
    assert bulk.decide() == 2
    expect(page.get_by_role("heading", name="All 2 decided")).to_be_visible()
    expect(page.get_by_text(f"{first.number} has changed since you opened it")).to_be_visible()
    ended = dict(Refund.objects.values_list("pk", "status"))
    assert ended == {first.pk: "proposed", second.pk: "approved", big.pk: "proposed"}


def test_all_that_match_are_rejected_for_one_reason(page: Page, live_server: LiveServer) -> None:
    for n in range(2):
        make_refund(reference=f"W-{n}")
    sign_in(page, live_server)

    page.goto(f"{live_server.url}/admin/refunds/refund/")
    page.get_by_label("Select all 2").check()
    page.get_by_role("button", name="Reject selected…").click()
    page.get_by_label("Amount is wrong").check()
    assert not Batch.objects.exists()
    page.get_by_role("button", name="Reject 2").click()
    expect(page.get_by_role("heading", name="2 of 2 still to decide")).to_be_visible()
    bulk.decide()

    assert set(Refund.objects.values_list("status", "why")) == {("rejected", "Amount is wrong")}


def test_a_bulk_decision_is_undone_with_one_key_while_it_runs(
    page: Page, live_server: LiveServer, settings: Settings
) -> None:
    settings.UNDO_SECONDS = 10
    for n in range(3):
        make_refund(reference=f"W-{n}")
    sign_in(page, live_server)
    page.goto(f"{live_server.url}/admin/refunds/refund/")
    page.get_by_label("Select all 3").check()
    page.get_by_role("button", name="Approve selected…").click()
    page.get_by_role("button", name="Approve 3").click()
    expect(page.get_by_role("heading", name="3 of 3 still to decide")).to_be_visible()
    bulk.decide(at_most=2)
    expect(page.get_by_role("heading", name="1 of 3 still to decide")).to_be_visible()

    page.keyboard.press("u")

    expect(page.get_by_role("heading", name="3 of 3 undone")).to_be_visible()
    expect(page.get_by_role("button", name="Undo all")).to_be_hidden()
    assert (bulk.decide(), set(Refund.objects.values_list("status", flat=True))) == (0, {"proposed"})
