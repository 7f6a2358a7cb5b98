"""Which payments did a seller receive, and how much of each pays which order? (see sql/payments.sql)

Amounts are whole minor units of the payment's currency. What was paid for an order is the sum of its shares.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q

from orders.models.order import Order
from orders.models.sellers import Seller

BY_HAND = "manual"
"""The provider of a payment that names none: people pay it back."""


def automatic(provider: str) -> bool:
    """Whether refunds of this provider leave without a person."""
    return provider != BY_HAND and provider in settings.REFUND_GATEWAYS


class Payment(models.Model):
    """Money that one seller received from a customer, under the provider's reference."""

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+", db_index=False)
    provider = models.CharField(max_length=40)
    automatic = models.BooleanField(help_text="Its provider pays refunds back without a person.")
    reference = models.CharField(max_length=200, blank=True)
    currency = models.CharField(max_length=3)
    captured_amount = models.BigIntegerField(
        null=True, blank=True, help_text="What was captured in all; without it, the sum of what it pays."
    )

    class Meta:
        ordering = ("id",)
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                "provider",
                "reference",
                name="payment_reference_belongs_to_one_seller",
                condition=Q(automatic=True) & ~Q(reference=""),
            ),
            models.UniqueConstraint(
                "seller",
                "provider",
                "reference",
                name="payment_by_hand_is_unique_per_seller",
                condition=Q(automatic=False) & ~Q(reference=""),
            ),
        )

    def __str__(self) -> str:
        return self.reference or self.provider


class PaymentShare(models.Model):
    """How much of a payment pays which order."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="payment_shares", db_index=False)
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="shares")
    amount = models.BigIntegerField()

    class Meta:
        ordering = ("order_id", "id")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint("order", "payment", name="payment_pays_an_order_once"),
            models.CheckConstraint(name="share_is_not_negative", condition=Q(amount__gte=0)),
        )

    def __str__(self) -> str:
        return f"{self.amount} of {self.payment_id}"
