"""What did each warehouse send, in which run, and where does its record differ from ours?"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from integrations.connections.models import Account
from orders.models import Order, Seller


class SyncRun(models.Model):
    """One pass over what a warehouse has changed for one account, with its counts."""

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        SUCCEEDED = "succeeded", "Succeeded"
        FAILED = "failed", "Failed"
        STOPPED = "stopped", "To be continued"
        ABANDONED = "abandoned", "Abandoned"

    account = models.ForeignKey(Account, models.PROTECT, related_name="runs")
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    since = models.DateTimeField(null=True, blank=True, help_text="Read from here, whatever the cursor says.")
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(help_text="Past this the run is dead and another may begin.")
    file = models.CharField(max_length=200, blank=True, help_text="The shipping file it read, if it was one.")
    actor = models.CharField(max_length=160, blank=True, help_text="Who brought the file, where it was a person.")
    expected = models.PositiveIntegerField(default=0, help_text="Messages to read, by the warehouse's own count.")
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
                "account", name="one_run_at_a_time_per_account", condition=Q(state="running", file="")
            ),
        )
        indexes = (
            models.Index("account", F("id").desc(), name="runs_of_an_account"),
            models.Index(
                "account", "started_at", name="runs_with_new_messages", condition=Q(messages__gt=F("duplicates"))
            ),
        )

    def __str__(self) -> str:
        return f"run {self.pk}"


class ArchivedMessage(models.Model):
    """One message exactly as it came, and its outcome: no warehouse message is ever dropped."""

    class State(models.TextChoices):
        PENDING = "pending", "Not processed yet"
        APPLIED = "applied", "Applied"
        PARKED = "parked", "Parked"
        REJECTED = "rejected", "Rejected"

    account = models.ForeignKey(Account, models.PROTECT, related_name="archive", db_index=False)
    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    run = models.ForeignKey(SyncRun, models.PROTECT, null=True, related_name="archive")
    resource = models.CharField(max_length=20)
    digest = models.CharField(max_length=64)
    raw = models.BinaryField(help_text="The text as received, zlib-compressed.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    reason = models.CharField(max_length=500, blank=True)
    reference = models.CharField(max_length=100, blank=True)
    warehouse_number = models.CharField(max_length=100, blank=True)
    external_status = models.CharField(max_length=100, blank=True, help_text="The unmapped status it waits for.")
    ambiguous = models.BooleanField(
        default=False, db_default=False, help_text="It fits several orders, and waits for a person to say which one."
    )
    order = models.ForeignKey(Order, models.PROTECT, null=True, related_name="+", db_index=False)
    received_at = models.DateTimeField(db_default=Now())
    processed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        verbose_name = "message"
        indexes = (
            models.Index("seller", "reference", name="parked_messages", condition=Q(state="parked")),
            models.Index(
                "external_status",
                name="messages_of_unmapped_status",
                condition=Q(state="parked") & ~Q(external_status=""),
            ),
            models.Index("account", "id", name="pending_messages", condition=Q(state="pending")),
            models.Index("state", "id", name="unapplied_messages", condition=~Q(state="applied")),
            models.Index("order", "id", name="messages_of_an_order"),
        )

    def __str__(self) -> str:
        return f"message {self.pk}"


class MessageDigest(models.Model):
    """The digest of a message that was received. A trigger deletes it with its message.

    It does not stand in the archive, whose rows change when they are processed: this index is large, and touched at
    random places.
    """

    message = models.OneToOneField(
        ArchivedMessage, models.DO_NOTHING, primary_key=True, related_name="+", db_constraint=False
    )
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    resource = models.CharField(max_length=20)
    digest = models.BinaryField(help_text="SHA-256.")

    class Meta:
        constraints = (models.UniqueConstraint("account", "resource", "digest", name="message_is_archived_once"),)

    def __str__(self) -> str:
        return f"digest of message {self.pk}"


class Discrepancy(models.Model):
    """One thing about one order in which the warehouse's record and ours differ, found by comparing all open orders."""

    class Kind(models.TextChoices):
        UNKNOWN_HERE = "unknown_here", "unknown here"
        UNKNOWN_THERE = "unknown_there", "unknown to the warehouse"
        STATUS = "status", "status"
        SHIPPED = "shipped", "units shipped"
        CANCELLED = "cancelled", "units cancelled"

    account = models.ForeignKey(Account, models.PROTECT, related_name="discrepancies")
    order = models.ForeignKey(Order, models.PROTECT, null=True, related_name="+")
    reference = models.CharField(max_length=100)
    kind = models.CharField(max_length=14, choices=Kind.choices)
    ours = models.JSONField(default=dict, help_text="By SKU, or the status.")
    theirs = models.JSONField(default=dict, help_text="By SKU, or the status.")
    raw = models.BinaryField(default=b"", help_text="The warehouse's record as received, zlib-compressed.")
    found_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now(), help_text="When a comparison found it last.")
    resolved_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("reference", "kind")
        verbose_name_plural = "discrepancies"
        constraints = (
            models.UniqueConstraint(
                "account",
                "reference",
                "kind",
                name="one_open_discrepancy_per_order_and_kind",
                condition=Q(resolved_at__isnull=True),
            ),
        )
        permissions = (("accept_discrepancy", "Can accept the warehouse's side of a discrepancy"),)

    def __str__(self) -> str:
        return f"{self.reference}: {self.get_kind_display()}"
