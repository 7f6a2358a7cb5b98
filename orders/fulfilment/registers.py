"""What one warehouse has reported about its part of an order, and how one more message changes that (pure).

Registers are what is stored of a fulfilment order. The same messages, in any sequence and any number of times, end in
the same registers. SKUs stay as the warehouse spells them, also those that the order lacks: they are matched with the
order's items when quantities are derived, so that a mapping or an item that is added later needs no replay.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple

from orders.fulfilment.messages import DespatchNote, LineReport, OrderReport, WarehouseMessage

LONGEST_VERSION = 64


class Figure(NamedTuple):
    """The warehouse's own figures for one SKU, from the newest report that gave any."""

    ordered: int | None
    shipped: int | None
    cancelled: int | None
    reported_at: datetime
    version: str


class ShipmentRecord(NamedTuple):
    """The newest form of a despatch note; `version` breaks ties, `message` is the archived evidence."""

    note: DespatchNote
    version: str
    message: int


@dataclass(slots=True)
class Changes:
    """What messages have changed since the registers were read, so that only that is written."""

    registers: bool = False
    figures: set[str] = field(default_factory=set)
    shipments: dict[str, DespatchNote | None] = field(default_factory=dict)
    """Numbers of changed shipments, each with its form before; None for a new one."""


@dataclass(slots=True)
class Registers:
    """The registers of one fulfilment order.

    Beside the newest external status (shown to people) stand: the newest report whose status is mapped, the first
    report that closed the part, the SKUs that the newest report with lines listed, figures by SKU, shipments by number.
    """

    number: str = ""
    started: bool = False
    """Whether any message came at all."""
    external_status: str = ""
    external_status_at: datetime | None = None
    status: str = ""
    detail: str = ""
    cancel_reason: str = ""
    reported_at: datetime | None = None
    report_version: str = ""
    report_message: int | None = None
    closed_as: str = ""
    closed_at: datetime | None = None
    closed_message: int | None = None
    listed: tuple[str, ...] = ()
    listed_at: datetime | None = None
    listed_version: str = ""
    figures: dict[str, Figure] = field(default_factory=dict)
    shipments: dict[str, ShipmentRecord] = field(default_factory=dict)
    changes: Changes = field(default_factory=Changes, compare=False, repr=False)


def merge(registers: Registers, message: WarehouseMessage) -> None:
    """Record what a message reports. Merging it again, or an older one later, changes nothing."""
    # Of several numbers the lowest stays, whichever came first.
    if message.warehouse_number and (not registers.number or message.warehouse_number < registers.number):
        registers.number = message.warehouse_number
        registers.changes.registers = True
    if not registers.started:
        registers.started = registers.changes.registers = True
    for note in message.notes:
        _merge_note(registers, note, message.message)
    if message.report is not None:
        _merge_report(registers, message.report, message)


def _merge_note(registers: Registers, note: DespatchNote, message: int) -> None:
    """Keep the newest form; a confirmed one is newer than any planned one, whatever the dates say."""
    known = registers.shipments.get(note.number)
    version = _version(note)
    if known is not None:
        form = known.note
        if (not note.planned, note.changed_at, version, -message) <= (
            not form.planned,
            form.changed_at,
            known.version,
            -known.message,
        ):
            return
    registers.shipments[note.number] = ShipmentRecord(note, version, message)
    registers.changes.shipments.setdefault(note.number, known.note if known else None)


def _version(note: DespatchNote) -> str:
    """The sort key of forms that changed at the same time: the greater wins."""
    # Spelled out, and not repr(), so that renaming a class or a field does not decide ties anew. A planned form never
    # competes with a confirmed one here.
    lines = "".join(f"NoteLine(sku={sku!r}, quantity={quantity!r}), " for sku, quantity in note.lines)
    lines = f"({lines[:-1] if len(note.lines) == 1 else lines[:-2]})"
    content = (
        f"DespatchNote(number={note.number!r}, despatched_at={note.despatched_at!r}, changed_at={note.changed_at!r},"
        f" lines={lines}, carrier={note.carrier!r}, service={note.service!r}, tracking_number={note.tracking_number!r},"
        f" tracking_url={note.tracking_url!r}, carrier_text={note.carrier_text!r}, withdrawn={note.withdrawn!r},"
        f" edition={note.edition!r})"
    )
    digest = sha256(content.encode()).hexdigest()
    if note.edition is None:
        return digest
    # A space is less than any digit: what is told with an edition never wins over what is told without.
    return f" {note.edition.astimezone(UTC):%Y%m%d%H%M%S%f}{digest}"[:LONGEST_VERSION]


def _merge_report(registers: Registers, report: OrderReport, message: WarehouseMessage) -> None:
    changed_at = report.changed_at
    if registers.external_status_at is None or (changed_at, report.word) > (
        registers.external_status_at,
        registers.external_status,
    ):
        registers.external_status, registers.external_status_at = report.word, changed_at
        registers.changes.registers = True
    status = report.meaning
    if status is None:
        return
    if registers.reported_at is None or (changed_at, message.version, -message.message) > (
        registers.reported_at,
        registers.report_version,
        -(registers.report_message or 0),
    ):
        registers.status, registers.detail, registers.cancel_reason = status.value, report.detail, report.cancel_reason
        registers.reported_at, registers.report_version = changed_at, message.version
        registers.report_message = message.message
        registers.changes.registers = True
    if status.closes and (
        registers.closed_at is None
        or (changed_at, status.value, message.message)
        < (registers.closed_at, registers.closed_as, registers.closed_message or 0)
    ):
        registers.closed_at, registers.closed_as = changed_at, status.value
        registers.closed_message = message.message
        registers.changes.registers = True
    if report.lines:
        _merge_lines(registers, report.lines, changed_at, message.version)


def _merge_lines(registers: Registers, lines: tuple[LineReport, ...], changed_at: datetime, version: str) -> None:
    if registers.listed_at is None or (changed_at, version) > (registers.listed_at, registers.listed_version):
        registers.listed = tuple(sorted(line.sku for line in lines))
        registers.listed_at, registers.listed_version = changed_at, version
        registers.changes.registers = True
    for sku, ordered, shipped, cancelled in lines:
        if ordered is None and shipped is None and cancelled is None:
            continue
        known = registers.figures.get(sku)
        if known is None or (changed_at, version) > (known.reported_at, known.version):
            registers.figures[sku] = Figure(ordered, shipped, cancelled, changed_at, version)
            registers.changes.figures.add(sku)
