"""Do lists answer for days, and for what is past its promise?"""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orders.backoffice import daily_counts, date_range
from orders.backoffice.overdue import past_promise
from orders.models import Order, Seller
from tests.builders import make_order, make_seller, make_staff
from tests.warehouse import cancelled, despatched, minute, tell


@pytest.mark.parametrize("text", ["", "x", "2026-11-31", "2026-11-02..2026-11-01", "9999-12-31", "..", "1"])
def test_what_names_no_days_is_none(text: str) -> None:
    assert date_range.read(text) is None


def test_days_are_those_of_the_zone_in_force_also_when_the_clocks_change() -> None:
    span = date_range.read("2026-10-25")

    with timezone.override("Europe/London"):
        assert span is not None
        since, until = span.bounds

    assert until.astimezone(UTC) - since.astimezone(UTC) == timedelta(hours=25)
    assert (str(span), span.words) == ("2026-10-25", "25 Oct 2026")
    assert str(date_range.read("2026-10-01..2026-10-25")) == "2026-10-01..2026-10-25"


@pytest.mark.django_db
def test_the_list_shows_the_orders_of_a_day() -> None:
    for name in ("W-1", "W-2", "W-3"):
        make_order(name, seller=Seller.objects.first() or make_seller("acme"))
    first, second, _ = Order.objects.order_by("id")
    tell(first, despatched("D-1", at=0, TEE=1), despatched("D-2", at=5, TEE=1))
    tell(
        second,
        despatched("D-3", at=60 * 24, TEE=1, order="W-2"),
        cancelled(at=60 * 24, of={"TEE": (1, 2)}, order="W-2"),
    )
    client = Client()
    client.force_login(make_staff("anna", "Viewer"))

    def shown(query: str) -> set[str]:
        page = client.get(f"{reverse('admin:orders_order_changelist')}?{query}").content.decode()
        return {name for name in ("W-1", "W-2", "W-3") if f">{name}</a>" in page}

    assert shown("shipped=2026-03-03") == {"W-1"}
    assert shown("shipped=2026-03-03..2026-03-04") == {"W-1", "W-2"}
    assert shown("short=2026-03-04") == {"W-2"}
    assert shown("short=2026-03-05") == set()
    assert shown("short=nonsense") == {"W-1", "W-2", "W-3"}
    until = minute(0) + timedelta(days=9)
    per_day = daily_counts.per_day(daily_counts.despatches(), "despatched_at", "order", minute(0), until)
    assert per_day == {date(2026, 3, 3): 1, date(2026, 3, 4): 1}
    assert daily_counts.per_day(daily_counts.cuts(), "occurred_at", "order", minute(0), until) == {date(2026, 3, 4): 1}


@pytest.mark.django_db
@pytest.mark.parametrize(("days_late", "found"), [(20, True), (40, False)])
def test_clocks_may_place_an_order_after_its_despatch_by_as_much_as_a_chart_goes_back(
    days_late: int, found: bool
) -> None:
    order = make_order("W-1", placed_at=minute(0) + timedelta(days=days_late))
    tell(order, despatched("D-1", at=0, TEE=1))

    assert daily_counts.shipped(Order.objects.all(), minute(0), minute(1)).exists() == found


@pytest.mark.django_db
def test_an_order_is_past_its_promise_as_long_as_something_is_outstanding() -> None:
    now = datetime.now(UTC)
    seller = make_seller("acme", promise_days=3)
    late = make_order("W-1", seller=seller, placed_at=now - timedelta(days=4))
    make_order("W-2", seller=seller, placed_at=now - timedelta(days=2))
    make_order("W-3", seller=make_seller("none", promise_days=None), placed_at=now - timedelta(days=400))

    assert list(past_promise(Order.objects.all())) == [late]

    tell(late, despatched(TEE=2))
    assert list(past_promise(Order.objects.all())) == []
