"""What does a warehouse say about an order, in our words?

Every source (an API record, a row of a file) is parsed into these before anything is applied.
All times are aware datetimes in UTC; quantities are whole units. Named tuples, because a page makes thousands of
them, and a frozen dataclass takes several times as long to make.
"""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class ReportedStatus(StrEnum):
    """What a warehouse's status word does to an order."""

    PROCESSING = "processing"
    ON_HOLD = "on_hold"
    PART_DESPATCHED = "part_despatched"
    DESPATCHED = "despatched"
    CANCELLED = "cancelled"

    @property
    def closes(self) -> bool:
        """Whether nothing that is still outstanding will ship after this."""
        return self in (ReportedStatus.DESPATCHED, ReportedStatus.CANCELLED)


class DespatchLine(NamedTuple):
    """Units of one SKU on a despatch note; a SKU stands on one line only (duplicates were added up)."""

    sku: str
    quantity: int


class DespatchNote(NamedTuple):
    """One despatch note as it stood at `changed_at`. Without lines, or `withdrawn`, it ships nothing.

    A `planned` one ships nothing either: unconfirmed, and dated after it was received.
    """

    number: str
    despatched_at: datetime
    changed_at: datetime
    lines: tuple[DespatchLine, ...]
    carrier: str = ""
    service: str = ""
    tracking_number: str = ""
    tracking_url: str = ""
    carrier_text: str = ""
    withdrawn: bool = False
    edition: datetime | None = None
    """Of two forms that changed at the same time the later edition counts; none at all, from the warehouse, most."""
    planned: bool = False


class LineReport(NamedTuple):
    """The warehouse's own figures for one SKU; `None` where it did not say."""

    sku: str
    ordered: int | None = None
    despatched: int | None = None
    cancelled: int | None = None


class OrderReport(NamedTuple):
    """The warehouse's view of a whole order at `changed_at`. `meaning` is None while its word is unknown."""

    word: str
    changed_at: datetime
    lines: tuple[LineReport, ...] = ()
    meaning: ReportedStatus | None = None
    detail: str = ""
    cancel_reason: str = ""


class WarehouseMessage(NamedTuple):
    """One message: which order it speaks of, and what it says of it.

    `message` is the archive's id of the raw text (the evidence), `version` a digest of its content, which
    breaks ties between messages of the same second. `reference` is the order reference that was given to
    the warehouse, `warehouse_number` the warehouse's own; either may be empty, not both.
    """

    message: int
    version: str
    reference: str
    warehouse_number: str
    notes: tuple[DespatchNote, ...] = ()
    report: OrderReport | None = None
