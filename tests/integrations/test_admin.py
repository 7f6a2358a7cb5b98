"""Do the pages of the world outside keep secrets, and show what came as it came?"""

import re
import zlib
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from integrations.admin.archive import LONGEST, readable
from integrations.api import keys as api_keys
from integrations.models import Account, ApiKey, ArchivedMessage, Connection, StatusMapping
from tests.builders import make_order, make_seller, make_staff
from tests.stale import opened

pytestmark = pytest.mark.django_db
KEY = "company-ref-8841"

NEW_KEY = {"name": "finance", "scopes": ["orders:read"], "per_minute": 100}


def manager() -> Client:
    client = Client()
    client.force_login(make_staff("mia", "Manager"))
    return client


def access() -> Account:
    connection = Connection.objects.create(name="main", base_url="https://prosku.example")
    return Account.objects.create(connection=connection, seller=make_seller(), key=KEY)


def saved(row: Account, **typed: Any) -> Any:
    fields = {"connection": row.connection_id, "seller": row.seller_id, "poll_seconds": 90, "active": "on", "key": ""}
    fields["report_scope"] = row.report_scope
    address, client = reverse("admin:integrations_account_edit", args=[row.pk]), manager()
    return client.post(address, fields | typed | opened(client, address))


def test_a_key_is_never_rendered_to_anybody() -> None:
    row = access()
    page, form = (reverse(f"admin:integrations_account_{name}", args=[row.pk]) for name in ("change", "edit"))
    viewer = Client()
    viewer.force_login(make_staff("vera", "Viewer"))

    pages = [manager().get(form).content.decode(), viewer.get(page).content.decode()]

    sealed = Account.objects.get().key.sealed
    assert [KEY in page or sealed in page for page in pages] == [False, False]
    assert 'type="password"' in pages[0]
    assert viewer.get(form).status_code == 403


def test_an_empty_key_keeps_the_present_one() -> None:
    row = access()

    response = saved(row)

    row.refresh_from_db()
    assert (response.status_code, row.poll_seconds, row.key.reveal()) == (302, 90, KEY)


def test_a_typed_key_replaces_the_present_one_and_is_not_shown_again_with_a_fault() -> None:
    row = access()

    page = saved(row, key="new-key", poll_seconds="often").content.decode()
    row.refresh_from_db()
    assert ("new-key" in page, row.key.reveal()) == (False, KEY)


def test_an_api_key_is_shown_once() -> None:
    client = manager()
    address = reverse("admin:integrations_apikey_add")

    made = client.post(address, NEW_KEY)

    plain = re.search(r"hemi_[0-9a-f]{8}_[0-9a-f]{64}", made.content.decode())
    assert plain is not None
    assert "no-store" in made["Cache-Control"]
    key = ApiKey.objects.get()
    for page in (address, reverse("admin:integrations_apikey_change", args=[key.pk])):
        assert plain[0] not in client.get(page).content.decode()
    again = client.post(address, NEW_KEY).content.decode()
    assert "choose another name" in again
    assert ApiKey.objects.count() == 1


def test_revoking_a_key_needs_a_manager_and_a_post() -> None:
    client = manager()
    client.post(reverse("admin:integrations_apikey_add"), NEW_KEY)
    revoke = reverse("admin:integrations_apikey_do", args=[ApiKey.objects.get().pk, "revoke"])
    approver = Client()
    approver.force_login(make_staff("paul", "Approver"))

    assert (approver.post(revoke).status_code, client.get(revoke).status_code) == (403, 405)
    assert ApiKey.objects.get().revoked_at is None
    assert client.post(revoke).status_code == 302
    assert ApiKey.objects.get().revoked_at is not None


def test_a_key_that_would_never_be_valid_is_refused() -> None:
    page = manager().post(reverse("admin:integrations_apikey_add"), NEW_KEY | {"expires_at": "2020-01-01T00:00"})

    assert "This time has passed" in page.content.decode()
    assert not ApiKey.objects.exists()


def test_a_message_is_shown_as_text_however_nasty() -> None:
    row = access()
    order = make_order(seller=row.seller)
    message = ArchivedMessage.objects.create(
        account=row,
        seller=row.seller,
        resource="orders",
        digest="d",
        raw=zlib.compress(b"<x><script>alert(1)</script></x>"),
        order=order,
    )

    page = manager().get(reverse("admin:integrations_archivedmessage_change", args=[message.pk])).content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b'{"a":1}', '{\n  "a": 1\n}'),
        (b"<a><b>1</b></a>", '<?xml version="1.0" ?>\n<a>\n  <b>1</b>\n</a>'),
        (b"<a><b>", "<a><b>"),
        (b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'),
        (b"{nonsense", "{nonsense"),
        (b"\xff\xfe", "\N{REPLACEMENT CHARACTER}" * 2),
        (b"", ""),
    ],
)
def test_a_message_is_indented_when_it_can_be_read_and_shown_as_it_came_otherwise(raw: bytes, shown: str) -> None:
    assert readable(zlib.compress(raw)) == shown


def test_a_message_that_is_far_too_long_or_cannot_be_unpacked_still_opens() -> None:
    assert readable(zlib.compress(b"x" * (LONGEST + 5))).endswith("… and 5 more characters")
    assert readable(b"nonsense") == "(this message cannot be unpacked)"


def test_a_rotated_key_is_shown_once_and_the_one_before_stays_valid() -> None:
    client = manager()
    client.post(reverse("admin:integrations_apikey_add"), NEW_KEY)
    key = ApiKey.objects.get()

    page = client.post(reverse("admin:integrations_apikey_rotate", args=[key.pk]), {"hours": 24}).content.decode()

    plain = re.search(r"hemi_[0-9a-f]{8}_[0-9a-f]{64}", page)
    assert plain is not None
    assert api_keys.authenticate(plain[0]) == key
    rotated = ApiKey.objects.get()
    assert (rotated.old_prefix, rotated.old_digest) == (key.prefix, key.digest)
    assert "valid until" in client.get(reverse("admin:integrations_apikey_change", args=[key.pk])).content.decode()


def test_only_managers_rotate_keys() -> None:
    key, _ = api_keys.create("finance")
    approver = Client()
    approver.force_login(make_staff("paul", "Approver"))

    assert approver.post(reverse("admin:integrations_apikey_rotate", args=[key.pk]), {"hours": 0}).status_code == 403
    assert ApiKey.objects.get().digest == key.digest


def test_a_status_word_shows_how_many_messages_wait_for_it_and_leads_to_them() -> None:
    account = access()
    word, other = (StatusMapping.objects.create(external_status=name) for name in ("vanished & gone", "lost"))
    for number in range(2):
        told = {"external_status": word.external_status, "digest": str(number), "raw": zlib.compress(b"{}")}
        account.archive.create(seller=account.seller, resource="orders", state="parked", **told)
    client = manager()

    page = client.get(reverse("admin:integrations_statusmapping_change", args=[word.pk])).content.decode()
    listed = client.get(reverse("admin:integrations_statusmapping_changelist")).content.decode()

    link = '<a class="d-link" href="/admin/integrations/archivedmessage/?state=parked&amp;q=vanished+%26+gone">2</a>'
    assert (link in page, listed.count(link)) == (True, 1)
    assert b"2 messages" in client.get(link.split('"')[3].replace("&amp;", "&")).content
    alone = client.get(reverse("admin:integrations_statusmapping_change", args=[other.pk])).content.decode()
    assert "q=lost" not in alone
    assert client.get(reverse("admin:integrations_statusmapping_add")).status_code == 200
