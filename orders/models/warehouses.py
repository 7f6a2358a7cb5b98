"""Warehouses, and the part of an order that each of them ships."""

from django.db import models
from django.db.models import Max

from orders.models.order import Order
from orders.models.sellers import Seller
from orders.time_zones import known_zone


class Warehouse(models.Model):
    """A place that ships. Every connection to a warehouse system speaks for one."""

    class Operation(models.TextChoices):
        OPEN = "open", "Open"
        PAUSED = "paused", "Paused"
        DOWN = "down", "Down"

    code = models.SlugField(max_length=60, unique=True, help_text="How order documents name this warehouse.")
    name = models.CharField(max_length=120)
    address = models.JSONField(default=dict, blank=True)
    time_zone = models.CharField(
        max_length=40, default="Europe/London", validators=[known_zone], help_text="IANA name of the zone."
    )
    state = models.CharField(max_length=10, choices=Operation.choices, default=Operation.OPEN)

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class SellerWarehouse(models.Model):
    """A warehouse that a seller uses. The one with the lowest position is the seller's default."""

    seller = models.ForeignKey(Seller, models.CASCADE, related_name="warehouses", db_index=False)
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="sellers")
    position = models.PositiveSmallIntegerField(default=1, help_text="The lowest is the seller's default.")

    class Meta:
        ordering = ("seller_id", "position", "id")
        constraints = (models.UniqueConstraint("seller", "warehouse", name="warehouse_stands_once_under_a_seller"),)

    def __str__(self) -> str:
        return f"{self.warehouse} for {self.seller}"

    @classmethod
    def add(cls, seller_id: int, warehouse_id: int) -> None:
        """Let the seller use the warehouse, after those that it uses already. A second call changes nothing."""
        others = cls.objects.filter(seller_id=seller_id).aggregate(last=Max("position"))["last"] or 0
        cls.objects.get_or_create(seller_id=seller_id, warehouse_id=warehouse_id, defaults={"position": others + 1})


class FulfilmentOrder(models.Model):
    """The part of an order that one warehouse ships, and what that warehouse reports about it.

    A row stands where somebody has routed the order, or where the warehouse has reported. An order without rows is
    presumed at its seller's default warehouse. Narrow, and without an index on what each report changes.
    """

    order = models.ForeignKey(Order, models.PROTECT, related_name="fulfilment_orders", db_index=False)
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="fulfilment_orders", db_index=False)
    part = models.PositiveSmallIntegerField(default=1, help_text="A second part at the same warehouse is 2.")
    whole_order = models.BooleanField(default=False, help_text="Whether its reports speak for the whole order.")
    requested = models.JSONField(
        null=True, blank=True, help_text="Units by SKU that it was asked for; null as long as nobody has routed."
    )

    # What the warehouse reports: the newest external status is shown, the newest report with a known status counts,
    # and the first closing stays, so that the same messages in any sequence end in the same row.
    number = models.CharField(max_length=100, blank=True, help_text="The warehouse's own number of it.")
    started = models.BooleanField(default=False, help_text="Whether the warehouse has reported anything.")
    external_status = models.CharField(max_length=100, blank=True)
    external_status_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=20, blank=True, help_text="What the external status means.")
    detail = models.CharField(max_length=20, blank=True)
    cancel_reason = models.CharField(max_length=500, blank=True)
    reported_at = models.DateTimeField(null=True, blank=True)
    report_version = models.CharField(max_length=64, blank=True)
    report_message = models.BigIntegerField(null=True, blank=True)
    closed_as = models.CharField(max_length=20, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_message = models.BigIntegerField(null=True, blank=True)
    listed = models.JSONField(default=list, blank=True, help_text="SKUs of the newest report with lines.")
    listed_at = models.DateTimeField(null=True, blank=True)
    listed_version = models.CharField(max_length=64, blank=True)
    figures = models.JSONField(
        default=list,
        blank=True,
        help_text="Its own figures, by report: [reported at, version, {SKU: [ordered, shipped, cancelled]}].",
    )

    # What follows from it; `derive` writes both.
    state = models.CharField(max_length=12, default="open", help_text="How far its warehouse has come.")
    units = models.JSONField(
        default=dict, blank=True, help_text="By SKU: units requested, shipped, released, and still to ship."
    )

    class Meta:
        ordering = ("order_id", "warehouse_id", "part")
        constraints = (
            models.UniqueConstraint("order", "warehouse", "part", name="part_is_unique_per_order_and_warehouse"),
        )

    def __str__(self) -> str:
        return self.number or f"part {self.part}"
