"""Which endpoints receive events, what is due to them, and how did each attempt end?"""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from integrations.outbox.models import OutboxAttempt, OutboxDelivery, OutboxTarget
from integrations.secrets import EncryptedField
from orders.models import Seller


class WebhookEndpoint(OutboxTarget):
    """An address of another system, and which events it receives."""

    name = models.CharField(max_length=80, unique=True)
    url = models.CharField("address", max_length=500, help_text="https, at a public address.")
    kinds = ArrayField(
        models.CharField(max_length=40),
        help_text="Such as refund.executed, refund.* for all of a noun, or * for everything.",
    )
    every_seller = models.BooleanField(default=False, help_text="Also sellers that are added later.")
    sellers = models.ManyToManyField(Seller, blank=True, related_name="+")

    secret = EncryptedField(help_text="Signs what is sent. Shown once, when it is made.")
    previous_secret = EncryptedField(null=True, blank=True, help_text="Signs too, until previous_until.")
    previous_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                condition=Q(previous_secret__isnull=True, previous_until__isnull=True)
                | Q(previous_secret__isnull=False, previous_until__isnull=False),
                name="previous_secret_has_an_end",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def subject(self) -> str:
        """How an attention item names the endpoint."""
        return f"webhook:{self.pk}"

    def signing_secrets(self, at: datetime) -> list[str]:
        """What signs a message at this moment: the secret, and while it rotates the previous one too."""
        rotates = self.previous_until is not None and at < self.previous_until
        sealed = [self.secret, self.previous_secret] if rotates else [self.secret]
        return [secret.reveal() for secret in sealed]


class WebhookDelivery(OutboxDelivery):
    """One event for one endpoint. Without an event it is a test."""

    endpoint = models.ForeignKey(WebhookEndpoint, models.CASCADE, related_name="deliveries", db_index=False)

    class Meta:
        ordering = ("-id",)
        verbose_name_plural = "webhook deliveries"
        constraints = (
            models.UniqueConstraint("endpoint", "event", name="event_is_delivered_once_per_endpoint"),
            models.CheckConstraint(
                condition=Q(event__isnull=True, order__isnull=True) | Q(event__isnull=False, order__isnull=False),
                name="delivery_has_its_events_order",
            ),
        )
        indexes = (
            models.Index("endpoint", "next_attempt_at", "event", name="due_deliveries", condition=Q(state="pending")),
            models.Index("endpoint", "order", "event", name="deliveries_in_turn", condition=Q(state="pending")),
            models.Index("endpoint", F("id").desc(), name="deliveries_of_an_endpoint"),
            models.Index("state", F("id").desc(), name="deliveries_by_state", condition=~Q(state="delivered")),
            models.Index("finished_at", name="finished_deliveries", condition=~Q(state="pending")),
        )


class WebhookAttempt(OutboxAttempt):
    """One attempt, recorded before anything is sent. Without an end its worker died, and perhaps it arrived."""

    delivery = models.ForeignKey(WebhookDelivery, models.CASCADE, related_name="tries")

    class Meta:
        ordering = ("id",)
