"""What did somebody take out of a list, and how far is it? The rows are the queue, and the record of who took what."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Export(models.Model):
    """Rows of a list as a file: asked for by one person, written behind the page where they are many."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        WRITING = "writing", "Being written"
        READY = "ready", "Ready"
        STREAMED = "streamed", "Downloaded at once"
        FAILED = "failed", "Failed"
        GONE = "gone", "Deleted"

    class Kind(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "Excel (XLSX)"

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    of = models.CharField(max_length=60, help_text="The list.")
    asked: Any = models.JSONField(help_text="Filters and sort; a search is forgotten once the file is written.")
    columns: Any = models.JSONField()
    kind = models.CharField(max_length=4, choices=Kind.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    why = models.CharField(max_length=200, blank=True)
    total = models.PositiveIntegerField(null=True, blank=True)
    done = models.PositiveIntegerField(default=0)
    after: Any = models.JSONField(default=list, help_text="Behind which row it goes on.")
    sellers: Any = models.JSONField(null=True, blank=True, help_text="Whose rows are in it; null means everybody's.")
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(db_default=Now())
    ready_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index("id", name="exports_to_write", condition=Q(state__in=("waiting", "writing"))),
            models.Index("ready_at", name="exports_to_forget", condition=Q(state="ready")),
        )
        default_permissions = ()
        permissions = (("export_order", "Can export orders with their customers' data"),)

    def __str__(self) -> str:
        return f"{self.noun}s-{self.asked_at:%Y-%m-%d}-{self.pk}.{self.kind}"

    @property
    def noun(self) -> str:
        """What one of its rows is called."""
        return self.of.partition(".")[2]

    @property
    def runs(self) -> bool:
        """Whether somebody still waits for it."""
        return self.state in (self.State.WAITING, self.State.WRITING)

    @property
    def state_shown(self) -> str:
        """Its state as people say it: what somebody stopped is told apart from what grew old."""
        return "Stopped" if self.state == self.State.GONE and self.why else str(self.get_state_display())

    @property
    def gone_at(self) -> datetime | None:
        """When the file is deleted, once it is ready."""
        return self.ready_at and self.ready_at + timedelta(days=settings.EXPORT_KEEP_DAYS)


class ExportChunk(models.Model):
    """A piece of the file, kept here so that every web server has it."""

    export = models.ForeignKey(Export, models.CASCADE, related_name="chunks", db_index=False)
    number = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        ordering = ("number",)
        constraints = (models.UniqueConstraint("export", "number", name="chunk_number_is_unique_per_export"),)
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.export_id}/{self.number}"
