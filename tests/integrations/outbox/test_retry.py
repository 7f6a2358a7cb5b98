"""Does each way a try can end lead to the right next step?"""

from datetime import timedelta

import pytest

from integrations.outbox.retry import Ended, Verdict, judge

NO_TIME = timedelta()
REFUSED = Ended(5, error="The connection was refused.")


def seconds(wait: timedelta | None) -> float:
    assert wait is not None
    return wait.total_seconds()


@pytest.mark.parametrize(
    ("attempts", "wait"),
    [
        (1, 5),
        (2, 5 * 60),
        (3, 30 * 60),
        (4, 2 * 3600),
        (5, 5 * 3600),
        (6, 10 * 3600),
        (7, 14 * 3600),
        (8, 20 * 3600),
        (9, 24 * 3600),
    ],
)
def test_each_try_waits_longer_than_the_last_with_up_to_a_tenth_more(attempts: int, wait: int) -> None:
    waits = [seconds(judge(Ended(5, 400), attempts=attempts, failing_for=NO_TIME).wait) for _ in range(50)]

    assert wait <= min(waits) < max(waits) <= wait * 1.1


def test_after_the_tenth_try_it_is_given_up() -> None:
    assert judge(Ended(5, 400), attempts=10, failing_for=NO_TIME) == Verdict("failed")


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_only_2xx_is_success(status: int) -> None:
    assert judge(Ended(5, status), attempts=1, failing_for=NO_TIME) == Verdict("delivered")


@pytest.mark.parametrize("status", [100, 199, 300, 301, 302, 307, 308, 400, 401, 404, 409, 422, 500, 501])
def test_another_answer_is_tried_again_and_says_nothing_about_the_endpoint(status: int) -> None:
    verdict = judge(Ended(5, status), attempts=1, failing_for=NO_TIME)

    assert (verdict.state, verdict.rest, verdict.off) == ("pending", None, "")


@pytest.mark.parametrize("ended", [REFUSED, Ended(5, 429), Ended(5, 502), Ended(5, 503), Ended(5, 504)])
@pytest.mark.parametrize(("failing_for", "rest"), [(0, 2), (10, 5), (120, 60), (3600, 300), (200_000, 300)])
def test_an_endpoint_that_is_down_rests_half_as_long_as_it_failed(ended: Ended, failing_for: int, rest: int) -> None:
    verdict = judge(ended, attempts=1, failing_for=timedelta(seconds=failing_for))

    assert seconds(verdict.rest) == rest


@pytest.mark.parametrize(("failing_for", "rest"), [(59, None), (60, 30), (3600, 300)])
def test_an_endpoint_that_refuses_everything_rests_after_a_minute(failing_for: int, rest: int | None) -> None:
    verdict = judge(Ended(5, 500), attempts=1, failing_for=timedelta(seconds=failing_for))

    assert (verdict.rest and seconds(verdict.rest)) == rest


@pytest.mark.parametrize("status", [429, 502, 503, 504])
@pytest.mark.parametrize(("asked", "granted"), [(60, 60), (7200, 7200), (10**9, 24 * 3600), (-5, None)])
def test_retry_after_is_honoured_up_to_a_day(status: int, asked: float, granted: int | None) -> None:
    verdict = judge(Ended(5, status, retry_after=asked), attempts=1, failing_for=NO_TIME)

    assert seconds(verdict.rest) == (granted or 2)
    assert (seconds(verdict.wait) == granted) if granted else (5 <= seconds(verdict.wait) <= 5.5)


def test_retry_after_shortens_no_wait_and_counts_only_with_busy_answers() -> None:
    busy = judge(Ended(5, 503, retry_after=60), attempts=3, failing_for=NO_TIME)
    refusal = judge(Ended(5, 400, retry_after=60), attempts=1, failing_for=NO_TIME)

    assert (seconds(busy.wait) >= 1800, seconds(busy.rest)) == (True, 60)
    assert (seconds(refusal.wait) < 6, refusal.rest) == (True, None)


def test_410_and_three_days_without_a_success_switch_off() -> None:
    assert judge(Ended(5, 410), attempts=1, failing_for=NO_TIME).off == "The receiver answered 410 Gone."
    assert judge(REFUSED, attempts=1, failing_for=timedelta(days=3)).off == "It has accepted nothing for three days."
    assert judge(REFUSED, attempts=1, failing_for=timedelta(days=2.9)).off == ""
