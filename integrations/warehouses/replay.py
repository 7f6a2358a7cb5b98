"""Rebuild orders from the archive alone: shipments, quantities and statuses as its messages report them."""

import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from datetime import datetime

from django.db import connection, transaction

from integrations.warehouses import archive
from integrations.warehouses.apply_messages import apply_messages
from integrations.warehouses.models import ArchivedMessage
from integrations.warehouses.sync import apply_waiting
from orders.fulfilment import rebuild
from orders.models import Seller

AT_ONCE = 500
PROCESSED = (ArchivedMessage.State.APPLIED, ArchivedMessage.State.PARKED)
ACTOR = "replay"
log = logging.getLogger(__name__)


class _RejectedNow(Exception):
    """A message that was applied once is rejected now: what it reports would be lost."""


def replay(
    sellers: Iterable[Seller], *, since: datetime | None = None, progress: Callable[[Counter[str]], None] | None = None
) -> Counter[str]:
    """Rebuild the orders of these sellers that have archived messages (any from `since` on, when given).

    Each order is rebuilt from all of its messages, some hundred orders to a transaction. Refunds that somebody
    decided stay; undecided ones follow the quantities. Timelines get one `order.replayed` for an order that came out
    different, nothing for the others. An order of which messages were pruned is not set back, only applied again; one
    whose messages cannot be applied any more is left as it is. A second call changes nothing.
    """
    counts: Counter[str] = Counter(orders=0, messages=0, changed=0, incomplete=0, left=0, waiting_applied=0)
    for seller in sellers:
        after = 0
        while order_ids := _next_orders(seller, since, after):
            after = order_ids[-1]
            counts.update(_rebuild_safely(seller, order_ids))
            if progress:
                progress(counts)
        for account in seller.warehouse_accounts.select_related("connection", "seller"):
            counts["waiting_applied"] += apply_waiting(account)["applied"]
    return counts


def rebuild_one(seller: Seller, order_id: int) -> None:
    """Make one order anew from its messages. One whose messages cannot be applied any more is left as it is."""
    _rebuild_safely(seller, [order_id])


def _next_orders(seller: Seller, since: datetime | None, after: int) -> list[int]:
    messages = ArchivedMessage.objects.filter(seller=seller, state__in=PROCESSED, order__gt=after)
    if since:
        messages = messages.filter(received_at__gte=since)
    return list(messages.order_by("order").values_list("order", flat=True).distinct()[:AT_ONCE])


def _rebuild_safely(seller: Seller, order_ids: Collection[int]) -> Counter[str]:
    """Rebuild all of them, or if one cannot be, each by itself."""
    try:
        return _rebuild(seller, order_ids)
    except _RejectedNow:
        if len(order_ids) == 1:
            log.warning("an order cannot be replayed", extra={"order": next(iter(order_ids))})
            return Counter(orders=1, left=1)
    counts: Counter[str] = Counter()
    for order in order_ids:
        counts.update(_rebuild_safely(seller, [order]))
    return counts


def _rebuild(seller: Seller, order_ids: Collection[int]) -> Counter[str]:
    with transaction.atomic():
        before = rebuild.fingerprints(order_ids)
        incomplete = _incomplete(order_ids)
        whole = [order for order in order_ids if order not in incomplete]
        rebuild.forget(whole)
        rows = ArchivedMessage.objects.filter(order__in=list(order_ids), state__in=PROCESSED).order_by("id")
        messages = 0
        for account, stored in archive.by_account(rows):
            messages += len(stored)
            if apply_messages(account, stored, quiet=True)[ArchivedMessage.State.REJECTED]:
                raise _RejectedNow
        rebuild.delete_unconfirmed(whole)
        changed = rebuild.record_changes(before, seller_id=seller.pk, actor=ACTOR)
    return Counter(orders=len(order_ids), messages=messages, changed=changed, incomplete=len(incomplete))


def _incomplete(order_ids: Collection[int]) -> set[int]:
    """The orders whose present state rests on messages that are no longer in the archive."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT e.order_id FROM (
                SELECT order_id, unnest(ARRAY[report_message, closed_message]) AS message
                FROM orders_fulfilmentorder WHERE order_id = ANY(%s)
                UNION ALL SELECT order_id, message FROM orders_shipment WHERE order_id = ANY(%s)) e
            WHERE e.message IS NOT NULL
                AND NOT EXISTS (SELECT FROM integrations_archivedmessage m WHERE m.id = e.message)
            """,
            [list(order_ids), list(order_ids)],
        )
        return {row[0] for row in cursor.fetchall()}
