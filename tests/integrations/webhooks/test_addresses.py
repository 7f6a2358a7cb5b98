"""Is nothing of ours ever called because somebody named it?"""

import socket
from typing import Any

import pytest

from integrations.public_addresses import is_public
from integrations.webhooks import addresses, endpoints
from integrations.webhooks.addresses import NotAllowed, parse, resolve
from integrations.webhooks.models import WebhookEndpoint
from tests.builders import make_order
from tests.integrations.webhooks.events import deliver, happen, tries
from tests.integrations.webhooks.receiver import Receiver
from tests.refusals import refused

OURS = (
    "127.0.0.1",
    "127.8.9.1",
    "0.0.0.0",  # noqa: S104
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.0.170",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2002:a00:1::",
    "2001:0:7f00:1::",
    "2001:db8::1",
    "fe80::1",
    "fec0::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "nonsense",
)
PUBLIC = ("1.1.1.1", "93.184.215.14", "172.32.0.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101")


@pytest.mark.parametrize("address", OURS)
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_allowed(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host",
    ["localhost", "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "[::1]", "[::ffff:7f00:1]"],
)
def test_however_this_machine_is_written_it_is_refused_once_it_is_looked_up(host: str) -> None:
    with pytest.raises(NotAllowed, match="not a public address"):
        resolve(parse(f"https://{host}/hooks"))


def test_a_name_that_leads_to_this_machine_is_refused() -> None:
    with pytest.raises(NotAllowed, match=r"is (127\.|::1)"):
        resolve(parse(f"https://{_name_of_this_machine()}/hooks"))


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "https://",
        "https:///path",
        "https://user:secret@example.com/",
        "https://example.com:0/",
        "https://example.com:99999/",
        "https://exa mple.com/",
        "https://example.com/\r\nX-Injected: 1",
        "https://example.com/\u2028",
        "https://[fe80::1%25eth0]/",
        "https://[::1/",
        "//example.com/",
        "example.com",
        "",
    ],
)
def test_what_is_no_plain_https_address_is_refused(url: str) -> None:
    with pytest.raises(NotAllowed):
        parse(url)


def test_an_address_is_taken_apart_as_it_is_called() -> None:
    assert parse("https://example.com/a/b?c=d#e") == addresses.Target(True, "example.com", 443, "/a/b?c=d")
    assert parse("https://example.com:8443") == addresses.Target(True, "example.com", 8443, "/")


@pytest.mark.django_db
def test_an_endpoint_at_a_private_address_is_not_made() -> None:
    with refused("address_not_allowed") as caught:
        endpoints.create(endpoints.EndpointSpec("inside", "https://169.254.169.254/latest", ("*",), None))

    assert caught.value.field == "url"
    assert not WebhookEndpoint.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_address_is_judged_again_at_each_try_and_nothing_is_sent_to_one_that_became_private(settings: Any) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE_NETWORKS = True
    with Receiver() as receiver:
        endpoint, _ = endpoints.create(endpoints.EndpointSpec("moved", receiver.url, ("*",), None))
        settings.WEBHOOK_ALLOW_PRIVATE_NETWORKS = False
        WebhookEndpoint.objects.update(url=receiver.url.replace("http://", "https://"))
        happen(make_order(), "order.placed")

        deliver(once=lambda: WebhookEndpoint.objects.get().failures > 0)

        assert receiver.heard == []
    assert tries(endpoint) == [(None, "127.0.0.1 is 127.0.0.1, which is not a public address.")]


def _name_of_this_machine() -> str:
    for name in (socket.gethostname(), "localhost.localdomain", "ip6-localhost", "localhost"):
        try:
            found = {str(entry[4][0]) for entry in socket.getaddrinfo(name, 443)}
        except OSError:
            continue
        if found <= {"127.0.0.1", "127.0.1.1", "::1"}:
            return name
    return "localhost"
