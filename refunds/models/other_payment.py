"""How was a failed refund paid, when not by its provider?"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from refunds.models.refund import Refund


class OtherPayment(models.Model):
    """What a person recorded, and who confirmed it. Unconfirmed, it stops the refund from being tried again."""

    class Method(models.TextChoices):
        BANK_TRANSFER = "bank_transfer", "Bank transfer"
        CASH = "cash", "Cash"
        STORE_CREDIT = "store_credit", "Store credit"
        OTHER = "other", "Another way"

    refund = models.ForeignKey(Refund, models.PROTECT, related_name="other_payments")
    method = models.CharField(max_length=20, choices=Method.choices)
    reference = models.CharField(max_length=200)
    why = models.CharField(max_length=300)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now())
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                name="another_way_is_confirmed_by_another_person",
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("recorded_by")),
            ),
        )

    def __str__(self) -> str:
        return self.reference
