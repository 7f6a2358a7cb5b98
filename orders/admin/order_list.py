"""Which orders are there, and how are they found?"""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils.html import format_html

from orders import daily, find, reach
from orders.late import past_promise
from orders.listing import Filter, Rows, by_days, by_field, by_row
from orders.models import AttentionItem, Order, SalesChannel
from orders.page import Page
from orders.statuses import Status
from orders.templatetags import desk


class OrderList(Page):
    """Orders, the newest first."""

    list_display = ("reference", "seller", "channel", "placed", "state", "units", "paid", "attention_mark")
    seller_path = "seller_id"
    sort = ("-placed_at", "-id")
    search_hint = "Reference, name, e-mail, postcode, SKU, tracking or despatch number"
    empty = "No orders yet. Take some in with manage.py import_orders."
    filters = (
        by_field("status", "Status", Status.choices),
        by_row("seller", "Seller", reach.sellers),
        by_row("channel", "Channel", reach.channels),
        by_field("source", "Source", SalesChannel.Kind.choices),
        Filter("promise", "Promise", lambda *_: (("late", "Past it"),), lambda rows, _: past_promise(rows)),
        by_days("shipped", "Shipped", daily.shipped),
        by_days("short", "Cut short", daily.cut_short),
    )

    def order(self, chosen: Mapping[str, str]) -> tuple[str, ...]:
        # Who waits longest comes first.
        return ("placed_at", "id") if chosen["promise"] else self.sort

    def searched(self, request: HttpRequest, rows: Rows, text: str) -> tuple[Rows, str]:
        found = find.beginning(text, sellers=reach.of(request.user))
        said = f"Very many orders match “{text}”: only some of them were looked at. Type more of it."
        return rows.filter(pk__in=found.ids), said if found.more else ""

    def exactly(self, request: HttpRequest, rows: Rows, text: str) -> Rows | None:
        return (
            rows.filter(pk__in=found.ids) if (found := find.exactly(text, sellers=reach.of(request.user))).ids else None
        )

    def get_queryset(self, request: HttpRequest) -> Rows:
        rows: Rows = super().get_queryset(request)
        return rows.select_related("seller", "channel")

    def for_list(self, rows: Rows) -> Rows:
        open_items = AttentionItem.objects.filter(order=OuterRef("pk"), closed_at__isnull=True)
        marked: Rows = rows.annotate(wants_attention=Exists(open_items))
        return marked

    @admin.display(description="Placed")
    def placed(self, row: Order) -> str:
        return desk.moment(row.placed_at)

    @admin.display(description="Status")
    def state(self, row: Order) -> str:
        return desk.status(row)

    @admin.display(description="Units shipped")
    def units(self, row: Order) -> str:
        return f"{row.shipped_units} of {row.ordered_units}"

    @admin.display(description="Paid")
    def paid(self, row: Order) -> str:
        return desk.money(row.total_paid, row.currency)

    @admin.display(description="Attention")
    def attention_mark(self, row: Any) -> str:
        if not row.wants_attention:
            return "–"
        return format_html('<span class="d-state" data-tone="{}">{}</span>', "bad", "Look")
