"""Is whoever guesses passwords kept out, and nobody else?"""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client, override_settings
from django.urls import reverse

from integrations.origin import address
from tests.builders import PASSWORD, make_staff

pytestmark = pytest.mark.django_db


def try_in(password: str, come_from: str = "203.0.113.7", forwarded: str = "") -> int:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    told = {"username": "anna", "password": password}
    return Client(REMOTE_ADDR=come_from).post(reverse("admin:login"), told, headers=headers).status_code


def test_five_wrong_passwords_lock_one_name_at_one_address() -> None:
    make_staff("anna", "Viewer")
    make_staff("ben", "Viewer")

    assert [try_in("wrong") for _ in range(5)] == [200, 200, 200, 200, 429]
    assert try_in(PASSWORD) == 429
    assert try_in(PASSWORD, come_from="198.51.100.9") == 302
    ben = Client(REMOTE_ADDR="203.0.113.7").post(reverse("admin:login"), {"username": "ben", "password": PASSWORD})
    assert ben.status_code == 302


def test_behind_our_proxy_the_address_is_the_visitors() -> None:
    make_staff("anna", "Viewer")
    proxy = "10.0.0.1"
    with override_settings(TRUSTED_PROXIES=1):
        # What the visitor wrote in front changes nothing.
        tries = [try_in("wrong", proxy, f"1.1.1.{n}, 203.0.113.7") for n in range(5)]
        assert tries == [200, 200, 200, 200, 429]
        assert try_in(PASSWORD, proxy, "198.51.100.9") == 302
        assert try_in(PASSWORD, proxy, "203.0.113.7") == 429


@pytest.mark.parametrize(
    ("proxies", "forwarded", "found"),
    [
        (0, "1.1.1.1", "10.0.0.1"),
        (1, "6.6.6.6, 1.1.1.1", "1.1.1.1"),
        (2, "6.6.6.6, 1.1.1.1, 10.0.0.2", "1.1.1.1"),
        (2, "1.1.1.1", "10.0.0.1"),
        (1, "nonsense", "10.0.0.1"),
        (1, "2001:db8::1", "2001:db8::1"),
        (1, "", "10.0.0.1"),
    ],
)
def test_only_our_own_proxies_are_believed(proxies: int, forwarded: str, found: str) -> None:
    request = Client().get("/healthz", REMOTE_ADDR="10.0.0.1", headers={"X-Forwarded-For": forwarded}).wsgi_request

    with override_settings(TRUSTED_PROXIES=proxies):
        assert address(request) == found


def test_an_administrator_sees_who_is_kept_out_and_unlocks_them() -> None:
    anna = make_staff("anna", "Viewer")
    client = Client()
    client.force_login(make_staff("boss", "Administrator"))
    page = reverse("admin:auth_user_change", args=[anna.pk])
    assert "Locked out for 15 minutes" not in client.get(page).content.decode()
    for _ in range(5):
        try_in("wrong")
    assert "Locked out for 15 minutes" in client.get(page).content.decode()

    client.post(reverse("admin:auth_user_do", args=[anna.pk, "unlock"]))

    assert try_in(PASSWORD) == 302
    assert "Locked out for 15 minutes" not in client.get(page).content.decode()
    assert [entry.get_change_message() for entry in LogEntry.objects.all()] == [
        "Unlocked after too many wrong passwords"
    ]
