"""Is connecting, pausing and reading an account the same act behind every door?"""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integrations.connections.connect import connect
from integrations.connections.models import Account, Connection
from integrations.connections.resume import resume
from integrations.models import SyncRun
from orders.models import Seller
from tests.builders import make_seller, make_staff
from tests.refusals import refused
from tests.stale import opened

pytestmark = pytest.mark.django_db
URL = "https://prosku.example"


def connected(*, base_url: str = URL, key: str = "first-key", seller_code: str = "lumen") -> tuple[Account, bool]:
    return connect(kind="prosku", name="main", base_url=base_url, form="xml", seller_code=seller_code, key=key)


def pause() -> None:
    Account.objects.update(paused_because="ProSKU refuses the key (status 401)", failures=4)


def paused() -> tuple[str, int]:
    account = Account.objects.get()
    return account.paused_because, account.failures


def manager() -> Client:
    client = Client()
    client.force_login(make_staff("mia", "Manager"))
    return client


def test_a_second_call_changes_the_key_and_ends_the_pause() -> None:
    make_seller("lumen")
    account, new = connected()
    pause()

    again, new_again = connected(key="second-key")

    assert (again.pk, new, new_again) == (account.pk, True, False)
    assert (Account.objects.get().key.reveal(), paused()) == ("second-key", ("", 0))


def test_a_connection_that_cannot_be_made_leaves_nothing() -> None:
    with refused("seller_not_found"):
        connected()
    make_seller("lumen")
    with refused("address_not_allowed"):
        connected(base_url="http://192.0.2.1")

    assert not Connection.objects.exists()


def test_a_new_key_on_the_page_ends_the_pause_as_the_command_does() -> None:
    make_seller("lumen")
    account, _ = connected()
    pause()
    fields: dict[str, object] = {"connection": account.connection_id, "seller": account.seller_id, "poll_seconds": 60}
    fields |= {"report_scope": "part", "active": "on"}
    edit = reverse("admin:integrations_account_edit", args=[account.pk])
    client = manager()

    client.post(edit, fields | opened(client, edit) | {"key": ""})
    assert paused()[0] != ""
    client.post(edit, fields | opened(client, edit) | {"key": "second-key"})

    assert (Account.objects.get().key.reveal(), paused()) == ("second-key", ("", 0))


def test_a_new_address_on_the_page_ends_the_pause_and_one_that_is_never_called_is_refused() -> None:
    make_seller("lumen")
    account, _ = connected()
    pause()
    edit = reverse("admin:integrations_connection_edit", args=[account.connection_id])
    fields = {"name": "main", "kind": "prosku", "format": "xml", "time_zone": "Europe/London", "active": "on"}
    client = manager()

    page = client.post(edit, fields | opened(client, edit) | {"base_url": "http://192.0.2.1"}).content.decode()
    assert ("must begin with https://" in page, paused()[0] != "") == (True, True)
    client.post(edit, fields | opened(client, edit) | {"base_url": "https://north.example"})

    assert (Connection.objects.get().base_url, paused()) == ("https://north.example", ("", 0))


@pytest.mark.parametrize("what", ["account", "connection", "seller"])
def test_what_is_switched_off_is_refused_behind_every_door(what: str) -> None:
    make_seller("lumen")
    account, _ = connected()
    pause()
    rows = {"account": Account.objects, "connection": Connection.objects, "seller": Seller.objects}
    rows[what].update(active=False)

    with refused("account_off"):
        resume(Account.objects.get())
    for command in ("sync_prosku", "compare_prosku", "replay_prosku"):
        with pytest.raises(CommandError, match=r"\(account_off\)"):
            call_command(command, "--seller", "lumen", stdout=StringIO())
    page = manager().post(reverse("admin:integrations_account_do", args=[account.pk, "sync_now"]), follow=True)

    assert "Lumen at main is disabled: enable it first." in page.content.decode()
    assert paused()[0] != ""
    assert not SyncRun.objects.exists()
    assert Account.objects.get().compared_at <= timezone.now()


def test_a_command_refuses_a_seller_that_nobody_connected() -> None:
    for command in ("sync_prosku", "compare_prosku", "replay_prosku"):
        with pytest.raises(CommandError, match=r"\(account_not_found\)"):
            call_command(command, "--seller", "nobody", stdout=StringIO())
