"""What happened to an order, and what must somebody look at?"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from orders.models.order import Order
from orders.models.sellers import Seller
from orders.models.transactions import TransactionId


class OrderEvent(models.Model):
    """One fact on an order's timeline: audit log, what staff read, and outbox. Never updated, never deleted."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="events", db_index=False)
    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=40)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    actor = models.CharField(max_length=160)
    data = models.JSONField(default=dict)
    message = models.BigIntegerField(null=True, blank=True, help_text="The archived message that is the evidence.")
    transaction_id = TransactionId()

    class Meta:
        ordering = ("id",)
        indexes = (
            models.Index("order", "id", name="timeline"),
            models.Index("transaction_id", "id", name="timeline_as_it_became_visible"),
            # What people did, among ten times as much that the warehouse said.
            models.Index(
                F("recorded_at").desc(), F("id").desc(), name="acts_of_people", condition=Q(actor__startswith="staff:")
            ),
            models.Index(
                "actor",
                F("recorded_at").desc(),
                F("id").desc(),
                name="acts_of_a_person",
                condition=Q(actor__startswith="staff:"),
            ),
            models.Index("occurred_at", "order", name="units_cancelled", condition=Q(kind="order.units_cancelled")),
        )

    def __str__(self) -> str:
        return self.kind


class AttentionItem(models.Model):
    """Something a person must look at, with its evidence. It closes itself when its cause goes away."""

    class Kind(models.TextChoices):
        UNKNOWN_ORDER = "unknown_order", "Unknown order"
        AMBIGUOUS_ORDER = "ambiguous_order", "One reference, several orders"
        UNKNOWN_SKU = "unknown_sku", "Unknown SKU"
        REMOVED_ITEM = "removed_item", "Removed after the warehouse had it"
        OVER_SHIPMENT = "over_shipment", "More shipped than ordered"
        STATUS_BACKWARDS = "status_backwards", "Status went backwards"
        QUANTITY_MISMATCH = "quantity_mismatch", "Quantity differs from warehouse"
        CLOSED_WITHOUT_FIGURES = "closed_without_figures", "Closed without shipped quantities"
        CLOSING_CHANGED = "closing_changed", "Warehouse closed it twice, in two ways"
        FIGURES_OVERTAKEN = "figures_overtaken", "Figures and despatch notes differ"
        DOUBLE_COVERAGE = "double_coverage", "Two warehouses may ship the same units"
        OTHER_WAREHOUSE_SILENT = "other_warehouse_silent", "Cancelled, but another warehouse is silent"
        UNKNOWN_REQUEST = "unknown_request", "Closed, but nothing says what it was asked for"
        PLANNED_NOT_CONFIRMED = "planned_not_confirmed", "Planned despatch not confirmed"
        PARTIAL_KIT = "partial_kit", "Part of a kit"
        HAND_AND_WAREHOUSE_SHIPMENT = "hand_and_warehouse_shipment", "Shipped by hand and by the warehouse"
        SHIPPED_AFTER_DROP = "shipped_after_drop", "Shipped after staff cancelled it"
        UNASSIGNED = "unassigned", "No warehouse has been asked for it"
        SERVICES_LEFT = "services_left", "Only services are left"
        SHARED_DESPATCH_NUMBER = "shared_despatch_number", "Despatch number on two orders"
        UNKNOWN_STATUS = "unknown_status", "Unmapped status"
        MESSAGE_REJECTED = "message_rejected", "Message rejected"
        SHIPPED_AFTER_REFUND = "shipped_after_refund", "Shipped after refund"
        FOREIGN_PAYMENT = "foreign_payment", "Payment of another seller"
        CURRENCY_MISMATCH = "currency_mismatch", "Currency differs from the payment"
        REFUND_IN_DOUBT = "refund_in_doubt", "Refund in doubt"
        REFUND_PENDING = "refund_pending", "Refund pending for long"
        REFUND_FAILED = "refund_failed", "Refund failed"
        EXTERNAL_OVER_LIMIT = "external_over_limit", "Refunded more than the refundable balance"
        UNEXPLAINED_REFUND = "unexplained_refund", "Refunded elsewhere, unclear what for"
        PROVIDER_DIFFERENCE = "provider_difference", "Refund differs at the provider"
        CEILING_REACHED = "ceiling_reached", "Daily cap reached"
        CHANGE_WAITING = "change_waiting", "Change waits for a second person"
        MANY_REFUNDS = "many_refunds", "Many refunds at once"
        SYNC_FAILING = "sync_failing", "Sync keeps failing"
        KEY_REFUSED = "key_refused", "API key rejected"
        AMBIGUOUS_TIME = "ambiguous_time", "Ambiguous time (clock change)"
        DATE_AHEAD = "date_ahead", "Date lies far ahead"
        DUPLICATE_SHIPMENT = "duplicate_shipment", "Duplicate shipment"
        EMPTY_LIST = "empty_list", "Warehouse order list is empty"
        CLOCK_SKEW = "clock_skew", "Warehouse clock is off"
        SILENCE = "silence", "Warehouse is silent"
        DISCREPANCY = "discrepancy", "Discrepancy with the warehouse"
        WEBHOOK_OFF = "webhook_off", "Webhook endpoint disabled"

    kind = models.CharField(max_length=30, choices=Kind.choices)
    subject = models.CharField(max_length=160, help_text="What it is about; one open item per kind and subject.")
    seller = models.ForeignKey(Seller, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    order = models.ForeignKey(Order, models.PROTECT, null=True, blank=True, related_name="attention")
    summary = models.CharField(max_length=300)
    evidence = models.JSONField(default=dict)
    opened_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("-opened_at", "-id")
        constraints = (
            models.UniqueConstraint(
                "kind", "subject", name="one_open_item_per_kind_and_subject", condition=Q(closed_at__isnull=True)
            ),
        )
        indexes = (
            models.Index("order", "kind", name="attention_by_order"),
            models.Index("kind", "subject", name="attention_by_subject"),
            models.Index("kind", F("opened_at").desc(), name="open_attention", condition=Q(closed_at__isnull=True)),
            models.Index(F("opened_at").desc(), F("id").desc(), name="attention_newest_first"),
            models.Index("seller", F("opened_at").desc(), F("id").desc(), name="attention_of_seller"),
        )
        permissions = (("close_attention", "Can close attention items"),)

    def __str__(self) -> str:
        return self.summary
