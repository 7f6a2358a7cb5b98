"""Is this the name of a time zone?"""

from zoneinfo import available_timezones

from django.core.exceptions import ValidationError


def known_zone(name: str) -> None:
    """Accept IANA names such as Europe/London; raise ValidationError for everything else."""
    if name not in available_timezones():
        raise ValidationError("%(name)s is no time zone; write one such as Europe/London.", params={"name": name})
