"""Pages shift while they are read: read a list again until nothing can be missing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TypeAlias
from zoneinfo import ZoneInfo

from integrations.warehouses.port import Unavailable, UnreadableAnswer
from integrations.warehouses.prosku import protocol

PASSES = 3


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """One page as it came and as it reads. `number` counts from 1; `url` holds no secret; `date` is ProSKU's clock."""

    number: int
    url: str
    content_type: str
    body: bytes
    page: protocol.Page
    date: datetime | None = None


@dataclass(frozen=True, slots=True)
class ListRequest:
    """Which list is asked for, from when on, and in pages of which size."""

    resource: str
    since: datetime | None
    zone: ZoneInfo
    per_page: int


Fetch: TypeAlias = Callable[[ListRequest, int, tuple[str, ...]], FetchedPage]
"""Asks for one page by its number; the digests of the page before tell whether the same one came again."""


def read_whole(fetch: Fetch, asked: ListRequest) -> Iterator[FetchedPage]:
    """Read a list one page at a time, in constant memory but for the records' names.

    Records that change while we read move from page to page, and another may slip through the gap: the pages are
    read again until as many distinct records came as ProSKU counts, or until they came twice exactly alike, for a
    list may hold a record twice. Ends normally only when nothing can be missing. Raises KeyRefused, WrongAddress,
    Unavailable, UnreadableAnswer.
    """
    seen: set[int] = set()
    before = _Pass()
    for _ in range(PASSES):
        this = _Pass()
        for fetched in _one_pass(fetch, asked):
            this.add(fetched.page)
            yield fetched
        seen |= this.names
        if this.steady and (len(seen) >= this.total or this.is_whole(before)):
            return
        before = this
    raise Unavailable(f"the list of {asked.resource} kept changing while it was read: some may be missing")


def _one_pass(fetch: Fetch, asked: ListRequest) -> Iterator[FetchedPage]:
    number, most = 1, 0
    before: tuple[str, ...] = ()
    while True:
        fetched = fetch(asked, number, before)
        page = fetched.page
        most = most or 2 * page.total_pages + 100
        if number > most:
            raise unreadable(fetched, "the pages do not end", "total_pages")
        yield fetched
        digests = _digests(page)
        if number >= page.total_pages or not digests:
            return
        number, before = number + 1, digests


class _Pass:
    """What came in one pass over all pages of a list."""

    def __init__(self) -> None:
        self.names: set[int] = set()
        self.total, self.steady = 0, True
        self._versions: set[int] = set()
        self._rows, self._pages = 0, 0
        self._sequence = sha256()

    def add(self, page: protocol.Page) -> None:
        """Count a page."""
        total = page.total or 0
        self.steady &= total >= self.total
        self.total = total
        self.names.update(hash(record.name) for record in page.records)
        self._versions.update(hash(record.digest) for record in page.records)
        self._rows, self._pages = self._rows + len(page.records), self._pages + 1
        self._sequence.update("".join(_digests(page)).encode())

    def is_whole(self, before: "_Pass") -> bool:
        """Whether all rows came and the list held still: one page is one moment, and so are pages alike twice.

        A record that stands there twice does so word for word; one that moved while we read was changed.
        """
        if self._pages == 1:
            return self._rows >= self.total
        again = self._rows - len(self._versions)
        alike = self._sequence.digest() == before._sequence.digest()  # noqa: SLF001 - one of our own
        return alike and len(self.names) + again >= self.total


def _digests(page: protocol.Page) -> tuple[str, ...]:
    return tuple(record.digest for record in page.records)


def is_another(fetched: FetchedPage, before: tuple[str, ...]) -> bool:
    """Whether this is not the page that was asked for: by its own number, or because it is the last one again.

    A list may hold a record twice, so the last one may come again rightly: when it bears its number, and ProSKU says
    how many there are, so that it shows if any is missing.
    """
    page = fetched.page
    if page.current_page not in (1, fetched.number):
        return True
    sure = page.current_page == fetched.number and page.total is not None
    return bool(before) and not sure and _digests(page) == before


def unreadable(fetched: FetchedPage, reason: str, place: str) -> UnreadableAnswer:
    """Why a page cannot be used, with what came."""
    return UnreadableAnswer(reason, place, url=fetched.url, content_type=fetched.content_type, body=fetched.body)
