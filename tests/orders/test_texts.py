"""Does text with something invisible in it, or with digits that a spreadsheet lost, meet one rule at every door?"""

from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from integrations.warehouses.files.rows import read
from integrations.warehouses.port import Unreadable
from integrations.warehouses.prosku.parse import parse_despatch
from orders.backoffice.search import find
from orders.documents import Faulty, check, import_files
from orders.models import NonShippingSku
from orders.texts import folded, identifier, prose, shortened
from refunds.admin.forms import ReferenceForm
from tests.builders import make_order
from tests.orders.documents import line, small_order

MANGLED = "4.50012E+11"
ZONE = ZoneInfo("Europe/London")


def note(**fields: Any) -> dict[str, Any]:
    return {
        "additional_ref": "W-1",
        "despatch_number": "D-1",
        "confirmed_at": "01/07/2026 11:44:08",
        "despatch_lines": [{"product_code": "TEE", "quantity": "1"}],
        **fields,
    }


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("TEE-RED", "TEE-RED"),
        ("\u200bTEE\u200d-RED\ufeff", "TEE-RED"),
        ("\u00a0TR\u00a020593 ", "TR 20593"),
        ("TR  \t20593", "TR 20593"),
        ("TEE\u2060\u00ad", "TEE"),
        ("\u200b", ""),
        ("Größe-Ü", "Größe-Ü"),
    ],
)
def test_an_identifier_is_what_a_person_sees(text: str, meant: str) -> None:
    assert identifier(text) == meant
    assert identifier(meant) == meant


@pytest.mark.parametrize("text", ["4.50012E+11", "4,50012E+11", "4E+11", "1.2e+5"])
def test_a_number_that_a_spreadsheet_shortened_is_known(text: str) -> None:
    assert "a spreadsheet has shortened" in shortened(text)


@pytest.mark.parametrize("text", ["450012000000", "TEE-E+11", "12E11", "E+11", "1E-5", "45.00E+", "4.5E+1X"])
def test_other_references_are_none(text: str) -> None:
    assert shortened(text) == ""


def test_a_name_keeps_what_joins_its_letters() -> None:
    assert prose("Zo\u00eb\u00a0\u200bX\u200d\u0645") == "Zo\u00eb X\u200d\u0645"
    assert folded("\u200bTee ") == "tee"


def test_an_order_document_is_cleaned() -> None:
    sent = small_order("W\u200b-1\u00a0", items=[line("\ufeffTEE", unit_price="29.99\u00a0")])

    document = check(sent | {"customer": {"name": "Ada\u00a0L", "email": "\u200bada@example.com"}})

    assert (document.reference, document.items[0].sku) == ("W-1", "TEE")
    assert (document.customer_name, document.customer_email) == ("Ada L", "ada@example.com")


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        (small_order(MANGLED), "reference"),
        (small_order(channel_id=MANGLED), "channel_id"),
        (small_order(items=[line(MANGLED)]), "items[0].sku"),
        (small_order(payment={"reference": MANGLED}), "payment.reference"),
    ],
)
def test_an_order_document_with_lost_digits_is_refused(sent: dict[str, Any], field: str) -> None:
    with pytest.raises(Faulty) as refused:
        check(sent)

    [fault] = refused.value.faults
    assert fault.field == field
    assert fault.message.startswith(f"{field} is {MANGLED}, a number that a spreadsheet has shortened")


def test_the_rows_of_a_csv_import_are_one_order_whatever_is_invisible() -> None:
    header = "reference,seller,channel,placed_at,currency,total_paid,item_sku,item_quantity,item_unit_price\n"
    first = "W-1,acme,web,2026-03-02T09:30:00Z,GBP,59.98,TEE,1,29.99\n"
    second = "W-1\u200b,acme,web,,,,CAP,\u00a01\u200b,29.99\n"

    [entry] = import_files.read(BytesIO((header + first + second).encode()), "csv")

    assert (entry.why, check(entry.document).reference) == ("", "W-1")


def test_a_warehouses_message_is_cleaned() -> None:
    lines = [{"product_code": "T\u200bEE", "quantity": "1\u00a0"}, {"product_code": "TEE", "quantity": "2"}]

    reference, _, found = parse_despatch(note(additional_ref="W-1\u200b", despatch_lines=lines), ZONE)

    assert (reference, [tuple(one) for one in found.lines]) == ("W-1", [("TEE", 3)])


@pytest.mark.parametrize(
    "fields",
    [
        {"additional_ref": MANGLED},
        {"despatch_number": MANGLED},
        {"despatch_lines": [{"product_code": MANGLED, "quantity": "1"}]},
    ],
)
def test_a_warehouses_message_with_lost_digits_is_rejected(fields: dict[str, Any]) -> None:
    with pytest.raises(Unreadable, match="a spreadsheet has shortened"):
        parse_despatch(note(**fields), ZONE)


def test_a_shipping_file_is_cleaned() -> None:
    content = "order;sku;qty;despatch date;despatch no\n W-1\u200b;T\u00adEE;1\u00a0;01/07/2026 11:44;D\u00a01\n"

    [row] = read(content.encode())

    assert dict(row.fields) | {"despatch_time": ""} == {
        "order_reference": "W-1",
        "sku": "TEE",
        "quantity": "1",
        "despatch_number": "D 1",
        "despatch_time": "",
    }


@pytest.mark.django_db
def test_the_search_box_is_cleaned() -> None:
    order = make_order("W-1")

    assert find("\u200bw\u200b-1\u00a0") == [order.pk]


def test_the_reference_of_a_payment_by_hand_is_cleaned() -> None:
    assert ReferenceForm({"reference": "BT\u200b-7\u00a0"}).is_valid()
    refused = ReferenceForm({"reference": MANGLED})

    assert "a spreadsheet has shortened" in str(refused.errors["reference"])


def test_a_pattern_of_skus_that_do_not_ship_is_cleaned() -> None:
    pattern = NonShippingSku(pattern="TIP\u200b-* ")
    pattern.clean()
    assert pattern.pattern == "TIP-*"
