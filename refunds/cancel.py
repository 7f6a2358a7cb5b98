"""Cancel what has not shipped of an order: hold it, and propose the refund for people to decide on.

The warehouse has the last word: units that it ships after all shrink or withdraw the proposal.
"""

from django.db import transaction

from orders import events
from orders.hold import hold
from orders.models import Order
from orders.refused import NotPossible
from refunds.models import Refund
from refunds.propose_by_hand import left_of, propose_for
from refunds.wish import Wish


def cancel(order_id: int, *, why: str, actor: str) -> Refund | None:
    """Hold the order and propose to refund what is left of its unshipped units; None when nothing is left of them.

    The shipping charge is part of it as long as nothing has shipped. A second call proposes nothing more.
    """
    with transaction.atomic():
        order = Order.objects.select_for_update(no_key=True).get(pk=order_id)
        if not order.outstanding_units:
            raise NotPossible(f"{order.reference} cannot be cancelled: nothing of it is outstanding.")
        hold(order_id, why=f"Cancelled: {why}", actor=actor)
        left, _ = left_of(order_id)
        kind = Refund.Kind.PRE_SHIPMENT.value
        units = {one.item.id: count for one in left.items if (count := one.units_left(kind))}
        refund = None
        if units:
            wish = Wish(kind=kind, units=units, shipping=not order.shipped_units and left.shipping_left > 0)
            reason = Refund.Reason.CHANGED_MIND
            refund = propose_for(order_id, actor=actor, wish=wish, reason=reason, note=why)
        facts = {"why": why, "refund": refund.number if refund else None}
        events.record([events.Fact(order.pk, order.seller_id, "order.cancellation_asked", None, actor, facts)])
    return refund
