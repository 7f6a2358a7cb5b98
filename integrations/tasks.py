"""What does the clock call? Tasks without arguments: they find their rows, and a second run does no harm."""

from django.utils import timezone

from integrations.models import Heartbeat
from integrations.prosku import poll


def poll_prosku() -> int:
    """Sync the ProSKU sellers that are due; every minute."""
    return poll.poll()


def apply_waiting() -> int:
    """Apply messages whose order or status word has come; every minute."""
    return poll.apply_everywhere()


def beat() -> None:
    """Prove that the queue is alive; every minute. The readiness check looks for it."""
    Heartbeat.objects.update_or_create(name="queue", defaults={"beat_at": timezone.now()})
