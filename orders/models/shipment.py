"""What left the warehouse, on which despatch note?"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from orders.models.order import Order
from orders.models.sellers import Seller
from orders.models.warehouses import FulfilmentOrder


class Shipment(models.Model):
    """One despatch note, as it stands now."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="shipments")
    fulfilment_order = models.ForeignKey(FulfilmentOrder, models.PROTECT, related_name="shipments", db_index=False)
    seller = models.ForeignKey(Seller, models.PROTECT, related_name="shipments", db_index=False)
    number = models.CharField(max_length=100)
    carrier = models.CharField(max_length=100, blank=True)
    service = models.CharField(max_length=100, blank=True)
    tracking_number = models.CharField(max_length=120, blank=True)
    tracking_url = models.CharField(max_length=500, blank=True)
    carrier_text = models.TextField(blank=True)
    despatched_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    version = models.CharField(max_length=64)
    withdrawn = models.BooleanField(default=False)
    planned = models.BooleanField(default=False, help_text="Not confirmed yet: it ships nothing.")
    sent_to = models.JSONField(
        null=True, blank=True, help_text="The order's shipping address when it was confirmed; kept by the database."
    )
    message = models.BigIntegerField(help_text="The archived message that this state rests on.")
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("despatched_at", "id")
        constraints = (
            models.UniqueConstraint(
                "fulfilment_order", "number", name="despatch_number_is_unique_per_fulfilment_order"
            ),
        )
        indexes = (
            models.Index("seller", "number", name="shipment_by_despatch_number"),
            models.Index("tracking_number", name="shipment_by_tracking", condition=~Q(tracking_number="")),
            models.Index(F("despatched_at").desc(), F("id").desc(), name="shipment_newest_first"),
        )

    def __str__(self) -> str:
        return self.number


class ShipmentItem(models.Model):
    """Units of one SKU on a shipment. The SKU is the warehouse's word: it may be one that the order lacks."""

    shipment = models.ForeignKey(Shipment, models.CASCADE, related_name="items", db_index=False)
    sku = models.CharField(max_length=100)
    quantity = models.PositiveIntegerField()

    class Meta:
        ordering = ("shipment_id", "id")
        constraints = (models.UniqueConstraint("shipment", "sku", name="sku_stands_once_on_a_shipment"),)

    def __str__(self) -> str:
        return f"{self.quantity} × {self.sku}"
