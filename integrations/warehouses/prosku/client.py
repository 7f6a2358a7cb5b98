"""How is a ProSKU account read, page after page?"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from zoneinfo import ZoneInfo

from integrations import http
from integrations.warehouses.prosku import protocol
from integrations.warehouses.prosku.bodies import MAX_BYTES, Unreadable

KEY = re.compile(r"[!#-\[\]-~]+")  # printable, and nothing that would end the quoted text of the header
PASSES = 3


class KeyRefused(Exception):
    """The account's key is wrong or was revoked."""


class WrongAddress(Exception):
    """The connection's address does not lead to ProSKU."""


class Unavailable(Exception):
    """ProSKU does not answer as it should for now; `retry_after` is in seconds, None when it did not say.

    `down` says that nobody gets an answer there, as far as one can tell, and not this account alone.
    """

    def __init__(self, reason: str, retry_after: float | None = None, *, down: bool = False) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
        self.down = down


class UnreadableAnswer(Unreadable):
    """An answer that cannot be read, with what came (or the start of it), to be kept."""

    def __init__(self, reason: str, place: str, *, url: str, content_type: str, body: bytes) -> None:
        super().__init__(reason, place)
        self.url = url
        self.content_type = content_type
        self.body = body


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

        Records that change while we read move from page to page, and another may slip through the gap: when
        fewer distinct records came than ProSKU counts, or its count fell, all pages are read again. Ends
        normally only when nothing can be missing. Raises KeyRefused, WrongAddress, Unavailable,
        UnreadableAnswer.
        """
        seen: set[int] = set()
        for _ in range(PASSES):
            steady = True
            total: int | None = None
            for fetched in self._one_pass(resource, since, zone, per_page):
                seen.update(hash(record.name) for record in fetched.page.records)
                steady &= total is None or (fetched.page.total or 0) >= total
                total = fetched.page.total
                yield fetched
            if steady and len(seen) >= (total or 0):
                return
        raise Unavailable(f"the list of {resource} kept changing while it was read: some may be missing")

    def _one_pass(self, resource: str, since: datetime | None, zone: ZoneInfo, per_page: int) -> Iterator[FetchedPage]:
        number, most = 1, 0
        before: tuple[str, ...] = ()
        while True:
            fetched = self._fetch(resource, since, zone, per_page, number)
            page = fetched.page
            most = most or 2 * page.total_pages + 100
            digests = tuple(record.digest for record in page.records)
            if page.current_page not in (1, number) or (digests and digests == before):
                raise _unreadable(fetched, f"page {number} was asked for, another came", "current_page")
            if number > most:
                raise _unreadable(fetched, "the pages do not end", "total_pages")
            yield fetched
            if number >= page.total_pages or not digests:
                return
            number, before = number + 1, digests

    def _fetch(self, resource: str, since: datetime | None, zone: ZoneInfo, per_page: int, number: int) -> FetchedPage:
        url = f"{self.base_url}/{protocol.RESOURCES[resource].path}"
        try:
            answer = http.get(
                self._session,
                url,
                headers=protocol.headers(self._key, self.form),
                params=protocol.query(since=since, zone=zone, page=number, per_page=per_page),
                max_bytes=MAX_BYTES,
                patience=self._patience,
            )
        except http.Unreachable as error:
            raise Unavailable(f"ProSKU cannot be reached: {error}", down=True) from None
        except http.TooLarge as error:
            raise UnreadableAnswer(str(error), "", url=url, content_type="", body=error.start) from None
        _check_status(answer)
        try:
            page = protocol.decode(answer.body, answer.content_type, resource)
        except Unreadable as error:
            raise UnreadableAnswer(
                error.reason, error.place, url=answer.url, content_type=answer.content_type, body=answer.body
            ) from None
        return FetchedPage(number, answer.url, answer.content_type, answer.body, page, answer.date)


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
