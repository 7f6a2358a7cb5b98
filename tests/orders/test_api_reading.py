"""Does a reader find what it looks for, miss nothing while rows change, and get it packed where it asks for that?"""

import gzip
import json
from datetime import timedelta

import pytest
from django.utils import timezone

from orders.models import Order, Shipment
from tests.api import make_reader, rows
from tests.builders import PLACED_AT, make_order
from tests.warehouse import make_part

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("sku=CAP", ["W-2"]),
        ("tracking_number=RM-1", ["W-1"]),
        ("short=true", ["W-2"]),
        ("short=false", ["W-1"]),
        ("source=marketplace", ["W-2"]),
        ("total_from=59.98", ["W-2", "W-1"]),
        ("total_from=59.981", ["W-2"]),
        ("total_to=59.98", ["W-1"]),
        ("placed_from=2026-03-03T09:30:00Z", ["W-2"]),
        ("placed_before=2026-03-03T09:30:00Z", ["W-1"]),
        ("changed_since=2026-04-01T02:00:00%2B02:00", ["W-2"]),
        ("changed_since=2026-04-01T00:00:01Z", []),
    ],
)
def test_each_filter_finds_exactly_its_orders(query: str, found: list[str]) -> None:
    first = make_order("W-1")
    second = make_order("W-2", items=(("CAP", 1, 10_000),), placed_at=PLACED_AT + timedelta(days=1))
    Shipment.objects.create(
        order=first,
        fulfilment_order=make_part(first),
        seller=first.seller,
        number="D-1",
        tracking_number="RM-1",
        despatched_at=PLACED_AT,
        changed_at=PLACED_AT,
        message=1,
    )
    Order.objects.filter(pk=first.pk).update(updated_at="2026-03-31T00:00:00Z")
    Order.objects.filter(pk=second.pk).update(
        source="marketplace", cancelled_units=1, outstanding_units=0, updated_at="2026-04-01T00:00:00Z"
    )

    assert [order["reference"] for order in rows(make_reader(), f"/api/v1/orders/?{query}")] == found


def test_reading_what_changed_misses_nothing_that_changes_meanwhile() -> None:
    ids = [make_order(f"W-{number}").pk for number in range(6)]
    for number, pk in enumerate(ids):
        Order.objects.filter(pk=pk).update(updated_at=PLACED_AT + timedelta(hours=number // 2))
    reader, seen = make_reader(), []
    address = "/api/v1/orders/?ordering=updated_at&page_size=2&fields=id,notes"
    changes = iter([(ids[0], "read already"), (ids[3], "on the next page"), (ids[5], "further on")])
    while address:
        page = reader.get(address).json()
        seen += [(row["id"], row["notes"]) for row in page["results"]]
        for pk, note in [next(changes, (0, ""))]:
            Order.objects.filter(pk=pk).update(notes=note, updated_at=timezone.now())
        address = page["next"]

    assert {pk for pk, _ in seen} == set(ids)
    assert dict(seen) == {
        ids[0]: "read already",
        ids[1]: None,
        ids[2]: None,
        ids[3]: "on the next page",
        ids[4]: None,
        ids[5]: "further on",
    }


def test_an_answer_is_packed_where_that_is_asked_for_and_is_still_known_by_its_etag() -> None:
    make_order("W-1")
    reader = make_reader()
    plain = reader.get("/api/v1/orders/")

    packed = reader.get("/api/v1/orders/", headers={"Accept-Encoding": "gzip"})
    known = reader.get("/api/v1/orders/", headers={"Accept-Encoding": "gzip", "If-None-Match": packed["ETag"]})

    assert ("Content-Encoding" in plain, packed["Content-Encoding"]) == (False, "gzip")
    assert json.loads(gzip.decompress(packed.content)) == plain.json()
    assert "Accept-Encoding" in packed["Vary"]
    assert (known.status_code, known.content) == (304, b"")
