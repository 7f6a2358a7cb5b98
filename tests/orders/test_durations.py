"""Is a length of time said in one way?"""

from datetime import timedelta

import pytest

from orders.durations import format_duration


@pytest.mark.parametrize(
    ("seconds", "one", "two"),
    [
        (-5, "0 s", "0 s"),
        (0, "0 s", "0 s"),
        (59.6, "59 s", "59 s"),
        (119, "119 s", "1 min 59 s"),
        (120, "2 min", "2 min"),
        (5_400, "90 min", "1 h 30 min"),
        (10_800, "3 h", "3 h"),
        (90_061, "25 h", "1 d 1 h"),
        (400_000, "4 d", "4 d 15 h"),
        (None, "–", "–"),
    ],
)
def test_a_length_of_time_is_said_in_one_unit_or_in_two(seconds: float | None, one: str, two: str) -> None:
    span = None if seconds is None else timedelta(seconds=seconds)

    assert (format_duration(span), format_duration(span, parts=2)) == (one, two)
