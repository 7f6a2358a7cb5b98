"""To which payment of an order does a refund go back? (pure; amounts in minor units)"""

from collections.abc import Sequence
from typing import NamedTuple

from orders.models.payment import BY_HAND


class OrderPayment(NamedTuple):
    """A payment as far as it pays an order: `left` is what refunds have left of it, for this order."""

    id: int
    provider: str
    reference: str
    automatic: bool
    share: int
    left: int


class Route(NamedTuple):
    """The provider that pays a refund back, and the payment that it pays back; None where a person chooses the way."""

    provider: str
    payment_id: int | None


def choose(amount: int, payments: Sequence[OrderPayment]) -> Route:
    """The largest payment with room for the whole amount, those first that are paid back without a person.

    Where none has room for all of it, a person pays it by hand.
    """
    fitting = [payment for payment in payments if payment.left >= amount]
    if not fitting:
        return Route(BY_HAND, None)
    best = max(fitting, key=lambda payment: (payment.automatic, payment.share, -payment.id))
    return Route(best.provider, best.id)
