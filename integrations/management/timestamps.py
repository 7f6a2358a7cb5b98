"""Which moment does a person mean on the command line?"""

from datetime import datetime

from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime


def moment_of(text: str | None) -> datetime | None:
    """The moment that a text in ISO 8601 with its zone names; None for none. Raises CommandError for others."""
    if not text:
        return None
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None:
        raise CommandError(f"{text} is not a time such as 2026-11-21T08:00:00Z")
    if timezone.is_naive(moment):
        raise CommandError("--since needs a zone, such as 2026-11-21T08:00:00Z")
    return moment
