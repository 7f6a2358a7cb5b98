"""Is what a server says about time bounded before anybody reckons with it?"""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from integrations.http import LONGEST_WAIT, date_of, retry_after

NOW = datetime(2026, 3, 3, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("", None),
        ("0", 0),
        ("120", 120),
        (" 7 ", 7),
        ("1.5", 1.5),
        ("86401", LONGEST_WAIT),
        ("1795824000000000000", LONGEST_WAIT),
        ("9" * 30, LONGEST_WAIT),
        ("9" * 5000, LONGEST_WAIT),
        ("9" * 400 + ".5", LONGEST_WAIT),
        ("-5", None),
        ("NaN", None),
        ("inf", None),
        ("1e400", None),
        ("1_000", None),
        ("\u0661\u0662", None),
        ("²", None),
        ("1.", None),
        ("soon", None),
        ("Fri, 99 Foo 2026", None),
        (format_datetime(NOW + timedelta(hours=1), usegmt=True), 3600),
        (format_datetime(NOW - timedelta(days=1), usegmt=True), 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_WAIT),
        ("Fri, 31 Dec 9999 23:59:59 -2359", LONGEST_WAIT),
        ("Mon, 01 Jan 1001 00:00:00 +1400", 0),
        ("Mon, 01 Jan 99999 00:00:00 GMT", None),
        ("Mon, 01 Jan 2026 00:00:00 +99999999999999999999", None),
    ],
)
def test_a_retry_after_is_a_number_of_seconds_within_a_day_or_nothing(header: str, seconds: float | None) -> None:
    assert retry_after(header, now=NOW) == seconds


@pytest.mark.parametrize(
    ("header", "moment"),
    [
        ("Tue, 03 Mar 2026 08:00:00 GMT", NOW),
        ("Tue, 03 Mar 2026 08:00:00", None),
        ("Fri, 31 Dec 9999 23:59:59 -2359", None),
        ("Mon, 01 Jan 1001 00:00:00 +1400", None),
        ("nonsense", None),
        ("", None),
    ],
)
def test_a_date_is_a_moment_of_our_time_or_nothing(header: str, moment: datetime | None) -> None:
    assert date_of(header) == moment
