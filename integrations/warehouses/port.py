"""What must a warehouse system be able to do for us, and what may go wrong? (the port; see prosku/ and files/)"""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

from orders.fulfilment.messages import ReportedStatus, WarehouseMessage

if TYPE_CHECKING:
    from integrations.connections.models import Account
    from integrations.http import Patience

Statuses = Mapping[str, tuple[ReportedStatus, str]]
"""What a system's statuses mean here, and the detail that each shows."""


class Unreadable(Exception):
    """What was received cannot be read: `reason` is a sentence for a person, `place` the field or the line."""

    def __init__(self, reason: str, place: str = "") -> None:
        super().__init__(f"{reason} ({place})" if place else reason)
        self.reason = reason
        self.place = place


class UnreadableAnswer(Unreadable):
    """An answer that cannot be read as a page, with what came (or the start of it), to be archived."""

    def __init__(self, reason: str, place: str, *, url: str, content_type: str, body: bytes) -> None:
        super().__init__(reason, place)
        self.url = url
        self.content_type = content_type
        self.body = body


class KeyRefused(Exception):
    """The account's key is wrong or was revoked."""


class WrongAddress(Exception):
    """The connection's address does not lead to such a system."""


class Unavailable(Exception):
    """The system does not answer as it should for now; `retry_after` is in seconds, None when it did not say.

    `down` says that nobody gets an answer there, as far as one can tell, and not this account alone.
    """

    def __init__(self, reason: str, retry_after: float | None = None, *, down: bool = False) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
        self.down = down


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it came (`raw`), as plain fields, and a digest by which the same record is known again.

    `fault` says why nothing can be made of it; its fields are then empty. `name` is what the warehouse calls the
    record, the same through all its versions.
    """

    resource: str
    raw: str
    digest: str
    fields: Mapping[str, Any]
    fault: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Some records of a list. `number` counts from 1, in each part of a list that has several; `total` is the
    system's own count of all records of that part.

    `changed_up_to` is the newest change in it by the system's own word, `clock` the system's time; None where it does
    not say. `source` is what the system needs to know when the page has been applied.
    """

    number: int
    records: tuple[Record, ...]
    total: int | None = None
    total_pages: int = 1
    changed_up_to: datetime | None = None
    clock: datetime | None = None
    source: Any = None


class Client(Protocol):
    """One account, read from one thread."""

    def pages(self, resource: str, since: datetime | None, per_page: int) -> Iterator[Page]:
        """Read a list page by page, what changed after `since` alone where the system can tell.

        Ends normally only when nothing can be missing. Raises KeyRefused, WrongAddress, Unavailable, UnreadableAnswer.
        """

    def applied(self, page: Page, counts: Counter[str]) -> None:
        """Note that a page is archived and applied, with how many of its records came to what."""


class WarehouseSystem(Protocol):
    """One kind of warehouse system.

    `lists` are its lists in the sequence in which they are read. Where `summary` names one of them, that list has
    something new whenever any other has; `summary_lasts` says for how long this is trusted. `open_orders` is the list
    that is compared with our orders, empty where the system has none. `overlap` is how much of a list is read again
    each time.
    """

    label: str
    lists: tuple[str, ...]
    summary: str
    open_orders: str

    @property
    def overlap(self) -> timedelta:
        """How much is read again."""

    @property
    def summary_lasts(self) -> timedelta:
        """How long the summary is trusted."""

    @property
    def page_size(self) -> int:
        """How many records make a page."""

    def connect(self, account: "Account", patience: "Patience | None" = None) -> AbstractContextManager[Client]:
        """Open a client. Raises KeyRefused or Undecryptable when the account's key cannot be used."""

    def decode(self, raw: str, resource: str) -> Record:
        """Read an archived record again: the same text gives the same fields."""

    def message(self, record: Record, *, number: int, zone: ZoneInfo, statuses: Statuses) -> WarehouseMessage:
        """Say what a record means; `number` is its id in the archive. Raises Unreadable."""

    def ambiguous_times(self, record: Record, zone: ZoneInfo) -> list[str]:
        """The times of a readable record that the clocks in `zone` show twice; `message` took them for the first."""

    def test_connection(self, account: "Account", patience: "Patience") -> tuple[str, datetime | None]:
        """Ask for as little as possible: a sentence on how it answers, and the system's clock. Nothing is stored.

        Raises KeyRefused, WrongAddress, Unavailable, UnreadableAnswer, Undecryptable, and NotAllowed or ValueError
        where nothing could be asked.
        """
