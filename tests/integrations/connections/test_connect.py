"""Is connecting, pausing and reading an account the same act behind every door?"""

import socket
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integrations.connections.connect import KEY_FORGOTTEN, connect
from integrations.connections.models import Account, Connection
from integrations.connections.resume import resume
from integrations.http import Patience
from integrations.models import SyncRun
from integrations.secrets import Undecryptable
from integrations.warehouses.port import WrongAddress
from integrations.warehouses.prosku.client import ProSkuClient
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


def test_a_new_address_on_the_page_forgets_the_keys_and_one_that_is_never_called_is_refused() -> None:
    make_seller("lumen")
    account, _ = connected()
    pause()
    edit = reverse("admin:integrations_connection_edit", args=[account.connection_id])
    fields = {"name": "main", "kind": "prosku", "format": "xml", "time_zone": "Europe/London", "active": "on"}
    client = manager()

    page = client.post(edit, fields | opened(client, edit) | {"base_url": "http://192.0.2.1"}).content.decode()
    assert ("must begin with https://" in page, paused()[0] != "") == (True, True)
    client.post(edit, fields | opened(client, edit) | {"base_url": "https://north.example"})

    assert (Connection.objects.get().base_url, paused()[0]) == ("https://north.example", KEY_FORGOTTEN)
    tested = client.post(reverse("admin:integrations_account_do", args=[account.pk, "probe"]), follow=True)
    assert "has changed since it was entered. Enter it again." in tested.content.decode()


def test_a_key_is_never_sent_to_another_address() -> None:
    make_seller("lumen")
    make_seller("north")
    account, _ = connected()
    other, _ = connected(seller_code="north", key="norths-key")

    # Somebody changes the address and gives a key of their own, for one seller.
    connected(base_url="https://elsewhere.example", key="mine")

    assert Account.objects.get(pk=account.pk).key.reveal() == "mine"
    with pytest.raises(Undecryptable):
        Account.objects.get(pk=other.pk).key.reveal()
    assert Account.objects.get(pk=other.pk).paused_because == KEY_FORGOTTEN


def test_an_account_takes_its_key_to_no_other_connection() -> None:
    make_seller("lumen")
    account, _ = connected()
    elsewhere = Connection.objects.create(name="elsewhere", base_url="https://elsewhere.example")
    fields = {"connection": elsewhere.pk, "seller": account.seller_id, "poll_seconds": 60, "report_scope": "part"}
    edit, client = reverse("admin:integrations_account_edit", args=[account.pk]), manager()

    page = client.post(edit, fields | opened(client, edit) | {"key": ""}).content.decode()

    assert "Enter the key again" in page
    assert Account.objects.get().connection_id == account.connection_id


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "10.0.0.7", "[::1]", "169.254.169.254"])
def test_addresses_inside_the_network_are_refused_unless_the_operator_allows_them(
    settings: LazySettings, host: str
) -> None:
    make_seller("lumen")
    settings.WAREHOUSE_ALLOW_PRIVATE_NETWORKS = False

    with refused("address_not_allowed"):
        connected(base_url=f"https://{host}")

    settings.WAREHOUSE_ALLOW_PRIVATE_NETWORKS = True
    connected(base_url=f"https://{host}")


def test_a_name_that_leads_inside_later_is_not_spoken_to(settings: LazySettings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.WAREHOUSE_ALLOW_PRIVATE_NETWORKS = False
        address = f"http://localhost:{server.getsockname()[1]}"
        client = ProSkuClient(address, "key", patience=Patience(tries=1))

        with client, pytest.raises(WrongAddress, match="not a public address"):
            list(client.pages("orders", None, ZoneInfo("UTC")))

        connection, _ = server.accept()
        with connection:
            assert connection.recv(1) == b""


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
