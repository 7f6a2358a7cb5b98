"""The product's rule gives the same results as the executable specification."""

from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from orders.fulfilment.facts import Part
from orders.fulfilment.quantities import derive, derive_any
from orders.fulfilment.registers import Registers
from orders.fulfilment.single import derive_single
from tests.orders.fulfilment import oracle
from tests.orders.fulfilment.as_product import facts_of, result_of
from tests.orders.fulfilment.cases import BOTH, CASES, EAST, HISTORIES, WEST, A
from tests.orders.fulfilment.generated import FACTS, USUAL, has_ties
from tests.orders.fulfilment.oracle_facts import Facts


@pytest.mark.parametrize("facts", [case[1] for case in CASES], ids=[case[0] for case in CASES])
def test_worked_case(facts: Facts) -> None:
    assert derive(facts_of(facts)) == result_of(facts, oracle.derive(facts))


@pytest.mark.parametrize("routing", [None, {}, {EAST: {"A": 1}}, {WEST: {"A": 1}}, {EAST: {"A": 1}, WEST: {"A": 1}}])
@pytest.mark.parametrize("east", HISTORIES)
def test_one_unit_at_two_warehouses(east: str, routing: dict[str, dict[str, int]] | None) -> None:
    for send, _ in HISTORIES.values():
        facts = Facts((A,), BOTH, (*HISTORIES[east][0](EAST), *send(WEST)), routing)

        assert derive(facts_of(facts)) == result_of(facts, oracle.derive(facts))


@given(FACTS)
def test_any_facts(facts: Facts) -> None:
    assume(not has_ties(facts))

    assert derive(facts_of(facts)) == result_of(facts, oracle.derive(facts))


@given(FACTS, st.randoms(use_true_random=False))
def test_neither_sequence_nor_repeats_change_anything(facts: Facts, random: Random) -> None:
    again = [*facts.messages, *random.choices(facts.messages, k=3)] if facts.messages else []
    random.shuffle(again)
    manual = random.sample(facts.manual, len(facts.manual))
    stored = facts_of(facts._replace(messages=tuple(again), manual=tuple(manual)))
    parts = random.sample(stored.parts, len(stored.parts))

    assert derive(stored._replace(parts=tuple(parts))) == derive(facts_of(facts))


@given(USUAL)
def test_the_short_way_for_the_usual_order_ends_as_the_general_one(facts: Facts) -> None:
    stored = facts_of(facts)

    short = derive_single(stored)

    # A warehouse that has more on order than it was asked for takes the general way.
    assert short is not None or facts.routing is not None
    assert short is None or short == derive_any(stored)
    assert short is None or has_ties(facts) or short == result_of(facts, oracle.derive(facts))


@given(FACTS, st.sampled_from(BOTH))
def test_a_fulfilment_order_that_nobody_asked_for_and_that_is_silent_changes_nothing(
    facts: Facts, warehouse: str
) -> None:
    sent = tuple(message for message in facts.messages if message.warehouse != warehouse)
    stored = facts_of(facts._replace(warehouses=BOTH, messages=sent, routing=None))
    silent = stored._replace(parts=(*stored.parts, Part(warehouse, Registers())))

    assert derive(silent) == derive(stored)
