"""Worked cases of fulfilment quantities, and every history of one unit at one warehouse."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.orders.fulfilment.oracle_facts import Facts, Item, Message, Report, ReportLine, Shipment

EAST, WEST = "EAST", "WEST"
BOTH = (EAST, WEST)


def at(hour: int) -> datetime:
    return datetime(2026, 11, 2, tzinfo=UTC) + timedelta(hours=hour)


def note(number: str, hour: int, lines: dict[str, int], warehouse: str = EAST, **more: Any) -> Message:
    """One form of a despatch note; the hour is when it was shipped and when it changed."""
    return Message(warehouse, shipments=(Shipment(number, at(hour), at(hour), tuple(lines.items()), **more),))


def report(
    status: str, hour: int, lines: dict[str, tuple[int, int, int]] | None = None, warehouse: str = EAST
) -> Message:
    """A warehouse's view of its part; `lines`: SKU -> (ordered, shipped, cancelled)."""
    rows = tuple(ReportLine(sku, *figures) for sku, figures in (lines or {}).items())
    return Message(warehouse, report=Report(status, at(hour), rows))


def hand(number: str, hour: int, lines: dict[str, int], **more: Any) -> Shipment:
    """A shipment that staff recorded."""
    return Shipment(number, at(hour), at(hour), tuple(lines.items()), **more)


A, B = Item("A", 1, 1000), Item("B", 1, 500)
A2 = Item("A", 2, 1000)
A_EAST_B_WEST = {EAST: {"A": 1}, WEST: {"B": 1}}
DOUBLE = {EAST: {"A": 1}, WEST: {"A": 1}}
EAST_SHIPS_A = (note("E1", 1, {"A": 1}), report("despatched", 2, {"A": (1, 1, 0)}))

Case = tuple[str, Facts, list[tuple[int, int, int, int]], list[str], bool]
"""Name, facts, (shipped, cancelled, outstanding, unassigned) per line, attention kinds, blocked."""

CASES: list[Case] = [
    ("one warehouse: closed short cancels the rest",
     Facts((A2,), (EAST,), (note("E1", 1, {"A": 1}), report("despatched", 2))), [(1, 1, 0, 0)], [], False),
    ("one warehouse: closed, and nothing says what was shipped",
     Facts((A,), (EAST,), (report("despatched", 2),)), [(0, 0, 1, 0)], ["closed_without_figures"], False),
    ("nobody has spoken: presumed at the default warehouse",
     Facts((A, B), BOTH), [(0, 0, 1, 0), (0, 0, 1, 0)], [], False),
    ("routed: East closes its part, West's unit stays",
     Facts((A, B), BOTH, EAST_SHIPS_A, A_EAST_B_WEST), [(1, 0, 0, 0), (0, 0, 1, 0)], [], False),
    ("routed: West cancels its part, East has shipped",
     Facts((A, B), BOTH, (*EAST_SHIPS_A, report("cancelled", 3, {}, WEST)), A_EAST_B_WEST),
     [(1, 0, 0, 0), (0, 1, 0, 0)], [], False),
    ("routed: a unit given to nobody is never cancelled by somebody's closing",
     Facts((A, B), BOTH, EAST_SHIPS_A, {EAST: {"A": 1}}), [(1, 0, 0, 0), (0, 0, 1, 1)], ["unassigned"], False),
    ("routed to East only, and East names a unit that it was not asked for and closes",
     Facts((A, B), BOTH, (note("E1", 1, {"A": 1}), report("despatched", 2, {"A": (1, 1, 0), "B": (1, 0, 1)})),
           {EAST: {"A": 1}}), [(1, 0, 0, 0), (0, 0, 1, 1)], ["quantity_mismatch", "unassigned"], True),
    ("transition: not routed, East's lines name A only, East closes",
     Facts((A, B), BOTH, EAST_SHIPS_A), [(1, 0, 0, 0), (0, 0, 1, 1)], ["unassigned"], False),
    ("transition: not routed, East's lines name all and it closes short: cancelled, but a person looks",
     Facts((A, B), BOTH, (note("E1", 1, {"A": 1}), report("despatched", 2, {"A": (1, 1, 0), "B": (1, 0, 0)}))),
     [(1, 0, 0, 0), (0, 1, 0, 0)], ["other_warehouse_silent"], True),
    ("transition: not routed, East cancels without lines: nobody knows what it was asked for",
     Facts((A, B), BOTH, (report("cancelled", 2),)), [(0, 0, 1, 1), (0, 0, 1, 1)],
     ["unassigned", "unassigned", "unknown_request"], False),
    ("transition: the same, but East's account speaks for whole orders",
     Facts((A, B), BOTH, (report("cancelled", 2),), whole_order=frozenset({EAST})),
     [(0, 1, 0, 0), (0, 1, 0, 0)], ["other_warehouse_silent"], True),
    ("double coverage: East cancels, West is still to ship",
     Facts((A,), BOTH, (report("cancelled", 2, {"A": (1, 0, 1)}),), DOUBLE), [(0, 0, 1, 0)], [], False),
    ("double coverage: West ships, East cancels",
     Facts((A,), BOTH, (report("cancelled", 2, {"A": (1, 0, 1)}), note("W1", 3, {"A": 1}, WEST)), DOUBLE),
     [(1, 0, 0, 0)], [], False),
    ("double coverage: both ship",
     Facts((A,), BOTH, (note("E1", 1, {"A": 1}), note("W1", 3, {"A": 1}, WEST)), DOUBLE),
     [(2, 0, 0, 0)], ["over_shipment"], True),
    ("double coverage: both cancel one unit: cancelled once",
     Facts((A,), BOTH, (report("cancelled", 2), report("cancelled", 2, {}, WEST)), DOUBLE),
     [(0, 1, 0, 0)], [], False),
    ("double coverage: East has shipped, West is still asked: tell West",
     Facts((A,), BOTH, EAST_SHIPS_A, DOUBLE), [(1, 0, 0, 0)], ["double_coverage"], False),
    ("an item that does not ship is not cancelled by a closing, and somebody asks about it",
     Facts((A, Item("WRAP", 1, 300, ships=False)), (EAST,), (report("cancelled", 2),)),
     [(0, 1, 0, 0), (0, 0, 0, 0)], ["services_left"], False),
    ("dropped by staff, the warehouse was asked for the rest and cancels that",
     Facts((Item("A", 2, 1000, dropped=1),), (EAST,), (report("part_despatched", 2, {"A": (1, 0, 1)}),)),
     [(0, 2, 0, 0)], [], False),
    ("dropped by staff, the warehouse was asked for both and cancels one: the same one",
     Facts((Item("A", 2, 1000, dropped=1),), (EAST,), (report("part_despatched", 2, {"A": (2, 0, 1)}),)),
     [(0, 1, 1, 0)], [], False),
    ("dropped by staff and shipped all the same",
     Facts((Item("A", 2, 1000, dropped=1),), (EAST,), (note("E1", 1, {"A": 2}),)),
     [(2, 0, 0, 0)], ["shipped_after_drop"], True),
    ("shipped by hand, then confirmed with the same tracking number: counts once",
     Facts((A2,), (EAST,), (note("E1", 3, {"A": 1}, tracking_number="rm 12-GB"),),
           manual=(hand("H-1", 1, {"A": 1}, tracking_number="RM12GB"),)), [(1, 0, 1, 0)], [], False),
    ("shipped by hand, then the same units with another number: both count, a person looks",
     Facts((A2,), (EAST,), (note("E1", 3, {"A": 1}, tracking_number="X2"),),
           manual=(hand("H-1", 1, {"A": 1}, tracking_number="X1"),)),
     [(2, 0, 0, 0)], ["double_coverage", "hand_and_warehouse_shipment"], True),
    ("the same, and a person has said that they are two parcels",
     Facts((A2,), (EAST,), (note("E1", 3, {"A": 1}, tracking_number="X2"), report("despatched", 4)),
           manual=(hand("H-1", 1, {"A": 1}, tracking_number="X1", separate=True),)), [(2, 0, 0, 0)], [], False),
    ("shipped one by hand, then the warehouse ships both: two, not three",
     Facts((A2,), (EAST,), (note("E1", 3, {"A": 2}),), manual=(hand("H-1", 1, {"A": 1}),)),
     [(2, 0, 0, 0)], ["hand_and_warehouse_shipment"], True),
    ("shipped by hand while East still has it, and East then cancels: no refund",
     Facts((A,), (EAST,), (report("cancelled", 3),), manual=(hand("H-1", 1, {"A": 1}),)), [(1, 0, 0, 0)], [], False),
    ("a later note about B makes East's figure for A count no longer (today's rule): the proposal is blocked",
     Facts((A, B), (EAST,), (report("despatched", 1, {"A": (1, 1, 0), "B": (1, 1, 0)}), note("E2", 2, {"B": 1}))),
     [(0, 1, 0, 0), (1, 0, 0, 0)], ["figures_overtaken"], True),
    ("cancelled first, despatched later (the first closing stays): the proposal is blocked",
     Facts((A,), (EAST,), (report("cancelled", 1), report("despatched", 3))),
     [(0, 1, 0, 0)], ["closing_changed"], True),
    ("taken back from East, given to West, which cancels too",
     Facts((A,), BOTH, (report("cancelled", 1), report("cancelled", 5, {}, WEST)), DOUBLE), [(0, 1, 0, 0)], [], False),
    ("a planned despatch ships nothing",
     Facts((A,), (EAST,), (note("E1", 9, {"A": 1}, planned=True),)), [(0, 0, 1, 0)], [], False),
    ("closed as despatched beside a planned despatch: not cancelled",
     Facts((A2,), (EAST,), (note("E1", 1, {"A": 1}), note("E2", 9, {"A": 1}, planned=True), report("despatched", 3))),
     [(1, 0, 1, 0)], ["planned_not_confirmed"], False),
    ("confirmed earlier than planned: the confirmed form wins whatever its date",
     Facts((A,), (EAST,), (note("E1", 9, {"A": 1}, planned=True), note("E1", 5, {"A": 1}))), [(1, 0, 0, 0)], [], False),
    ("a withdrawn note ships nothing",
     Facts((A,), (EAST,), (note("E1", 1, {"A": 1}), note("E1", 2, {"A": 1}, withdrawn=True))),
     [(0, 0, 1, 0)], [], False),
    ("one SKU on a free and a paid line, one of two ships: the paid one did",
     Facts((Item("A", 1, 0), A), (EAST,), (note("E1", 1, {"A": 1}), report("despatched", 2))),
     [(0, 1, 0, 0), (1, 0, 0, 0)], [], False),
    ("an unknown SKU was shipped: what is cancelled beside it waits for a person",
     Facts((A,), (EAST,), (note("E1", 1, {"A-RED": 1}), report("cancelled", 2))),
     [(0, 1, 0, 0)], ["unknown_sku"], True),
    ("the same, once the spelling is mapped",
     Facts((A,), (EAST,), (note("E1", 1, {"A-RED": 1}), report("cancelled", 2)), aliases={(EAST, "A-RED"): "A"}),
     [(1, 0, 0, 0)], [], False),
    ("the warehouse corrects a spelling: the later report replaces the earlier one",
     Facts((A,), (EAST,), (report("processing", 1, {"a-old": (1, 0, 0)}), report("processing", 2, {"A": (1, 0, 0)})),
           aliases={("", "a-old"): "A"}), [(0, 0, 1, 0)], [], False),
    ("a kit shipped as its parts, from two warehouses",
     Facts((Item("KIT", 1, 9000),), BOTH, (note("E1", 1, {"P": 2}), note("W1", 1, {"Q": 1}, WEST)),
           {EAST: {"P": 2}, WEST: {"Q": 1}}, kits={"KIT": {"P": 2, "Q": 1}}), [(1, 0, 0, 0)], [], False),
    ("half a kit: neither shipped nor cancelled, a person decides",
     Facts((Item("KIT", 1, 9000),), (EAST,), (note("E1", 1, {"P": 2}), report("despatched", 2)),
           kits={"KIT": {"P": 2, "Q": 1}}), [(0, 0, 1, 0)], ["partial_kit"], True),
    ("a leaflet in the parcel is mapped to nothing",
     Facts((A,), (EAST,), (note("E1", 1, {"A": 1, "FLYER": 1}),), aliases={("", "FLYER"): ""}),
     [(1, 0, 0, 0)], [], False),
]  # fmt: skip


HISTORIES: dict[str, tuple[Callable[[str], tuple[Message, ...]], str]] = {
    "silent": (lambda w: (), "may"),
    "processing": (lambda w: (report("processing", 1, {"A": (1, 0, 0)}, w),), "may"),
    "held": (lambda w: (report("on_hold", 1, {}, w),), "may"),
    "shipped": (lambda w: (note(w, 1, {"A": 1}, w),), "shipped"),
    "closed, shipped": (lambda w: (note(w, 1, {"A": 1}, w), report("despatched", 2, {}, w)), "shipped"),
    "cancelled figure": (lambda w: (report("part_despatched", 1, {"A": (1, 0, 1)}, w),), "gave up"),
    "cancelled": (lambda w: (report("cancelled", 1, {}, w),), "gave up"),
    "closed short": (lambda w: (report("despatched", 1, {"A": (1, 0, 0)}, w),), "gave up"),
    "closed, no figures": (lambda w: (report("despatched", 1, {}, w),), "may"),
    "planned": (lambda w: (note(w, 9, {"A": 1}, w, planned=True),), "may"),
    "withdrawn": (lambda w: (note(w, 1, {"A": 1}, w), note(w, 2, {"A": 1}, w, withdrawn=True)), "may"),
}
"""What a warehouse sent of unit A, and whether it shipped, gave up, or may still ship it."""
