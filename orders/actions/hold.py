"""Hold an order ourselves, whatever the warehouse says of it, and let it go again."""

from django.db import transaction

from orders.errors import ActionRefused, require_reason
from orders.fulfilment import apply
from orders.models import Order
from orders.timeline import events


def hold(order_id: int, *, why: str, actor: str) -> None:
    """Hold an order for a reason. A second call with the same reason changes nothing."""
    with transaction.atomic():
        order = Order.objects.select_for_update(no_key=True).get(pk=order_id)
        reason = require_reason(why)
        if not order.outstanding_units:
            raise ActionRefused(f"{order.reference} cannot be held: nothing of it is outstanding.")
        if order.held_because != reason:
            _set(order, reason, "order.hold_placed", actor, why=reason)


def release(order_id: int, *, actor: str) -> None:
    """Let a held order go. The warehouse's own hold stays. A second call is refused."""
    with transaction.atomic():
        order = Order.objects.select_for_update(no_key=True).get(pk=order_id)
        if not order.held_because:
            raise ActionRefused(f"{order.reference} is not held by us.")
        _set(order, "", "order.hold_released", actor, why=order.held_because)


def _set(order: Order, reason: str, kind: str, actor: str, *, why: str) -> None:
    Order.objects.filter(pk=order.pk).update(held_because=reason)
    events.record([events.Event(order.pk, order.seller_id, kind, None, actor, {"why": why})])
    apply.rederive(order.seller_id, [order.pk], actor=actor)
