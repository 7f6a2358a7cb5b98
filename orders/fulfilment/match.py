"""Which order does each message speak of?"""

from collections.abc import Sequence
from typing import NamedTuple

from orders.fulfilment import load
from orders.fulfilment.components import Components
from orders.fulfilment.facts import Facts, Item
from orders.fulfilment.messages import WarehouseMessage
from orders.fulfilment.sku_rules import NO_RULES, SkuRules, load_sku_rules

Matched = list[tuple[WarehouseMessage, load.OrderRow]]


class Found(NamedTuple):
    """The orders that messages name, by id; which message means which; how SKUs are matched; what fits several."""

    orders: dict[int, load.OrderRow]
    matched: Matched
    rules: SkuRules
    ambiguous: set[int]


def find(seller_id: int, snapshots: Sequence[WarehouseMessage], waiting: dict[int, str], *, warehouse: int) -> Found:
    """Lock and load the orders that the messages name; say in `waiting` why a message finds none.

    The reference that was given to the warehouse counts first, then the warehouse's own number: as it reported it
    before, or as an order reference, if the order has every SKU that the message names.
    """
    references = {s.reference for s in snapshots} | {s.warehouse_number for s in snapshots}
    numbers = {s.warehouse_number for s in snapshots}
    orders = {o.id: o for o in load.lock_named(seller_id, references - {""}, numbers - {""}, warehouse=warehouse)}
    load.load_items(orders)
    load.load_parts(orders)
    rules = load_sku_rules([seller_id], list(orders)).get(seller_id, NO_RULES) if orders else NO_RULES
    by_reference: dict[str, list[load.OrderRow]] = {}
    by_number: dict[str, list[load.OrderRow]] = {}
    for order in orders.values():
        by_reference.setdefault(order.reference, []).append(order)
        for part in order.parts.values():
            if part.warehouse_id == warehouse and order not in (
                named := by_number.setdefault(part.registers.number, [])
            ):
                named.append(order)
    referred = {s.message: by_reference.get(s.reference, []) if s.reference else [] for s in snapshots}
    for snapshot in snapshots:
        # A message of this batch may tell the number by which another one names the order.
        if len(referred[snapshot.message]) == 1:
            numbered = by_number.setdefault(snapshot.warehouse_number, [])
            numbered.extend(order for order in referred[snapshot.message] if order not in numbered)
    matched: Matched = []
    several: list[tuple[WarehouseMessage, list[load.OrderRow]]] = []
    for snapshot in snapshots:
        candidates = referred[snapshot.message]
        if not candidates and snapshot.warehouse_number:
            candidates = by_number.get(snapshot.warehouse_number, []) or [
                order for order in by_reference.get(snapshot.warehouse_number, []) if _has_skus(order, snapshot, rules)
            ]
        if len(candidates) == 1:
            matched.append((snapshot, candidates[0]))
        elif candidates:
            several.append((snapshot, candidates))
        else:
            waiting[snapshot.message] = f"no order {snapshot.reference or snapshot.warehouse_number} yet"
    ambiguous = _choose(seller_id, warehouse, several, matched, waiting)
    return Found(orders, matched, rules, ambiguous)


def _choose(
    seller_id: int,
    warehouse: int,
    several: Sequence[tuple[WarehouseMessage, Sequence[load.OrderRow]]],
    matched: Matched,
    waiting: dict[int, str],
) -> set[int]:
    """Match what fits several orders as people have said; what nobody has said waits, and is answered."""
    ambiguous: set[int] = set()
    chosen = load.chosen(seller_id, warehouse) if several else {}
    for snapshot, candidates in several:
        message = None if snapshot.warehouse_number else snapshot.message
        order_id = chosen.get((snapshot.reference, snapshot.warehouse_number, message))
        order = next((order for order in candidates if order.id == order_id), None)
        if order is not None:
            matched.append((snapshot, order))
            continue
        name = f"reference {snapshot.reference}" if snapshot.reference else f"number {snapshot.warehouse_number}"
        waiting[snapshot.message] = f"{len(candidates)} orders carry the {name}: somebody must say which one is meant"
        ambiguous.add(snapshot.message)
    return ambiguous


def _has_skus(order: load.OrderRow, snapshot: WarehouseMessage, rules: SkuRules) -> bool:
    named = {line.sku for note in snapshot.notes for line in note.lines}
    if snapshot.report is not None:
        named |= {line.sku for line in snapshot.report.lines}
    aliases, kits = rules.of(order.id)
    items = tuple(Item(item.sku, item.quantity) for item in order.items)
    components = Components(Facts(items, (), aliases=aliases, kits=kits, fold=rules.fold))
    return not components.count("", ((sku, 1) for sku in named))[1]
