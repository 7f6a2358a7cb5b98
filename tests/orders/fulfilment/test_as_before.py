"""One warehouse: the rule and the registers of several warehouses give what those of one warehouse gave.

Goes away with `orders.fulfilment.outcome` and `orders.fulfilment.merge`.
"""

from datetime import datetime

from hypothesis import assume, given
from hypothesis import strategies as st

from orders.fulfilment import merge as merge_before
from orders.fulfilment.facts import Facts, Item, Part
from orders.fulfilment.load import ItemRow, OrderRow
from orders.fulfilment.outcome import outcome
from orders.fulfilment.quantities import derive
from orders.fulfilment.registers import Registers, merge
from orders.fulfilment.results import FindingKind
from tests.orders.fulfilment import oracle_facts as spec
from tests.orders.fulfilment.as_product import message_of
from tests.orders.fulfilment.cases import EAST
from tests.orders.fulfilment.generated import SKUS, has_ties, messages

ITEMS = st.lists(
    st.builds(Item, SKUS, st.integers(1, 3), st.just(0), st.just(True), st.just(0)), min_size=1, max_size=4
)


def order_before(items: list[Item]) -> OrderRow:
    order = OrderRow(
        1, 1, "R", "", "", None, "", "", "", None, "", None, None, "", None, False, False, False, "", "new"
    )
    order.items = [
        ItemRow(place, item.sku, item.quantity, 0, 0, None, None, None, None, "") for place, item in enumerate(items)
    ]
    return order


def confirmed(sent: spec.Message) -> spec.Message:
    """Planned despatches counted as shipped before: here none is planned."""
    return sent._replace(shipments=tuple(form._replace(planned=False) for form in sent.shipments))


@given(ITEMS, messages(EAST))
def test_one_warehouse_is_as_before(items: list[Item], sent: tuple[spec.Message, ...]) -> None:
    assume(not has_ties(spec.Facts((), (EAST,), tuple(map(confirmed, sent)))))
    before, registers = order_before(items), Registers()
    for number, one in enumerate(map(confirmed, sent), 1):
        message = message_of(one, number)
        merge_before.take(before, message)
        merge(registers, message)
    theirs = outcome(before.lines(), before.noted(), before.figures(), before.closed_as)

    ours = derive(Facts(tuple(items), (EAST,), (Part(EAST, registers),)))

    def units_of(kind: FindingKind) -> dict[str, int]:
        return {finding.subject: finding.units for finding in ours.findings if finding.kind == kind}

    assert [item.shipped for item in ours.items] == theirs.shipped
    assert [item.cancelled for item in ours.items] == theirs.cancelled
    assert units_of(FindingKind.OVER_SHIPMENT) == theirs.over_shipped
    assert sorted(sku for sku, units in units_of(FindingKind.UNKNOWN_SKU).items() if units) == theirs.unknown_skus
    assert units_of(FindingKind.QUANTITY_MISMATCH) == theirs.mismatched
    assert bool(units_of(FindingKind.CLOSED_WITHOUT_FIGURES)) is (
        # An order of which nothing is outstanding asks for no figures.
        theirs.closed_without_figures and any(item.outstanding for item in ours.items)
    )


@given(ITEMS, messages(EAST))
def test_registers_are_as_before(items: list[Item], sent: tuple[spec.Message, ...]) -> None:
    assume(not has_ties(spec.Facts((), (EAST,), tuple(map(confirmed, sent)))))
    before, registers = order_before(items), Registers()
    for number, one in enumerate(map(confirmed, sent), 1):
        message = message_of(one, number)
        merge_before.take(before, message)
        merge(registers, message)

    assert (registers.number, registers.started) == (before.warehouse_number, before.started)
    assert (registers.external_status, registers.external_status_at) == (before.word, before.word_at)
    assert (registers.status, registers.reported_at) == (before.meaning, before.reported_at)
    assert (registers.report_version, registers.report_message) == (before.version, before.report_message)
    assert (registers.closed_as, registers.closed_at) == (before.closed_as, before.closed_at)
    assert registers.closed_message == before.closed_message
    assert {number: (record.note, record.message) for number, record in registers.shipments.items()} == {
        number: (row.note, row.message) for number, row in before.notes.items()
    }
    figures: dict[str, tuple[int | None, int | None, int | None, datetime | None, str]] = {
        item.sku: (item.ordered_told, item.despatched_told, item.cancelled_told, item.told_at, item.version)
        for item in before.items
        if item.told_at is not None
    }
    assert {sku: figure for sku, figure in registers.figures.items() if sku in {i.sku for i in items}} == figures
