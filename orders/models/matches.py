"""Which order a warehouse means, where its reference or number fits several."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from orders.models.order import Order
from orders.models.sellers import Seller
from orders.models.warehouses import Warehouse


class OrderMatch(models.Model):
    """A person's word: at this warehouse this reference and number mean that order.

    Without a number of the warehouse's own nothing tells the orders apart: the word is then on one message alone.
    """

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+", db_index=False)
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="+", db_index=False)
    reference = models.CharField(max_length=100, blank=True)
    number = models.CharField(max_length=100, blank=True)
    message = models.BigIntegerField(null=True)
    order = models.ForeignKey(Order, models.PROTECT, related_name="+", db_index=False)
    matched_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    matched_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "order matches"
        constraints = (
            models.UniqueConstraint(
                fields=("seller", "warehouse", "reference", "number", "message"),
                name="reference_means_one_order",
                nulls_distinct=False,
            ),
        )

    def __str__(self) -> str:
        return f"{self.number or self.reference} is {self.order}"
