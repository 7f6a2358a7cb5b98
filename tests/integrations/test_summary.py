"""Is a warehouse's message told in a few lines, what went wrong first, and never with an error?"""

import pytest

from integrations.admin.summary import MessageSummary, summarise
from integrations.models import Account, Connection

ORDER = """<order><order_reference>W-1</order_reference><order_number>7</order_number><status>Completed</status>
<updated_at>02/03/2026 10:00:00</updated_at><cancel_reason>Not found</cancel_reason><order_lines>
<line><product_code>MUG</product_code><quantity>1</quantity><despatched_quantity>1</despatched_quantity></line>
<line><product_code>TEE</product_code><quantity>3</quantity><despatched_quantity>1</despatched_quantity>
<cancelled_quantity>2</cancelled_quantity></line></order_lines></order>"""
NOTE = """{"despatch_number": "D-1", "order_number": "7", "confirmed_at": "02/03/2026 10:00:00",
"carrier_data": "DPD|Next Day|123", "despatch_lines": [{"product_code": "TEE", "quantity": "1"}]}"""


def tell(raw: str, resource: str) -> list[MessageSummary]:
    return summarise(Account(connection=Connection(kind="prosku")), raw, resource)


def test_an_order_tells_its_word_its_reason_and_first_what_is_missing() -> None:
    assert tell(ORDER, "orders") == [
        MessageSummary("Order", "“completed”: Not found"),
        MessageSummary("TEE", "1 of 3 despatched, 2 cancelled", bad=True),
        MessageSummary("MUG", "1 of 1 despatched"),
    ]


def test_a_despatch_note_tells_its_units_and_its_carrier() -> None:
    assert tell(NOTE, "despatches") == [MessageSummary("Despatch note D-1", "1 × TEE, with DPD Next Day 123")]


@pytest.mark.parametrize("raw", ["", "<order", "[]", "{}", "(this message cannot be unpacked)", "<order/>", "\x00"])
def test_what_cannot_be_read_says_so(raw: str) -> None:
    [told] = tell(raw, "orders")

    assert (told.about, told.bad) == ("Message", True)
    assert told.says.startswith("cannot be read: ")
