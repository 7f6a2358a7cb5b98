"""Do sessions end when they should, with a reason, and are times shown in the zone of whoever reads?"""

from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.builders import PASSWORD, limit, make_order, make_staff
from tests.refunds.people import make_refund

pytestmark = pytest.mark.django_db

AT = datetime(2026, 7, 1, 22, 30, 5, tzinfo=UTC)
MINUTE, HOUR = 60, 3600


def log_in(client: Client, password: str = PASSWORD) -> int:
    return client.post(reverse("admin:login"), {"username": "anna", "password": password}).status_code


def somebody() -> Client:
    make_staff("anna", "Viewer")
    client = Client()
    log_in(client)
    client.get(reverse("admin:index"))
    return client


def pretend(client: Client, name: str, seconds_ago: int) -> None:
    session = client.session
    session[name] = int(timezone.now().timestamp()) - seconds_ago
    session.save()


def test_who_does_nothing_for_two_hours_is_logged_out_and_told_why() -> None:
    client = somebody()
    pretend(client, "seen_at", 119 * MINUTE)
    assert client.get(reverse("admin:orders_order_changelist")).status_code == 200
    pretend(client, "seen_at", 121 * MINUTE)

    answer = client.get(reverse("admin:orders_order_changelist") + "?q=W-1")

    assert answer.headers["Location"] == "/admin/login/?next=/admin/orders/order/%3Fq%3DW-1"
    login = client.get(answer.headers["Location"]).content.decode()
    assert "You were logged out because you did nothing here for 120 minutes." in login
    assert client.get(reverse("admin:index")).status_code == 302
    assert log_in(client) == 302
    assert client.get(reverse("admin:index")).status_code == 200


def test_twelve_hours_are_the_longest_whatever_is_done() -> None:
    client = somebody()
    pretend(client, "began_at", 13 * HOUR)

    answer = client.get(reverse("admin:index"), follow=True)

    assert "you were logged in for 12 hours" in answer.content.decode()


def test_who_logs_out_is_back_at_the_login_which_says_so() -> None:
    client = somebody()

    answer = client.post(reverse("admin:logout"), follow=True)

    assert answer.redirect_chain == [(reverse("admin:login"), 302)]
    assert "You are logged out." in answer.content.decode()
    assert client.get(reverse("admin:index")).status_code == 302


def test_an_act_in_an_ended_session_does_nothing() -> None:
    client = somebody()
    pretend(client, "seen_at", 121 * MINUTE)

    answer = client.post(reverse("admin:mine"), {"time_zone": "Asia/Tokyo"})

    assert answer.headers["Location"] == "/admin/login/?next=/admin/"
    assert not hasattr(User.objects.get(username="anna"), "person")


@pytest.mark.parametrize(
    ("page", "leads_to"),
    [
        ("http://testserver/admin/me/?from=1", "/admin/me/%3Ffrom%3D1"),
        ("http://evil.example/admin/me/", "/admin/"),
        ("http://testserver/api/", "/admin/"),
        ("//[", "/admin/"),
    ],
)
def test_after_the_log_in_the_page_is_back_from_which_something_was_sent(page: str, leads_to: str) -> None:
    client = somebody()
    pretend(client, "seen_at", 121 * MINUTE)

    answer = client.post(reverse("admin:mine"), {"time_zone": "Asia/Tokyo"}, headers={"Referer": page})

    assert answer.headers["Location"] == f"/admin/login/?next={leads_to}"


def test_what_a_page_asks_by_itself_does_not_prolong_the_session() -> None:
    client, refund = somebody(), make_refund()
    pretend(client, "seen_at", 10 * MINUTE)
    before = client.session["seen_at"]

    client.get(reverse("admin:overview_now"), headers={"Sec-Fetch-Mode": "cors"})
    beat = reverse("admin:refunds_refund_open", args=[refund.pk])
    for mode in ("cors", "no-cors"):
        assert client.post(beat, headers={"Sec-Fetch-Mode": mode}).status_code == 200
    assert client.session["seen_at"] == before
    client.get(reverse("admin:index"), headers={"Sec-Fetch-Mode": "navigate"})
    assert client.session["seen_at"] > before


@pytest.mark.parametrize("way", ["get", "post"])
def test_what_a_page_asks_in_an_ended_session_is_refused_and_the_person_still_hears_why(way: str) -> None:
    client = somebody()
    pretend(client, "seen_at", 121 * MINUTE)

    asked = getattr(client, way)(reverse("admin:overview_now"), headers={"Sec-Fetch-Mode": "cors"}, follow=True)

    assert (asked.status_code, asked.content) == (403, b"")
    answer = client.get(reverse("admin:index"), follow=True)
    assert "because you did nothing here for 120 minutes" in answer.content.decode()


def test_logging_in_changes_the_sessions_key() -> None:
    make_staff("anna", "Viewer")
    client = Client()
    client.session.save()
    planted = client.session.session_key
    client.cookies[settings.SESSION_COOKIE_NAME] = planted or ""

    log_in(client)

    assert client.session.session_key != planted
    stranger = Client()
    stranger.cookies[settings.SESSION_COOKIE_NAME] = planted or ""
    assert stranger.get(reverse("admin:index")).status_code == 302


def test_a_new_password_ends_the_other_sessions_and_not_the_own() -> None:
    client, other = somebody(), Client()
    log_in(other)
    new = "another good password"

    client.post(
        reverse("admin:password_change"), {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    )

    assert client.get(reverse("admin:index")).status_code == 200
    answer = other.get(reverse("admin:index"), follow=True)
    assert "because your password or your account was changed" in answer.content.decode()


def test_a_stranger_is_told_nothing_of_sessions() -> None:
    answer = Client().get(reverse("admin:index"), follow=True)

    assert "You were logged out" not in answer.content.decode()


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("", '<time datetime="2026-07-01T22:30:05+00:00" title="2026-07-01 22:30:05 +0000">1 Jul 2026, 22:30</time>'),
        (
            "Asia/Tokyo",
            '<time datetime="2026-07-01T22:30:05+00:00" title="2026-07-02 07:30:05 +0900">2 Jul 2026, 07:30</time>',
        ),
    ],
)
def test_a_moment_is_told_in_the_persons_zone_with_the_exact_instant(zone: str, shown: str) -> None:
    order = make_order("W-1", placed_at=AT)
    client = Client()
    client.force_login(limit(make_staff("anna", "Viewer"), time_zone=zone))

    assert shown in client.get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()
    assert timezone.get_current_timezone_name() == "UTC"
