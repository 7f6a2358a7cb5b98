"""Which dates of an order are believed?"""

from datetime import timedelta

import pytest
from django.utils import timezone

from orders.documents import check
from orders.intake.upsert import upsert_orders
from tests.orders.documents import small_order

pytestmark = pytest.mark.django_db


def test_an_order_from_the_future_is_refused_because_it_would_never_be_late() -> None:
    tomorrow, later = (f"{timezone.now() + timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}" for hours in (23, 25))
    documents = [check(small_order("W-1", placed_at=tomorrow)), check(small_order("W-2", placed_at=later))]

    taken = upsert_orders(documents, create_sellers=True, actor="test")

    assert [one.outcome.value for one in taken] == ["created", "refused"]
    assert [fault.field for fault in taken[1].faults] == ["placed_at"]
