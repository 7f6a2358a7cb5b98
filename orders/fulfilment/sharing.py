"""How units of a component are shared among the order lines that carry it (pure).

Shipped units fill the dearest line first, cancelled ones are taken from the cheapest: a free line is a gift beside the
paid one, unless a person has said which line shipped. Lines of one price keep the order's sequence.
"""

from collections.abc import Iterable, Mapping, Sequence

from orders.fulfilment.components import Components, Units
from orders.fulfilment.facts import Item
from orders.fulfilment.results import Finding, FindingKind, ItemUnits


def share(
    components: Components, shipped: Units, lost: Units, uncovered: Units, findings: set[Finding]
) -> tuple[ItemUnits, ...]:
    """Give units per component to the order lines, in their sequence. Half a kit stays outstanding."""
    items, per_unit = components.facts.items, components.per_unit
    if components.one_line_each:
        return tuple(_alone(item, shipped[item.sku], lost[item.sku], uncovered[item.sku]) for item in items)
    ranked = sorted(
        range(len(items)), key=lambda i: (not items[i].ships, not items[i].fills_first, -items[i].unit_price, i)
    )
    drops = [min(item.dropped, item.quantity) for item in items]
    sent = [0] * len(items)
    pool, gone, uncovered = dict(shipped), dict(lost), dict(uncovered)
    room = [item.quantity - dropped for item, dropped in zip(items, drops, strict=True)]
    _fill(ranked, room, per_unit, pool, sent)
    _fill(ranked, drops, per_unit, pool, sent)
    _add_surplus(ranked, components, shipped, pool, sent)
    left = [max(item.quantity - units, 0) for item, units in zip(items, sent, strict=True)]
    ended = [min(dropped, units) for dropped, units in zip(drops, left, strict=True)]
    room = [rest - done if item.ships else 0 for item, rest, done in zip(items, left, ended, strict=True)]
    _fill(ranked[::-1], room, per_unit, gone, ended)
    shared = []
    for i, item in enumerate(items):
        rest = left[i] - ended[i]
        outstanding = rest if item.ships else 0
        unassigned = min(outstanding, max(-(-uncovered[c] // per) for c, per in per_unit[i].items()))
        for component, per in per_unit[i].items():
            uncovered[component] -= min(per * unassigned, uncovered[component])
        if len(per_unit[i]) > 1 and rest and any(pool[c] > 0 or gone[c] > 0 for c in per_unit[i]):
            findings.add(Finding(FindingKind.PARTIAL_KIT, "", item.sku, rest))
        shared.append(ItemUnits(sent[i], ended[i], outstanding, unassigned, rest - outstanding))
    return tuple(shared)


def _alone(item: Item, shipped: int, lost: int, uncovered: int) -> ItemUnits:
    """The units of the only line that carries a SKU, as nearly every line: there is nothing to share."""
    left = max(item.quantity - shipped, 0)
    cancelled = min(item.dropped, left)
    if item.ships:
        cancelled += min(lost, left - cancelled)
    rest = left - cancelled
    if not item.ships:
        return ItemUnits(shipped, cancelled, 0, 0, rest)
    return ItemUnits(shipped, cancelled, rest, min(rest, uncovered))


def price_choices(components: Components, lost: Mapping[str, int]) -> tuple[str, ...]:
    """SKUs on lines of different prices of which some units were cancelled and others were not."""
    if components.one_line_each:
        return ()
    prices: dict[str, set[int]] = {}
    for item in components.facts.items:
        if item.ships:
            prices.setdefault(item.sku, set()).add(item.unit_price)
    chosen = {
        item.sku
        for item, per_unit in zip(components.facts.items, components.per_unit, strict=True)
        if len(prices.get(item.sku, ())) > 1
        and any(0 < lost[c] < components.shippable[c] - components.dropped[c] for c in per_unit)
    }
    return tuple(sorted(chosen))


def _fill(
    rows: Iterable[int], room: Sequence[int], per_unit: Sequence[Mapping[str, int]], pool: Units, into: list[int]
) -> None:
    """Move units from the pool into lines, as many as a line has room for and the pool has all components of."""
    for i in rows:
        units = min(room[i], *(pool[component] // per for component, per in per_unit[i].items()))
        if units > 0:
            for component, per in per_unit[i].items():
                pool[component] -= per * units
            into[i] += units


def _add_surplus(ranked: list[int], components: Components, shipped: Units, pool: Units, sent: list[int]) -> None:
    """What was shipped beyond the order stays on the SKU's last line."""
    surplus = {c: units - components.ordered[c] for c, units in shipped.items() if units > components.ordered[c]}
    if not surplus:
        return
    last = {next(iter(components.per_unit[i])): i for i in ranked if list(components.per_unit[i].values()) == [1]}
    for component, units in surplus.items():
        if component in last:
            sent[last[component]] += units
            pool[component] -= units
