"""The executable specification of fulfilment quantities: what became of each unit of an order (pure).

Facts go in, a `Result` comes out. The facts are a set: neither the sequence of messages nor repeats change anything.
All sums are made in *parts*: the SKU itself, or the components of a kit that the kit table names. The product's own
rule is `orders.fulfilment.quantities`; both must give the same results.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import reduce
from typing import NamedTuple

from tests.orders.fulfilment.oracle_facts import (
    BLOCKING,
    CANCELLED,
    CLOSING,
    DESPATCHED,
    Attention,
    Facts,
    FulfilmentOrder,
    ItemResult,
    Registers,
    ReportLine,
    Result,
    Shipment,
    Units,
    take,
)

SAME_PARCEL = timedelta(days=7)


class _Figure(NamedTuple):
    ordered: int | None = None
    shipped: int | None = None
    cancelled: int | None = None
    current: bool = False


class _Order:
    """The parts that an order needs, and how documents name them."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.per_unit = [Counter(facts.kits.get(item.sku, {item.sku: 1})) for item in facts.items]
        self.all, self.need, self.dropped = Counter[str](), Counter[str](), Counter[str]()
        for item, parts in zip(facts.items, self.per_unit, strict=True):
            for part, per in parts.items():
                self.all[part] += per * item.quantity
                self.need[part] += per * item.quantity * item.ships
                self.dropped[part] += per * min(item.dropped, item.quantity) * item.ships

    def parts(self, warehouse: str, sku: str) -> Mapping[str, int]:
        """What a unit of a document's SKU is; the order's own spelling comes before any alias."""
        if sku not in self.all and sku not in self.facts.kits:
            sku = self.facts.aliases.get((warehouse, sku), self.facts.aliases.get(("", sku), sku))
        return self.facts.kits.get(sku, {sku: 1} if sku else {})

    def count(self, warehouse: str, lines: Iterable[tuple[str, int]]) -> tuple[Counter[str], Counter[str]]:
        """Units per part of the order, and units per SKU that is not on it."""
        units, unknown = Counter[str](), Counter[str]()
        for sku, quantity in lines:
            for part, per in self.parts(warehouse, sku).items():
                units.update({part: per * quantity} if part in self.all else {})
                unknown.update({} if part in self.all else {sku: quantity})
        return units, unknown

    def figures(self, key: str, known: Registers, newest: datetime | None) -> dict[str, _Figure]:
        """The warehouse's figures per part. Spellings of one report add up; a later report replaces earlier ones."""
        stated: dict[str, list[tuple[tuple[datetime, str], int, ReportLine]]] = {}
        for sku, (at, version, line) in known.figures.items():
            for part, per in self.parts(key, sku).items():
                if part in self.all:
                    stated.setdefault(part, []).append(((at, version), per, line))
        figures = {}
        for part, lines in stated.items():
            stamp = max(line[0] for line in lines)
            latest = [(per, line[1:]) for at, per, line in lines if at == stamp]
            stated_units = [[per * n for per, units in latest if (n := units[i]) is not None] for i in (0, 1, 2)]
            ordered, shipped, cancelled = (sum(numbers) if numbers else None for numbers in stated_units)
            figures[part] = _Figure(ordered, shipped, cancelled, newest is None or stamp[0] >= newest)
        return figures


class _Part:
    """One fulfilment order: what its warehouse was asked for, and what it did of that."""

    def __init__(self, order: _Order, key: str, registers: Mapping[str, Registers], *, alone: bool) -> None:
        self.key, self.known = key, registers[key]
        self.whole = alone or key in order.facts.whole_order
        standing = [s for _, s in sorted(self.known.shipments.items()) if not s.withdrawn]
        self.parcels = [s for s in standing if not s.planned]
        self.noted, self.unknown = order.count(key, (line for s in self.parcels for line in s.lines))
        self.planned, _ = order.count(key, (line for s in standing if s.planned for line in s.lines))
        heard = registers.values() if self.whole else [self.known]
        newest = max((s.changed_at for r in heard for s in r.shipments.values() if not s.planned), default=None)
        self.figures = order.figures(key, self.known, newest)
        self.shipped = {part: max(self.noted[part], self.stated(part)) for part in order.all}
        figured = any(f.shipped is not None or f.cancelled for f in self.figures.values())
        self.closed_as = self.known.closed[1] if self.known.closed else ""
        self.unexplained = self.closed_as == DESPATCHED and not figured and not any(self.shipped.values())
        lines = self.known.request[2].lines if self.known.request else ()
        self.listed, self.listed_unknown = order.count(key, ((line.sku, 1) for line in lines))
        routed = order.facts.routing
        self.unclear = routed is None and not self.whole and self.known.newest is not None and not lines
        self.expected: Mapping[str, int] | None = order.need if self.whole else None
        if routed is not None:
            self.expected, _ = order.count("", routed.get(key, {}).items())
        self.asked: dict[str, int] = {}
        self.released: dict[str, int] = {}
        self.to_ship: dict[str, int] = {}
        for part, need in order.need.items():
            self._divide(part, need, order.dropped[part])

    def _divide(self, part: str, need: int, dropped: int) -> None:
        """Which units was it asked for, which of them has it given up, and which may it still ship?"""
        figure, listed = self.figures.get(part, _Figure()), part in self.listed
        if self.expected is None:
            done = (figure.shipped or 0) * listed + (figure.cancelled or 0)
            asked = max(figure.ordered or 0 if listed else 0, done, self.noted[part])
        else:
            asked = self.expected[part]
            if figure.ordered is not None and asked - dropped <= figure.ordered < asked:
                asked = figure.ordered  # It knows of what staff dropped, or was never asked for it.
        asked = asked if need else 0
        left = max(asked - self.shipped[part], 0)
        if self.closed_as and not self.unexplained:
            # A closing beside a note that still waits for its confirmation: more likely late than lost.
            self.to_ship[part] = min(self.planned[part], left) if self.closed_as == DESPATCHED else 0
            self.released[part] = left - self.to_ship[part]
        else:
            may = max(asked, figure.ordered or 0) if listed and need and not self.whole else asked
            self.released[part] = min(figure.cancelled or 0, left)
            may = need if self.unclear else may
            self.to_ship[part] = max(may - self.shipped[part] - (figure.cancelled or 0), 0)
        self.asked[part] = asked

    def stated(self, part: str) -> int:
        """Its own figure of shipped units, which may run ahead of a note that was not read yet."""
        figure = self.figures.get(part, _Figure())
        return figure.shipped or 0 if figure.current else 0

    def view(self, *, presumed: bool) -> FulfilmentOrder:
        newest = self.known.newest
        begun = "on_hold" if newest and newest[2].status == "on_hold" else "in_progress"
        state = {DESPATCHED: "closed", "": begun if newest or self.known.shipments else "open"}.get(
            self.closed_as, CANCELLED
        )
        state = "presumed" if presumed else "unexplained" if self.unexplained else state
        units = ({p: n for p, n in u.items() if n} for u in (self.asked, self.shipped, self.released, self.to_ship))
        return FulfilmentOrder(self.key, state, self.known.number, *units)


def derive(facts: Facts) -> Result:
    """Work out what became of every unit and what a person must look at."""
    order, found = _Order(facts), set[Attention]()
    spoken = {message.warehouse for message in facts.messages}
    presumed = facts.routing is None and not spoken
    keys = spoken | set(facts.warehouses[:1] if presumed else facts.routing or ())
    registers = {
        key: reduce(take, (m for m in facts.messages if m.warehouse == key), Registers()) for key in sorted(keys)
    }
    alone = presumed or len(keys | set(facts.warehouses)) == 1
    fulfilment = [_Part(order, key, registers, alone=alone) for key in registers]
    separate, other = _by_hand(order, fulfilment, found)
    shipped, lost, nobody = Counter[str](), Counter[str](), Counter[str]()
    for part, total in order.all.items():
        own = sum(f.noted[part] if f.whole else f.shipped[part] for f in fulfilment)
        own = max([own, *(f.stated(part) for f in fulfilment if f.whole)])
        confirmed = max(other[part] - max(total - own - separate[part], 0), 0)
        shipped[part] = own + separate[part] + other[part] - confirmed
        left = max(order.need[part] - shipped[part], 0)
        dropped = min(order.dropped[part], left)
        released, covered = sum(f.released[part] for f in fulfilment), sum(f.to_ship[part] for f in fulfilment)
        # Given up by somebody who was asked for it, and nobody else is still to ship it.
        lost[part] = max(0, min(released, left - dropped - covered))
        nobody[part] = max(left - dropped - lost[part] - covered, 0)
        sure = sum(f.to_ship[part] for f in fulfilment if not f.unclear and not (f.whole and len(fulfilment) > 1))
        overtaken = lost[part] and any(
            (f.figures.get(part, _Figure()).shipped or 0) > f.shipped[part] for f in fulfilment
        )
        for kind, units in (
            ("hand_and_warehouse_shipment", confirmed),
            ("double_coverage", max(sure - left + dropped, 0)),
            ("over_shipment", shipped[part] * (shipped[part] > total)),
            ("shipped_after_drop", (order.dropped[part] - dropped) * bool(shipped[part])),
            ("figures_overtaken", lost[part] if overtaken else 0),
        ):
            found.update([Attention(kind, "", part, units)] if units else [])
    items, choices = _share(order, shipped, lost, nobody, found)
    _attend(order, fulfilment, items, found)
    if facts.routing is None and any(lost.values()) and set(facts.warehouses) - spoken:
        found.add(Attention("other_warehouse_silent", ",".join(sorted(set(facts.warehouses) - spoken))))
    views = tuple(f.view(presumed=presumed) for f in fulfilment)
    return Result(items, views, tuple(sorted(found)), tuple(sorted({a.kind for a in found} & BLOCKING)), choices)


def _by_hand(order: _Order, fulfilment: list[_Part], found: set[Attention]) -> tuple[Counter[str], Counter[str]]:
    """Units shipped by hand that no warehouse has confirmed: those surely apart from its parcels, and the rest."""
    separate, other = Counter[str](), Counter[str]()
    parcels = [(s, order.count(f.key, s.lines)[0]) for f in fulfilment for s in f.parcels]
    for hand in {hand for hand in order.facts.manual if not hand.withdrawn}:
        units, unknown = order.count("", hand.lines)
        found.update(Attention("unknown_sku", "", sku, n) for sku, n in unknown.items() if n)
        same = [u for s, u in parcels if _tracking(hand) and _tracking(s) == _tracking(hand)]
        near = any(u == units and abs(s.shipped_at - hand.shipped_at) <= SAME_PARCEL for s, u in parcels)
        if hand.separate:
            separate.update(units)
        elif not same:
            other.update(units)
        # With the same tracking number the warehouse has confirmed it: its note counts, this one no longer.
        if not hand.separate and (sum(same, Counter()) != +units if same else near):
            found.add(Attention("hand_and_warehouse_shipment", "", hand.number))
    return separate, other


def _tracking(shipment: Shipment) -> str:
    return "".join(filter(str.isalnum, shipment.tracking_number)).upper()


def _share(
    order: _Order, shipped: Counter[str], lost: Counter[str], nobody: Counter[str], found: set[Attention]
) -> tuple[tuple[ItemResult, ...], tuple[str, ...]]:
    """Give units to lines: shipped ones to the dearest line first, cancelled ones from the cheapest."""
    items, per_unit = order.facts.items, order.per_unit
    ranked = sorted(range(len(items)), key=lambda i: (not items[i].ships, -items[i].unit_price, i))
    drops = [min(item.dropped, item.quantity) for item in items]
    sent = [0] * len(items)

    def fill(rows: list[int], room: list[int], pool: Counter[str], into: list[int]) -> None:
        for i in rows:
            units = min([room[i], *(pool[part] // per for part, per in per_unit[i].items())])
            pool.subtract({part: per * units for part, per in per_unit[i].items()})
            into[i] += units

    pool, gone = Counter(shipped), Counter(lost)
    fill(ranked, [item.quantity - drop for item, drop in zip(items, drops, strict=True)], pool, sent)
    fill(ranked, drops, pool, sent)
    for part, total in order.all.items():  # What was shipped beyond the order stays on the SKU's last line.
        last = next((i for i in reversed(ranked) if per_unit[i] == {part: 1}), None)
        if last is not None and shipped[part] > total:
            sent[last] += shipped[part] - total
            pool[part] -= shipped[part] - total
    left = [max(item.quantity - n, 0) for item, n in zip(items, sent, strict=True)]
    ended = [min(drop, n) for drop, n in zip(drops, left, strict=True)]
    fill(ranked[::-1], [(n - e) * item.ships for item, n, e in zip(items, left, ended, strict=True)], gone, ended)
    results, choices = [], set()
    for i, item in enumerate(items):
        rest = left[i] - ended[i]
        free = rest * item.ships
        unassigned = min(free, max(-(-nobody[part] // per) for part, per in per_unit[i].items()))
        results.append(ItemResult(item.sku, item.quantity, sent[i], ended[i], free, unassigned, rest - free))
        if len(per_unit[i]) > 1 and rest and any(pool[part] > 0 or gone[part] > 0 for part in per_unit[i]):
            found.add(Attention("partial_kit", "", item.sku, rest))
        prices = {other.unit_price for other in items if other.sku == item.sku and other.ships}
        if len(prices) > 1 and any(0 < lost[part] < order.need[part] - order.dropped[part] for part in per_unit[i]):
            choices.add(item.sku)
        nobody.subtract({part: min(per * unassigned, nobody[part]) for part, per in per_unit[i].items()})
    return tuple(results), tuple(sorted(choices))


def _attend(order: _Order, fulfilment: list[_Part], items: tuple[ItemResult, ...], found: set[Attention]) -> None:
    """What a person must look at, of each fulfilment order and of the whole."""
    seen: dict[tuple[str, Units], Shipment] = {}
    for f in fulfilment:
        newest, closed = f.known.newest, f.known.closed
        after = newest[2].status if newest and closed and newest[0] > closed[0] else ""
        found.update(Attention("unknown_sku", f.key, sku, f.unknown[sku]) for sku in {**+f.unknown, **f.listed_unknown})
        for kind, holds in (
            ("status_backwards", after and after not in CLOSING),
            ("closing_changed", after in CLOSING and after != f.closed_as),
            ("closed_without_figures", f.unexplained and any(item.outstanding for item in items)),
            ("unknown_request", f.unclear and f.closed_as),
        ):
            found.update([Attention(kind, f.key)] if holds else [])
        late = {part: n for part, n in f.to_ship.items() if n and f.closed_as and not f.unexplained}
        found.update(Attention("planned_not_confirmed", f.key, part, n) for part, n in late.items())
        for part, figure in f.figures.items():
            if f.expected is None or figure.ordered is None or not order.need[part]:
                continue
            if not f.expected[part] - order.dropped[part] <= figure.ordered <= f.expected[part]:
                found.add(Attention("quantity_mismatch", f.key, part, figure.ordered))
    for s in sorted((s for f in fulfilment for s in f.parcels), key=lambda s: (s.shipped_at, s.number)):
        first = seen.setdefault((s.tracking_number, tuple(sorted(s.lines))), s)
        if s.tracking_number and first is not s and s.shipped_at - first.shipped_at <= SAME_PARCEL:
            found.add(Attention("duplicate_shipment", "", f"{first.number} {s.number}"))
    found.update(Attention("unassigned", "", item.sku, item.unassigned) for item in items if item.unassigned)
    ended = any(item.cancelled for item in items) and not any(item.shipped or item.outstanding for item in items)
    if ended and any(item.not_shipping for item in items):
        found.add(Attention("services_left"))
