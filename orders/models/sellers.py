"""Whose orders are these, and where were they placed?"""

from django.db import models
from django.db.models import Q

from orders.time_zones import known_zone


class Seller(models.Model):
    """A brand whose orders we run."""

    code = models.SlugField(max_length=40, unique=True, help_text="How other systems name this seller.")
    name = models.CharField(max_length=120)
    currency = models.CharField(max_length=3, default="GBP", help_text="ISO 4217, such as GBP.")
    time_zone = models.CharField(
        max_length=40, default="Europe/London", validators=[known_zone], help_text="IANA name of the zone."
    )
    promise_days = models.PositiveSmallIntegerField(
        "days promised",
        default=5,
        db_default=5,
        null=True,
        blank=True,
        help_text="Days after which everything of an order has left the warehouse; empty: nothing is promised.",
    )
    ignore_sku_case = models.BooleanField(
        "ignore case in SKUs",
        default=True,
        db_default=True,
        help_text="A warehouse's tee-red-m is the order's TEE-RED-M. Off: these are different goods.",
    )
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(name="seller_currency_is_iso_4217", condition=Q(currency__regex=r"^[A-Z]{3}$")),
        )

    def __str__(self) -> str:
        return self.name


class SalesChannel(models.Model):
    """Where orders are placed: a web shop, an affiliate, a marketplace, or a person on the phone."""

    class Kind(models.TextChoices):
        WEB = "web", "Web shop"
        AFFILIATE = "affiliate", "Affiliate"
        MARKETPLACE = "marketplace", "Marketplace"
        MANUAL = "manual", "Entered by hand"

    code = models.SlugField(max_length=40, unique=True, help_text="How other systems name this channel.")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
