"""Which orders are there, and how are they found?"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, TextField, Value
from django.db.models.functions import Concat
from django.http import HttpRequest
from django.utils.html import format_html

from orders.admin.order_exports import Exporting
from orders.backoffice.lists import Rows, Searched, Sort
from orders.backoffice.order_filters import FILTERS, OPEN_ATTENTION
from orders.backoffice.order_query import search_orders
from orders.backoffice.overdue import late_since
from orders.backoffice.pages import View
from orders.models import FulfilmentOrder, Order, OrderItem, Shipment
from orders.statuses import PaymentStatus
from orders.templatetags import formatting

FEW = 3
"""So many items and tracking numbers a row names; the order's page has them all."""


class OrderList(Exporting):
    """Orders, the newest first."""

    list_display = (
        "reference",
        "placed",
        "customer",
        "seller",
        "channel",
        "state",
        "units",
        "paid",
        "payment",
        "attention_mark",
    )
    columns = (
        "email",
        "country",
        "postcode",
        "source_shown",
        "outstanding",
        "short",
        "refunded",
        "items_shown",
        "tracking",
        "warehouse_number",
        "shipping_method",
        "held_because",
        "updated",
    )
    numbers = ("units", "paid", "outstanding", "short", "refunded")
    seller_path = "seller_id"
    sort = ("-placed_at", "-id")
    sorts = (
        Sort("oldest", "Oldest first", ("placed_at", "id")),
        Sort("changed", "Last changed first", ("-updated_at", "-id")),
    )
    heading_sorts: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "placed": ("placed_at", "id"),
        "updated": ("updated_at", "id"),
    }
    search_hint = "Reference, name, e-mail, phone, address, product, SKU, tracking or payment"
    empty = "No orders yet. Import some with manage.py import_orders."
    filters = FILTERS
    views = (
        View("open", "Open", {"status": "open"}),
        View("late", "Late", {"promise": "late"}),
        View("short", "Short-shipped", {"units": "short"}),
        View("held", "On hold", {"hold": "any"}),
        View("attention", "Needs attention", {"attention": "any"}),
    )

    def order(self, chosen: Mapping[str, str]) -> tuple[str, ...]:
        # Who waits longest comes first.
        return ("placed_at", "id") if chosen["promise"] or chosen["age"] else self.sort

    def searched(self, request: HttpRequest, rows: Rows, text: str) -> Searched:
        return search_orders(rows, text, self.person(request))

    def get_queryset(self, request: HttpRequest) -> Rows:
        rows: Rows = super().get_queryset(request)
        return rows.select_related("seller", "channel")

    def for_columns(self, rows: Rows, columns: Sequence[str]) -> Rows:
        if "attention_mark" in columns:
            rows = rows.annotate(wants_attention=Exists(OPEN_ATTENTION.filter(order=OuterRef("pk"))))
        if "items_shown" in columns:
            items = OrderItem.objects.filter(order=OuterRef("pk")).order_by("position")
            line = Concat("quantity", Value(" × "), "sku", output_field=TextField())
            rows = rows.annotate(some_items=ArraySubquery(items.values_list(line)[: FEW + 1]))
        if "tracking" in columns:
            sent = Shipment.objects.filter(order=OuterRef("pk"), withdrawn=False, planned=False)
            tracked = sent.exclude(tracking_number="").values("tracking_number")
            rows = rows.annotate(some_numbers=ArraySubquery(tracked[: FEW + 1]))
        if "warehouse_number" in columns:
            parts = (
                FulfilmentOrder.objects.filter(order=OuterRef("pk")).exclude(number="").order_by("warehouse", "part")
            )
            rows = rows.annotate(warehouse_numbers=ArraySubquery(parts.values("number")[: FEW + 1]))
        return rows

    @admin.display(description="Placed")
    def placed(self, row: Order) -> str:
        return formatting.brief(row.placed_at)

    @admin.display(description="Status")
    def state(self, row: Order) -> str:
        late = late_since(row)
        if late is None:
            return formatting.status(row)
        return format_html('{} <b class="d-bad">{} late</b>', formatting.status(row), formatting.ago(late))

    @admin.display(description="Shipped")
    def units(self, row: Order) -> str:
        return f"{row.shipped_units} of {row.ordered_units}"

    @admin.display(description="Paid")
    def paid(self, row: Order) -> str:
        return formatting.money(row.total_paid, row.currency)

    @admin.display(description="Payment")
    def payment(self, row: Order) -> str:
        pending = "refund pending" if row.pending_refunds else ""
        if row.payment_status == PaymentStatus.PAID:
            return pending.capitalize() or str(PaymentStatus.PAID.label)
        return formatting.state(row.payment_status, PaymentStatus(row.payment_status).label, pending)

    @admin.display(description="Attention")
    def attention_mark(self, row: Any) -> str:
        if not row.wants_attention:
            return ""
        return format_html('<span class="d-state" data-tone="{}">{}</span>', "bad", "Review")

    @admin.display(description="Customer")
    def customer(self, row: Order) -> str:
        return format_html("<bdi>{}</bdi>", row.customer_name or "–")

    @admin.display(description="E-mail")
    def email(self, row: Order) -> str:
        return row.customer_email or "–"

    @admin.display(description="Country")
    def country(self, row: Order) -> str:
        return row.shipping_address.get("country") or "–"

    @admin.display(description="Postcode")
    def postcode(self, row: Order) -> str:
        return row.shipping_address.get("postcode") or "–"

    @admin.display(description="Source")
    def source_shown(self, row: Order) -> str:
        return row.get_source_display()

    @admin.display(description="Outstanding")
    def outstanding(self, row: Order) -> int:
        return row.outstanding_units

    @admin.display(description="Will not ship")
    def short(self, row: Order) -> int:
        return row.cancelled_units

    @admin.display(description="Refunds")
    def refunded(self, row: Order) -> str:
        return formatting.money(row.committed_amount, row.currency) if row.committed_amount else "–"

    @admin.display(description="Items")
    def items_shown(self, row: Any) -> str:
        return _few(row.some_items)

    @admin.display(description="Tracking")
    def tracking(self, row: Any) -> str:
        return _few(row.some_numbers)

    @admin.display(description="Warehouse number")
    def warehouse_number(self, row: Any) -> str:
        return _few(row.warehouse_numbers)

    @admin.display(description="Changed")
    def updated(self, row: Order) -> str:
        return formatting.brief(row.updated_at)


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:FEW]) + (" and more" if len(names) > FEW else "") or "–"
