"""Is the line that a rejection speaks of found in the text?"""

import pytest

from integrations.admin.error_location import split

XML = """<?xml version="1.0" ?>
<order>
  <order_reference>W-1</order_reference>
  <order_lines>
    <line>
      <quantity>1</quantity>
    </line>
    <line>
      <quantity>two</quantity>
    </line>
  </order_lines>
</order>"""
JSON = """{
  "row": {
    "quantity": "1"
  },
  "despatch_lines": [
    {
      "quantity": "1"
    },
    {
      "quantity": "two"
    }
  ]
}"""


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        (XML, "no number (order_lines[2].quantity)", "      <quantity>two</quantity>\n"),
        (XML, "no number (order_lines[1].quantity)", "      <quantity>1</quantity>\n"),
        (XML, "product_code is missing (order_lines[2].product_code)", "    <line>\n"),
        (XML, "odd (order_reference)", "  <order_reference>W-1</order_reference>\n"),
        (XML, "the order does not say when it changed (updated_at)", ""),
        (XML, "order_reference", ""),
        (JSON, "line 3: no number (despatch_lines[2].quantity)", '      "quantity": "two"\n'),
        (JSON, "no number (despatch_lines[3].quantity)", ""),
        ("no page at all", "odd (order_reference)", ""),
        ("<a>\n<b></c>\n</a>", "the XML is broken: mismatched tag (line 2, column 6)", "c>\n"),
        ("<a>" + "x" * 90 + "</b>", "the XML is broken (line 1, column 4)", "x" * 60),
        ("<a>\n<b", "the XML breaks off before its end (line 2, column 3)", "b"),
        ("{}", "the JSON breaks off (line 7, column 1)", ""),
        ("{}", "the JSON breaks off (line 0)", ""),
    ],
)
def test_the_line_of_the_fault_is_found(text: str, reason: str, line: str) -> None:
    before, fault, after = split(text, reason)

    assert fault == line
    assert before + fault + after == text
