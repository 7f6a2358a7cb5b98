"""Which lists of the desk are measured, with which columns beside stock's, and what do people look for in them?"""

from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

from integrations.models import ArchivedMessage, SyncRun
from integrations.webhooks.models import WebhookDelivery
from orders.models import AttentionItem, Order
from refunds.models import Batch, Refund

ROWS = 100
"""On a page, ours and stock's."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A list: the columns, filters and search fields of the stock changelist beside it, and what is asked of ours.

    `searches` are statements that answer with a text to look for; `together` are combinations of
    filters, of which the slowest of each group counts. `widest` leaves no filter that is there by itself.
    """

    name: str
    model: Any
    columns: tuple[str, ...]
    related: tuple[str, ...]
    filters: tuple[str, ...]
    fields: tuple[str, ...] = ()
    searches: dict[str, str] = field(default_factory=dict)
    together: tuple[tuple[str, ...], ...] = ()
    widest: str = ""

    @property
    def _name(self) -> str:
        return f"{self.model._meta.app_label}_{self.model._meta.model_name}_changelist"

    @property
    def address(self) -> str:
        return reverse(f"admin:{self._name}")

    @property
    def everything(self) -> str:
        """The address of all rows, as stock's shows them."""
        return f"{self.address}?{self.widest}"

    @property
    def stock(self) -> str:
        return reverse(f"stock:{self._name}")


_ORDER = "SELECT {} FROM orders_order ORDER BY id DESC OFFSET 5000 LIMIT 1"
LISTS = (
    Listed(
        "orders",
        Order,
        ("reference", "seller", "channel", "placed_at", "status", "shipped_units", "total_paid", "on_hold"),
        ("seller", "channel"),
        ("status", "seller", "channel", "source"),
        ("reference", "customer_name", "customer_email"),
        {
            "reference": _ORDER.format("reference"),
            "beginning of a reference": _ORDER.format("left(reference, 5)"),
            "e-mail": _ORDER.format("customer_email"),
            "name": _ORDER.format("customer_name"),
            "beginning of a name": _ORDER.format("left(split_part(customer_name, ' ', 2), 4)"),
            "postcode": _ORDER.format("shipping_address ->> 'postcode'"),
            "SKU": "SELECT sku FROM orders_orderitem ORDER BY id DESC OFFSET 5000 LIMIT 1",
            "tracking number": "SELECT tracking_number FROM orders_shipment ORDER BY id DESC OFFSET 5000 LIMIT 1",
            "despatch number": "SELECT number FROM orders_shipment ORDER BY id DESC OFFSET 5000 LIMIT 1",
            "nothing that is there": "SELECT 'zzzz-9'",
        },
        (
            ("seller=1&status=new", "seller=1&status=shipped", "seller=12&status=on_hold"),
            ("channel=1&source=web", "channel=6&source=manual", "channel=1&source=manual"),
            ("seller=12&status=partially_shipped&channel=6&source=manual",),
        ),
    ),
    Listed(
        "refunds",
        Refund,
        ("number", "seller", "status", "amount", "currency", "reason", "proposed_at", "approvals_needed"),
        ("seller",),
        ("status", "seller", "reason"),
        ("number", "order__reference", "order__customer_email"),
        {
            "number": "SELECT number FROM refunds_refund ORDER BY id DESC OFFSET 500 LIMIT 1",
            "e-mail": "SELECT customer_email FROM orders_order JOIN refunds_refund r ON r.order_id = orders_order.id"
            " ORDER BY r.id DESC OFFSET 500 LIMIT 1",
            "SKU": "SELECT sku FROM orders_orderitem ORDER BY id DESC OFFSET 5000 LIMIT 1",
        },
        (
            (
                "seller=1&status=executed",
                "seller=12&status=proposed",
                "seller=12&status=executed",
            ),
            ("reason=damaged&status=executed", "reason=goodwill&status=executed"),
        ),
        "status=&",
    ),
    Listed(
        "attention",
        AttentionItem,
        ("summary", "kind", "order", "opened_at", "closed_at"),
        ("order",),
        ("kind", "seller"),
        (),
        {},
        (("kind=unknown_sku&seller=12&state=closed", "kind=silence&seller=1&state="),),
        "state=&",
    ),
    Listed(
        "messages",
        ArchivedMessage,
        ("id", "state", "resource", "reference", "warehouse_number", "account", "received_at", "reason"),
        ("account__seller", "account__connection"),
        ("state", "account"),
        ("reference",),
        {"reference": _ORDER.format("reference"), "nothing that is there": "SELECT 'zzzz-9'"},
        (("state=applied&from=12", "state=pending&from=12", "state=rejected&from=1"),),
    ),
    Listed(
        "sync runs",
        SyncRun,
        ("id", "state", "started_at", "finished_at", "messages", "applied", "parked", "rejected", "proposed"),
        (),
        ("state", "account"),
        (),
        {},
        (("state=failed&seller=12", "state=succeeded&seller=1"),),
    ),
    Listed(
        "bulk decisions",
        Batch,
        ("id", "act", "made_by", "made_at", "why"),
        ("made_by",),
        ("act",),
    ),
    Listed(
        "deliveries",
        WebhookDelivery,
        ("id", "state", "kind", "order", "endpoint", "attempts", "created_at", "next_attempt_at"),
        ("order", "endpoint"),
        ("state", "endpoint"),
        ("order__reference",),
        {
            "reference": "SELECT reference FROM orders_order JOIN refunds_refund r ON r.order_id = orders_order.id"
            " ORDER BY r.id DESC OFFSET 500 LIMIT 1"
        },
        (("state=failed&endpoint=1", "state=pending&endpoint=1"),),
    ),
)
