"""Worked cases and properties of the executable specification of fulfilment quantities."""

from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.orders.fulfilment.cases import BOTH, CASES, EAST, HISTORIES, WEST, A, at, note, report
from tests.orders.fulfilment.generated import FACTS, REPORTS, SHIPMENTS, messages
from tests.orders.fulfilment.oracle import derive
from tests.orders.fulfilment.oracle_facts import (
    BLOCKING,
    Facts,
    Item,
    Message,
    Registers,
    Report,
    Result,
    Shipment,
    take,
)


@pytest.mark.parametrize(
    ("facts", "units", "kinds", "blocked"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_worked_case(facts: Facts, units: list[tuple[int, int, int, int]], kinds: list[str], blocked: bool) -> None:
    result = derive(facts)
    assert [item[2:6] for item in result.items] == units
    assert [attention.kind for attention in result.attention] == kinds
    assert bool(result.blocked) is blocked


def test_a_choice_between_prices_is_named() -> None:
    items = (Item("A", 1, 0), Item("A", 1, 1000))
    short = (note("E1", 1, {"A": 1}), report("despatched", 2))
    assert derive(Facts(items, (EAST,), short)).price_choices == ("A",)
    assert derive(Facts(items, (EAST,), (note("E1", 1, {"A": 2}),))).price_choices == ()
    assert derive(Facts(items, (EAST,), (report("cancelled", 2),))).price_choices == ()


@pytest.mark.parametrize("asked", [(), (EAST,), (WEST,), BOTH])
@pytest.mark.parametrize("east", HISTORIES)
def test_one_unit_at_two_warehouses(east: str, asked: tuple[str, ...]) -> None:
    send_east, fate_east = HISTORIES[east]
    routing = {warehouse: {"A": 1} for warehouse in asked}
    for west, (send_west, fate_west) in HISTORIES.items():
        (item,) = derive(Facts((A,), BOTH, (*send_east(EAST), *send_west(WEST)), routing)).items
        fates = {EAST: fate_east, WEST: fate_west}
        shipped = sum(fate == "shipped" for fate in fates.values())
        # A figure line of a warehouse that nobody asked still covers the unit while it is open: it says that it was.
        stray = [w for w, history in ((EAST, east), (WEST, west)) if history == "processing" and w not in asked]
        covered = stray or any(fates[w] == "may" for w in asked)
        cancelled = not shipped and not covered and any(fates[w] == "gave up" for w in asked)
        assert (item.shipped, item.cancelled) == (shipped, int(cancelled))
        assert item.unassigned == int(not shipped and not covered and not cancelled)


@given(FACTS, st.randoms(use_true_random=False))
def test_neither_sequence_nor_repeats_change_anything(facts: Facts, random: Random) -> None:
    again = [*facts.messages, *random.choices(facts.messages, k=3)] if facts.messages else []
    random.shuffle(again)
    manual = list(facts.manual)
    random.shuffle(manual)
    assert derive(facts._replace(messages=tuple(again), manual=tuple(manual))) == derive(facts)


@given(messages(EAST), st.integers(0, 5))
def test_a_repeated_message_changes_no_register(sent: tuple[Message, ...], which: int) -> None:
    assume(sent)
    known = Registers()
    for message in sent:
        known = take(known, message)
    assert take(known, sent[which % len(sent)]) == known


@given(FACTS)
def test_every_unit_is_accounted_for(facts: Facts) -> None:
    result = derive(facts)
    for item in result.items:
        assert min(item[1:]) >= 0
        assert item.unassigned <= item.outstanding
        assert item.shipped + item.cancelled + item.outstanding + item.not_shipping == max(item.ordered, item.shipped)
        if item.shipped > item.ordered:
            assert "over_shipment" in {a.kind for a in result.attention}
    assert set(result.blocked) == {a.kind for a in result.attention} & BLOCKING


@given(FACTS)
def test_what_nobody_gave_up_is_not_cancelled(facts: Facts) -> None:
    result = derive(facts)
    given_up = sum(sum(f.released.values()) for f in result.fulfilment_orders)
    dropped = sum(min(item.dropped, item.quantity) for item in facts.items)
    assert sum(item.cancelled for item in result.items) <= given_up + dropped


@given(FACTS)
def test_what_an_open_fulfilment_order_covers_is_not_cancelled(facts: Facts) -> None:
    facts = facts._replace(kits={}, items=tuple(item._replace(dropped=0) for item in facts.items))
    result = derive(facts)
    for sku in {item.sku for item in facts.items}:
        rows = [item for item in result.items if item.sku == sku]
        covered = sum(f.to_ship.get(sku, 0) for f in result.fulfilment_orders)
        if any(item.cancelled for item in rows):
            assert sum(item.outstanding for item in rows) >= covered


@given(FACTS, REPORTS)
def test_one_warehouse_never_cancels_what_was_routed_to_the_other(facts: Facts, reported: Report) -> None:
    routing = {EAST: {"A": 1}, WEST: {"B": 2}}
    base = Facts((Item("A", 1), Item("B", 2)), BOTH, tuple(m for m in facts.messages if m.warehouse == EAST), routing)
    result = derive(base._replace(messages=(*base.messages, Message(EAST, report=reported))))
    assert result.items[1].cancelled == 0


@given(FACTS)
def test_what_staff_dropped_or_shipped_never_makes_the_warehouses_cancel_more(facts: Facts) -> None:
    facts = facts._replace(kits={})
    plain = facts._replace(items=tuple(item._replace(dropped=0) for item in facts.items), manual=())

    def total(result: Result) -> int:
        return sum(item.cancelled for item in result.items)

    without = total(derive(plain))
    assert total(derive(plain._replace(manual=facts.manual))) <= without
    dropped = sum(min(item.dropped, item.quantity) for item in facts.items)
    assert total(derive(facts._replace(manual=()))) <= without + dropped


@given(FACTS, SHIPMENTS)
def test_a_parcel_of_another_warehouse_never_cancels_a_unit(facts: Facts, parcel: Shipment) -> None:
    facts = facts._replace(kits={})
    sent = tuple(m for m in facts.messages if m.warehouse == EAST)
    base = facts._replace(warehouses=BOTH, whole_order=frozenset(), messages=sent)
    more = base._replace(messages=(*base.messages, Message(WEST, shipments=(parcel,))))
    assert sum(i.cancelled for i in derive(more).items) <= sum(i.cancelled for i in derive(base).items)


@given(FACTS, st.sampled_from(BOTH))
def test_what_was_shipped_under_an_unknown_name_blocks_until_it_is_mapped(facts: Facts, warehouse: str) -> None:
    strange = Message(warehouse, shipments=(Shipment("9", at(1), at(1), (("ZZ", 1),)),))
    facts = facts._replace(messages=(*facts.messages, strange))
    assert "unknown_sku" in derive(facts).blocked
    mapped = derive(facts._replace(aliases={**facts.aliases, (warehouse, "ZZ"): facts.items[0].sku}))
    assert all(a.subject != "ZZ" for a in mapped.attention)
    kit = facts.items[0].sku in facts.kits
    assert kit or mapped.items[0].shipped + sum(i.shipped for i in mapped.items[1:]) > 0
