"""What of an order does a refund give back? (one row for each order item)"""

from django.db import models
from django.db.models import F, Q

from orders.models import OrderItem
from refunds.models.refund import Refund


class RefundItem(models.Model):
    """The part of a refund that belongs to one order item. `quantity` 0 is an amount without units (damage)."""

    refund = models.ForeignKey(Refund, models.PROTECT, related_name="items", db_index=False)
    item = models.ForeignKey(OrderItem, models.PROTECT, related_name="refund_items")
    quantity = models.PositiveIntegerField()
    amount = models.BigIntegerField()
    tax = models.BigIntegerField(default=0)
    cancelled_upto = models.PositiveIntegerField(
        default=0, help_text="How many cancelled units of the item were considered, these and earlier ones."
    )
    overdue_quantity = models.PositiveIntegerField(
        db_default=0, help_text="How many of these units were not cancelled, but outstanding for too long."
    )
    left_out = models.PositiveIntegerField(
        db_default=0, help_text="How many more cancelled units were proposed, and left out by a person who edited."
    )
    left_waiting = models.PositiveIntegerField(
        db_default=0, help_text="How many more outstanding units a person who edited lets the customer wait for."
    )

    class Meta:
        ordering = ("refund_id", "id")
        constraints = (
            models.UniqueConstraint("refund", "item", name="item_stands_once_on_a_refund"),
            models.CheckConstraint(
                name="overdue_units_are_units_of_the_refund", condition=Q(overdue_quantity__lte=F("quantity"))
            ),
            models.CheckConstraint(name="refund_parts_are_not_negative", condition=Q(amount__gte=0, tax__gte=0)),
        )

    def __str__(self) -> str:
        return f"{self.quantity} × {self.item_id}"

    @property
    def sku(self) -> str:
        """What the item is called."""
        return self.item.sku
