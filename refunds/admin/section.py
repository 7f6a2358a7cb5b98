"""What does the page of an order say about its refunds?"""

from django.http import HttpRequest

from orders.backoffice.pages import Section
from orders.models import Order
from refunds.models import Refund


def refunds_of_order(request: HttpRequest, order: Order) -> Section | None:
    """The refunds of an order, the newest first, for those who may see refunds."""
    if not request.user.has_perm("refunds.view_refund"):
        return None
    rows = Refund.objects.filter(order=order).order_by("-sequence").prefetch_related("items__item")
    may_propose = request.user.has_perm("refunds.propose_refund")
    return Section("Refunds", "admin/refunds/refund/of_order.html", {"rows": list(rows), "may_propose": may_propose})
