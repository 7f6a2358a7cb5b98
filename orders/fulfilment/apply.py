"""Apply a batch of messages to their orders: the same few statements for one message or for fifty thousand."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from orders.fulfilment import concerns, derive, load, match, write
from orders.fulfilment.messages import WarehouseMessage
from orders.fulfilment.registers import Registers, merge
from orders.fulfilment.sku_rules import SkuRules, load_sku_rules
from orders.timeline import attention, events


@dataclass(slots=True)
class Applied:
    """What became of each message, by its archive id: its order, or why it waits."""

    orders: dict[int, int] = field(default_factory=dict)
    waiting: dict[int, str] = field(default_factory=dict)
    ambiguous: set[int] = field(default_factory=set)
    """Of those that wait, the ones that fit several orders."""

    @property
    def touched(self) -> list[int]:
        """The orders that any of the messages named."""
        return sorted(set(self.orders.values()))


def apply(
    seller_id: int,
    messages: Sequence[WarehouseMessage],
    *,
    actor: str,
    warehouse: int,
    whole_order: bool = False,
    quiet: bool = False,
) -> Applied:
    """Record what a warehouse reports of the seller's orders: shipments, quantities, events, attention.

    With `whole_order` its reports speak for the whole of an order, not only for its own part. All or nothing, inside
    the caller's transaction. Applying a message again, or messages in another sequence, ends in the same rows. A
    message whose order is not here yet waits. With `quiet` no event is written: the messages were applied before.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("apply belongs inside the transaction that also proposes the refunds")
    applied = Applied()
    found = match.find(seller_id, messages, applied.waiting, warehouse=warehouse)
    orders, matched, rules, applied.ambiguous = found
    if not matched:
        return applied
    warehouses = load.load_warehouses(seller_id, warehouse)
    for message, order in matched:
        part = order.parts.get((warehouse, 1))
        if part is None:
            code = warehouses[warehouse]
            part = load.PartRow(None, order.id, warehouse, code, 1, whole_order, None, Registers(), dirty=True)
            order.parts[warehouse, 1] = part
        if part.whole_order != whole_order:
            part.whole_order, part.dirty = whole_order, True
        applied.orders[message.message], order.message = order.id, message.message
        merge(part.registers, message)
        _date(order, message)
    touched = [orders[order_id] for order_id in applied.touched]
    new = _new_numbers(touched, warehouse)
    _finish(seller_id, touched, warehouses, rules, actor, quiet=quiet)
    if new:
        # Looked up once they are written, so that two orders of this batch see each other.
        shared = load.elsewhere(seller_id, warehouse, new)
        attention.open_items(concerns.shared_numbers(seller_id, warehouses[warehouse], shared))
    return applied


def rederive(seller_id: int, order_ids: Collection[int], *, actor: str) -> None:
    """Work quantities out again from what is on record, after the items of these orders changed."""
    orders = {order.id: order for order in load.lock_ids(seller_id, order_ids)}
    load.load_items(orders)
    load.load_parts(orders)
    for order in orders.values():
        for item in order.items:
            # A new item has yet to learn that its order was started or is on hold.
            item.dirty = True
    rules = load_sku_rules([seller_id], list(orders))[seller_id]
    _finish(seller_id, list(orders.values()), load.load_warehouses(seller_id), rules, actor)


def _date(order: load.OrderRow, message: WarehouseMessage) -> None:
    """The newest change that the messages report is when all that follows from them happened."""
    moments = [note.changed_at for note in message.notes]
    if message.report is not None:
        moments.append(message.report.changed_at)
    if order.changed_at is not None:
        moments.append(order.changed_at)
    order.changed_at = max(moments, default=None)


def _new_numbers(orders: Sequence[load.OrderRow], warehouse: int) -> list[str]:
    parts = (part for order in orders if (part := order.parts.get((warehouse, 1))) is not None)
    return [number for part in parts for number, was in part.registers.changes.shipments.items() if was is None]


def _finish(
    seller_id: int,
    orders: Sequence[load.OrderRow],
    warehouses: Mapping[int, str],
    rules: SkuRules,
    actor: str,
    *,
    quiet: bool = False,
) -> None:
    derived = [derive.derive(order, warehouses, rules, actor) for order in orders]
    write.parts(orders)
    write.shipments(seller_id, orders)
    write.items(orders)
    write.listed_skus(seller_id, {sku for news in derived for sku in news.listed})
    statuses = write.orders(orders)
    facts: list[events.Event] = []
    for order, news in zip(orders, derived, strict=True):
        facts.extend(news.facts)
        status = statuses.get(order.id, order.status)
        if status != order.status:
            facts.append(derive.status_fact(order, status, actor))
    if not quiet:
        events.record(facts)
    found = [concern for news in derived for concern in news.concerns]
    attention.sync_items([order.id for order in orders], concerns.KINDS, found)
