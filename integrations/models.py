"""Whom do we talk to outside, what did they send, and how did each run go?"""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from integrations.gateways.models import ProviderEvent, RefusedNews  # noqa: F401 - more of this app's models
from integrations.secrets import EncryptedField
from integrations.warehouses.models import MessageDigest  # noqa: F401 - more of this app's models
from integrations.webhooks import models as webhooks  # noqa: F401 - Django looks for models in this module
from orders.fulfilment.messages import ReportedStatus
from orders.models import Order, Seller
from orders.statuses import Detail
from orders.time_zones import known_zone


class ProSkuConnector(models.Model):
    """One ProSKU installation."""

    class Format(models.TextChoices):
        XML = "xml", "XML"
        JSON = "json", "JSON"

    name = models.SlugField(max_length=60, unique=True)
    base_url = models.URLField("address", max_length=300, help_text="HTTPS; plain HTTP only to this machine.")
    format = models.CharField(max_length=4, choices=Format.choices, default=Format.XML)
    time_zone = models.CharField(
        max_length=40, default="Europe/London", validators=[known_zone], help_text="The warehouse's local time."
    )
    active = models.BooleanField(default=True)
    unavailable = models.PositiveIntegerField(default=0, help_text="Runs in a row to which it gave no answer.")

    class Meta:
        ordering = ("name",)
        verbose_name = "ProSKU connector"

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class ProSkuSeller(models.Model):
    """One seller's access to a ProSKU installation, and how far it has been read."""

    connector = models.ForeignKey(ProSkuConnector, models.PROTECT, related_name="sellers")
    seller = models.ForeignKey(Seller, models.PROTECT, related_name="prosku")
    key = EncryptedField(help_text="The company reference. Kept encrypted; never shown again.")
    get_shipments = models.BooleanField("take in shipments", default=True)
    get_refunds = models.BooleanField("propose refunds", default=True, help_text="For units that will not ship.")
    poll_seconds = models.PositiveIntegerField("seconds between polls", default=60)
    active = models.BooleanField(default=True)

    # Where each resource was read up to, by ProSKU's own clock; empty means from the beginning.
    despatches_cursor = models.DateTimeField(null=True, blank=True)
    orders_cursor = models.DateTimeField(null=True, blank=True)
    despatches_read_at = models.DateTimeField(null=True, blank=True, help_text="When their list was last asked for.")
    next_poll_at = models.DateTimeField(db_default=Now())
    compared_at = models.DateTimeField(
        db_default=Now(), help_text="When its open orders were last compared with ours, or when it was connected."
    )
    failures = models.PositiveIntegerField(default=0, help_text="Failed runs in a row.")
    paused_because = models.CharField(max_length=300, blank=True)
    empty_polls = models.PositiveIntegerField(
        default=0, help_text="Polls in a row that brought nothing at all, though the overlap always holds something."
    )
    clock_skew = models.DurationField(
        null=True, blank=True, help_text="How far ProSKU's clock is ahead of our database's; negative is behind."
    )

    class Meta:
        ordering = ("connector", "seller")
        verbose_name = "ProSKU seller"
        constraints = (models.UniqueConstraint("connector", "seller", name="seller_stands_once_under_a_connector"),)

    def __str__(self) -> str:
        return f"{self.seller} at {self.connector}"


class StatusWord(models.Model):
    """What a status word of the warehouse means here. Staff may edit this; unknown words have no meaning yet."""

    word = models.CharField(max_length=100, unique=True)
    meaning = models.CharField(
        max_length=20,
        choices=[(m.value, m.value.replace("_", " ")) for m in ReportedStatus],
        blank=True,
        help_text="What the warehouse does with an order it calls so. Waiting messages are applied at once.",
    )
    detail = models.CharField(
        max_length=20, choices=Detail.choices, blank=True, help_text="Shown beside the status, for example “Packed”."
    )

    class Meta:
        ordering = ("word",)

    def __str__(self) -> str:
        return self.word


class SyncRun(models.Model):
    """One pass over what one ProSKU seller has changed, with its counts."""

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        SUCCEEDED = "succeeded", "Succeeded"
        FAILED = "failed", "Failed"
        STOPPED = "stopped", "To be continued"
        ABANDONED = "abandoned", "Abandoned"

    prosku_seller = models.ForeignKey(ProSkuSeller, models.PROTECT, related_name="runs")
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    since = models.DateTimeField(null=True, blank=True, help_text="Read from here, whatever the cursor says.")
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(help_text="Past this the run is dead and another may begin.")
    file = models.CharField(max_length=200, blank=True, help_text="The shipping file it read, if it was one.")
    expected = models.PositiveIntegerField(default=0, help_text="How many messages ProSKU said there are to read.")
    pages = models.PositiveIntegerField(default=0)
    messages = models.PositiveIntegerField(default=0)
    duplicates = models.PositiveIntegerField(default=0)
    applied = models.PositiveIntegerField(default=0)
    parked = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    proposed = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                "prosku_seller", name="one_run_at_a_time_per_prosku_seller", condition=Q(state="running", file="")
            ),
        )
        indexes = (
            models.Index("prosku_seller", F("id").desc(), name="runs_of_a_seller"),
            models.Index(
                "prosku_seller", "started_at", name="runs_with_news", condition=Q(messages__gt=F("duplicates"))
            ),
        )

    def __str__(self) -> str:
        return f"run {self.pk}"


class ArchivedMessage(models.Model):
    """One message exactly as it came, and what became of it: nothing that a warehouse says is ever dropped."""

    class State(models.TextChoices):
        PENDING = "pending", "Not looked at yet"
        APPLIED = "applied", "Applied"
        PARKED = "parked", "Parked"
        REJECTED = "rejected", "Rejected"

    prosku_seller = models.ForeignKey(ProSkuSeller, models.PROTECT, related_name="archive", db_index=False)
    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    run = models.ForeignKey(SyncRun, models.PROTECT, null=True, related_name="archive")
    resource = models.CharField(max_length=20)
    digest = models.CharField(max_length=64)
    raw = models.BinaryField(help_text="The text as received, zlib-compressed.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    reason = models.CharField(max_length=500, blank=True)
    reference = models.CharField(max_length=100, blank=True)
    warehouse_number = models.CharField(max_length=100, blank=True)
    word = models.CharField(max_length=100, blank=True, help_text="The unknown status word it waits for.")
    order = models.ForeignKey(Order, models.PROTECT, null=True, related_name="+", db_index=False)
    received_at = models.DateTimeField(db_default=Now())
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        verbose_name = "message"
        indexes = (
            models.Index("seller", "reference", name="parked_messages", condition=Q(state="parked")),
            models.Index("word", name="messages_waiting_for_a_word", condition=Q(state="parked") & ~Q(word="")),
            models.Index("prosku_seller", "id", name="pending_messages", condition=Q(state="pending")),
            models.Index("state", "id", name="unsettled_messages", condition=~Q(state="applied")),
            models.Index("order", "id", name="messages_of_an_order"),
        )

    def __str__(self) -> str:
        return f"message {self.pk}"


class Disagreement(models.Model):
    """One thing about one order that ProSKU and we see differently, found by asking ProSKU for all open orders."""

    class Kind(models.TextChoices):
        UNKNOWN_HERE = "unknown_here", "unknown here"
        UNKNOWN_THERE = "unknown_there", "unknown to ProSKU"
        STATUS = "status", "status"
        SHIPPED = "shipped", "units shipped"
        CANCELLED = "cancelled", "units cancelled"

    prosku_seller = models.ForeignKey(ProSkuSeller, models.PROTECT, related_name="disagreements")
    order = models.ForeignKey(Order, models.PROTECT, null=True, related_name="+")
    reference = models.CharField(max_length=100)
    kind = models.CharField(max_length=14, choices=Kind.choices)
    ours = models.JSONField(default=dict, help_text="By SKU, or the status.")
    theirs = models.JSONField(default=dict, help_text="By SKU, or the status.")
    raw = models.BinaryField(default=b"", help_text="ProSKU's record as received, zlib-compressed.")
    found_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now(), help_text="When a comparison found it last.")
    settled_at = models.DateTimeField(null=True, blank=True)
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("reference", "kind")
        constraints = (
            models.UniqueConstraint(
                "prosku_seller",
                "reference",
                "kind",
                name="one_open_disagreement_per_order_and_kind",
                condition=Q(settled_at__isnull=True),
            ),
        )
        permissions = (("take_theirs", "Can take ProSKU's side where it and we disagree"),)

    def __str__(self) -> str:
        return f"{self.reference}: {self.get_kind_display()}"


class Scope(models.TextChoices):
    """What a key may do."""

    ORDERS_READ = "orders:read", "Read orders, shipments, sellers, channels, attention and sync runs"
    ORDERS_WRITE = "orders:write", "Take in, change, hold, release, cancel and annotate orders"
    REFUNDS_READ = "refunds:read", "Read refunds"
    REFUNDS_PROPOSE = "refunds:propose", "Propose refunds, for people to decide on"
    EVENTS_READ = "events:read", "Read what happened, in the sequence in which it was committed"
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

    created_at = models.DateTimeField(db_default=Now())
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("name",)
        verbose_name = "API key"
        indexes = (models.Index("old_prefix", name="key_before_rotation", condition=~Q(old_prefix="")),)

    def __str__(self) -> str:
        return self.name


class ApiAnswer(models.Model):
    """What a write was answered, by the key that the caller gave it: the same request again gets the same answer."""

    api_key = models.ForeignKey(ApiKey, models.CASCADE, related_name="answers")
    key = models.CharField(max_length=255, help_text="The Idempotency-Key.")
    digest = models.CharField(max_length=64, help_text="Of method, address and body.")
    status = models.PositiveSmallIntegerField()
    body = models.BinaryField()
    media_type = models.CharField(max_length=60)
    answered_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (models.UniqueConstraint("api_key", "key", name="request_is_answered_once"),)
        indexes = (models.Index("answered_at", name="answer_by_moment"),)

    def __str__(self) -> str:
        return self.key


class Heartbeat(models.Model):
    """When a part that must keep beating last did: the readiness check looks here, not at process tables."""

    name = models.CharField(max_length=40, primary_key=True)
    beat_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.name
