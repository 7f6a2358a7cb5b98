"""What a SKU of a warehouse's documents counts as, where it is not the order's own."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now, Upper

from orders.models.order import Order
from orders.models.sellers import Seller
from orders.texts import identifier


class SkuMapping(models.Model):
    """A person's word on one SKU: another spelling, a substitute, the parts of a kit, or no goods at all.

    It holds for all orders of the seller, or for one. It is never deleted: what no longer holds is switched off.
    """

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+", db_index=False)
    order = models.ForeignKey(Order, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    sku = models.CharField("SKU", max_length=100)
    counts_as = models.JSONField(default=dict, blank=True, help_text="Units by SKU that one unit is; none: no goods.")
    why = models.CharField(max_length=300, blank=True)
    active = models.BooleanField(default=True)
    mapped_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    mapped_at = models.DateTimeField(db_default=Now(), editable=False)
    applied_at = models.DateTimeField(
        null=True, editable=False, help_text="When the orders that name it followed; null until then."
    )

    class Meta:
        ordering = ("sku", "id")
        verbose_name = "SKU mapping"
        constraints = (
            models.UniqueConstraint(
                "seller",
                Upper("sku"),
                name="sku_is_mapped_once_per_seller",
                condition=Q(active=True, order__isnull=True),
                violation_error_message="This SKU is mapped already: change that mapping.",
            ),
            models.UniqueConstraint(
                "order",
                Upper("sku"),
                name="sku_is_mapped_once_per_order",
                condition=Q(active=True, order__isnull=False),
                violation_error_message="This SKU is mapped for this order already: change that mapping.",
            ),
        )

    def __str__(self) -> str:
        return self.sku

    @property
    def meaning(self) -> str:
        """What one unit counts as, for people."""
        parts = [sku if units == 1 else f"{units} × {sku}" for sku, units in sorted(self.counts_as.items())]
        return " + ".join(parts) or "no goods"


class NonShippingSku(models.Model):
    """SKUs that no warehouse ships: a tip, a donation, gift wrap, an e-gift card.

    Orders that come from now on have such lines marked so, and those that are not decided yet.
    """

    seller = models.ForeignKey(Seller, models.CASCADE, related_name="non_shipping_skus", db_index=False)
    pattern = models.CharField(
        "SKU or pattern",
        max_length=100,
        help_text="* stands for any characters, ? for one: GIFTWRAP, TIP-*.",
    )
    applied_at = models.DateTimeField(null=True, editable=False, help_text="When the orders that are here followed.")

    class Meta:
        ordering = ("seller_id", "pattern")
        verbose_name = "SKU that does not ship"
        verbose_name_plural = "SKUs that do not ship"
        constraints = (models.UniqueConstraint("seller", "pattern", name="pattern_stands_once_under_a_seller"),)

    def __str__(self) -> str:
        return self.pattern

    def clean(self) -> None:
        """Refuse what would match everything, or take long to match."""
        self.pattern = identifier(self.pattern)
        if not self.pattern.strip("*? ") or self.pattern.count("*") > 3:
            raise ValidationError({"pattern": "Enter a SKU, or a pattern with at most three * and something beside."})


class ListedSku(models.Model):
    """A SKU that a warehouse has named in any document for the seller: it knows what it is asked for."""

    seller = models.ForeignKey(Seller, models.CASCADE, related_name="+", db_index=False)
    sku = models.CharField(max_length=100)

    class Meta:
        constraints = (models.UniqueConstraint("seller", "sku", name="sku_is_listed_once_per_seller"),)

    def __str__(self) -> str:
        return self.sku
