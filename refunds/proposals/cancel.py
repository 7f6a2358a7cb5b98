"""Cancel what has not shipped of an order, or chosen units of it, and propose the refund for people to decide on.

Whoever cancels all of it holds the order too. The warehouse has the last word: units that it ships after all shrink
or withdraw the proposal.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from orders.actions.hold import hold
from orders.errors import ActionRefused, require_reason
from orders.models import Order
from orders.timeline import events
from refunds import rights
from refunds.calculation.refundable import Limits
from refunds.models import Refund
from refunds.proposals.manual import left_of, propose_for
from refunds.proposals.refund_request import RefundRequest

RIGHT = "orders.cancel_order"
_KIND = Refund.Kind.PRE_SHIPMENT.value


def cancellable(order: Order, left: Limits) -> dict[int, int]:
    """The units that can still be cancelled, by item id: outstanding, and in no refund that was decided on."""
    outstanding = dict(order.items.filter(outstanding_quantity__gt=0).values_list("pk", "outstanding_quantity"))
    found = {one.item.id: min(outstanding.get(one.item.id, 0), one.units_left(_KIND)) for one in left.items}
    return {item_id: count for item_id, count in found.items() if count}


def wished(order: Order, left: Limits, units: Mapping[int, int], *, whole: bool) -> RefundRequest:
    """The refund of these units. Whoever cancels all of an order of which nothing has shipped gets its charge back."""
    shipping = whole and not order.shipped_units and left.shipping_left > 0
    return RefundRequest(kind=_KIND, units=units, shipping=shipping)


def refund_amount(left: Limits, wish: RefundRequest) -> int:
    """What that refund is worth, in minor units; nothing for what was a present."""
    return left.work_out(wish.units, {}, shipping=wish.shipping).amount


def cancel(
    order_id: int,
    *,
    why: str,
    actor: str,
    by: User | None = None,
    behind: Sequence[int] = (),
    units: Mapping[int, int] | None = None,
) -> Refund | None:
    """Cancel these units, by item id, or all that are outstanding. None when nothing of that is left to refund.

    A second call proposes nothing more, and chosen units that shipped meanwhile are refused. `by` is the person, if
    it was one, `behind` who knows the key, if it was another system: somebody else approves.
    """
    with transaction.atomic():
        if by is not None:
            rights.expect_right(by, RIGHT)
        order = Order.objects.select_for_update(no_key=True).get(pk=order_id)
        why = require_reason(why)
        if not order.outstanding_units:
            raise ActionRefused(
                f"{order.reference} cannot be cancelled: no units are outstanding.", code="nothing_outstanding"
            )
        left, _ = left_of(order_id)
        possible = cancellable(order, left)
        chosen = possible if units is None else {item_id: count for item_id, count in units.items() if count}
        _expect_possible(left, chosen, possible)
        whole = chosen == possible
        if whole:
            hold(order_id, why=f"Cancellation requested: {why}", actor=actor)
        refund = None
        wish, reason = wished(order, left, chosen, whole=whole), Refund.Reason.CHANGED_MIND
        if refund_amount(left, wish):
            refund = propose_for(order_id, actor=actor, by=by, behind=behind, wish=wish, reason=reason, note=why)
        facts: dict[str, Any] = {"why": why, "refund": refund.number if refund else None}
        if not whole:
            facts["items"] = [
                {"sku": one.sku, "quantity": chosen[one.item.id]} for one in left.items if one.item.id in chosen
            ]
        events.record([events.Event(order.pk, order.seller_id, "order.cancellation_asked", None, actor, facts)])
    return refund


def too_many(sku: str, most: int, count: int) -> str:
    """Why so many units of an item cannot be cancelled, in a sentence."""
    return f"{sku}: {most} can still be cancelled, not {count}. Check again, then request."


def _expect_possible(left: Limits, chosen: Mapping[int, int], possible: Mapping[int, int]) -> None:
    if possible and not chosen:
        raise ActionRefused("Choose at least one unit to cancel.", code="nothing_chosen")
    skus = {one.item.id: one.sku for one in left.items}
    if not chosen.keys() <= skus.keys():
        raise ActionRefused("These are not items of this order.", code="unknown_item")
    for item_id, count in chosen.items():
        most = possible.get(item_id, 0)
        if not 0 < count <= most:
            raise ActionRefused(
                too_many(skus[item_id], most, count),
                code="too_many_units",
            )
