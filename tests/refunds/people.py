"""How does a test get a refund as the warehouse causes it, and the people who decide on it?"""

from typing import Any

from django.contrib.auth.models import User

from orders.models import Order
from refunds import transitions
from refunds.decisions import review
from refunds.models import Refund
from tests.builders import make_order, make_staff
from tests.warehouse import cancelled, tell

RIGHTS = ("propose_refund", "reject_refund", "approve_refund", "settle_refund")


def make_refund(
    lost: int = 1, units: int = 2, *, paid: int = 5998, order: Order | None = None, **fields: Any
) -> Refund:
    """The proposal that follows when the warehouse cancels `lost` of `units` units of an order of TEEs."""
    if order is None:
        order = make_order(fields.pop("reference", "W-1"), items=[("TEE", units, paid)], **fields)
    tell(order, cancelled(of={"TEE": (lost, units)}, order=order.reference))
    return Refund.objects.get(order=order, status="proposed")


def manager(username: str) -> User:
    """Somebody who may do everything with refunds."""
    return make_staff(username, permissions=[f"refunds.{right}" for right in RIGHTS])


def seen(refund: Refund) -> transitions.ExpectedVersion:
    """What stands on the screen of somebody who opens the refund now."""
    now = Refund.objects.get(pk=refund.pk)
    return transitions.ExpectedVersion(now.version, now.amount)


def approved(refund: Refund, by: User | None = None) -> Refund:
    """The refund after somebody has approved it."""
    review.approve(refund.pk, by=by or manager(f"approver-{refund.pk}"), seen=seen(refund))
    return Refund.objects.get(pk=refund.pk)


def kinds(order: Order) -> list[str]:
    """The kinds of the facts on the order's timeline, in their sequence."""
    return list(order.events.order_by("id").values_list("kind", flat=True))


def open_attention(order: Order) -> list[str]:
    """The kinds of what somebody must look at, sorted."""
    return sorted(order.attention.filter(closed_at=None).values_list("kind", flat=True))
