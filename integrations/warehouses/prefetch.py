"""How is the next page fetched and read while the database is busy with the one at hand?"""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

Page = TypeVar("Page")
TURN = 0.0005
"""Seconds. While a page is read by one thread, the other has an answer of the database some thirty times; with
Python's own 5 ms it would wait so long for its turn each time."""


@contextmanager
def ahead(pages: Iterator[Page]) -> Iterator[Iterator[Page]]:
    """The same pages in the same sequence, never more than one ahead, so that memory stays flat.

    What goes wrong with a page is raised where the page would have come. All are fetched by one thread, which has
    ended when this ends: when the rest is not wanted, it waits for no longer than the fetch at hand takes.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(TURN)
    try:
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="prosku-ahead") as thread:
            yield _handed_over(pages, thread)
    finally:
        sys.setswitchinterval(before)


def _handed_over(pages: Iterator[Page], thread: ThreadPoolExecutor) -> Iterator[Page]:
    coming = thread.submit(next, pages, None)
    while (page := coming.result()) is not None:
        coming = thread.submit(next, pages, None)
        yield page
