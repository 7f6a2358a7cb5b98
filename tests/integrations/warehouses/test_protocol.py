"""Is every answer read alike in XML and JSON, and every harmful one refused?"""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from integrations.warehouses.port import Unreadable
from integrations.warehouses.prosku import protocol, safe_parsing
from integrations.warehouses.prosku.protocol import Page, decode, decode_record

LONDON = ZoneInfo("Europe/London")
XML = "application/xml"
JSON = "application/json"
SAMPLE = """<?xml version="1.0" encoding="utf-8"?>
<APIResponse>
  <total_despatches>1</total_despatches>
  <Despatch_notes>
    <Despatch_note>
      <despatch_number>006579</despatch_number>
      <order_number>000001</order_number>
      <carrier_data></carrier_data>
      <confirmed_at>01/07/2017 11:44:08</confirmed_at>
      <despatch_lines>
        <despatch_line><product_code>LAMP001</product_code><quantity>2</quantity></despatch_line>
      </despatch_lines>
    </Despatch_note>
  </Despatch_notes>
</APIResponse>"""
FIELDS = {
    "despatch_number": "006579",
    "order_number": "000001",
    "confirmed_at": "01/07/2017 11:44:08",
    "despatch_lines": [{"product_code": "LAMP001", "quantity": "2"}],
}


def read(text: str | bytes, content_type: str = XML, resource: str = "despatches") -> Page:
    return decode(text if isinstance(text, bytes) else text.encode(), content_type, resource)


def xml_with(records: str, head: str = "") -> str:
    return f"<APIResponse>{head}<Despatch_notes>{records}</Despatch_notes></APIResponse>"


def test_the_public_sample_is_read_with_its_leading_zeros_and_without_its_empty_elements() -> None:
    page = read(SAMPLE)

    assert (page.current_page, page.total_pages, page.total, page.last_change) == (1, 1, 1, None)
    assert [dict(record.fields) for record in page.records] == [FIELDS]
    assert page.records[0].name == "006579"
    assert page.records[0].raw.startswith("<Despatch_note>")
    assert page.records[0].raw.endswith("</Despatch_note>")


LINE = {"product_code": "LAMP001", "quantity": 2}
NOTE = {
    "despatch_number": "006579",
    "order_number": "000001",
    "carrier_data": None,
    "additional_ref": "",
    "confirmed_at": " 01/07/2017 11:44:08 ",
}


@pytest.mark.parametrize(
    "lines",
    [
        [LINE],
        LINE,
        {"despatch_line": LINE},
        {"despatch_line": [LINE]},
        [{"despatch_line": LINE}],
        {"@type": "array", "despatch_line": [{"product_code": "LAMP001", "quantity": {"@type": "int", "#text": "2"}}]},
    ],
)
@pytest.mark.parametrize("shape", ["array", "named", "named single", "single", "converted root"])
def test_json_gives_the_same_digest_as_xml_however_it_writes_its_lists(lines: object, shape: str) -> None:
    note = NOTE | {"despatch_lines": lines}
    notes = {"array": [note], "named": {"Despatch_note": [note]}, "named single": {"Despatch_note": note}}
    content: dict[str, object] = {"total_despatches": 1, "Despatch_notes": notes.get(shape, note)}

    page = read(json.dumps({"APIResponse": content} if shape == "converted root" else content), JSON)

    assert [dict(record.fields) for record in page.records] == [FIELDS]
    assert page.records[0].digest == read(SAMPLE).records[0].digest


def test_the_digest_ignores_the_order_of_fields_and_white_space_but_not_content_or_resource() -> None:
    one = read(xml_with("<n><despatch_number>1</despatch_number><a>2</a></n>")).records[0]
    same = read(xml_with("<n>\n <a> 2 </a><b/>\n<despatch_number>1</despatch_number></n>")).records[0]
    other = read(xml_with("<n><despatch_number>1</despatch_number><a>3</a></n>")).records[0]

    assert one.digest == same.digest
    assert one.digest != other.digest
    assert one.digest != decode_record(one.raw, "orders").digest


@pytest.mark.parametrize(
    ("text", "content_type"),
    [
        (SAMPLE, XML),
        (json.dumps({"Despatch_notes": [NOTE | {"despatch_lines": [LINE], "note": "Café £5 \u2028"}]}), JSON),
        (xml_with('<n xmlns:i="urn:x" i:nil="true"><despatch_number>é&amp;1</despatch_number><i:b>2</i:b></n>'), XML),
        (
            '<APIResponse xmlns:i="u"><Despatch_notes><n i:x="1"><a i:nil="true"/></n></Despatch_notes></APIResponse>',
            XML,
        ),
        (xml_with("<n><despatch_number><![CDATA[a</n>b]]></despatch_number></n>"), XML),
        (xml_with("<n/>"), XML),
    ],
)
def test_a_stored_record_is_read_again_as_it_was_read_first(text: str, content_type: str) -> None:
    record = read(text, content_type).records[0]

    assert decode_record(record.raw, "despatches") == record


def test_paging_is_read_and_worked_out_from_the_count_where_the_answer_is_silent() -> None:
    said = read(
        xml_with("<n><a>1</a></n>", "<per_page>50</per_page><current_page>2</current_page><total_pages>3</total_pages>")
    )
    silent = read(xml_with("<n><a>1</a></n><n><a>2</a></n>", "<total_despatches>5</total_despatches>"))
    changed = read(json.dumps({"Despatch_notes": [], "last_change": "23/02/2018 12:00:00 GMT"}), JSON)

    assert (said.current_page, said.total_pages, said.total) == (2, 3, None)
    assert (silent.current_page, silent.total_pages, silent.total) == (1, 3, 5)
    assert (changed.records, changed.total_pages, changed.last_change) == ((), 1, "23/02/2018 12:00:00 GMT")


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><APIResponse>&b;</APIResponse>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><APIResponse>&a;</APIResponse>'


@pytest.mark.parametrize(
    ("body", "content_type", "reason", "place"),
    [
        (b"", XML, "the answer is empty", ""),
        (b" \r\n", JSON, "the answer is empty", ""),
        (b"<!DOCTYPE html><html></html>", XML, "the answer is an HTML page, not ProSKU data", ""),
        (b'<?xml version="1.0"?>\n<html lang="en">', XML, "the answer is an HTML page, not ProSKU data", ""),
        (b"Service Unavailable", XML, "the answer is neither XML nor JSON", "line 1"),
        (SAMPLE[:400].encode(), XML, "the XML breaks off before its end", "line 11, column 60"),
        (b"<APIResponse><a></b></APIResponse>", XML, "the XML is broken: mismatched tag", "line 1, column 19"),
        (b"<Error/>", XML, "the answer's root is <Error>, not ProSKU's", "line 1, column 1"),
        (b"<APIResponse/>", XML, "the answer has no list of despatches, so it is not what was asked for", ""),
        (BOMB.encode(), XML, "the XML carries a DTD or entities, which are never read", ""),
        (OUTSIDE.encode(), XML, "the XML carries a DTD or entities, which are never read", ""),
        (b'{"Despatch_notes": [', JSON, "the JSON breaks off or is broken: Expecting value", "line 1, column 21"),
        (b"[1]", JSON, "the JSON is not one object with ProSKU's keys", "line 1"),
        (b'{"error": "no"}', JSON, "the answer has no list of despatches, so it is not what was asked for", ""),
        (b'{"total_despatches": 3}', JSON, "the answer counts 3 despatches but holds none", ""),
        (b'{"total_despatches": "x"}', JSON, "the answer's count is not a whole number", "total_despatches"),
        (b'{"total_despatches": -1}', JSON, "the answer's count is not a whole number", "total_despatches"),
        (b"<APIResponse>\xa3</APIResponse>", XML, "the answer is not written in UTF-8, which it claims", "byte 14"),
        (
            b'<?xml version="1.0" encoding="zlib"?><a/>',
            XML,
            "the answer claims the encoding 'zlib', which is not read here",
            "line 1",
        ),
        (b'{"a":' * 30 + b"1" + b"}" * 30, JSON, "the JSON is nested deeper than 20 levels", ""),
        (b'{"a":' * 9000 + b"1" + b"}" * 9000, JSON, "the JSON holds a number or a nesting beyond all measure", ""),
        (b'{"a":' + b"9" * 9000 + b"}", JSON, "the JSON holds a number or a nesting beyond all measure", ""),
    ],
)  # fmt: skip
def test_what_is_no_page_is_refused_in_words_with_the_place(
    body: bytes, content_type: str, reason: str, place: str
) -> None:
    with pytest.raises(Unreadable) as refused:
        decode(body, content_type, "despatches")

    assert (refused.value.reason, refused.value.place) == (reason, place)


def test_xml_that_is_too_deep_too_long_or_too_large_is_refused_while_it_is_read() -> None:
    deep = "<APIResponse>" + "<a>" * 5000
    long = "<APIResponse>" + "<a/>" * (safe_parsing.MAX_ELEMENTS + 1)

    with pytest.raises(Unreadable, match="nested deeper than 20 levels"):
        read(deep)
    with pytest.raises(Unreadable, match="more than 500000 elements"):
        read(long)
    with pytest.raises(Unreadable, match="larger than 16 MB"):
        read(b" " * (safe_parsing.MAX_BYTES + 1))


@pytest.mark.parametrize(
    ("encoding", "declared", "content_type"),
    [
        ("utf-8", "", XML),
        ("utf-8-sig", "", XML),
        ("utf-16", "", XML),
        ("iso-8859-1", "ISO-8859-1", XML),
        ("cp1252", "windows-1252", "application/xml; charset=utf-8"),
        ("iso-8859-1", "", "text/xml; charset=ISO-8859-1"),
    ],
)
def test_an_encoding_is_taken_from_the_mark_the_declaration_or_the_header(
    encoding: str, declared: str, content_type: str
) -> None:
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    text = declaration + xml_with("<n><despatch_number>Café</despatch_number></n>")

    assert read(text.encode(encoding), content_type).records[0].fields == {"despatch_number": "Café"}


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ('"text"', "the record is not an object with fields"),
        ("null", "the record is not an object with fields"),
        ('{"a": "\\u0000"}', "the record holds characters that are no text"),
        ('{"a": "\\ud800"}', "the record holds characters that are no text"),
    ],
)
def test_one_bad_record_is_marked_and_does_not_spoil_its_page(entry: str, fault: str) -> None:
    page = read(f'{{"Despatch_notes": [{entry}, {{"despatch_number": "1"}}]}}', JSON)

    assert [record.fault for record in page.records] == [fault, ""]
    assert page.records[0].raw.encode()
    assert decode_record(page.records[0].raw, "despatches") == page.records[0]


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 1, 5, 9, 0, 7, tzinfo=UTC), "05/01/2026 09:00:07"),
        (datetime(2026, 7, 5, 9, 0, 7, tzinfo=UTC), "05/07/2026 10:00:07"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "25/10/2026 00:30:00"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "25/10/2026 00:30:00"),
        (datetime(2026, 10, 25, 2, 30, tzinfo=UTC), "25/10/2026 02:30:00"),
    ],
)
def test_since_is_sent_as_local_time_and_never_names_the_repeated_hour(moment: datetime, text: str) -> None:
    assert protocol.query(since=moment, zone=LONDON, page=2, per_page=50) == {
        "since": text,
        "page": "2",
        "per_page": "50",
    }


@given(st.binary(max_size=200), st.sampled_from([XML, JSON, "text/html; charset=utf-16", "x; charset=\x00"]))
@settings(deadline=None)
def test_any_bytes_are_read_or_refused(body: bytes, content_type: str) -> None:
    for start in (b"", b"<APIResponse>", b"{"):
        try:
            decode(start + body, content_type, "orders")
        except Unreadable:
            continue


leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
trees = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3))


@given(trees)
@example({":": False, "": 0})
@settings(max_examples=200, deadline=None)
def test_any_json_is_read_or_refused_and_a_record_of_it_is_read_again_alike(tree: object) -> None:
    try:
        page = decode(json.dumps({"Despatch_notes": tree}).encode(), JSON, "despatches")
    except Unreadable:
        return

    assert tuple(decode_record(record.raw, "despatches") for record in page.records) == page.records


words = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters="|"), max_size=8)
lines_of = st.lists(st.fixed_dictionaries({"product_code": words, "quantity": words}), max_size=3)


@given(st.fixed_dictionaries({"despatch_number": words, "deliver_to": words, "despatch_lines": lines_of}))
@settings(max_examples=200, deadline=None)
def test_the_same_record_has_the_same_digest_in_both_forms(note: dict[str, object]) -> None:
    def element(name: str, value: object) -> str:
        if isinstance(value, list):
            inner = "".join(element("despatch_line", entry) for entry in value)
        elif isinstance(value, dict):
            inner = "".join(element(key, content) for key, content in value.items())
        else:
            inner = str(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return f"<{name}>{inner}</{name}>"

    from_xml = read(xml_with(element("Despatch_note", note)))
    from_json = read(json.dumps({"Despatch_notes": [note]}), JSON)

    assert [record.digest for record in from_xml.records] == [record.digest for record in from_json.records]
    assert [record.fields for record in from_xml.records] == [record.fields for record in from_json.records]
