"""Is an export whole, each order once, when the worker that writes it is killed in the middle?"""

import csv
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection, transaction

from orders.backoffice import export
from orders.models import Export, ExportChunk, Order
from tests.builders import make_order, make_staff
from tests.waiting import until, until_ended

ROOT = Path(__file__).resolve().parents[2]
ORDERS = 12_000


def worker() -> "subprocess.Popen[bytes]":
    database = connection.settings_dict
    environment = {
        **os.environ,
        "HEMI_ENV": "dev",
        "DJANGO_SETTINGS_MODULE": "hemi_intake.settings",
        "DATABASE_URL": f"postgresql:///{database['NAME']}?host={quote(str(database['HOST']))}&user={database['USER']}",
        "SECRET_KEY": settings.SECRET_KEY,
        "FIELD_KEYS": ",".join(settings.FIELD_KEYS),
    }
    return subprocess.Popen([sys.executable, "-m", "tests.orders.export_worker"], cwd=ROOT, env=environment)


@contextmanager
def stopped_at_chunk(number: int) -> Iterator[None]:
    """The worker writes the chunks before this one and waits, until it is killed or this ends."""
    with transaction.atomic():
        # What is not yet committed stands in its way: there is one chunk of each number.
        ExportChunk.objects.create(export=Export.objects.get(), number=number, data=b"")
        yield
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_leaves_the_rest_to_the_next_one() -> None:
    first = make_order("W-0")
    copy = {field: getattr(first, field) for field in ("seller", "channel", "source", "currency")}
    Order.objects.bulk_create(
        Order(
            **copy,
            reference=f"W-{n}",
            placed_at=first.placed_at + timedelta(seconds=n // 3),
            total=n,
            total_paid=0,
            ordered_units=1,
            outstanding_units=1,
        )
        for n in range(1, ORDERS)
    )
    person = make_staff("anna", permissions=["orders.view_order", "orders.export_order"])
    row = export.ask(person, {}, ["reference", "paid"], "csv")

    with stopped_at_chunk(3), worker() as killed:
        try:
            until(lambda: ExportChunk.objects.count() == 3 + 1, "three chunks of its own")
        finally:
            killed.kill()
    row.refresh_from_db()
    assert row.state == "writing"
    assert 0 < row.done < ORDERS
    Export.objects.update(lease_until=row.asked_at)
    with worker() as following:
        assert until_ended(following) == 0

    row.refresh_from_db()
    assert (row.state, row.total, row.done, row.attempts) == ("ready", ORDERS, ORDERS, 2)
    whole = b"".join(bytes(chunk.data) for chunk in row.chunks.all()).decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(whole, newline="")))
    newest_first = Order.objects.order_by("-placed_at", "-id").values_list("reference", flat=True)
    assert [line["reference"] for line in lines] == list(newest_first)
