"""Is the task queue alive? It writes down the time every minute."""

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone


class Heartbeat(models.Model):
    """When a part that must keep running last did: the readiness check looks here, not at process tables."""

    name = models.CharField(max_length=40, primary_key=True)
    beat_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.name


def beat() -> None:
    """Write down that the queue runs now."""
    Heartbeat.objects.update_or_create(name="queue", defaults={"beat_at": timezone.now()})
