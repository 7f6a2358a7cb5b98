"""Can a manager, and nobody else, look after webhooks in the admin?"""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from integrations.webhooks.models import WebhookDelivery, WebhookEndpoint
from tests.builders import make_order, make_staff
from tests.integrations.webhooks.events import deliver, happen, listen, states
from tests.integrations.webhooks.receiver import Receiver

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def roles(db: None) -> None:
    """A test whose transactions are real finds the roles emptied by the one before."""
    from django.contrib.auth.models import Group, Permission  # noqa: PLC0415

    manager, _ = Group.objects.get_or_create(name="Manager")
    Group.objects.get_or_create(name="Approver")
    wanted = Permission.objects.filter(content_type__app_label="integrations", codename__contains="webhook")
    manager.permissions.add(*wanted)


def client(role: str = "Manager") -> Client:
    made = Client()
    made.force_login(make_staff(None, role))
    return made


def do(who: Client, row: Any, verb: str, **told: str) -> int:
    name = f"admin:integrations_{row._meta.model_name}_do"
    return who.post(reverse(name, args=[row.pk, verb]), told).status_code


def page(who: Client, row: Any) -> str:
    return who.get(reverse(f"admin:integrations_{row._meta.model_name}_change", args=[row.pk])).content.decode()


def test_an_endpoint_is_added_and_its_secret_shown_once() -> None:
    manager = client()
    filled = {"name": "finance", "url": "https://93.184.215.14/hooks", "kinds": ["refund.*"]}

    made = manager.post(reverse("admin:integrations_webhookendpoint_add"), filled)

    row = WebhookEndpoint.objects.get()
    secret = row.secret.reveal()
    assert secret in made.content.decode().replace("&#x3D;", "=")
    assert "no-store" in made["Cache-Control"]
    assert (row.kinds, row.every_seller) == (["refund.*"], True)
    assert "whsec_" not in page(manager, row)


@pytest.mark.parametrize(
    ("ticked", "kept"),
    [
        (["refund.executed", "*"], ["*"]),
        (["refund.*", "refund.failed", "order.placed"], ["refund.*", "order.placed"]),
        (["refund.failed", "order.placed"], ["refund.failed", "order.placed"]),
    ],
)
def test_a_kind_that_another_one_holds_already_is_not_kept(ticked: list[str], kept: list[str]) -> None:
    filled = {"name": "finance", "url": "https://93.184.215.14/hooks", "kinds": ticked}

    client().post(reverse("admin:integrations_webhookendpoint_add"), filled)

    assert WebhookEndpoint.objects.get().kinds == kept


def test_an_address_of_ours_is_refused_with_a_sentence_and_nothing_is_made() -> None:
    filled = {"name": "inside", "url": "https://169.254.169.254/", "kinds": ["*"]}

    answer = client().post(reverse("admin:integrations_webhookendpoint_add"), filled).content.decode()

    assert "which is not a public address" in answer
    assert not WebhookEndpoint.objects.exists()


def test_the_buttons_test_send_again_rotate_and_switch(receiver: Receiver) -> None:
    manager = client()
    endpoint = listen(receiver)
    happen(make_order("W-1"), "order.placed")
    deliver()

    assert do(manager, endpoint, "test") == 302
    assert do(manager, endpoint, "resend", since="2020-01-01T00:00") == 302
    deliver()
    told = sorted(one.message["type"] for one in receiver.heard)
    assert told == ["order.placed", "order.placed", "webhook.test"]
    rotated = manager.post(reverse("admin:integrations_webhookendpoint_rotate", args=[endpoint.pk])).content.decode()
    assert re.search(r"whsec_[A-Za-z0-9+/]{43}", rotated)
    assert do(manager, endpoint, "off") == 302
    endpoint.refresh_from_db()
    assert (endpoint.active, endpoint.disabled_reason.startswith("Disabled by staff-")) == (False, True)
    assert do(manager, endpoint, "on") == 302
    assert WebhookEndpoint.objects.get().active


def test_a_delivery_shows_what_was_said_and_answered_and_is_sent_again(receiver: Receiver) -> None:
    manager = client()
    endpoint = listen(receiver)
    (event,) = happen(make_order("W-1"), "refund.executed", refund="W-1-R1")
    deliver()
    row = WebhookDelivery.objects.get()

    shown = page(manager, row)
    assert do(manager, row, "resend") == 302

    assert all(text in shown for text in (f"evt_{event}", "W-1-R1", "answer 200", "refund.executed"))
    assert states(endpoint) == [("pending", 0)]


def test_nobody_but_a_manager_presses_anything(receiver: Receiver) -> None:
    approver = client("Approver")
    endpoint = listen(receiver)

    answers = {do(approver, endpoint, verb) for verb in ("test", "resend", "on", "off")}
    for name in ("rotate", "edit"):
        address = reverse(f"admin:integrations_webhookendpoint_{name}", args=[endpoint.pk])
        answers.add(approver.post(address).status_code)
    answers.add(approver.post(reverse("admin:integrations_webhookendpoint_add"), {}).status_code)

    row = WebhookEndpoint.objects.get()
    assert (answers, row.active, row.secret.reveal()) == ({403}, True, receiver.secrets[0])
    assert not WebhookDelivery.objects.exists()


def test_an_endpoint_without_events_is_refused_at_their_field() -> None:
    filled = {"name": "finance", "url": "https://93.184.215.14/hooks"}

    page = client().post(reverse("admin:integrations_webhookendpoint_add"), filled).content.decode()

    assert re.search(
        r"<legend>Events</legend>.*?</fieldset>\s*<ul[^>]*><li>Choose at least one event\.</li>", page, re.DOTALL
    )
    assert not WebhookEndpoint.objects.exists()
