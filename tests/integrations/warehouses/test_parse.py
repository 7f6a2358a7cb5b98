"""Does a record mean what the warehouse said, and nothing that it did not say?"""

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.warehouses.port import Unreadable
from integrations.warehouses.prosku.parse import DEFAULT_STATUSES, parse_despatch, parse_order, snapshot, word_of
from integrations.warehouses.prosku.protocol import decode
from integrations.warehouses.prosku.safe_parsing import Plain
from orders.fulfilment.messages import (
    DespatchLine,
    DespatchNote,
    LineReport,
    OrderReport,
    ReportedStatus,
    WarehouseMessage,
)

LONDON = ZoneInfo("Europe/London")
CONFIRMED = datetime(2017, 7, 1, 10, 44, 8, tzinfo=UTC)


def despatch(**changed: Plain) -> dict[str, Plain]:
    fields: dict[str, Plain] = {
        "despatch_number": "006579",
        "order_number": "000001",
        "additional_ref": "22",
        "confirmed_at": "01/07/2017 11:44:08",
        "despatch_lines": [{"product_code": "LAMP001", "quantity": "2"}],
    }
    return {key: value for key, value in (fields | changed).items() if value != ""}


def order(**changed: Plain) -> dict[str, Plain]:
    fields: dict[str, Plain] = {
        "order_reference": "22",
        "order_number": "000001",
        "status": "picking",
        "updated_at": "01/07/2017 11:44:08",
        "order_lines": [{"product_code": "LAMP001", "quantity": "2"}],
    }
    return {key: value for key, value in (fields | changed).items() if value != ""}


def note_of(**changed: Plain) -> DespatchNote:
    return parse_despatch(despatch(**changed), LONDON)[2]


def report_of(words: Mapping[str, tuple[ReportedStatus, str]] = DEFAULT_STATUSES, **changed: Plain) -> OrderReport:
    return parse_order(order(**changed), LONDON, words)[2]


def refusal(fields: dict[str, Plain], *, of_order: bool = False) -> tuple[str, str]:
    with pytest.raises(Unreadable) as refused:
        parse_order(fields, LONDON, DEFAULT_STATUSES) if of_order else parse_despatch(fields, LONDON)
    return refused.value.reason, refused.value.place


def test_a_despatch_becomes_a_snapshot_with_its_note() -> None:
    body = b'{"Despatch_notes": {"despatch_number": "006579", "order_number": "000001", "additional_ref": 22,'
    body += b'"confirmed_at": "01/07/2017 11:44:08", "despatch_lines": {"product_code": "LAMP001", "quantity": 2.0}}}'
    record = decode(body, "application/json", "despatches").records[0]

    told = snapshot(record, message=7, zone=LONDON, statuses=DEFAULT_STATUSES)

    note = DespatchNote("006579", CONFIRMED, CONFIRMED, (DespatchLine("LAMP001", 2),))
    assert told == WarehouseMessage(7, record.digest, "22", "000001", (note,), None)


def test_an_order_becomes_a_snapshot_with_its_report_and_the_notes_inside() -> None:
    body = b"""<APIResponse><orders><order><order_reference>22</order_reference><status>Part-Despatched</status>
    <updated_at>01/07/2017 11:44:08</updated_at><cancel_reason>Out of stock</cancel_reason>
    <order_lines><line><product_code>A</product_code><quantity>3</quantity><despatched_quantity>1</despatched_quantity>
    <cancelled_quantity>0</cancelled_quantity></line></order_lines>
    <Despatch_notes><Despatch_note><despatch_number>1</despatch_number><confirmed_at>01/07/2017 11:44:08</confirmed_at>
    <despatch_lines><despatch_line><product_code>A</product_code><quantity>1</quantity></despatch_line></despatch_lines>
    </Despatch_note></Despatch_notes></order></orders></APIResponse>"""
    record = decode(body, "application/xml", "orders").records[0]

    told = snapshot(record, message=8, zone=LONDON, statuses=DEFAULT_STATUSES)

    lines = (LineReport("A", ordered=3, despatched=1, cancelled=0),)
    report = OrderReport("part_despatched", CONFIRMED, lines, ReportedStatus.PART_DESPATCHED, "", "Out of stock")
    note = DespatchNote("1", CONFIRMED, CONFIRMED, (DespatchLine("A", 1),))
    assert told == WarehouseMessage(8, record.digest, "22", "", (note,), report)


def test_a_record_that_is_none_is_refused_with_its_fault() -> None:
    record = decode(b'{"orders": ["?"]}', "application/json", "orders").records[0]

    with pytest.raises(Unreadable, match=r"^the record is not an object with fields$"):
        snapshot(record, message=1, zone=LONDON, statuses=DEFAULT_STATUSES)


@pytest.mark.parametrize(("text", "units"), [("2", 2), ("2.0", 2), ("02", 2), ("2.000", 2), ("1000000", 1_000_000)])
def test_whole_quantities_are_read_however_they_are_written(text: str, units: int) -> None:
    assert note_of(despatch_lines=[{"product_code": "A", "quantity": text}]).lines == (DespatchLine("A", units),)


@pytest.mark.parametrize("text", ["-1", "2.5", "1000001", "99999999999999", "true", "NaN", "1e3", "two", "", "\u0662"])
def test_any_other_quantity_is_refused_with_its_place(text: str) -> None:
    line: dict[str, Plain] = {"product_code": "A", "quantity": text}
    if not text:
        del line["quantity"]

    reason, place = refusal(despatch(despatch_lines=[{"product_code": "B", "quantity": "1"}, line]))

    assert place == "despatch_lines[2].quantity"
    assert reason == (
        f"{text!r} is not a whole number of units from 0 to 1000000" if text else "the line has no quantity"
    )


def test_a_product_on_two_lines_adds_up_in_its_first_place_and_nothing_ships_of_a_line_of_zero() -> None:
    rows = [("B", "1"), ("A", "2"), ("C", "0"), ("B", "3.0")]
    note = note_of(despatch_lines=[{"product_code": code, "quantity": units} for code, units in rows])

    assert note.lines == (DespatchLine("B", 4), DespatchLine("A", 2))
    assert not note.withdrawn


def test_lines_of_one_product_that_add_up_beyond_measure_are_refused() -> None:
    line: Plain = {"product_code": "A", "quantity": "600000"}

    reason, place = refusal(despatch(despatch_lines=[line, line]))

    assert reason == "the lines of one product add up to more than 1000000 units"
    assert place == "despatch_lines[2].quantity"


def test_the_figures_of_a_product_on_two_order_lines_add_up_and_silence_stays_silence() -> None:
    lines: list[Plain] = [
        {"product_code": "A", "quantity": "1", "cancelled_quantity": "1"},
        {"product_code": "A", "quantity": "2"},
        {"product_code": "B"},
    ]

    assert report_of(order_lines=lines).lines == (LineReport("A", 3, None, 1), LineReport("B"))


@pytest.mark.parametrize(
    ("data", "carrier", "service", "number", "url"),
    [
        ("DPD|Next Day|123", "DPD", "Next Day", "123", "https://track.dpd.co.uk/parcels/123"),
        (" Own van | | 123 | https://track.example/123 | x", "Own van", "", "123", "https://track.example/123"),
        ("left with Jim", "", "", "", ""),
        ({"carrier_name": "DPD", "tracking_number": "1", "tracking_url": "https://t.example"}, "DPD", "", "1", "https://track.dpd.co.uk/parcels/1"),
        ({"carrier_name": "x" * 101, "tracking_url": "javascript:alert(1)"}, "", "", "", ""),
        ({"carrier_name": ["DPD", "DHL"]}, "", "", "", ""),
        ("", "", "", "", ""),
    ],
)  # fmt: skip
def test_carrier_data_is_read_where_it_has_a_form_and_always_kept(
    data: Plain, carrier: str, service: str, number: str, url: str
) -> None:
    note = note_of(carrier_data=data)

    assert (note.carrier, note.service, note.tracking_number, note.tracking_url) == (carrier, service, number, url)
    assert bool(note.carrier_text) == bool(data)
    assert note.carrier_text == data or not isinstance(data, str)


@pytest.mark.parametrize(
    "changed", [{"status": "Cancelled"}, {"withdrawn": "true"}, {"voided": "1"}, {"despatch_lines": ""}]
)
def test_a_note_taken_back_is_withdrawn(changed: dict[str, Plain]) -> None:
    assert note_of(**changed).withdrawn


def test_a_note_that_says_it_stands_is_not_withdrawn() -> None:
    assert not note_of(status="confirmed", cancelled="false").withdrawn


def test_a_note_changed_when_it_says_so_and_left_when_confirmed_or_else_when_delivered() -> None:
    changed = note_of(updated_at="02/07/2017 11:44:08")
    unconfirmed = note_of(confirmed_at="", delivery_date="01/07/2017 11:44:08")
    taken_back = note_of(confirmed_at="", updated_at="01/07/2017 11:44:08", cancelled="1")

    assert (changed.despatched_at, changed.changed_at) == (CONFIRMED, datetime(2017, 7, 2, 10, 44, 8, tzinfo=UTC))
    assert (unconfirmed.despatched_at, unconfirmed.changed_at) == (CONFIRMED, CONFIRMED)
    assert (taken_back.despatched_at, taken_back.changed_at) == (CONFIRMED, CONFIRMED)


@pytest.mark.parametrize(
    ("fields", "of_order", "expected"),
    [
        (despatch(despatch_number=""), False, ("despatch_number is missing", "despatch_number")),
        (
            despatch(order_number="", additional_ref=""),
            False,
            ("the despatch note names no order", "additional_ref, order_number"),
        ),
        (despatch(confirmed_at=""), False, ("the despatch note does not say when it was despatched", "confirmed_at")),
        (despatch(additional_ref="x" * 101), False, ("additional_ref is longer than 100 characters", "additional_ref")),
        (
            despatch(additional_ref=["1", "2"]),
            False,
            ("additional_ref stands there more than once, or is no text", "additional_ref"),
        ),
        (despatch(despatch_lines=["x"]), False, ("the entry is not an object with fields", "despatch_lines[1]")),
        (
            despatch(despatch_lines=[{"quantity": "1"}]),
            False,
            ("product_code is missing", "despatch_lines[1].product_code"),
        ),
        (
            order(order_reference="", order_number=""),
            True,
            ("the order has neither reference nor number", "order_reference, order_number"),
        ),
        (order(status=""), True, ("status is missing", "status")),
        (order(updated_at=""), True, ("the order does not say when it changed", "updated_at")),
        (
            order(despatch_notes=[despatch(despatch_lines=[{"product_code": "A"}])]),
            True,
            ("the line has no quantity", "despatch_notes[1].despatch_lines[1].quantity"),
        ),
    ],
)  # fmt: skip
def test_what_must_be_there_is_asked_for_with_its_place(
    fields: dict[str, Plain], of_order: bool, expected: tuple[str, str]
) -> None:
    assert refusal(fields, of_order=of_order) == expected


@pytest.mark.parametrize(
    ("status", "meaning", "detail"),
    [
        ("Imported", ReportedStatus.PROCESSING, ""),
        ("awaiting stock", ReportedStatus.PROCESSING, ""),
        ("PICKING", ReportedStatus.PROCESSING, "picking"),
        ("on-hold", ReportedStatus.ON_HOLD, ""),
        ("part_despatched", ReportedStatus.PART_DESPATCHED, ""),
        ("despatched", ReportedStatus.DESPATCHED, ""),
        ("completed", ReportedStatus.DESPATCHED, ""),
        ("Cancelled", ReportedStatus.CANCELLED, ""),
        ("quarantined", None, ""),
    ],
)
def test_status_words_mean_what_the_table_says_and_an_unknown_one_means_nothing(
    status: str, meaning: ReportedStatus | None, detail: str
) -> None:
    report = report_of(status=status)

    assert (report.word, report.meaning, report.detail) == (word_of(status), meaning, detail)


def test_the_table_of_words_is_the_callers() -> None:
    report = report_of({"gone": (ReportedStatus.DESPATCHED, "with the carrier")}, status="Gone")

    assert (report.meaning, report.detail) == (ReportedStatus.DESPATCHED, "with the carrier")


def test_a_note_that_stands_twice_in_an_order_counts_once_as_it_last_was() -> None:
    older = despatch(updated_at="01/07/2017 12:00")
    newer = despatch(updated_at="01/07/2017 13:00", cancelled="true")

    notes = parse_order(order(despatch_notes=[newer, older]), LONDON, DEFAULT_STATUSES)[3]

    assert [(note.number, note.withdrawn) for note in notes] == [("006579", True)]


names = st.sampled_from([*despatch(), *order(), "updated_at", "carrier_data", "despatch_notes", "delivery_date"])
plain_texts = st.sampled_from(["1", "2.0", "01/07/2017 11:44:08", "29/03/2026 01:30:00", "a|b|c"]) | st.text(min_size=1)
plains = st.recursive(
    plain_texts, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner), max_leaves=9
)


@given(st.dictionaries(names, plains))
@settings(max_examples=300, deadline=None)
def test_any_fields_are_understood_or_refused(fields: dict[str, Plain]) -> None:
    for base in ({}, despatch(), order()):
        try:
            parse_despatch(base | fields, LONDON)
            parse_order(base | fields, LONDON, DEFAULT_STATUSES)
        except Unreadable:
            continue
