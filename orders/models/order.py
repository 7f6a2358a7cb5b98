"""What is an order made of, and what does the database guarantee about it?

Amounts are whole minor units of the order's currency, times are instants. Quantities and units are set by
`apply` alone, committed totals by triggers on the refunds, statuses by the database.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Now, Upper

from orders import statuses
from orders.models.sellers import SalesChannel, Seller
from orders.money import line_cost


class Order(models.Model):
    """What a customer bought, what it cost, and what became of it."""

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="orders", db_index=False)
    channel = models.ForeignKey(SalesChannel, models.PROTECT, related_name="orders", db_index=False)
    reference = models.CharField(max_length=100)
    channel_order_id = models.CharField(
        max_length=100, blank=True, db_default="", help_text="The channel's own id of the order."
    )
    source = models.CharField(max_length=12, choices=SalesChannel.Kind.choices)
    placed_at = models.DateTimeField()
    currency = models.CharField(max_length=3)
    prices_include_tax = models.BooleanField(default=True)

    customer_name = models.CharField(max_length=200, blank=True)
    customer_email = models.CharField(max_length=254, blank=True)
    customer_phone = models.CharField(max_length=40, blank=True)
    shipping_address = models.JSONField(default=dict, blank=True)
    billing_address = models.JSONField(default=dict, blank=True)
    shipping_method = models.CharField(max_length=120, blank=True)
    notes = models.TextField(blank=True)
    language = models.CharField(max_length=35, blank=True, db_default="", help_text="The customer's, as in en-GB.")

    shipping_charge = models.BigIntegerField(default=0)
    discounts = models.JSONField(default=list, blank=True)
    rounding = models.BigIntegerField(default=0)
    total = models.BigIntegerField(help_text="What items, shipping and rounding come to: what the order costs.")
    # The sum of the order's shares of payments; kept by triggers on these (sql/payments.sql).
    total_paid = models.BigIntegerField()

    # Sums over the items and what follows from them.
    ordered_units = models.PositiveIntegerField()
    shipped_units = models.PositiveIntegerField(default=0)
    cancelled_units = models.PositiveIntegerField(default=0)
    outstanding_units = models.PositiveIntegerField()
    started = models.BooleanField(default=False)
    on_hold = models.BooleanField(default=False)
    held_because = models.CharField(
        max_length=300, blank=True, db_default="", help_text="Why we hold it; empty as long as we do not."
    )
    status = statuses.of_order()
    shipped_short = statuses.order_shipped_short()
    status_detail = models.CharField(max_length=20, choices=statuses.Detail.choices, blank=True)
    refund_blocks = ArrayField(
        models.CharField(max_length=30),
        default=list,
        db_default=Value([], output_field=ArrayField(models.CharField(max_length=30))),
        blank=True,
        help_text="Why a proposed refund may be wrong: such a refund is decided by a person, one by one.",
    )

    # Refunds that are proposed, approved, under way or paid; kept by triggers on the refunds.
    committed_amount = models.BigIntegerField(default=0)
    committed_shipping = models.BigIntegerField(default=0)
    # What no refund holds of the payment, not even one that is only proposed: the one number of pages, API and exports.
    left_to_refund = models.GeneratedField(
        expression=F("total_paid") - F("committed_amount"), output_field=models.BigIntegerField(), db_persist=True
    )
    refunded_amount = models.BigIntegerField(default=0, db_default=0, help_text="What of that is paid back.")
    payment_status = statuses.of_payment()

    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("-placed_at", "-id")
        constraints = (
            models.UniqueConstraint(
                "seller", "channel", "reference", name="reference_is_unique_per_seller_and_channel"
            ),
            models.CheckConstraint(
                name="order_refunds_never_exceed_what_was_paid",
                condition=Q(committed_amount__gte=0, committed_amount__lte=F("total_paid")),
            ),
            models.CheckConstraint(
                name="what_is_refunded_is_committed",
                condition=Q(refunded_amount__gte=0, refunded_amount__lte=F("committed_amount")),
            ),
            models.CheckConstraint(
                name="shipping_refunds_never_exceed_the_charge",
                condition=Q(committed_shipping__gte=0, committed_shipping__lte=F("shipping_charge")),
            ),
            models.CheckConstraint(
                name="order_amounts_are_not_negative",
                condition=Q(total__gte=0, total_paid__gte=0, shipping_charge__gte=0),
            ),
        )
        permissions = (
            ("hold_order", "Can hold orders and release them"),
            ("cancel_order", "Can cancel what is not shipped of orders"),
            ("annotate_order", "Can put notes, tags and files on orders"),
        )
        indexes = (
            models.Index("seller", "reference", name="order_by_reference"),
            models.Index(F("placed_at").desc(), F("id").desc(), name="order_newest_first"),
            models.Index("seller", F("placed_at").desc(), F("id").desc(), name="order_of_seller"),
            models.Index("channel", F("placed_at").desc(), F("id").desc(), name="order_of_channel"),
            models.Index(Upper(KeyTextTransform("country", "shipping_address")), name="order_by_country"),
            models.Index("updated_at", "id", name="order_by_change"),
            models.Index(
                "seller",
                Upper("customer_email"),
                F("placed_at").desc(),
                F("id").desc(),
                name="orders_of_one_customer",
                condition=~Q(customer_email=""),
            ),
            models.Index("status", F("placed_at").desc(), F("id").desc(), name="order_by_status"),
            models.Index(
                F("placed_at").desc(), F("id").desc(), name="order_shipped_short", condition=Q(shipped_short=True)
            ),
            models.Index(
                "payment_status",
                F("placed_at").desc(),
                F("id").desc(),
                name="order_by_payment_status",
                condition=~Q(payment_status="paid"),
            ),
            models.Index(
                F("placed_at").desc(),
                F("id").desc(),
                name="order_with_pending_refund",
                condition=Q(committed_amount__gt=F("refunded_amount")),
            ),
            models.Index("seller", "placed_at", "id", name="order_outstanding", condition=Q(outstanding_units__gt=0)),
        )

    def __str__(self) -> str:
        return self.reference

    @property
    def pending_refunds(self) -> int:
        """What refunds hold that are proposed or under way, but not paid back."""
        return self.committed_amount - self.refunded_amount

    @property
    def unpaid(self) -> int:
        """What the customer has not paid of what the order costs."""
        return max(0, self.total - self.total_paid)

    @property
    def overpaid(self) -> int:
        """What the customer paid beyond what the order costs."""
        return max(0, self.total_paid - self.total)


class OrderItem(models.Model):
    """One line of an order: a SKU, how many, what they cost, and what became of each unit."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="items", db_index=False)
    position = models.PositiveSmallIntegerField()
    sku = models.CharField(max_length=100)
    name = models.CharField(max_length=250, blank=True)
    quantity = models.PositiveIntegerField()
    channel_line = models.CharField(
        max_length=100, blank=True, db_default="", help_text="The channel's own id of this line."
    )
    ships = models.BooleanField(
        default=True, db_default=True, help_text="Off for what no warehouse ships: a tip, gift wrap, an e-gift card."
    )
    fills_first = models.BooleanField(
        default=False,
        db_default=False,
        help_text="A person's word: of the lines of this SKU, this one shipped first, whatever their prices.",
    )
    properties = models.JSONField(
        default=dict,
        db_default=Value({}, output_field=models.JSONField()),
        blank=True,
        help_text="What the customer asked for of this line, such as an engraving.",
    )

    unit_price = models.BigIntegerField()
    exact_unit_price = models.CharField(
        max_length=30,
        blank=True,
        db_default="",
        help_text="In the currency itself, where the price has more decimals than that; the line alone is rounded.",
    )
    discount = models.BigIntegerField(default=0)
    discount_share = models.BigIntegerField(default=0)
    tax = models.BigIntegerField(default=0)
    paid = models.BigIntegerField()

    shipped_quantity = models.PositiveIntegerField(default=0)
    cancelled_quantity = models.PositiveIntegerField(default=0)
    outstanding_quantity = statuses.outstanding()
    started = models.BooleanField(default=False)
    on_hold = models.BooleanField(default=False)
    status = statuses.of_item()
    shipped_short = statuses.item_shipped_short()

    # Refunds that are proposed, approved, under way or paid; kept by triggers on the refunds.
    committed_quantity = models.PositiveIntegerField(default=0)
    committed_unshipped = models.PositiveIntegerField(default=0)
    committed_amount = models.BigIntegerField(default=0)
    committed_tax = models.BigIntegerField(default=0)

    class Meta:
        ordering = ("order_id", "position")
        constraints = (
            models.UniqueConstraint("order", "position", name="item_position_is_unique"),
            models.CheckConstraint(name="item_has_units", condition=Q(quantity__gte=1, quantity__lte=1_000_000)),
            models.CheckConstraint(
                name="refunded_units_never_exceed_ordered", condition=Q(committed_quantity__lte=F("quantity"))
            ),
            models.CheckConstraint(
                name="item_refunds_never_exceed_what_was_paid",
                condition=Q(committed_amount__gte=0, committed_amount__lte=F("paid")),
            ),
            models.CheckConstraint(
                name="refunded_tax_never_exceeds_tax", condition=Q(committed_tax__gte=0, committed_tax__lte=F("tax"))
            ),
            models.CheckConstraint(name="item_amounts_are_not_negative", condition=Q(paid__gte=0, tax__gte=0)),
            models.CheckConstraint(
                name="cancelled_units_never_exceed_ordered", condition=Q(cancelled_quantity__lte=F("quantity"))
            ),
        )
        indexes = (models.Index("sku", name="item_by_sku"),)

    def __str__(self) -> str:
        return f"{self.quantity} × {self.sku}"

    def cost(self, currency: str) -> int:
        """What all units cost before any discount."""
        return line_cost(self.unit_price, self.exact_unit_price, self.quantity, currency)
