"""Which time zones are there? (IANA names, such as Europe/London)"""

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError


def known_zone(name: str) -> None:
    """Accept IANA names such as Europe/London; raise ValidationError for everything else."""
    if name not in available_timezones():
        raise ValidationError("%(name)s is no time zone; write one such as Europe/London.", params={"name": name})


@cache
def choices() -> list[tuple[str, Any]]:
    """All places by their part of the world; what lies nowhere comes last."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(available_timezones()):
        region, _, place = name.partition("/")
        named = place and region != "Etc"
        found.setdefault(region if named else "Other", []).append((name, (place if named else name).replace("_", " ")))
    other = found.pop("Other", [])
    return [*found.items(), ("Other", other)]
