"""What was asked of a provider, and what did it answer? (one row per call)"""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from refunds.models.refund import Refund


class RefundAttempt(models.Model):
    """One call to a provider, written and committed before the call. The open one has no outcome yet."""

    class Outcome(models.TextChoices):
        PENDING = "pending", "Pending at provider"
        PAID = "paid", "Paid"
        DECLINED = "declined", "Declined"
        NOT_SET_UP = "not_set_up", "Our key was refused"
        UNCLEAR = "unclear", "Unclear"
        ABSENT = "absent", "Never arrived"
        REVERSED = "reversed", "Paid, then failed at the provider"

    refund = models.ForeignKey(Refund, models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    key = models.UUIDField(default=uuid.uuid4)
    gateway = models.CharField(max_length=40)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    provider_reference = models.CharField(max_length=200, blank=True)
    detail = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("refund_id", "number")
        constraints = (
            models.UniqueConstraint("refund", "number", name="attempt_number_is_unique"),
            models.UniqueConstraint("refund", name="one_open_attempt_per_refund", condition=Q(outcome="")),
            models.UniqueConstraint("refund", name="refund_is_paid_at_most_once", condition=Q(outcome="paid")),
            models.CheckConstraint(
                name="finished_attempt_has_an_outcome",
                condition=Q(outcome="", finished_at__isnull=True) | (~Q(outcome="") & Q(finished_at__isnull=False)),
            ),
        )
        indexes = (
            models.Index("started_at", name="attempt_by_start"),
            models.Index("finished_at", name="payment_by_moment", condition=Q(outcome__in=("paid", "reversed"))),
        )

    def __str__(self) -> str:
        return f"attempt {self.number}"
