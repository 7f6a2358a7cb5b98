"""What was a proposal before a person edited it? (one row per edit; never updated, never deleted)"""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from refunds.models.refund import Refund


class RefundRevision(models.Model):
    """A proposal as it stood, kept beside what an edit made of it.

    Amounts are minor units of the refund's currency. `items` lists `{"item", "sku", "quantity", "amount", "tax"}`.
    """

    refund = models.ForeignKey(Refund, models.PROTECT, related_name="revisions")
    version = models.PositiveIntegerField(help_text="The version that was replaced.")
    items = models.JSONField()
    shipping_amount = models.BigIntegerField()
    rounding_amount = models.BigIntegerField()
    amount = models.BigIntegerField()
    edited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    edited_at = models.DateTimeField(db_default=Now())
    why = models.CharField(max_length=300)

    class Meta:
        ordering = ("refund_id", "version")
        constraints = (models.UniqueConstraint("refund", "version", name="version_is_replaced_once"),)

    def __str__(self) -> str:
        return f"version {self.version}"
