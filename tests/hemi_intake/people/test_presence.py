"""Are times shown in the zone of whoever reads?"""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.builders import limit, make_order, make_staff

pytestmark = pytest.mark.django_db

AT = datetime(2026, 7, 1, 22, 30, 5, tzinfo=UTC)


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
    make_order("W-1", placed_at=AT)
    client = Client()
    client.force_login(limit(make_staff("anna", "Viewer"), time_zone=zone))

    assert shown in client.get(reverse("admin:orders_order_changelist")).content.decode()
    assert timezone.get_current_timezone_name() == "UTC"
