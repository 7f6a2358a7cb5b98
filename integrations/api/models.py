"""Which other systems may use the API, and what were their writes answered?"""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from orders.models import Seller


class Scope(models.TextChoices):
    """What a key may do."""

    ORDERS_READ = "orders:read", "Read orders, shipments, sellers, channels, attention and sync runs"
    ORDERS_WRITE = "orders:write", "Import, change, hold, release, cancel and annotate orders"
    REFUNDS_READ = "refunds:read", "Read refunds"
    REFUNDS_PROPOSE = "refunds:propose", "Propose refunds, for people to decide on"
    EVENTS_READ = "events:read", "Read the event feed"
    WEBHOOKS_MANAGE = "webhooks:manage", "Manage webhook endpoints"


class ApiKey(models.Model):
    """A key for other systems. Only a digest is kept; the key itself is shown once."""

    name = models.CharField(max_length=100, unique=True)
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope.choices), default=list)
    sellers = models.ManyToManyField(Seller, blank=True, related_name="+", help_text="None means all.")
    networks = ArrayField(
        models.CharField(max_length=43), default=list, blank=True, help_text="In CIDR notation; none means all."
    )
    per_minute = models.PositiveIntegerField(default=1200, help_text="How many requests it may make in a minute.")
    expires_at = models.DateTimeField(null=True, blank=True)

    # The key before the last rotation, which is valid for a while longer.
    old_prefix = models.CharField(max_length=12, blank=True, db_default="")
    old_digest = models.CharField(max_length=64, blank=True, db_default="")
    old_until = models.DateTimeField(null=True, blank=True)

    makers = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="+", help_text="Who created it, or was shown a secret of it."
    )
    created_at = models.DateTimeField(db_default=Now())
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("name",)
        verbose_name = "API key"
        indexes = (models.Index("old_prefix", name="key_before_rotation", condition=~Q(old_prefix="")),)

    def __str__(self) -> str:
        return self.name


class IdempotentResponse(models.Model):
    """The response to a write, by its Idempotency-Key: the same request again gets the same response."""

    api_key = models.ForeignKey(ApiKey, models.CASCADE, related_name="responses")
    key = models.CharField(max_length=255, help_text="The Idempotency-Key.")
    digest = models.CharField(max_length=64, help_text="Of method, address and body.")
    status = models.PositiveSmallIntegerField()
    body = models.BinaryField()
    media_type = models.CharField(max_length=60)
    responded_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (models.UniqueConstraint("api_key", "key", name="request_has_one_response"),)
        indexes = (models.Index("responded_at", name="response_by_moment"),)

    def __str__(self) -> str:
        return self.key
