"""Say which line of an order shipped, where one SKU stands on lines of different prices."""

from django.contrib.auth.models import User
from django.db import transaction

from orders.errors import ActionRefused, require_reason
from orders.fulfilment.apply import rederive
from orders.models import Order, OrderItem
from orders.money import text
from orders.timeline import events
from refunds import rights
from refunds.proposals.propose import propose

RIGHT = "refunds.propose_refund"
EVENT = "order.shipped_line_chosen"


def choices(order: Order) -> list[OrderItem]:
    """The lines of SKUs that stand on lines of different prices, and of which some units have shipped and some not."""
    by_sku: dict[str, list[OrderItem]] = {}
    for item in order.items.order_by("position"):
        by_sku.setdefault(item.sku, []).append(item)
    found: list[OrderItem] = []
    for lines in by_sku.values():
        shipped, units = sum(one.shipped_quantity for one in lines), sum(one.quantity for one in lines)
        if len({one.paid * lines[0].quantity for one in lines}) > 1 and 0 < shipped < units:
            found += lines
    return found


def move_shipped(order_id: int, item_id: int, *, by: User, why: str) -> OrderItem:
    """Count the shipped units of a SKU at this line first; refunds follow. A second call is refused."""
    with transaction.atomic():
        rights.expect_right(by, RIGHT)
        reason = require_reason(why)
        order = Order.objects.select_for_update(no_key=True).get(pk=order_id)
        item = next((one for one in choices(order) if one.pk == item_id), None)
        if item is None:
            raise ActionRefused("There is nothing to choose between for this line.", code="no_choice")
        if item.fills_first or item.shipped_quantity == item.quantity:
            raise ActionRefused("The shipped units are counted at this line already.", code="chosen_already")
        order.items.filter(sku=item.sku).update(fills_first=False)
        order.items.filter(pk=item.pk).update(fills_first=True)
        actor = events.staff(by)
        data = {"sku": item.sku, "paid": text(item.paid, order.currency), "why": reason}
        events.record([events.Event(order.pk, order.seller_id, EVENT, None, actor, data)])
        rederive(order.seller_id, [order.pk], actor=actor)
        propose([order.pk], actor=actor)
    return item
