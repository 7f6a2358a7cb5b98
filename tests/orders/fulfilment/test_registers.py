"""Registers end alike whatever the sequence of messages, and equal to the executable specification's."""

from datetime import timedelta
from functools import reduce
from random import Random
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from orders.fulfilment.facts import Facts, Item, Part
from orders.fulfilment.messages import (
    DespatchLine,
    DespatchNote,
    LineReport,
    OrderReport,
    ReportedStatus,
    WarehouseMessage,
)
from orders.fulfilment.quantities import derive
from orders.fulfilment.registers import Changes, Figure, Registers, merge
from orders.fulfilment.results import FindingKind, ItemUnits
from tests.orders.fulfilment import oracle_facts as spec
from tests.orders.fulfilment.as_product import message_of
from tests.orders.fulfilment.cases import EAST, at
from tests.orders.fulfilment.generated import has_ties, messages


def merged(*sent: WarehouseMessage) -> Registers:
    registers = Registers()
    for message in sent:
        merge(registers, message)
    return registers


def numbered(sent: tuple[spec.Message, ...]) -> list[WarehouseMessage]:
    return [message_of(message, sent.index(message) + 1) for message in sent]


def noted(number: str, hour: int, **more: Any) -> WarehouseMessage:
    form = DespatchNote(number, at(hour), at(hour), (DespatchLine("A", 1),))._replace(**more)
    return WarehouseMessage(hour, f"v{hour}", "R", "", (form,))


@given(messages(EAST))
def test_registers_equal_those_of_the_specification(sent: tuple[spec.Message, ...]) -> None:
    assume(not has_ties(spec.Facts((), (EAST,), sent)))
    known = reduce(spec.take, sent, spec.Registers())

    registers = merged(*numbered(sent))

    assert registers.number == known.number
    assert registers.started is bool(sent)
    assert (registers.reported_at, registers.status) == (
        (known.newest[0], known.newest[2].status) if known.newest else (None, "")
    )
    assert (registers.closed_at, registers.closed_as) == (known.closed or (None, ""))
    assert registers.listed == tuple(sorted(line.sku for line in known.request[2].lines) if known.request else ())
    assert registers.figures == {
        sku: Figure(*line[1:], reported_at, version) for sku, (reported_at, version, line) in known.figures.items()
    }
    assert {number: record.note[2:4] for number, record in registers.shipments.items()} == {
        number: form[2:4] for number, form in known.shipments.items()
    }


@given(messages(EAST), st.randoms(use_true_random=False))
def test_neither_sequence_nor_repeats_change_anything(sent: tuple[spec.Message, ...], random: Random) -> None:
    forwards = numbered(sent)
    again = [*forwards, *random.choices(forwards, k=3)] if forwards else []
    random.shuffle(again)

    registers = merged(*again)

    assert registers == merged(*forwards)
    registers.changes = Changes()
    for message in again:
        merge(registers, message)
    assert registers.changes == Changes()


def test_the_confirmed_form_wins_over_the_planned_one_whatever_its_date() -> None:
    planned, confirmed = noted("E1", 9, planned=True), noted("E1", 5)

    assert merged(planned, confirmed) == merged(confirmed, planned)
    assert merged(planned, confirmed).shipments["E1"].note == confirmed.notes[0]


def test_of_two_forms_that_changed_at_the_same_time_the_later_edition_counts_and_none_at_all_most() -> None:
    first, second = (noted("E1", 5, edition=at(hour), carrier=f"edition {hour}") for hour in (6, 7))
    own = noted("E1", 5, carrier="the warehouse's own")

    assert merged(second, first).shipments["E1"].note.carrier == "edition 7"
    assert merged(own, second).shipments["E1"].note.carrier == "the warehouse's own"


def test_the_same_form_from_two_messages_rests_on_the_first_of_them() -> None:
    first, second = noted("E1", 5)._replace(message=7), noted("E1", 5)._replace(message=8)

    assert merged(second, first).shipments["E1"].message == merged(first, second).shipments["E1"].message == 7


def test_changes_name_what_is_to_be_written() -> None:
    registers = merged(noted("E1", 5))
    registers.changes = Changes()
    report = OrderReport("Part Despatched", at(6), (LineReport("A", 2, 1, 0),), ReportedStatus.PART_DESPATCHED)

    merge(registers, noted("E1", 6, carrier="DPD"))
    merge(registers, noted("E2", 7))
    merge(registers, WarehouseMessage(9, "v9", "R", "", report=report))

    before = noted("E1", 5).notes[0]
    assert registers.changes == Changes(registers=True, figures={"A"}, shipments={"E1": before, "E2": None})


def test_a_status_that_nobody_has_mapped_is_shown_and_changes_nothing_else() -> None:
    unmapped = WarehouseMessage(
        1, "v1", "R", "", report=OrderReport("Lost in space", at(1), (LineReport("A", 1, 1, 0),))
    )

    registers = merged(unmapped)

    shown = ("Lost in space", at(1))
    assert registers == Registers(started=True, external_status=shown[0], external_status_at=shown[1])


def test_an_item_that_is_added_later_has_the_figures_that_came_before_it() -> None:
    lines = (LineReport("A", 1, 1, 0), LineReport("X", 1, 1, 0))
    registers = merged(
        WarehouseMessage(1, "v1", "R", "", report=OrderReport("Despatched", at(1), lines, ReportedStatus.DESPATCHED))
    )
    before = Facts((Item("A", 1),), (EAST,), (Part(EAST, registers),))

    after = derive(before._replace(items=(Item("A", 1), Item("X", 1))))

    assert [finding[:3] for finding in derive(before).findings] == [(FindingKind.UNKNOWN_SKU, EAST, "X")]
    assert after.items == (ItemUnits(1, 0, 0), ItemUnits(1, 0, 0))
    assert after.findings == ()


def test_an_item_that_is_removed_later_leaves_its_shipped_units_to_a_person() -> None:
    registers = merged(noted("E1", 1))

    result = derive(Facts((Item("B", 1),), (EAST,), (Part(EAST, registers),)))

    assert [(finding.kind, finding.subject, finding.units) for finding in result.findings] == [
        (FindingKind.UNKNOWN_SKU, "A", 1)
    ]
    assert result.blocked == (FindingKind.UNKNOWN_SKU,)


def test_a_report_before_the_closing_is_no_step_backwards() -> None:
    closing = WarehouseMessage(1, "v1", "R", "", report=OrderReport("Despatched", at(5), (), ReportedStatus.DESPATCHED))
    earlier = WarehouseMessage(
        2, "v2", "R", "", report=OrderReport("Picking", at(5) - timedelta(hours=1), (), ReportedStatus.PROCESSING)
    )
    later = WarehouseMessage(3, "v3", "R", "", report=OrderReport("Picking", at(6), (), ReportedStatus.PROCESSING))

    def kinds(*sent: WarehouseMessage) -> set[FindingKind]:
        return {f.kind for f in derive(Facts((Item("A", 1),), (EAST,), (Part(EAST, merged(*sent)),))).findings}

    assert FindingKind.STATUS_BACKWARDS not in kinds(closing, earlier)
    assert FindingKind.STATUS_BACKWARDS in kinds(closing, earlier, later)
