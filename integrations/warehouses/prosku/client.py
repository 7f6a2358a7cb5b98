"""How is a ProSKU account asked for one page of a list, and what do its answers mean?"""

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from types import TracebackType
from zoneinfo import ZoneInfo

from django.conf import settings

from integrations import http
from integrations.warehouses.port import KeyRefused, Unavailable, Unreadable, UnreadableAnswer, WrongAddress
from integrations.warehouses.prosku import paging, protocol
from integrations.warehouses.prosku.paging import FetchedPage, ListRequest
from integrations.warehouses.prosku.safe_parsing import MAX_BYTES

KEY = re.compile(r"[!#-\[\]-~]+")  # printable, and nothing that would end the quoted text of the header


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
        self._session = http.session(public=not settings.WAREHOUSE_ALLOW_PRIVATE_NETWORKS)

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

        Ends normally only when nothing can be missing. Raises KeyRefused, WrongAddress, Unavailable, UnreadableAnswer.
        """
        return paging.read_whole(self._fetch, ListRequest(resource, since, zone, per_page))

    def _fetch(self, asked: ListRequest, number: int, before: tuple[str, ...]) -> FetchedPage:
        """Ask for one page, again when what comes cannot be read: it may be a proxy's word, or cut off on its way."""
        ends = time.monotonic() + self._patience.in_all
        for tried in range(1, self._patience.tries + 1):
            left = max(ends - time.monotonic(), 0.1)
            try:
                fetched = self._ask(asked, number, replace(self._patience, in_all=left))
                if paging.is_another(fetched, before):
                    raise paging.unreadable(fetched, f"page {number} was asked for, another came", "current_page")
            except UnreadableAnswer:
                wait = min(self._patience.backoff * 2**tried, self._patience.longest_wait)
                if tried == self._patience.tries or time.monotonic() + wait >= ends:
                    raise
                time.sleep(wait)
            else:
                return fetched
        raise AssertionError("somebody who never tries has no patience")

    def _ask(self, asked: ListRequest, number: int, patience: http.Patience) -> FetchedPage:
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
        except http.NotAllowed as error:
            raise WrongAddress(str(error)) from None
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


def _check_status(answer: http.Answer) -> None:
    status = answer.status
    if status == 200:
        return
    if status in (401, 403):
        raise KeyRefused(f"ProSKU refuses the key (status {status})")
    if status in (404, 410) or 300 <= status < 400:
        raise WrongAddress(f"the address does not lead to ProSKU (status {status})")
    raise Unavailable(f"ProSKU answers with status {status}", answer.retry_after, down=status >= 500)
