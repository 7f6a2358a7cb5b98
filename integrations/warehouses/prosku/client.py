"""How is a ProSKU account read, page after page?"""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from types import TracebackType
from zoneinfo import ZoneInfo

from integrations import http
from integrations.warehouses.port import KeyRefused, Unavailable, Unreadable, UnreadableAnswer, WrongAddress
from integrations.warehouses.prosku import protocol
from integrations.warehouses.prosku.bodies import MAX_BYTES

KEY = re.compile(r"[!#-\[\]-~]+")  # printable, and nothing that would end the quoted text of the header
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


class ProSkuClient:
    """One account at one connection. Use it as a context, from one thread."""

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        form: str = "xml",
        patience: http.Patience | None = None,
    ) -> None:
        if not KEY.fullmatch(key):
            raise ValueError("the key is empty or holds characters that no key has")
        if form not in protocol.FORMATS:
            raise ValueError(f"the form is none of {', '.join(protocol.FORMATS)}")
        self.base_url = http.check_address(base_url).rstrip("/")
        self.form = form
        self._key = key
        self._patience = patience or http.Patience()
        self._session = http.session()

    def __repr__(self) -> str:
        return f"<ProSkuClient {self.base_url} {self.form}>"

    def __enter__(self) -> "ProSkuClient":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._session.close()

    def pages(
        self, resource: str, since: datetime | None, zone: ZoneInfo, per_page: int = protocol.PER_PAGE
    ) -> Iterator[FetchedPage]:
        """Read what changed after `since`, one page at a time, in constant memory but for the records' names.

        Records that change while we read move from page to page, and another may slip through the gap: the pages are
        read again until as many distinct records came as ProSKU counts, or until they came twice exactly alike, for a
        list may hold a record twice. Ends normally only when nothing can be missing. Raises KeyRefused, WrongAddress,
        Unavailable, UnreadableAnswer.
        """
        seen: set[int] = set()
        before = _Pass()
        for _ in range(PASSES):
            this = _Pass()
            for fetched in self._one_pass(_List(resource, since, zone, per_page)):
                this.add(fetched.page)
                yield fetched
            seen |= this.names
            if this.steady and (len(seen) >= this.total or this.is_whole(before)):
                return
            before = this
        raise Unavailable(f"the list of {resource} kept changing while it was read: some may be missing")

    def _one_pass(self, asked: "_List") -> Iterator[FetchedPage]:
        number, most = 1, 0
        before: tuple[str, ...] = ()
        while True:
            fetched = self._fetch(asked, number, before)
            page = fetched.page
            most = most or 2 * page.total_pages + 100
            if number > most:
                raise _unreadable(fetched, "the pages do not end", "total_pages")
            yield fetched
            digests = _digests(page)
            if number >= page.total_pages or not digests:
                return
            number, before = number + 1, digests

    def _fetch(self, asked: "_List", number: int, before: tuple[str, ...]) -> FetchedPage:
        """Ask for one page, again when what comes cannot be read: it may be a proxy's word, or cut off on its way."""
        ends = time.monotonic() + self._patience.in_all
        for tried in range(1, self._patience.tries + 1):
            left = max(ends - time.monotonic(), 0.1)
            try:
                fetched = self._ask(asked, number, replace(self._patience, in_all=left))
                if _is_another(fetched, before):
                    raise _unreadable(fetched, f"page {number} was asked for, another came", "current_page")
            except UnreadableAnswer:
                wait = min(self._patience.backoff * 2**tried, self._patience.longest_wait)
                if tried == self._patience.tries or time.monotonic() + wait >= ends:
                    raise
                time.sleep(wait)
            else:
                return fetched
        raise AssertionError("somebody who never tries has no patience")

    def _ask(self, asked: "_List", number: int, patience: http.Patience) -> FetchedPage:
        url = f"{self.base_url}/{protocol.RESOURCES[asked.resource].path}"
        try:
            answer = http.get(
                self._session,
                url,
                headers=protocol.headers(self._key, self.form),
                params=protocol.query(since=asked.since, zone=asked.zone, page=number, per_page=asked.per_page),
                max_bytes=MAX_BYTES,
                patience=patience,
            )
        except http.Unreachable as error:
            raise Unavailable(f"ProSKU cannot be reached: {error}", down=True) from None
        except http.TooLarge as error:
            raise UnreadableAnswer(str(error), "", url=url, content_type="", body=error.start) from None
        _check_status(answer)
        try:
            page = protocol.decode(answer.body, answer.content_type, asked.resource)
        except Unreadable as error:
            raise UnreadableAnswer(
                error.reason, error.place, url=answer.url, content_type=answer.content_type, body=answer.body
            ) from None
        return FetchedPage(number, answer.url, answer.content_type, answer.body, page, answer.date)


@dataclass(frozen=True, slots=True)
class _List:
    """Which list is asked for, from when on, and in pages of which size."""

    resource: str
    since: datetime | None
    zone: ZoneInfo
    per_page: int


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


def _is_another(fetched: FetchedPage, before: tuple[str, ...]) -> bool:
    """Whether this is not the page that was asked for: by its own number, or because it is the last one again.

    A list may hold a record twice, so the last one may come again rightly: when it bears its number, and ProSKU says
    how many there are, so that it shows if any is missing.
    """
    page = fetched.page
    if page.current_page not in (1, fetched.number):
        return True
    sure = page.current_page == fetched.number and page.total is not None
    return bool(before) and not sure and _digests(page) == before


def _check_status(answer: http.Answer) -> None:
    status = answer.status
    if status == 200:
        return
    if status in (401, 403):
        raise KeyRefused(f"ProSKU refuses the key (status {status})")
    if status in (404, 410) or 300 <= status < 400:
        raise WrongAddress(f"the address does not lead to ProSKU (status {status})")
    raise Unavailable(f"ProSKU answers with status {status}", answer.retry_after, down=status >= 500)


def _unreadable(fetched: FetchedPage, reason: str, place: str) -> UnreadableAnswer:
    return UnreadableAnswer(reason, place, url=fetched.url, content_type=fetched.content_type, body=fetched.body)
