"""Apply a batch of messages to their orders: the same few statements for one message or for fifty thousand."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from orders.fulfilment import derive, load, match, merge, write
from orders.fulfilment.messages import WarehouseMessage
from orders.timeline import attention, events


@dataclass(slots=True)
class Applied:
    """What became of each message, by its archive id: its order, or why it waits or was refused."""

    orders: dict[int, int] = field(default_factory=dict)
    waiting: dict[int, str] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)

    @property
    def touched(self) -> list[int]:
        """The orders that any of the messages spoke of."""
        return sorted(set(self.orders.values()))


def apply(seller_id: int, snapshots: Sequence[WarehouseMessage], *, actor: str, quiet: bool = False) -> Applied:
    """Record what these messages say of the seller's orders: shipments, quantities, events, attention.

    All or nothing, inside the caller's transaction. Applying a message again, or messages in another order, ends
    in the same rows. A message whose order is not here yet waits; one that contradicts the books is refused.
    With `quiet` no event is written: what is told again has been told before.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("apply belongs inside the transaction that also proposes the refunds")
    applied = Applied()
    orders, matched = match.find(seller_id, snapshots, applied.waiting)
    if not matched:
        return applied
    owner = load.load_notes(seller_id, orders, [note.number for s, _ in matched for note in s.notes])
    for snapshot, order in matched:
        foreign = next((note.number for note in snapshot.notes if owner.get(note.number, order.id) != order.id), None)
        if foreign is not None:
            applied.refused[snapshot.message] = f"despatch {foreign} already belongs to another order"
            continue
        owner.update((note.number, order.id) for note in snapshot.notes)
        applied.orders[snapshot.message] = order.id
        merge.take(order, snapshot)
    _settle(seller_id, [orders[order_id] for order_id in applied.touched], actor, quiet=quiet)
    return applied


def rederive(seller_id: int, order_ids: Collection[int], *, actor: str) -> None:
    """Work quantities out again from what is on record, after the items of these orders changed."""
    orders = {order.id: order for order in load.lock_ids(seller_id, order_ids)}
    load.load_items(orders)
    load.load_notes(seller_id, orders, ())
    for order in orders.values():
        for item in order.items:
            # A new item has yet to learn that its order was started or is on hold.
            item.dirty = True
    _settle(seller_id, list(orders.values()), actor)


def _settle(seller_id: int, orders: Sequence[load.OrderRow], actor: str, *, quiet: bool = False) -> None:
    derived = [derive.derive(order, actor) for order in orders]
    write.shipments(seller_id, orders)
    write.items(orders)
    statuses = write.orders(orders)
    facts: list[events.Event] = []
    for order, news in zip(orders, derived, strict=True):
        facts.extend(news.facts)
        status = statuses.get(order.id, order.status)
        if status != order.status:
            facts.append(derive.status_fact(order, status, actor))
    if not quiet:
        events.record(facts)
    concerns = [concern for news in derived for concern in news.concerns]
    attention.sync_items([order.id for order in orders], derive.CONCERNS, concerns)
