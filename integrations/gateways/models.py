"""What news did payment providers bring by themselves, and what became of each?"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class ProviderEvent(models.Model):
    """One piece of news exactly as it came. The rows are the queue: what is pending is taken in by the clock."""

    class State(models.TextChoices):
        PENDING = "pending", "Not looked at yet"
        APPLIED = "applied", "Applied"
        PARKED = "parked", "Waits for its order"
        IGNORED = "ignored", "Nothing to do"

    provider = models.CharField(max_length=40)
    event_id = models.CharField(max_length=120)
    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=200, blank=True, help_text="The provider's own reference of the refund.")
    dead = models.BooleanField(default=False, help_text="It says that the refund failed or was cancelled for good.")
    payments = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    raw = models.BinaryField(help_text="The body as received, zlib-compressed.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    said = models.CharField(max_length=300, blank=True, help_text="What became of it.")
    tries = models.PositiveIntegerField(default=0)
    received_at = models.DateTimeField(db_default=Now())
    next_at = models.DateTimeField(db_default=Now())
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        constraints = (models.UniqueConstraint("provider", "event_id", name="event_is_kept_once"),)
        indexes = (
            models.Index("next_at", name="pending_events", condition=Q(state="pending")),
            models.Index("received_at", name="parked_events", condition=Q(state="parked")),
            models.Index("subject", name="dead_refunds", condition=Q(dead=True)),
        )

    def __str__(self) -> str:
        return self.event_id


class RefusedNews(models.Model):
    """How many bodies were refused on a day (UTC), and why: nobody's own mistake comes in numbers."""

    provider = models.CharField(max_length=40)
    day = models.DateField()
    why = models.CharField(max_length=40)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("-day", "provider", "why")
        verbose_name_plural = "refused news"
        constraints = (models.UniqueConstraint("provider", "day", "why", name="refusals_are_counted_per_day"),)

    def __str__(self) -> str:
        return f"{self.provider} {self.day}: {self.count} × {self.why}"
