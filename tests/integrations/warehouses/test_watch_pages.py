"""Do the pages of the warehouse show what goes on, and do their buttons do what they say?"""

import re
import zlib
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from hemi_intake.demo.prosku_server import Sandbox
from integrations.models import Account, ArchivedMessage, Connection, Discrepancy, StatusMapping, SyncRun
from orders.models import Order
from tests.builders import make_order, make_seller, make_staff
from tests.stale import opened

pytestmark = pytest.mark.django_db
KEY = "lumen-key"


@pytest.fixture
def prosku() -> Iterator[Sandbox]:
    with Sandbox(keys=(KEY,)) as sandbox:
        yield sandbox


@pytest.fixture
def account(prosku: Sandbox) -> Account:
    connection = Connection.objects.create(name="main", base_url=prosku.url)
    return Account.objects.create(connection=connection, seller=make_seller("lumen"), key=KEY)


def browser(role: str = "Manager") -> Client:
    client = Client()
    client.force_login(make_staff(None, role))
    return client


def address(name: str, *args: object) -> str:
    return reverse(f"admin:integrations_{name}", args=args)


def run(account: Account, **fields: object) -> SyncRun:
    lease = timezone.now() + timedelta(minutes=5)
    return SyncRun.objects.create(**{"account": account, "lease_until": lease, **fields})


def test_a_running_run_fills_while_it_runs(account: Account) -> None:
    began = timezone.now() - timedelta(seconds=20)
    going = run(account, started_at=began, messages=200, expected=1000, applied=190)
    client = browser("Viewer")

    page = client.get(address("syncrun_change", going.pk)).content.decode()
    part = client.get(address("syncrun_counts", going.pk))

    assert f'data-refresh="{address("syncrun_counts", going.pk)}"' in page
    assert "integrations/refresh.js" in page
    text = part.content.decode()
    assert ("data-running" in text, "200 of 1000" in text, "left" in text) == (True, True, True)
    assert "no-store" in part["Cache-Control"]
    SyncRun.objects.update(state="succeeded", finished_at=timezone.now())
    assert "data-running" not in client.get(address("syncrun_counts", going.pk)).content.decode()
    assert Client().get(address("syncrun_counts", going.pk)).status_code == 302


def test_the_page_of_an_account_and_of_its_connector_tell_its_health(account: Account) -> None:
    Account.objects.update(
        orders_cursor=timezone.now() - timedelta(hours=3), paused_because="ProSKU refuses the key (status 401)"
    )
    run(account, state="failed", error="ProSKU refuses the key (status 401)")

    pages = [
        browser("Viewer").get(address("account_change", account.pk)).content.decode(),
        browser("Viewer").get(address("connection_change", account.connection_id)).content.decode(),
    ]

    for page in pages:
        assert ">Paused</span>" in page
        assert "ProSKU refuses the key (status 401)." in page
        assert "3 h ago" in page
    assert "Sync now" not in pages[0]


def test_an_account_s_page_goes_on_asking_while_it_is_due(account: Account) -> None:
    run(account, state="succeeded", finished_at=timezone.now(), applied=3, parked=1, proposed=2)
    client, part = browser("Viewer"), address("account_watch", account.pk)

    with CaptureQueriesContext(connection) as queries:
        due = client.get(part).content.decode()
    Account.objects.update(next_poll_at=timezone.now() + timedelta(minutes=1))
    well = client.get(part).content.decode()

    assert ("data-running" in due, "data-running" in well, ">Healthy</span>" in well) == (True, False, True)
    assert "3 applied, 1 parked, 2 refunds proposed" in due
    assert len(queries) <= 9
    assert f'data-refresh="{part}"' in client.get(address("account_change", account.pk)).content.decode()
    assert Client().get(part).status_code == 302


def test_what_an_account_is_called_and_asked_is_changed_on_a_form_that_leads_back(account: Account) -> None:
    form = address("connection_edit", account.connection_id)
    page = browser("Viewer").get(address("connection_change", account.connection_id)).content.decode()
    fields = {"name": "north", "kind": "prosku", "base_url": "https://north.example", "format": "json"}
    fields["time_zone"] = "Europe/Paris"

    refused = browser("Viewer").post(form, fields).status_code
    assert (refused, form in page, Connection.objects.get().name) == (403, False, "main")
    manager = browser()
    saved = manager.post(form, fields | opened(manager, form))

    assert saved["Location"] == address("connection_change", account.connection_id)
    assert (Connection.objects.get().name, Connection.objects.get().format) == ("north", "json")


def test_sync_now_makes_it_due_and_wakes_the_queue(account: Account) -> None:
    Account.objects.update(paused_because="a reason", next_poll_at=timezone.now() + timedelta(hours=1))

    response = browser().post(address("account_do", account.pk, "sync_now"), follow=True)

    account.refresh_from_db()
    assert (account.paused_because, account.next_poll_at <= timezone.now()) == ("", True)
    assert "Sync queued." in response.content.decode()
    assert [task.func() for task in OrmQ.objects.all()] == ["integrations.tasks.poll_prosku"]


def test_test_connection_answers_in_words(account: Account, prosku: Sandbox) -> None:
    client = browser()
    press = address("account_do", account.pk, "probe")

    good = client.post(press, follow=True).content.decode()
    prosku.state.set_revoked(KEY, revoked=True)
    bad = client.post(press, follow=True).content.decode()

    assert "Connection OK (" in good
    assert "ProSKU refuses the key (status 401). Enter the company reference" in bad


@pytest.mark.parametrize("verb", ["sync_now", "probe"])
def test_who_may_only_look_presses_nothing(account: Account, prosku: Sandbox, verb: str) -> None:
    response = browser("Approver").post(address("account_do", account.pk, verb))

    assert (response.status_code, len(prosku.requests), OrmQ.objects.count()) == (403, 0, 0)
    assert browser().get(address("account_do", account.pk, verb)).status_code == 405


def test_mapping_a_word_wakes_the_queue(django_capture_on_commit_callbacks: object) -> None:
    word = StatusMapping.objects.create(external_status="vanished")

    form, manager = address("statusmapping_change", word.pk), browser()
    fields = {"kind": "prosku", "external_status": "vanished", "status": "cancelled", "detail": ""}

    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        manager.post(form, fields | opened(manager, form))

    word.refresh_from_db()
    assert word.status == "cancelled"
    assert [task.func() for task in OrmQ.objects.all()] == ["integrations.tasks.apply_waiting"]


def test_a_rejected_message_is_applied_again_by_a_button(account: Account, prosku: Sandbox) -> None:
    order = make_order("W-1", seller=account.seller, items=[("TEE", 1, 2999)])
    raw = b'{"despatch_number": "1", "additional_ref": "W-1", "confirmed_at": "03/03/2026 10:00:00", '
    raw += b'"despatch_lines": [{"product_code": "TEE", "quantity": 1}]}'
    message = ArchivedMessage.objects.create(
        account=account, seller=account.seller, resource="despatches", digest="d", raw=zlib.compress(raw),
        state="rejected", reason="a fault of ours",
    )  # fmt: skip

    said = browser("Reviewer").post(address("archivedmessage_do", message.pk, "again"), follow=True)

    assert "is now applied." in said.content.decode()
    order.refresh_from_db()
    assert order.status == "shipped"
    assert browser("Viewer").post(address("archivedmessage_do", message.pk, "again")).status_code == 403


def test_a_rejected_message_shows_its_text_with_the_place_of_the_fault(account: Account) -> None:
    raw = b"<order><order_reference>W-1</order_reference><order_lines><line><quantity>1</quantity></line>"
    raw += b"<line><quantity>&lt;b&gt;</quantity></line></order_lines></order>"
    message = ArchivedMessage.objects.create(
        account=account, seller=account.seller, resource="orders", digest="d", raw=zlib.compress(raw),
        state="rejected", reason="'<b>' is not a whole number (order_lines[2].quantity)",
    )  # fmt: skip

    page = browser("Viewer").get(address("archivedmessage_change", message.pk)).content.decode()

    assert page.count("<mark>") == 1
    assert "<mark>      &lt;quantity&gt;&amp;lt;b&amp;gt;&lt;/quantity&gt;\n</mark>" in page


def test_the_connector_s_page_offers_to_sync_and_to_test_each_account(account: Account) -> None:
    place = address("connection_change", account.connection_id)

    manager, viewer = (browser(role).get(place).content.decode() for role in ("Manager", "Viewer"))

    for verb in ("sync_now", "probe"):
        assert f'action="{address("account_do", account.pk, verb)}"' in manager
    assert "/do/" not in viewer


def test_words_that_wait_for_a_meaning_stand_first() -> None:
    StatusMapping.objects.create(external_status="vanished")

    page = browser().get(address("statusmapping_changelist")).content.decode()

    assert -1 < page.index("vanished") < page.index("picking")


def test_a_discrepancy_shows_both_sides_and_offers_prosku_s(account: Account) -> None:
    order = make_order("W-1", seller=account.seller)
    row = Discrepancy.objects.create(
        account=account, order=order, reference="W-1", kind="shipped", ours={"TEE": 0}, theirs={"TEE": 1}
    )
    place = address("discrepancy_change", row.pk)

    assert "0 × TEE" in browser("Viewer").get(address("discrepancy_changelist")).content.decode()
    assert "Accept ProSKU" not in browser("Viewer").get(place).content.decode()
    assert "Accept ProSKU" in browser("Reviewer").get(place).content.decode()
    assert browser("Viewer").post(address("discrepancy_do", row.pk, "accept_discrepancy")).status_code == 403


def test_lists_begin_with_what_needs_somebody_and_numbers_lead_to_their_rows(account: Account) -> None:
    news, quiet = run(account, state="succeeded", messages=5, duplicates=3), run(account, state="failed", messages=0)
    for number, one in enumerate((news, news, quiet)):
        told = {"resource": "orders", "digest": str(number), "raw": zlib.compress(b"{}")}
        account.archive.create(seller=account.seller, run=one, state="rejected" if number else "applied", **told)
    for reference, settled in (("W-1", None), ("W-2", timezone.now())):
        Discrepancy.objects.create(account=account, reference=reference, kind="status", resolved_at=settled)
    client = browser("Viewer")

    def rows(address_: str) -> list[str]:
        return re.findall(r'<th scope="row"><a href="[^"]+">(.+?)</a>', client.get(address_).content.decode())

    assert rows(f"{address('syncrun_changelist')}?changes=yes") == [f"Run {news.pk}"]
    assert rows(f"{address('syncrun_changelist')}?state=failed") == [f"Run {quiet.pk}"]
    assert len(rows(f"{address('archivedmessage_changelist')}?run={news.pk}")) == 2
    assert rows(f"{address('discrepancy_changelist')}?from={account.pk}") == ["W-1"]
    assert rows(f"{address('discrepancy_changelist')}?state=settled") == ["W-2"]
    brought = client.get(address("syncrun_change", news.pk)).content.decode()
    assert -1 < brought.index(">Rejected</span>") < brought.index(">Applied</span>")


def test_a_shipping_file_is_uploaded_and_its_rows_are_accounted_for(account: Account) -> None:
    order = make_order("W-1", seller=account.seller, items=[("TEE", 2, 5998)])
    text = b"reference,sku,qty,carrier,tracking,despatched at,despatch number\n"
    text += b"W-1,TEE,2,DPD,T1,03/03/2026 10:00:00,1\nW-2,TEE,x,DPD,T2,03/03/2026 10:00:00,2\n"
    place = address("account_file", account.pk)
    client = browser()

    page = client.post(place, {"file": SimpleUploadedFile("today.csv", text)}).content.decode()

    order.refresh_from_db()
    assert order.status == "shipped"
    assert "today.csv: 2 rows read, 1 of them rejected." in page
    assert "line 3: &#x27;x&#x27; is not a whole number" in page
    refused = client.post(place, {"file": SimpleUploadedFile("odd.csv", b"nonsense")}).content.decode()
    assert "The header has no column for" in refused
    assert browser("Approver").post(place, {"file": SimpleUploadedFile("today.csv", text)}).status_code == 403
    assert Order.objects.count() == 1
