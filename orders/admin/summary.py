"""What became of an order's units, and in which parcels? (for its own page, and beside what needs attention)"""

from orders.models import FulfilmentOrder, Order, OrderItem, SellerWarehouse, Shipment

AT_ONCE = 12
"""So many items are shown before somebody asks for all."""


def in_brief(order: Order) -> list[OrderItem]:
    """Its items; of many those first that did not ship as they were ordered."""
    items = list(order.items.all())
    return sorted(items, key=_as_ordered) if len(items) > AT_ONCE else items


def parcels(order: Order) -> list[Shipment]:
    """Its shipments, the newest first."""
    shipments = order.shipments.select_related("fulfilment_order__warehouse").prefetch_related("items")
    return list(shipments.order_by("-despatched_at", "-id"))


def parts(order: Order) -> list[FulfilmentOrder]:
    """Its fulfilment orders; as long as no warehouse has reported, the one presumed at the seller's default."""
    found = list(order.fulfilment_orders.select_related("warehouse").order_by("warehouse__code", "part"))
    if found:
        return found
    default = SellerWarehouse.objects.filter(seller=order.seller_id).select_related("warehouse").first()
    return [FulfilmentOrder(order=order, warehouse=default.warehouse, state="presumed")] if default else []


def _as_ordered(item: OrderItem) -> bool:
    return item.shipped_quantity == item.quantity and not item.cancelled_quantity
