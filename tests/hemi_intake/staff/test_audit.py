"""Does everything that people and API keys do outside of orders' timelines stand in Activity?"""

import io
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from hemi_intake import going_live
from integrations.webhooks.models import WebhookDelivery, WebhookEndpoint
from orders.models import AttentionItem, AuditEntry, SavedView
from orders.timeline import attention
from orders.timeline.attention import AttentionRequest
from refunds.decisions import pending_changes
from tests.api import make_writer, send
from tests.builders import limit, make_seller, make_staff
from tests.hemi_intake.staff.test_activity import boss, client_of, told

pytestmark = pytest.mark.django_db
HOOK = {"name": "finance", "url": "https://93.184.215.14/hooks", "kinds": ["refund.*"]}


def press(client: Client, row: object, verb: str) -> None:
    meta = row._meta  # type: ignore[attr-defined]
    address = reverse(f"admin:{meta.app_label}_{meta.model_name}_do", args=[row.pk, verb])  # type: ignore[attr-defined]
    assert client.post(address).status_code == 302


def test_closed_attention_and_a_delivery_that_is_sent_again() -> None:
    client = boss()
    attention.open_items([AttentionRequest("silence", "account:1", "Nothing came")])
    endpoint = WebhookEndpoint.objects.create(name="hook", url="https://93.184.215.14/", kinds=["*"], every_seller=True)
    delivery = WebhookDelivery.objects.create(endpoint=endpoint, kind="test")

    press(client, AttentionItem.objects.get(), "close")
    press(client, delivery, "resend")

    assert [row[:2] for row in told(client)] == [
        ("boss", "Delivery is sent again now."),
        ("boss", "Closed: Nothing came"),
    ]


def test_shared_views_downloads_and_log_outs() -> None:
    client = boss()
    keep, name = reverse("admin:orders_order_keep"), "Late ones"

    client.post(keep, {"name": name, "asked": "promise=late", "shared": "yes"})
    client.post(reverse("admin:orders_order_forget", args=[SavedView.objects.get(name=name).pk]))
    client.get(reverse("admin:refunds_payments"), {"first": "2026-03-01", "last": "2026-03-31"})
    client.post(reverse("admin:logout"))

    manager = client_of(make_staff("mia", "Manager"))
    assert told(manager) == [
        ("boss", "Logged out"),
        ("boss", "Downloaded the payments of every seller in reach", "2026-03-01 to 2026-03-31"),
        ("boss", "Deleted shared view “Late ones”: promise=late", "orders.order"),
        ("boss", "Shared view “Late ones”: promise=late", "orders.order"),
    ]
    assert [row[1] for row in told(manager, kind="logins")] == ["Logged out"]
    assert [row[1] for row in told(manager, kind="exports")] == ["Downloaded the payments of every seller in reach"]
    assert told(manager, kind="failed") == []


def test_what_an_api_key_does_to_settings_with_old_and_new_values() -> None:
    robot = make_writer("robot")
    made = send(robot, "post", "/api/v1/webhooks/", HOOK)
    address = f"/api/v1/webhooks/{made.json()['id']}/"
    send(robot, "patch", address, {"url": "https://93.184.215.15/x", "active": False})
    send(robot, "post", f"{address}rotate/", {})
    send(robot, "delete", address, {})

    deleted, rotated, changed, created = told(boss(), kind="settings")

    assert {(row[0], row[2]) for row in (deleted, rotated, changed, created)} == {
        ("API key robot", "webhook endpoint finance")
    }
    assert "url – → https://93.184.215.14/hooks" in created[1]
    assert changed[1] == "Changed. url https://93.184.215.14/hooks → https://93.184.215.15/x; active True → False"
    assert rotated[1] == "Generated a new secret"
    assert deleted[1].startswith("Deleted. name")


def run(command: str, *arguments: str) -> None:
    call_command(command, *arguments, stdout=io.StringIO(), stderr=io.StringIO())


def test_what_commands_on_the_server_do_to_settings_and_which_payments_they_write(monkeypatch: Any) -> None:
    make_seller("north")
    connect = ("connect_prosku", "--name", "main", "--seller", "north", "--url")
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "a long enough passphrase")

    run(*connect, "https://one.example", "--key", "S3CRET")
    run(*connect, "https://two.example", "--key", "S3CRET-2")
    run("create_api_key", "--name", "finance", "--scopes", "orders:read", "--sellers", "north")
    run("createsuperuser", "--noinput", "--username", "root", "--email", "")
    change = going_live.request_going_live(by=make_staff("ann", "Manager"))
    pending_changes.confirm(change.pk, by=make_staff("bob", "Approver"))
    run("go_live", "--anyway")
    run("refund_report", "--from", "2026-03-01", "--to", "2026-03-31")

    acts = [row for row in told(boss()) if row[0] == "server"]
    assert [row[2] for row in acts] == [
        "2026-03-01 to 2026-03-31",
        "sending",
        "user root",
        "API key finance",
        "account North at main",
        "account North at main",
    ]
    assert acts[3][1] == "Created. scopes – → orders:read; sellers – → north"
    assert acts[4][1] == "Entered the key again. base_url https://one.example → https://two.example"
    assert acts[5][1] == "Connected. base_url – → https://one.example; format – → xml"
    assert "S3CRET" not in str(acts)


def test_a_limited_manager_sees_the_acts_of_people_within_their_sellers_alone() -> None:
    north = make_seller("north")
    client_of(limit(make_staff("ben", "Viewer"), north)).post(reverse("admin:logout"))
    client_of(make_staff("eve", "Viewer")).post(reverse("admin:logout"))

    limited = client_of(limit(make_staff("max", "Manager"), north))

    assert told(limited) == [("ben", "Logged out")]


@pytest.mark.parametrize("act", ["update", "delete"])
def test_what_is_on_record_stays(act: str) -> None:
    AuditEntry.objects.create(actor="staff:anna", act="Logged out", kind="login")
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEntry.objects.update(act="") if act == "update" else AuditEntry.objects.all().delete()
    assert User.objects.count() == 0
