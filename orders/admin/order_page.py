"""What does the page of an order show, and what may be done there?"""

from typing import Any

from django.http import HttpRequest

from orders.admin.acts import BUTTONS
from orders.admin.order_list import OrderList
from orders.admin.timeline import told
from orders.models import Order
from orders.refused import NotPossible

TIMELINE = 200
"""So many of the newest events a page shows; few orders have more."""


class OrderPage(OrderList):
    """An order, with what became of each unit."""

    page_template = "admin/orders/order/page.html"
    buttons = BUTTONS
    refusals = (NotPossible,)

    def evidence_url(self, message_id: int) -> str:
        """The page of an archived message, "" where there is none; whoever knows the archive says so."""
        return ""

    def context(self, request: HttpRequest, row: Order) -> dict[str, Any]:
        events = list(row.events.order_by("-id")[: TIMELINE + 1])
        return {
            "items": list(row.items.all()),
            "shipments": list(row.shipments.prefetch_related("items")),
            "attention": list(row.attention.filter(closed_at__isnull=True)),
            "events": told(events[:TIMELINE], self.evidence_url),
            "older": len(events) > TIMELINE,
            "refundable": row.total_paid - row.committed_amount,
            "may_close": request.user.has_perm("orders.close_attention"),
        }
