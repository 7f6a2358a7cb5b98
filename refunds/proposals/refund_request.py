"""What does a person want refunded, may it be, and what is it worth? (amounts in minor units)"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from django.db import models

from orders.money import text
from refunds.calculation.refundable import ItemLimit, Limits
from refunds.errors import DecisionRefused
from refunds.models import Refund
from refunds.rules.amounts import Sum

REASONS = (
    Refund.Reason.DAMAGED,
    Refund.Reason.RETURNED,
    Refund.Reason.LOST,
    Refund.Reason.DUPLICATE,
    Refund.Reason.CHANGED_MIND,
    Refund.Reason.GOODWILL,
    Refund.Reason.OTHER,
)
"""What people may give as the reason; the others are worked out."""

NOTHING = "Choose at least one unit, an amount, or the shipping charge."


class Scope(models.TextChoices):
    ORDER = "order", "Full remaining amount"
    ITEMS = "items", "All items, without the shipping charge"
    SHIPPING = "shipping", "Only the shipping charge"
    PART = "part", "Part: units, amounts or shipping as chosen below"


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """Units and amounts without units, by item id. Only `Scope.PART` looks at them and at `shipping`."""

    kind: str = Refund.Kind.PRE_SHIPMENT.value
    scope: str = Scope.PART.value
    units: Mapping[int, int] = field(default_factory=dict)
    amounts: Mapping[int, int] = field(default_factory=dict)
    shipping: bool = False


def expand(left: Limits, wish: RefundRequest) -> RefundRequest:
    """The same wish as units, amounts and shipping. Refused when the scope cannot be refunded as one kind."""
    if wish.scope == Scope.PART:
        return wish
    if wish.scope == Scope.SHIPPING:
        return replace(wish, scope=Scope.PART.value, units={}, amounts={}, shipping=True)
    whole = wish.scope == Scope.ORDER
    for one in left.items if whole else ():
        if one.units_left(wish.kind) < one.item.quantity - one.item.held.units:
            raise DecisionRefused(
                f"{one.sku}: {one.shipped} of {one.item.quantity} shipped. An order that is partly shipped is refunded "
                "in two: all items pre-shipment, and all items post-shipment.",
                code="partly_shipped",
            )
    units = {one.item.id: count for one in left.items if (count := one.units_left(wish.kind))}
    shipping = whole and left.shipping_left > 0
    return replace(wish, scope=Scope.PART.value, units=units, amounts={}, shipping=shipping)


def work_out(left: Limits, wish: RefundRequest) -> Sum:
    """The exact sum of what is wished. Refused, with a sentence, when it is beyond what is left."""
    wish = expand(left, wish)
    known = {one.item.id: one for one in left.items}
    units = {item_id: count for item_id, count in wish.units.items() if count}
    amounts = {item_id: amount for item_id, amount in wish.amounts.items() if amount}
    if not (units.keys() | amounts.keys()) <= known.keys():
        raise DecisionRefused("These are not items of this order.", code="unknown_item")
    for item_id, count in units.items():
        _expect_units(known[item_id], count, wish.kind)
    for item_id, amount in amounts.items():
        _expect_amount(known[item_id], amount, left.currency, alone=item_id not in units)
    if wish.shipping and not left.shipping_left:
        raise DecisionRefused("The shipping charge has already been refunded.", code="no_shipping_left")
    if not (units or amounts or wish.shipping):
        raise DecisionRefused(NOTHING, code="nothing_chosen")
    total = left.work_out(units, amounts, shipping=wish.shipping)
    if total.amount <= 0 and total.items_amount + total.shipping > 0 and left.purse.smallest > 1:
        least = text(left.purse.smallest, left.currency)
        raise DecisionRefused(
            f"The payment provider cannot pay less than {least} {left.currency}.", code="below_smallest_amount"
        )
    if total.amount <= 0:
        raise DecisionRefused("This has already been refunded.", code="refunded_already")
    return total


def _expect_units(one: ItemLimit, count: int, kind: str) -> None:
    left = one.units_left(kind)
    if count < 0 or count > left:
        why = f"{one.shipped} of {one.item.quantity} shipped, {one.held_units} in other refunds"
        raise DecisionRefused(
            f"{one.sku}: {left} can be refunded as {Refund.Kind(kind).label.lower()}, not {count} ({why}).",
            code="too_many_units",
        )


def _expect_amount(one: ItemLimit, amount: int, currency: str, *, alone: bool) -> None:
    if not alone:
        raise DecisionRefused(f"{one.sku}: choose units or an amount, not both.", code="units_or_amount")
    if amount < 0 or amount > one.amount_left:
        left, asked = text(one.amount_left, currency), text(amount, currency)
        raise DecisionRefused(
            f"{one.sku}: {left} {currency} is left to refund, not {asked}.", code="amount_beyond_what_is_left"
        )
