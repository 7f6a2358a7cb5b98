"""Hold an order ourselves, whatever the warehouse says of it, and let it go again."""

from django.db import transaction

from orders.actions import verb
from orders.errors import ActionRefused, require_reason
from orders.fulfilment import apply
from orders.models import Order
from orders.timeline import events
from orders.timeline.kinds import EventKind


def hold(order_id: int, *, why: str, actor: str) -> None:
    """Hold an order for a reason. A second call with the same reason changes nothing."""
    with transaction.atomic():
        order = Order.objects.select_for_update(no_key=True).get(pk=order_id)
        reason = require_reason(why)
        if not order.outstanding_units:
            raise ActionRefused(
                f"{order.reference} cannot be put on hold: no units are outstanding.", code="nothing_outstanding"
            )
        if order.held_because != reason:
            _set(order, reason, HOLD.event.code, actor, why=reason)


def release(order_id: int, *, actor: str) -> None:
    """Let a held order go. The warehouse's own hold stays. A second call is refused."""
    with transaction.atomic():
        order = Order.objects.select_for_update(no_key=True).get(pk=order_id)
        if not order.held_because:
            raise ActionRefused(f"{order.reference} is not on hold.", code="not_held")
        _set(order, "", RELEASE.event.code, actor, why=order.held_because)


def _set(order: Order, reason: str, kind: str, actor: str, *, why: str) -> None:
    Order.objects.filter(pk=order.pk).update(held_because=reason)
    events.record([events.Event(order.pk, order.seller_id, kind, None, actor, {"why": why})])
    apply.rederive(order.seller_id, [order.pk], actor=actor)


def _hold(call: verb.Call) -> str:
    hold(call.order.pk, why=call.values["why"], actor=call.actor)
    return f"{call.order.reference} is on hold. The warehouse has NOT been told: ask it not to ship."


def _release(call: verb.Call) -> str:
    release(call.order.pk, actor=call.actor)
    return f"Hold on {call.order.reference} released."


def _confirm_hold(order: Order) -> str:
    count = order.outstanding_units
    return (
        f"This hold is only visible here ({count} {'unit' if count == 1 else 'units'} outstanding). The "
        "warehouse is not told: ask it not to ship. Stays until released."
    )


def _confirm_release(order: Order) -> str:
    return (
        f"The hold on {order.reference} ends (“{order.held_because}”). Refunds proposed meanwhile stay, and so does a "
        "hold by the warehouse. Tell the warehouse that it may ship."
    )


HOLD = verb.Verb(
    "hold",
    "Hold",
    verb.HOLD,
    EventKind("order.hold_placed", "Placed on hold", "Placed on hold[: {why}]"),
    _hold,
    (verb.REASON,),
    possible=lambda order: order.outstanding_units > 0 and not order.held_because,
    confirm=_confirm_hold,
    key="h",
    endpoint=verb.Endpoint("hold"),
    describes="Hold an order, whatever the warehouse reports.",
)
RELEASE = verb.Verb(
    "release",
    "Release",
    verb.HOLD,
    EventKind("order.hold_released", "Hold released", "Hold released[ (was: {why})]"),
    _release,
    possible=lambda order: bool(order.held_because),
    confirm=_confirm_release,
    tone="good",
    key="l",
    endpoint=verb.Endpoint("release"),
    describes="Release an order that was held here. A hold of the warehouse's own stays.",
)
