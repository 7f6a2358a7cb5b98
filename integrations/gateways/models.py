"""Which events did payment providers send, and with which outcome?"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class ProviderEvent(models.Model):
    """One event exactly as it came. The rows are the queue: a scheduled task processes what is pending."""

    class State(models.TextChoices):
        PENDING = "pending", "Not processed yet"
        APPLIED = "applied", "Applied"
        PARKED = "parked", "Waits for its order"
        IGNORED = "ignored", "Nothing to do"

    provider = models.CharField(max_length=40)
    event_id = models.CharField(max_length=120)
    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=200, blank=True, help_text="The provider's own reference of the refund.")
    dead = models.BooleanField(default=False, help_text="The refund failed or was cancelled for good.")
    payments = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    raw = models.BinaryField(help_text="The body as received, zlib-compressed.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    outcome = models.CharField(max_length=300, blank=True, help_text="What was done about it, in a sentence.")
    tries = models.PositiveIntegerField(default=0)
    received_at = models.DateTimeField(db_default=Now())
    next_at = models.DateTimeField(db_default=Now())
    processed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        constraints = (models.UniqueConstraint("provider", "event_id", name="event_is_stored_once"),)
        indexes = (
            models.Index("next_at", name="pending_events", condition=Q(state="pending")),
            models.Index("received_at", name="parked_events", condition=Q(state="parked")),
            models.Index("subject", name="dead_refunds", condition=Q(dead=True)),
        )

    def __str__(self) -> str:
        return self.event_id


class RejectedProviderEvent(models.Model):
    """How many events of a provider were rejected on a day (UTC), by reason."""

    provider = models.CharField(max_length=40)
    day = models.DateField()
    reason = models.CharField(max_length=40)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("-day", "provider", "reason")
        verbose_name = "rejected event"
        constraints = (models.UniqueConstraint("provider", "day", "reason", name="rejections_are_counted_per_day"),)

    def __str__(self) -> str:
        return f"{self.provider} {self.day}: {self.count} × {self.reason}"
