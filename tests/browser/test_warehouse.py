"""Can a person watch the warehouse being read, say what a word means, and bring a shipping file, in a real browser?"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
from django.db import connection
from playwright.sync_api import FilePayload, Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from hemi_intake.demo.prosku_server import Sandbox
from integrations import tasks
from integrations.models import Account, ArchivedMessage
from tests.browser.people import sign_in
from tests.builders import make_order
from tests.integrations.warehouses.world import CALM, DISTURBED, World, make_world, report
from tests.waiting import WITHIN

pytestmark = pytest.mark.django_db(transaction=True)
RIGHTS = (
    *("view_account", "change_account", "view_connection", "view_syncrun", "view_archivedmessage"),
    *("view_statusmapping", "change_statusmapping"),
)


@pytest.fixture
def world() -> Iterator[World]:
    with Sandbox(keys=(DISTURBED, CALM)) as sandbox:
        yield make_world(sandbox, orders=4)


@contextmanager
def the_queue() -> Iterator[None]:
    """The clock's next minute, while somebody looks on."""

    def poll() -> None:
        try:
            tasks.poll_prosku()
        finally:
            connection.close()

    queue = Thread(target=poll)
    queue.start()
    try:
        yield
    finally:
        queue.join(WITHIN)
    assert not queue.is_alive()


def come_in(page: Page, live_server: LiveServer, path: str) -> None:
    sign_in(page, live_server, "mia", [f"integrations.{right}" for right in RIGHTS])
    page.goto(f"{live_server.url}/admin/integrations/{path}")


def test_sync_now_is_pressed_and_its_run_fills_the_page(
    page: Page, live_server: LiveServer, world: World, settings: Settings
) -> None:
    settings.PROSKU_PAGE_SIZE = 2
    Account.objects.exclude(pk=world.disturbed.pk).update(active=False)
    Account.objects.update(paused_because="ProSKU refuses the key (status 401)")
    come_in(page, live_server, f"account/{world.disturbed.pk}/change/")
    expect(page.get_by_text("Paused")).to_be_visible()

    page.get_by_role("button", name="Test connection").click()
    expect(page.get_by_text("Connection OK (")).to_be_visible()
    page.get_by_role("button", name="Sync now").click()
    expect(page.get_by_text("Sync queued.")).to_be_visible()
    expect(page.get_by_text("Paused")).to_be_hidden()

    with the_queue():
        # The warehouse answers nothing as long as we keep this.
        with world.prosku.state.lock:
            expect(page.get_by_text("Syncing")).to_be_visible()
            page.locator("main tbody th a").click()
            expect(page.get_by_text("Running", exact=True)).to_be_visible()
        expect(page.get_by_text("Succeeded")).to_be_visible()
    told = ArchivedMessage.objects.filter(account=world.disturbed).count()
    expect(page.locator("main tbody th a")).to_have_count(told)
    page.locator("main").get_by_role("link", name=str(world.disturbed)).click()
    expect(page.get_by_text("Healthy", exact=True)).to_be_visible()


def test_what_a_word_means_is_said_and_the_message_that_waited_is_applied(
    page: Page, live_server: LiveServer, world: World
) -> None:
    world.prosku.state.put(DISTURBED, "orders", [report("W-001", "vanished", TEE=3)])
    world.run()
    waiting = ArchivedMessage.objects.get(external_status="vanished")
    come_in(page, live_server, f"archivedmessage/{waiting.pk}/change/")

    expect(page.get_by_text("Unmapped warehouse status “vanished”")).to_be_visible()
    page.get_by_role("link", name="Map “vanished”").click()
    page.get_by_label("Maps to").select_option("cancelled")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    assert tasks.apply_waiting() == 1
    page.goto(f"{live_server.url}/admin/integrations/archivedmessage/{waiting.pk}/change/")

    expect(page.get_by_text("Applied", exact=True)).to_be_visible()
    expect(page.get_by_text("Unmapped warehouse status")).to_be_hidden()


def test_a_shipping_file_is_taken_in_and_its_bad_line_is_named(
    page: Page, live_server: LiveServer, world: World
) -> None:
    order = make_order("W-900", seller=world.disturbed.seller, items=[("TEE", 2, 5998)])
    rows = (
        "reference,sku,qty,carrier,tracking,despatched at,despatch number",
        "W-900,TEE,2,DPD,T1,03/03/2026 10:00:00,F-1",
        "W-900,TEE,two,DPD,T2,03/03/2026 10:00:00,F-2",
        "W-901,TEE,1,DPD,T3,03/03/2026 10:00:00,F-3",
    )
    file = FilePayload(name="today.csv", mimeType="text/csv", buffer="\n".join(rows).encode())
    come_in(page, live_server, f"account/{world.disturbed.pk}/change/")

    page.get_by_role("link", name="Import shipping file").click()
    for _ in range(2):
        page.get_by_label("Shipping file").set_input_files(file)
        page.get_by_role("button", name="Import").click()
        expect(page.get_by_text("today.csv: 3 rows read, 1 of them rejected.")).to_be_visible()
        expect(page.get_by_text("'two' is not a whole number")).to_be_visible()
        expect(page.get_by_text("no order W-901 yet")).to_be_visible()

    order.refresh_from_db()
    assert (order.status, order.shipments.count()) == ("shipped", 1)
