"""Does a file of orders come in whole, with a summary, and with a reason for every order that does not?"""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from orders.models import Order, OrderItem
from tests.builders import make_channel, make_seller
from tests.orders.documents import line, raw_order, small_order

pytestmark = pytest.mark.django_db

COLUMNS = (
    "reference,seller,channel,placed_at,currency,customer_name,shipping_address_city,discount_name,discount_amount,"
    "prices_include_tax,total_paid,item_sku,item_quantity,item_unit_price"
)
ORDER = ("acme", "acme-web", "2026-03-02T09:30:00Z", "GBP", "Ada, Countess", "London", "SPRING", "1.00", "yes")


@pytest.fixture(autouse=True)
def _places() -> None:
    make_seller("acme")
    make_channel("acme-web")


def run(path: Path, *options: str) -> tuple[dict[str, int], int, str]:
    """The summary, the exit code, and the sentence that goes with it."""
    out = io.StringIO()
    try:
        call_command("import_orders", str(path), *options, stdout=out, stderr=io.StringIO())
    except CommandError as error:
        return json.loads(out.getvalue() or "{}"), error.returncode, str(error)
    return json.loads(out.getvalue()), 0, ""


def lines(path: Path, *raws: Any) -> Path:
    path.write_text("".join((raw if isinstance(raw, str) else json.dumps(raw)) + "\n" for raw in raws))
    return path


def table(path: Path, *rows: tuple[str, ...], columns: str = COLUMNS) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([columns.split(","), *rows])
    return path


def row(reference: str, sku: str, quantity: str = "1", *, total: str = "9.00", price: str = "10.00") -> tuple[str, ...]:
    return (reference, *ORDER, total, sku, quantity, price)


def refused(path: Path) -> list[dict[str, Any]]:
    kept = path.with_name(f"{path.name}.refused.jsonl")
    return [json.loads(text) for text in kept.read_text().splitlines()] if kept.exists() else []


def counts(**fields: int) -> dict[str, int]:
    return {"read": 0, "created": 0, "updated": 0, "unchanged": 0, "refused": 0} | fields


def test_json_lines_come_in_once(tmp_path: Path) -> None:
    path = lines(tmp_path / "orders.jsonl", raw_order(), "", small_order("W-2"))

    assert run(path) == (counts(read=2, created=2), 0, "")
    assert run(path) == (counts(read=2, unchanged=2), 0, "")
    assert set(Order.objects.values_list("reference", flat=True)) == {"W-1001", "W-2"}
    assert not list(tmp_path.glob("*.refused.jsonl"))


def test_refused_lines_are_kept_with_number_reasons_and_text(tmp_path: Path) -> None:
    bad = small_order("W-2", total_paid="1.00")
    path = lines(tmp_path / "orders.jsonl", small_order(), bad, "{nonsense", small_order("W-3", seller="nobody"))

    summary, code, sentence = run(path)

    assert (summary, code) == (counts(read=4, created=1, refused=3), 1)
    assert sentence.startswith("3 of 4 orders were refused: see ")
    kept = refused(path)
    assert [(each["line"], each["reasons"][0]["field"]) for each in kept] == [(2, "total_paid"), (3, ""), (4, "seller")]
    assert json.loads(kept[0]["raw"]) == bad
    assert kept[2]["reasons"][0]["message"] == "seller nobody is not known here"
    assert Order.objects.count() == 1


def test_unknown_sellers_and_channels_are_made_when_asked_for(tmp_path: Path) -> None:
    path = lines(tmp_path / "orders.ndjson", small_order(seller="new", channel="new-web"))

    assert run(path, "--create-sellers")[0] == counts(read=1, created=1)
    assert Order.objects.get().seller.code == "new"


def test_bytes_that_are_not_text_are_refused_where_they_stand(tmp_path: Path) -> None:
    path = tmp_path / "orders.jsonl"
    text = json.dumps(small_order(notes="caf_")).encode()
    path.write_bytes(b"\xef\xbb\xbf" + text.replace(b"caf_", b"caf\xe9") + b"\n" + text)

    summary, _, _ = run(path)

    assert summary == counts(read=2, created=1, refused=1)
    assert refused(path)[0]["reasons"][0]["field"] == "notes"


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, '{"reference": "A", "reference": "B"}', "1" * 5_000, "NaN", '"\\ud800"', "null", "x" * 5_000_000],
)
def test_no_line_stops_the_others(tmp_path: Path, text: str) -> None:
    path = lines(tmp_path / "orders.jsonl", small_order("W-1"), text, small_order("W-2"))

    assert run(path)[0] == counts(read=3, created=2, refused=1)


def test_rows_of_an_order_become_its_items(tmp_path: Path) -> None:
    path = table(
        tmp_path / "orders.csv",
        row("W-1", "TEE", "2", total="29.00"),
        row("W-1", "CAP", total="29.00"),
        row("W-2", "TEE"),
    )

    assert run(path) == (counts(read=2, created=2), 0, "")
    order = Order.objects.get(reference="W-1")
    assert list(order.items.values_list("sku", "quantity", "discount_share", "paid")) == [
        ("TEE", 2, 67, 1933),
        ("CAP", 1, 33, 967),
    ]
    assert (order.customer_name, order.shipping_address) == ("Ada, Countess", {"city": "London"})
    assert run(path)[0] == counts(read=2, unchanged=2)


def test_an_order_whose_rows_are_torn_apart_is_refused_whole(tmp_path: Path) -> None:
    path = table(
        tmp_path / "orders.csv", row("W-1", "TEE"), row("W-2", "TEE"), row("W-1", "GIFT", price="0"), row("W-3", "TEE")
    )

    summary, code, _ = run(path)

    assert (summary, code) == (counts(read=4, created=2, refused=2), 1)
    assert [each["line"] for each in refused(path)] == [2, 4]
    assert set(Order.objects.values_list("reference", flat=True)) == {"W-2", "W-3"}


def test_a_row_that_cannot_be_read_takes_the_orders_beside_it_along(tmp_path: Path) -> None:
    path = table(
        tmp_path / "orders.csv",
        row("W-1", "TEE"),
        row("W-2", "TEE"),
        ("W-2", "too", "few"),
        row("W-3", "TEE"),
        row("W-4", "TEE"),
    )

    summary, _, _ = run(path)

    assert summary == counts(read=5, created=2, refused=3)
    assert [each["line"] for each in refused(path)] == [3, 4, 5]
    assert set(Order.objects.values_list("reference", flat=True)) == {"W-1", "W-4"}


def test_rows_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    path = table(tmp_path / "orders.csv", row("W-1", "TEE", total="19.00"), row("W-1", "CAP", total="18.00"))

    assert run(path)[0] == counts(read=1, refused=1)
    assert refused(path)[0]["reasons"][0]["message"] == "row 2 of this order says another total_paid than its first row"
    assert len(refused(path)[0]["raw"]) == 2


@pytest.mark.parametrize("quantity", ["", "two", "1.0", "-1", "٣", "1" * 5_000])
def test_quantities_that_are_no_whole_numbers_are_refused(tmp_path: Path, quantity: str) -> None:
    path = table(tmp_path / "orders.csv", row("W-1", "TEE", quantity))

    assert run(path)[0] == counts(read=1, refused=1)
    assert refused(path)[0]["reasons"][0]["field"] == "items[0].quantity"


def test_a_quote_that_never_ends_is_refused(tmp_path: Path) -> None:
    path = table(tmp_path / "orders.csv", row("W-1", "TEE"), row("W-2", "TEE"))
    with path.open("a") as file:
        file.write('W-3,"acme,' + "x" * 300_000)

    assert run(path)[0] == counts(read=3, created=1, refused=2)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("orders.xls", b"", "is neither .jsonl nor .csv"),
        ("orders.jsonl", b"[\n{}]", "one JSON array"),
        ("orders.csv", b"", "missing columns: reference, seller"),
        ("orders.csv", COLUMNS.encode() + b",colour\n", "unknown columns: colour"),
        ("orders.csv", COLUMNS.encode() + b",reference\n", "columns given twice: reference"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_a_sentence(
    tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    summary, code, said = run(path)

    assert (summary, code) == ({}, 2)
    assert sentence in said
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_file_and_one_that_would_overwrite_itself_are_refused(tmp_path: Path) -> None:
    path = lines(tmp_path / "orders.jsonl", small_order())

    assert run(tmp_path / "none.csv")[1] == 2
    assert run(path, "--refused", str(path))[1] == 2
    assert path.read_text() != ""


def test_more_orders_than_a_chunk_come_in_with_every_item(tmp_path: Path) -> None:
    raws = [small_order(f"W-{n}", items=[line(), line("CAP", 1, "0")]) for n in range(2_100)]
    path = lines(tmp_path / "orders.data", *raws, small_order("W-7", notes="changed"))

    assert run(path, "--format", "jsonl")[0] == counts(read=2_101, created=2_100, updated=1)
    assert OrderItem.objects.count() == 4_199
