"""How does a test say what a seller wants of its refunds, in one readable line?"""

from typing import Any

from orders.models import Order, Seller
from refunds.models import Refund, RefundLimit, RefundPolicy


def make_policy(seller: Seller, **fields: Any) -> RefundPolicy:
    """The seller's policy with these fields; the one it has is changed."""
    return RefundPolicy.objects.update_or_create(seller=seller, defaults=fields)[0]


def make_limit(seller: Seller, currency: str = "GBP", **fields: Any) -> RefundLimit:
    """The seller's limits in one currency, in minor units; those it has are changed."""
    found, _ = RefundLimit.objects.update_or_create(policy=make_policy(seller), currency=currency, defaults=fields)
    return found


def parts(order: Order) -> list[tuple[Any, ...]]:
    """What is proposed for the order: reason, amount, shipping, status, and units with those overdue among them."""
    return [
        (r.reason, r.amount, r.shipping_amount, r.status, *r.items.values_list("quantity", "overdue_quantity"))
        for r in Refund.objects.filter(order=order).order_by("sequence")
    ]
