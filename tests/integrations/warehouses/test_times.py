"""Is a time on the wire the moment that the warehouse's clock showed?"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.warehouses.port import Unreadable
from integrations.warehouses.prosku.times import is_ambiguous, moment

LONDON = ZoneInfo("Europe/London")
CONFIRMED = datetime(2017, 7, 1, 10, 44, 8, tzinfo=UTC)
FIRST, LAST = (datetime(year, 6, 1, tzinfo=UTC).replace(tzinfo=None) for year in (1990, 2099))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("01/07/2017 11:44:08", CONFIRMED),
        ("01/07/17 11:44:08", CONFIRMED),
        ("01/07/2017 11:44", datetime(2017, 7, 1, 10, 44, tzinfo=UTC)),
        ("01/07/2017", datetime(2017, 6, 30, 23, 0, tzinfo=UTC)),
        ("23/02/2018 12:00:00", datetime(2018, 2, 23, 12, 0, tzinfo=UTC)),
        ("01/07/2017 11:44:08 GMT", datetime(2017, 7, 1, 11, 44, 8, tzinfo=UTC)),
        ("2017-07-01T11:44:08+01:00", CONFIRMED),
        ("2017-07-01T10:44:08Z", CONFIRMED),
        ("03/04/2026 00:00:00", datetime(2026, 4, 2, 23, 0, tzinfo=UTC)),
        ("25/10/2026 01:30:00", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("25/10/2026 02:00:00", datetime(2026, 10, 25, 2, 0, tzinfo=UTC)),
        ("29/03/2026 00:59:59", datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC)),
        ("29/03/2026 02:00:00", datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
    ],
)
def test_times_are_read_day_first_in_the_warehouses_own_zone(text: str, expected: datetime) -> None:
    assert moment(text, LONDON) == expected
    assert moment(text, LONDON).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "29/03/2026 01:30:00", "13/13/2026", "31/02/2026", "12/31/2026 10:00", "1/7/2017", "01/07/2017 24:00:00",
        "01/07/2017 11:44:60", "01/07/2017T11:44", "2017-07-01", "2017-07-01T10:44:08", "01/07/0017", "01/07/9999",
        "01/07/2017 11:44:08 BST", "yesterday", "\u0661\u0661/07/2017", "0",
    ],
)  # fmt: skip
def test_a_time_that_does_not_exist_or_is_written_otherwise_is_refused(text: str) -> None:
    with pytest.raises(Unreadable) as refused:
        moment(text, LONDON, "confirmed_at")

    assert repr(text) in refused.value.reason
    assert refused.value.place == "confirmed_at"


def test_the_hour_that_the_clocks_repeat_can_be_told() -> None:
    assert is_ambiguous("25/10/2026 01:30:00", LONDON)
    assert not is_ambiguous("25/10/2026 02:30:00", LONDON)
    assert not is_ambiguous("25/10/2026 01:30:00 GMT", LONDON)


@given(st.datetimes(FIRST, LAST, timezones=st.just(UTC)))
@settings(deadline=None)
def test_every_moment_written_as_local_time_is_read_back_or_was_ambiguous(at: datetime) -> None:
    at = at.replace(microsecond=0)
    text = at.astimezone(LONDON).strftime("%d/%m/%Y %H:%M:%S")

    assert moment(text, LONDON) == at or is_ambiguous(text, LONDON)
