"""Who did what that stands on no order's timeline?"""

from django.db import models
from django.db.models import F
from django.db.models.functions import Now


class AuditEntry(models.Model):
    """One act of a person, of an API key or of the server's operator. Never updated, never deleted."""

    class Kind(models.TextChoices):
        SETTINGS = "settings", "Settings"
        LOGIN = "login", "Log-in"
        EXPORT = "export", "Export"

    recorded_at = models.DateTimeField(db_default=Now())
    actor = models.CharField(max_length=160, help_text="As on the timeline: staff:anna, key:finance.")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    act = models.TextField()
    about = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("-recorded_at", "-id")
        verbose_name_plural = "audit entries"
        indexes = (models.Index(F("recorded_at").desc(), F("id").desc(), name="audit_newest_first"),)

    def __str__(self) -> str:
        return self.act[:100]
