"""What is due to whom, how did each attempt end, and how far was the timeline published? (bases for each outbox)"""

from django.db import models
from django.db.models.functions import Now

from orders.models import Order, OrderEvent


class OutboxTarget(models.Model):
    """Whoever receives events, with its health."""

    active = models.BooleanField(default=True)
    disabled_reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    # Failures in a row and since when, and until when deliveries to it are paused.
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True, blank=True)
    paused_until = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"target {self.pk}"


class OutboxDelivery(models.Model):
    """One event for one target. Without an event it is a test."""

    class State(models.TextChoices):
        PENDING = "pending", "Waiting"
        DELIVERED = "delivered", "Delivered"
        FAILED = "failed", "Failed"

    event = models.ForeignKey(OrderEvent, models.PROTECT, null=True, related_name="+", db_index=False)
    order = models.ForeignKey(Order, models.PROTECT, null=True, related_name="+", db_index=False)
    kind = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveIntegerField(default=0, help_text="Attempts of this round; a resend begins at 0.")
    next_attempt_at = models.DateTimeField(db_default=Now())
    lease_until = models.DateTimeField(null=True, blank=True, help_text="A worker is sending it until then.")
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"delivery {self.pk}"


class OutboxAttempt(models.Model):
    """One attempt, recorded before anything is sent. Without an end its worker died, and perhaps it arrived.

    Its table has the column `delivery_id`.
    """

    started_at = models.DateTimeField(db_default=Now())
    milliseconds = models.PositiveIntegerField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.TextField(blank=True, help_text="The beginning of what the endpoint answered.")
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"attempt {self.pk}"


class OutboxMark(models.Model):
    """Up to which transaction the timeline was published to an outbox, and which run of it is the newest."""

    name = models.CharField(max_length=20, primary_key=True)
    published_below = models.DecimalField(max_digits=20, decimal_places=0, db_default=0, help_text="A transaction id.")
    run = models.BigIntegerField(db_default=0)

    def __str__(self) -> str:
        return f"{self.name} below {self.published_below}"
