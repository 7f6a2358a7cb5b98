"""What does a person decide in bulk? (the rows are the queue: each item is decided on its own, once)"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from refunds.models.refund import Refund


class Batch(models.Model):
    """One decision of one person on many refunds, as they saw them."""

    class Act(models.TextChoices):
        APPROVE = "approve", "Approve"
        REJECT = "reject", "Reject"

    act = models.CharField(max_length=8, choices=Act.choices)
    why = models.CharField("reason", max_length=300, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "bulk action"
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"Bulk {'approval' if self.act == self.Act.APPROVE else 'rejection'} {self.pk}"


class BatchItem(models.Model):
    """One refund of a batch with the version and the amount (minor units) that were seen, and what came of it."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        DONE = "done", "Done"
        REFUSED = "refused", "Refused"
        UNDONE = "undone", "Undone"

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="items", db_index=False)
    refund = models.ForeignKey(Refund, models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()
    amount = models.BigIntegerField()
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    said = models.CharField(
        max_length=500, blank=True, help_text="Why it was refused, or could not be undone, for the person who decided."
    )
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("batch_id", "id")
        constraints = (models.UniqueConstraint("batch", "refund", name="refund_stands_once_in_a_batch"),)
        indexes = (models.Index("id", name="batch_queue", condition=Q(state="waiting")),)

    def __str__(self) -> str:
        return f"{self.refund_id} in {self.batch_id}"
