"""Which moment does a time on ProSKU's wire mean?"""

import re
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from integrations.warehouses.port import Unreadable

YEARS = range(1990, 2100)
WIRE = re.compile(
    r"([0-9]{2})/([0-9]{2})/([0-9]{4}|[0-9]{2})(?: ([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?)?(?: (GMT|UTC))?"
)
ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})"
)


def moment(text: str, zone: ZoneInfo, place: str = "") -> datetime:
    """Read a time as a moment in UTC; day first, local to `zone` unless it names GMT, UTC or an offset.

    A local time that the clocks repeat in autumn means its first run. Raises Unreadable for everything
    else: a local time that the clocks skip in spring, a date that no calendar has, a month put first.
    """
    try:
        return _moment(text, zone)
    except (ValueError, OverflowError) as error:
        reason = f"{text[:40]!r} is not a time ProSKU writes (DD/MM/YYYY HH:MM:SS)"
        raise Unreadable(str(error) if isinstance(error, _Skipped) else reason, place) from None


class _Skipped(ValueError):
    """The local time that the clocks skip."""


@lru_cache(maxsize=8192)
def _moment(text: str, zone: ZoneInfo) -> datetime:
    local = _read(text, zone)
    if local.year not in YEARS:
        raise ValueError(text)
    utc = local.astimezone(UTC)
    if utc.astimezone(local.tzinfo).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise _Skipped(f"the time {text!r} does not exist in {zone.key}: the clocks skip it")
    return utc


def is_ambiguous(text: str, zone: ZoneInfo) -> bool:
    """Whether the clocks in `zone` show this time twice, so that `moment` had to choose the first."""
    try:
        local = _read(text, zone)
    except ValueError:
        return False
    return local.utcoffset() != local.replace(fold=1).utcoffset()


def _read(text: str, zone: ZoneInfo) -> datetime:
    if found := WIRE.fullmatch(text):
        day, month, year, hour, minute, second, universal = found.groups()
        full_year = int(year) + (2000 if len(year) == 2 else 0)
        at = (int(hour or 0), int(minute or 0), int(second or 0))
        return datetime(full_year, int(month), int(day), *at, tzinfo=UTC if universal else zone)
    if ISO.fullmatch(text):
        return datetime.fromisoformat(text)
    raise ValueError(text)
