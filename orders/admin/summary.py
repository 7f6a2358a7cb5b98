"""What became of an order's units, and in which parcels? (for its own page, and beside what needs attention)"""

from orders.models import Order, OrderItem, Shipment

AT_ONCE = 12
"""So many items are shown before somebody asks for all."""


def in_brief(order: Order) -> list[OrderItem]:
    """Its items; of many those first that did not ship as they were ordered."""
    items = list(order.items.all())
    return sorted(items, key=_as_ordered) if len(items) > AT_ONCE else items


def parcels(order: Order) -> list[Shipment]:
    """Its shipments, the newest first."""
    return list(order.shipments.order_by("-despatched_at", "-id").prefetch_related("items"))


def _as_ordered(item: OrderItem) -> bool:
    return item.shipped_quantity == item.quantity and not item.cancelled_quantity
