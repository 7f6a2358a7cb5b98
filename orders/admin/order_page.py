"""What does the page of an order show, and what may be done there?"""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db.models import F, Value
from django.db.models.functions import Upper
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.cache import patch_vary_headers

from orders.admin.actions import BUTTONS
from orders.admin.annotations import Files, put_on
from orders.admin.order_list import OrderList
from orders.admin.summary import in_brief, parcels, parts
from orders.admin.timeline import timeline
from orders.backoffice.overdue import late_since, promise_of
from orders.backoffice.pages import Button
from orders.backoffice.totals import bill
from orders.models import AttentionItem, Order, OrderItem
from orders.timeline.remedies import ADVICE

FORMER = 5
"""So many earlier addresses are shown."""
OTHERS = 5
"""So many other orders of the same customer are shown; the list has all of them."""


class OrderPage(Files, OrderList):
    """An order, with what became of each unit."""

    page_template = "admin/orders/order/page.html"
    buttons: ClassVar[tuple[Button, ...]] = BUTTONS

    def is_on_timeline(self, row: Any) -> bool:
        return True

    def evidence_url(self, message_id: int) -> str:
        """The page of an archived message, "" where there is none; whoever knows the archive says so."""
        return ""

    def way(self, row: AttentionItem) -> tuple[str, str]:
        """Where something can be done about it: the address and its words, "" where nothing is known."""
        return "", ""

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if (
            request.method == "GET"
            and request.headers.get("X-Part") == "timeline"
            and self.has_view_permission(request)
        ):
            shown = self._timeline(request, self._row(request, object_id))
            answer: HttpResponse = TemplateResponse(request, "admin/backoffice/timeline.html", shown)
        else:
            answer = super().change_view(request, object_id, form_url, extra_context)
        patch_vary_headers(answer, ["X-Part"])
        return answer

    def context(self, request: HttpRequest, row: Order) -> dict[str, Any]:
        items = in_brief(row)
        attention = row.attention.filter(closed_at__isnull=True).order_by("-opened_at", "-id")
        return {
            "items": items,
            "bill": bill(row, items),
            "payments": list(row.payment_shares.select_related("payment")),
            "shipments": parcels(row),
            "parts": parts(row),
            "former_addresses": list(row.former_addresses.all()[:FORMER]),
            "attention": [(item, self.way(item), ADVICE[AttentionItem.Kind(item.kind)]) for item in attention],
            "may_close": request.user.has_perm("orders.close_attention"),
            "held": row.events.filter(kind="order.hold_placed").order_by("-id").first() if row.held_because else None,
            "requested": requested(row, items),
            "others": others(row),
            **put_on(row),
            "promised": promise_of(row),
            "late_since": late_since(row),
            **self._timeline(request, row),
        }

    def _timeline(self, request: HttpRequest, row: Order) -> dict[str, Any]:
        return {"row": row, **timeline(row.events.all(), request.GET.get("before", ""), self.evidence_url)}


def requested(order: Order, items: Iterable[OrderItem]) -> set[str]:
    """The SKUs whose cancellation was requested and of which units are still outstanding: nobody confirmed yet."""
    if not order.outstanding_units:
        return set()
    waiting = {item.sku for item in items if item.outstanding_quantity}
    asked: set[str] = set()
    for data in order.events.filter(kind="order.cancellation_asked").values_list("data", flat=True):
        # Without items it was about the whole order.
        asked |= {one["sku"] for one in data["items"]} if "items" in data else waiting
    return asked & waiting


def others(order: Order) -> list[Order]:
    """The newest other orders of the same customer at the same seller, one more than are shown."""
    if not order.customer_email:
        return []
    same = Order.objects.filter(seller=order.seller_id).exclude(customer_email="").exclude(pk=order.pk)
    same = same.alias(mail=Upper("customer_email")).filter(mail=Upper(Value(order.customer_email)))
    return list(same.order_by(F("placed_at").desc(), F("id").desc())[: OTHERS + 1])
