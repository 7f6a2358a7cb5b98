"""What must a person look at, and when have they dealt with it?"""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from orders.admin.summary import in_brief, parcels
from orders.backoffice import seller_scope
from orders.backoffice.lists import Filter, Rows, by_field, by_row
from orders.backoffice.pages import Button, Page, View
from orders.models import AttentionItem
from orders.templatetags import formatting
from orders.timeline import attention
from orders.timeline.remedies import ADVICE, before_closing


class AttentionPage(Page):
    """What a person must look at."""

    list_display = ("summary", "kind", "about", "opened")
    seller_path = "seller_id"
    sort = ("-opened_at", "-id")
    page_template = "admin/orders/attentionitem/page.html"
    empty = "Nothing needs attention. Items appear automatically and close when their cause is gone."
    filters = (
        Filter(
            "state",
            "State",
            lambda _: (("open", "Open"), ("closed", "Closed")),
            lambda rows, value: rows.filter(closed_at__isnull=value == "open"),
            default="open",
        ),
        by_field("kind", "Kind", AttentionItem.Kind.choices),
        by_row("seller", "Seller", seller_scope.sellers),
    )
    first_view = View("all", "Open", {}, counted=True)
    views = (View("closed", "Closed", {"state": "closed"}), View("every", "All", {"state": ""}))
    buttons = (
        Button(
            "close",
            "Close",
            "orders.close_attention",
            lambda row, user, _: _close(row, user),
            when=lambda row, _: row.closed_at is None,
            tone="good",
            confirm=before_closing,
        ),
    )

    def get_queryset(self, request: HttpRequest) -> Rows:
        return super().get_queryset(request).select_related("order", "seller", "closed_by")

    def for_list(self, rows: Rows) -> Rows:
        mine = ("kind", "subject", "summary", "opened_at", "closed_at")
        return rows.only(*mine, "order__reference", "seller__name", "closed_by__username")

    def way(self, row: AttentionItem) -> tuple[str, str]:
        """Where something can be done about it: the address and its words, "" where nothing is known."""
        return "", ""

    def context(self, request: HttpRequest, row: AttentionItem) -> dict[str, Any]:
        order = row.order if request.user.has_perm("orders.view_order") else None
        of_order = {"order": order, "items": in_brief(order), "shipments": parcels(order)} if order else {}
        return {"way": self.way(row), "advice": ADVICE[AttentionItem.Kind(row.kind)], **of_order}

    @admin.display(description="About")
    def about(self, row: AttentionItem) -> str:
        if row.order is None:
            return str(row.seller or "–")
        address = reverse("admin:orders_order_change", args=[row.order.pk])
        return format_html('<a class="d-link" href="{}">{}</a>', address, row.order)

    @admin.display(description="Opened")
    def opened(self, row: AttentionItem) -> str:
        if row.closed_at is None:
            return formatting.moment(row.opened_at)
        by = f"by {row.closed_by.get_username()}" if row.closed_by else "automatically"
        closed = '<div>{} <div class="d-quiet">closed {} {}</div></div>'
        return format_html(closed, formatting.moment(row.opened_at), formatting.moment(row.closed_at), by)


def _close(row: AttentionItem, user: User) -> str:
    closed = attention.close(row, by=user)
    return f"Closed: {row.summary}" if closed else f"Already closed: {row.summary}"
