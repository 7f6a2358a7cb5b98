"""What stands beside a refund while it is decided? (other refunds of the order and the customer, today's ceiling)"""

from dataclasses import dataclass

from refunds.execution import ceiling
from refunds.models import UNDECIDED, Refund, RefundLimit
from refunds.proposals.approvals import given_today

MOST = 5
"""So many other refunds are named; the others are counted."""


@dataclass(frozen=True, slots=True)
class Others:
    """Refunds of one kind of neighbourhood: the newest of them, and how many more there are."""

    shown: list[Refund]
    more: int


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the seller's policy says in the refund's currency, and how much was paid back today where that counts."""

    limit: RefundLimit
    spent: int
    lifted: bool
    given_today: int
    """Approved of the same order today besides this refund: limits count per order and day."""
    needed: int
    """How many people approve it now."""


def of_order(refund: Refund) -> Others:
    """The other refunds of the same order."""
    return _cut(list(Refund.objects.filter(order=refund.order_id).exclude(pk=refund.pk).order_by("-id")))


def of_customer(refund: Refund, email: str) -> Others:
    """Refunds of the same customer's other orders with the same seller."""
    if not email:
        return Others([], 0)
    same = Refund.objects.filter(seller=refund.seller_id, order__customer_email__iexact=email)
    rows = same.exclude(order__customer_email="").exclude(order=refund.order_id)
    return _cut(list(rows.order_by("-id")[:50]))


def allowance(refund: Refund) -> Allowance | None:
    """The policy's amounts for this refund; None where the seller has none in its currency."""
    limit = RefundLimit.objects.filter(policy=refund.seller_id, currency=refund.currency).first()
    if limit is None:
        return None
    spent, lifted = 0, False
    if limit.daily_ceiling is not None:
        _, spent, lifted = ceiling.today(refund.seller_id, refund.currency)
    given, needed = 0, refund.approvals_needed
    if refund.status in UNDECIDED:
        given = given_today([refund])[refund.pk]
        if refund.approved_by_id is None:
            needed = limit.rule().approvals(refund.amount, given)
    return Allowance(limit, spent, lifted, given, needed)


def _cut(rows: list[Refund]) -> Others:
    return Others(rows[:MOST], max(len(rows) - MOST, 0))
