"""Does an export hold just what the list shows, harmless in a spreadsheet, for whoever may have it?"""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from orders import tasks
from orders.admin.order_list import OrderList
from orders.backoffice import export
from orders.backoffice.export.columns import OF_LIST
from orders.models import Export, ExportChunk, Order, Shipment
from tests.builders import PLACED_AT, limit, make_order, make_seller, make_staff
from tests.warehouse import make_part

pytestmark = pytest.mark.django_db
EXPORT = "admin:orders_order_export"
RIGHTS = ["orders.view_order", "orders.export_order"]


def login(name: str = "anna", permissions: list[str] = RIGHTS) -> Client:
    client = Client()
    client.force_login(make_staff(name, permissions=permissions))
    return client


def taken(client: Client, asked: str = "", **said: str) -> bytes:
    answer = client.post(reverse(EXPORT), {"asked": asked, "lines": "columns", "kind": "csv", **said})
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    return content(answer)


def content(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def lines(file: bytes) -> list[dict[str, str]]:
    assert file.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(file.decode("utf-8-sig"), newline="")))


def asked_for(person: str = "anna", kind: str = "csv", columns: list[str] | None = None, **asked: str) -> Export:
    return export.ask(User.objects.get(username=person), asked, columns or ["reference", "paid"], kind)


def test_a_csv_holds_the_filtered_rows_with_the_columns_of_the_list() -> None:
    make_order("W-1", total_paid=5998, customer_name="Ada Lovelace")
    make_order("W-2", on_hold=True, held_because="Fraud?", placed_at=PLACED_AT + timedelta(hours=1))
    make_order("W-3", on_hold=True)
    client = login()
    limit(User.objects.get(), time_zone="Asia/Tokyo")

    found = lines(taken(client, "hold=us"))

    order = Order.objects.get(reference="W-2")
    assert found == [
        {
            "reference": "W-2",
            "placed_at": "2026-03-02T19:30:00+09:00",
            "customer_name": "Ada Lovelace",
            "seller": order.seller.name,
            "channel": order.channel.name,
            "status": "on_hold",
            "shipped_short": "no",
            "status_detail": "",
            "ordered_units": "2",
            "shipped_units": "0",
            "currency": "GBP",
            "total_paid": "59.98",
            "payment_status": "paid",
            "refunded": "0.00",
            "needs_attention": "no",
        }
    ]


def test_an_item_has_a_line_of_its_own_with_all_columns() -> None:
    yen = make_seller(currency="JPY")
    order = make_order(
        "W-1", seller=yen, items=[("TEE", 2, 5998, 998), ("MUG", 1, 500)], shipping_address={"city": "Kyoto"}
    )
    Shipment.objects.create(
        order=order,
        fulfilment_order=make_part(order),
        seller=yen,
        number="D-1",
        tracking_number="RM1",
        despatched_at=PLACED_AT,
        changed_at=PLACED_AT,
        version="1",
        message=1,
    )

    found = lines(taken(login(), lines="items"))

    wanted = (
        "reference",
        "ship_to_city",
        "tracking_numbers",
        "item_sku",
        "item_ordered",
        "item_paid",
        "item_tax",
        "currency",
    )
    assert [tuple(line[name] for name in wanted) for line in found] == [
        ("W-1", "Kyoto", "RM1", "TEE", "2", "5998", "998", "JPY"),
        ("W-1", "Kyoto", "RM1", "MUG", "1", "500", "0", "JPY"),
    ]


def test_a_workbook_holds_numbers_as_numbers_and_every_text_as_text() -> None:
    make_order("=1+1", total_paid=5998, customer_name="@SUM(A1)")
    make_order("https://x.example", total_paid=1)

    sheet = load_workbook(io.BytesIO(taken(login(), kind="xlsx"))).active

    assert sheet is not None
    rows = [[(cell.value, cell.data_type) for cell in row] for row in sheet.iter_rows()]
    head = [value for value, _ in rows[0]]
    first = dict(zip(head, rows[2], strict=True))
    assert (first["reference"], first["customer_name"]) == (("=1+1", "s"), ("@SUM(A1)", "s"))
    assert (first["total_paid"], first["ordered_units"]) == ((59.98, "n"), (2, "n"))
    assert rows[1][0] == ("https://x.example", "s")


def test_every_column_of_the_list_has_its_place_in_the_file() -> None:
    assert {*OrderList.list_display, *OrderList.columns} == set(OF_LIST)


@pytest.mark.parametrize("permissions", [["orders.view_order"], ["orders.export_order"]])
def test_exporting_needs_its_right_and_the_right_to_see_orders(permissions: list[str]) -> None:
    make_order("W-1")
    client = login(permissions=permissions)

    assert client.get(reverse(EXPORT)).status_code == 403
    assert client.post(reverse(EXPORT), {"asked": "", "lines": "columns", "kind": "csv"}).status_code == 403
    assert Export.objects.count() == 0


def test_who_took_what_stays_on_record_without_what_was_searched_for() -> None:
    make_order("W-1")
    client = login()

    taken(client, "q=ada%40example.com&status=open")

    row = Export.objects.get()
    assert (row.person.username, row.state, row.done) == ("anna", "streamed", 1)
    assert row.asked == {"status": "open", "q": ""}
    assert "ada@example.com" not in str(Export.objects.values().get())


def test_a_limited_person_exports_their_sellers_alone() -> None:
    mine = make_seller("mine")
    make_order("W-1", seller=mine)
    make_order("W-2")
    client = login()
    limit(User.objects.get(), mine)

    assert [line["reference"] for line in lines(taken(client))] == ["W-1"]
    asked_for()
    tasks.write_exports()
    row = Export.objects.first()
    assert row is not None
    assert (row.state, row.total, row.sellers) == ("ready", 1, [mine.pk])


def test_a_large_export_is_written_behind_the_page_and_downloaded_by_its_owner_alone() -> None:
    for n in range(3):
        make_order(f"W-{n}", total_paid=100)
    client, other = login(), login("bob")
    row = asked_for(status="open", q="w-")
    where, state = (
        reverse("admin:orders_order_exported", args=[row.pk]),
        reverse("admin:orders_order_export_state", args=[row.pk]),
    )
    file = reverse("admin:orders_order_export_file", args=[row.pk])
    assert "Queued." in client.get(state).content.decode()
    assert client.get(file).status_code == 404

    assert tasks.write_exports() == 1

    row.refresh_from_db()
    assert (row.state, row.total, row.done, row.asked) == ("ready", 3, 3, {"status": "open", "q": ""})
    assert "Download" in client.get(where).content.decode()
    answer = client.get(file)
    whole = content(answer)
    assert [line["reference"] for line in lines(whole)] == ["W-2", "W-1", "W-0"]
    assert [other.get(page).status_code for page in (where, state, file)] == [404, 404, 404]


def test_a_background_workbook_is_whole() -> None:
    make_order("W-1", total_paid=100)
    client = login()
    row = asked_for(kind="xlsx")

    tasks.write_exports()

    whole = content(client.get(reverse("admin:orders_order_export_file", args=[row.pk])))
    sheet = load_workbook(io.BytesIO(whole)).active
    assert sheet is not None
    assert list(sheet.values) == [("reference", "currency", "total_paid"), ("W-1", "GBP", 1)]


def test_who_may_no_longer_export_gets_no_file() -> None:
    make_order("W-1")
    login()
    row = asked_for()
    User.objects.get().user_permissions.clear()

    tasks.write_exports()

    row.refresh_from_db()
    assert (row.state, row.why) == ("failed", "You no longer have permission to export these orders.")
    assert ExportChunk.objects.count() == 0


def test_a_file_with_other_sellers_is_not_given_to_who_was_limited_since() -> None:
    make_order("W-1")
    client = login()
    row = asked_for()
    tasks.write_exports()
    limit(User.objects.get(), make_seller("mine"))

    answer = client.get(reverse("admin:orders_order_export_file", args=[row.pk]), follow=True)

    assert "sellers that you may not see any more" in answer.content.decode()
    assert "attachment" not in answer.headers.get("Content-Disposition", "")


def test_old_files_are_deleted_and_stay_on_record() -> None:
    make_order("W-1")
    client = login()
    old, young = asked_for(), asked_for()
    tasks.write_exports()
    Export.objects.filter(pk=old.pk).update(ready_at=timezone.now() - timedelta(days=8))

    assert export.delete_expired() == 1

    assert list(Export.objects.order_by("pk").values_list("state", flat=True)) == ["gone", "ready"]
    assert set(ExportChunk.objects.values_list("export", flat=True)) == {young.pk}
    assert client.get(reverse("admin:orders_order_export_file", args=[old.pk])).status_code == 404
    assert "The file has expired" in client.get(reverse("admin:orders_order_exported", args=[old.pk])).content.decode()


def test_an_export_that_is_stopped_is_not_written() -> None:
    make_order("W-1")
    client = login()
    row = asked_for(q="ada@example.com")
    stop = reverse("admin:orders_order_export_stop", args=[row.pk])

    assert client.get(stop).status_code == 405
    client.post(stop)

    assert tasks.write_exports() == 0
    row.refresh_from_db()
    assert (row.state, row.asked) == ("gone", {"q": ""})


def test_many_orders_are_not_streamed() -> None:
    first = make_order("W-1")
    copy = {field: getattr(first, field) for field in ("seller", "channel", "source", "placed_at", "currency")}
    Order.objects.bulk_create(
        Order(**copy, reference=f"X-{n}", total=0, total_paid=0, ordered_units=1, outstanding_units=1)
        for n in range(5_000)
    )
    client = login()

    answer = client.post(reverse(EXPORT), {"asked": "status=open&view=open&after=1", "lines": "items", "kind": "csv"})

    row = Export.objects.get()
    assert answer.headers["Location"] == reverse("admin:orders_order_exported", args=[row.pk])
    assert (row.state, row.asked, row.columns) == ("waiting", {"status": "open"}, ["every_item"])
    assert "more than 5,000 orders" in client.get(reverse(EXPORT)).content.decode()
