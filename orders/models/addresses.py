"""Where did an order go, or was to go, before its address changed? (written by the database; sql/addresses.sql)"""

from django.db import models
from django.db.models.functions import Now

from orders.models.order import Order


class FormerAddress(models.Model):
    """A shipping address that an order had until somebody or something changed it."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="former_addresses")
    address = models.JSONField()
    replaced_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("-id",)
        default_permissions = ()

    def __str__(self) -> str:
        return f"until {self.replaced_at:%Y-%m-%d %H:%M}"
