"""What do staff see of orders, and what may they do here?

`OrderPage` is registered by hemi_intake/admin.py, which adds the sections that the other apps contribute to it.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from orders import attention
from orders.find import find
from orders.listing import Filter, Rows, by_field, by_row
from orders.models import AttentionItem, Order, SalesChannel, Seller
from orders.page import Button, Page
from orders.statuses import Status
from orders.templatetags import desk

TIMELINE = 200
"""So many of the newest events a page shows; few orders have more."""


class OrderPage(Page):
    """An order, with what became of each unit."""

    list_display = ("reference", "seller", "channel", "placed", "state", "units", "paid", "attention_mark")
    sort = ("-placed_at", "-id")
    page_template = "admin/orders/order/page.html"
    search_hint = "Reference, e-mail, SKU, tracking or despatch number"
    empty = "No orders yet. Take some in with manage.py import_orders."
    filters = (
        by_field("status", "Status", Status.choices),
        by_row("seller", "Seller", Seller),
        by_row("channel", "Channel", SalesChannel),
        by_field("source", "Source", SalesChannel.Kind.choices),
    )

    def evidence_url(self, message_id: int) -> str:
        """The page of an archived message, "" where there is none; whoever knows the archive says so."""
        return ""

    def search(self, rows: Rows, text: str) -> Rows:
        return rows.filter(pk__in=find(text))

    def get_queryset(self, request: HttpRequest) -> Rows:
        rows: Rows = super().get_queryset(request)
        return rows.select_related("seller", "channel")

    def for_list(self, rows: Rows) -> Rows:
        open_items = AttentionItem.objects.filter(order=OuterRef("pk"), closed_at__isnull=True)
        marked: Rows = rows.annotate(wants_attention=Exists(open_items))
        return marked

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


def told(events: list[Any], evidence_url: Callable[[int], str]) -> list[tuple[Any, str]]:
    """Events with the address of their evidence, "" where there is none."""
    return [(event, evidence_url(event.message) if event.message else "") for event in events]


class AttentionPage(Page):
    """What a person must look at."""

    list_display = ("summary", "kind", "about", "opened", "closed")
    sort = ("-opened_at", "-id")
    page_template = "admin/orders/attentionitem/page.html"
    empty = "Nothing needs attention. Items appear by themselves and close when their cause goes away."
    filters = (
        Filter(
            "state",
            "State",
            lambda: (("open", "Open"), ("closed", "Closed")),
            lambda rows, value: rows.filter(closed_at__isnull=value == "open"),
            default="open",
        ),
        by_field("kind", "Kind", AttentionItem.Kind.choices),
        by_row("seller", "Seller", Seller),
    )
    buttons = (
        Button(
            "close",
            "Close: dealt with",
            "orders.close_attention",
            lambda row, user, _: _close(row, user),
            when=lambda row, _: row.closed_at is None,
            tone="good",
        ),
    )

    def get_queryset(self, request: HttpRequest) -> Rows:
        return super().get_queryset(request).select_related("order", "seller", "closed_by")

    def way(self, row: AttentionItem) -> tuple[str, str]:
        """Where something can be done about it: the address and its words, "" where nothing is known."""
        return "", ""

    def context(self, request: HttpRequest, row: AttentionItem) -> dict[str, Any]:
        return {"way": self.way(row)}

    @admin.display(description="About")
    def about(self, row: AttentionItem) -> str:
        if row.order is None:
            return str(row.seller or row.subject)
        address = reverse("admin:orders_order_change", args=[row.order.pk])
        return format_html('<a href="{}">{}</a>', address, row.order)

    @admin.display(description="Opened")
    def opened(self, row: AttentionItem) -> str:
        return desk.moment(row.opened_at)

    @admin.display(description="Closed")
    def closed(self, row: AttentionItem) -> str:
        if row.closed_at is None:
            return format_html('<span class="d-state" data-tone="{}">{}</span>', "bad", "Open")
        by = row.closed_by.get_username() if row.closed_by else "by itself"
        return format_html_join(" ", "{}", ((desk.moment(row.closed_at),), (by,)))


def _close(row: AttentionItem, user: User) -> str:
    closed = attention.close(row, by=user)
    return f"Closed: {row.summary}" if closed else f"It was closed already: {row.summary}"


class SellerPage(Page):
    """The brands whose orders we run."""

    editable = True
    sort = ("id",)
    list_display = ("name", "code", "currency", "time_zone", "active")
    fields = ("code", "name", "currency", "time_zone", "active")
    empty = "No sellers yet. Add one, then connect its warehouse."


class ChannelPage(Page):
    """Where orders are placed."""

    editable = True
    sort = ("id",)
    list_display = ("name", "code", "kind", "active")
    fields = ("code", "name", "kind", "active")
    empty = "No sales channels yet. Add one for each place where orders come from."


admin.site.register(Seller, SellerPage)
admin.site.register(SalesChannel, ChannelPage)
