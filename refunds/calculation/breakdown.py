"""How did the amounts of a refund come about? (reads one refund's order once; words for the review page)"""

from dataclasses import dataclass

from django.db.models import QuerySet

from orders.models import OrderItem
from orders.money import share, shown
from refunds.models import RELEASED, Refund, RefundItem


@dataclass(frozen=True, slots=True)
class Line:
    """One order item beside this refund's part of it. `before` and `given` are what other refunds hold."""

    item: OrderItem
    part: RefundItem | None
    before: int
    given: int
    how: str


def lines(refund: Refund) -> list[Line]:
    """Every item of the order: those of the refund first, each with the sum that led to its amount."""
    parts = list(refund.items.all())
    mine = {part.item_id: part for part in parts}
    others = RefundItem.objects.filter(refund__order=refund.order_id).exclude(refund=refund.pk)
    held = _held(others.exclude(refund__status__in=RELEASED))
    found = [
        _line(item, mine.get(item.pk), held.get(item.pk, (0, 0, 0)), refund.currency)
        for item in OrderItem.objects.filter(order=refund.order_id)
    ]
    return sorted(found, key=lambda line: (line.part is None, line.item.position))


def _held(others: QuerySet[RefundItem]) -> dict[int, tuple[int, int, int]]:
    """Units, amount, and the part of the amount that paid for units, by item."""
    held: dict[int, tuple[int, int, int]] = {}
    for item_id, quantity, amount, origin in others.values_list("item_id", "quantity", "amount", "refund__origin"):
        units, given, by_units = held.get(item_id, (0, 0, 0))
        paying = amount if quantity or origin == Refund.Origin.EXTERNAL else 0
        held[item_id] = (units + quantity, given + amount, by_units + paying)
    return held


def _line(item: OrderItem, part: RefundItem | None, held: tuple[int, int, int], currency: str) -> Line:
    before, given, by_units = held
    if part is None:
        return Line(item, None, before, given, "")
    return Line(item, part, before, given, _how(item, part, before, by_units, currency))


def _how(item: OrderItem, part: RefundItem, before: int, given: int, currency: str) -> str:
    if not part.quantity:
        return "without units" if part.amount else "left out by hand"
    upto = before + part.quantity
    worth = share(item.paid, upto, item.quantity) - given
    each, uneven = divmod(item.paid, item.quantity)
    if not uneven and part.amount == each * part.quantity:
        return f"{part.quantity} × {shown(each, currency)}"
    less = f" − {shown(given, currency)} refunded before" if given else ""
    how = f"{upto} of {item.quantity} units · line total {shown(item.paid, currency)}{less}"
    return how if worth == part.amount else f"{how}, then limited to what was left"
