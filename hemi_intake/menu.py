"""What stands in the menu for this person, and how much waits beside it?"""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.http import HttpRequest
from django.urls import reverse

from integrations.gateways.models import ProviderEvent
from integrations.models import (
    Account,
    ApiKey,
    ArchivedMessage,
    Connection,
    Discrepancy,
    StatusMapping,
    SyncRun,
)
from integrations.webhooks.models import WebhookEndpoint
from orders.backoffice import seller_scope
from orders.models import AttentionItem, Order, SalesChannel, Seller, SellerWarehouse, SkuMapping, Warehouse
from refunds.models import OutsidePayment, Refund, RefundPolicy

MOST = 99

_WAITING = """
SELECT (SELECT count(*) FROM (SELECT FROM refunds_refund WHERE status = 'proposed' AND {reached} LIMIT %(most)s) r),
       (SELECT count(*) FROM (SELECT FROM orders_attentionitem WHERE closed_at IS NULL AND {reached} LIMIT %(most)s) a)
"""


@dataclass(frozen=True, slots=True)
class _Entry:
    title: str
    icon: str
    model: Any = None
    view: str = ""
    permission: str = ""
    counts: str = ""


_MENU: tuple[tuple[str, tuple[_Entry, ...]], ...] = (
    (
        "Orders & refunds",
        (
            _Entry("Overview", "home", view="index"),
            _Entry("Refunds", "currency_exchange", Refund, counts="refunds"),
            _Entry("Reports", "monitoring", view="refunds_reports", permission="refunds.view_refund"),
            _Entry("Orders", "package_2", Order),
            _Entry("Attention", "flag", AttentionItem, counts="attention"),
        ),
    ),
    (
        "Warehouse",
        (
            _Entry("Sync runs", "sync", SyncRun),
            _Entry("Warehouse messages", "mail", ArchivedMessage),
            _Entry("Discrepancies", "compare_arrows", Discrepancy),
            _Entry("Connections", "cable", Connection),
            _Entry("Accounts", "key", Account),
            _Entry("Status mappings", "translate", StatusMapping),
            _Entry("SKU mappings", "translate", SkuMapping),
        ),
    ),
    (
        "Settings",
        (
            _Entry("Sellers", "storefront", Seller),
            _Entry("Sales channels", "shopping_cart", SalesChannel),
            _Entry("Warehouses", "warehouse", Warehouse),
            _Entry("Warehouses of sellers", "local_shipping", SellerWarehouse),
            _Entry("Refund policies", "rule", RefundPolicy),
            _Entry("Payment events", "campaign", ProviderEvent),
            _Entry("Refunds made elsewhere", "currency_exchange", OutsidePayment),
            _Entry("Webhooks", "webhook", WebhookEndpoint),
            _Entry("API keys", "vpn_key", ApiKey),
            _Entry("API documentation", "help", view="api_docs", permission="integrations.view_apikey"),
            _Entry("Users", "group", User),
            _Entry("Going live", "rule", view="going_live", permission="refunds.stop_sending"),
            _Entry("Activity", "history", view="activity", permission="orders.view_activity"),
        ),
    ),
    (
        # For superusers alone: no role has these rights.
        "System",
        (
            _Entry("Schedules", "schedule", view="django_q_schedule_changelist", permission="django_q.view_schedule"),
            _Entry("Failed tasks", "error", view="django_q_failure_changelist", permission="django_q.view_failure"),
        ),
    ),
)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The menu, of what this person may see, with how much waits beside it (one query)."""
    sellers = seller_scope.of(request.user)
    reached = "true" if sellers is None else "seller_id = ANY(%(sellers)s)"
    with connection.cursor() as cursor:
        cursor.execute(_WAITING.format(reached=reached), {"most": MOST + 1, "sellers": list(sellers or ())})
        row = cursor.fetchone() or (0, 0)
    waiting = dict(zip(("refunds", "attention"), row, strict=True))
    groups = [
        {"title": title, "items": [item for entry in entries if (item := _item(request, waiting, entry))]}
        for title, entries in _MENU
    ]
    return [group for group in groups if group["items"]]


def _item(request: HttpRequest, waiting: dict[str, int], entry: _Entry) -> dict[str, Any] | None:
    if entry.model:
        page = admin.site.get_model_admin(entry.model)
        shown = page.has_view_permission(request)
        view = f"{page.opts.app_label}_{page.opts.model_name}_changelist"
    else:
        shown, view = not entry.permission or request.user.has_perm(entry.permission), entry.view
    if not shown:
        return None
    item: dict[str, Any] = {"title": entry.title, "icon": entry.icon, "link": reverse(f"admin:{view}")}
    many = waiting.get(entry.counts, 0)
    if many:
        item["badge"] = f"{MOST}+" if many > MOST else many
        item["badge_variant"] = "primary"
    return item
