"""Is the next page fetched while the one at hand is worked on, and no more than that one?"""

import threading
from collections.abc import Iterator

import pytest

from integrations.warehouses.prefetch import ahead


def test_pages_come_in_their_sequence_and_at_most_one_ahead() -> None:
    fetched: list[int] = []

    def fetch() -> Iterator[int]:
        for number in range(1, 6):
            fetched.append(number)
            yield number

    most = 0
    with ahead(fetch()) as pages:
        for number in pages:
            most = max(most, len(fetched) - number)

    assert fetched == [1, 2, 3, 4, 5]
    assert most <= 1


def test_what_goes_wrong_is_raised_after_the_pages_before_it() -> None:
    def fetch() -> Iterator[int]:
        yield 1
        raise ValueError("the second page is broken")

    with ahead(fetch()) as pages:
        assert next(pages) == 1
        with pytest.raises(ValueError, match="the second page is broken"):
            next(pages)


def test_no_thread_is_left_when_the_rest_is_not_wanted() -> None:
    with ahead(iter(range(1, 9))) as pages:
        next(pages)

    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("prosku-ahead")] == []
