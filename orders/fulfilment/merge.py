"""What does one more message change about what the warehouse has said of an order? (newest wins, in any sequence)"""

from datetime import UTC, datetime
from hashlib import sha256

from orders.fulfilment.load import ItemRow, NoteRow, OrderRow
from orders.fulfilment.messages import DespatchNote, LineReport, OrderReport, WarehouseMessage

LONGEST_VERSION = 64


def take(order: OrderRow, snapshot: WarehouseMessage) -> None:
    """Take one message in. Taking it again, or an older one later, changes nothing."""
    order.message = snapshot.message
    number = snapshot.warehouse_number
    # Of several numbers the lowest stays, whichever came first.
    if number and (not order.warehouse_number or number < order.warehouse_number):
        order.warehouse_number = number
        order.dirty = True
    for note in snapshot.notes:
        _take_note(order, note, snapshot)
        order.said_at = _later(order.said_at, note.changed_at)
    if snapshot.report is not None:
        order.said_at = _later(order.said_at, snapshot.report.changed_at)
        _take_report(order, snapshot.report, snapshot)
    if not order.started:
        order.started = True
        order.dirty = True
        for item in order.items:
            item.dirty = True


def _take_note(order: OrderRow, note: DespatchNote, snapshot: WarehouseMessage) -> None:
    version = _version(note)
    row = order.notes.get(note.number)
    if row is None:
        order.notes[note.number] = NoteRow(None, order.id, note, version, snapshot.message, dirty=True)
    elif (note.changed_at, version, -snapshot.message) > (row.note.changed_at, row.version, -row.message):
        if row.id is not None and row.was is None:
            row.was = row.note
        row.note, row.version, row.message, row.dirty = note, version, snapshot.message, True


def _version(note: DespatchNote) -> str:
    """What decides between two forms of a note that changed at the same time: greater wins."""
    content = sha256(repr(note).encode()).hexdigest()
    if note.edition is None:
        return content
    # A space is less than any digit: what is told with an edition never wins over what is told without.
    return f" {note.edition.astimezone(UTC):%Y%m%d%H%M%S%f}{content}"[:LONGEST_VERSION]


def _take_report(order: OrderRow, report: OrderReport, snapshot: WarehouseMessage) -> None:
    if order.word_at is None or (report.changed_at, report.word) > (order.word_at, order.word):
        order.word, order.word_at, order.dirty = report.word, report.changed_at, True
    if report.meaning is None:
        return
    stamp = (report.changed_at, snapshot.version)
    if order.reported_at is None or (*stamp, -snapshot.message) > (
        order.reported_at,
        order.version,
        -(order.report_message or 0),
    ):
        order.reported_at, order.version = stamp
        order.meaning, order.detail = report.meaning.value, report.detail
        order.cancel_reason, order.report_message = report.cancel_reason, snapshot.message
        order.unknown_told = _unknown(order, report)
        order.dirty = True
    if report.meaning.closes and (
        order.closed_at is None
        or (report.changed_at, report.meaning.value, snapshot.message)
        < (order.closed_at, order.closed_as, order.closed_message or 0)
    ):
        order.closed_at, order.closed_as, order.closed_message = (
            report.changed_at,
            report.meaning.value,
            snapshot.message,
        )
        order.dirty = True
    told = {line.sku: line for line in report.lines}
    for item in order.items:
        if item.sku in told:
            _take_figures(item, told[item.sku], stamp)


def _unknown(order: OrderRow, report: OrderReport) -> str:
    return "\n".join(sorted({line.sku for line in report.lines} - {item.sku for item in order.items}))


def _take_figures(item: ItemRow, line: LineReport, stamp: tuple[datetime, str]) -> None:
    if line.ordered is None and line.despatched is None and line.cancelled is None:
        return
    if item.told_at is None or stamp > (item.told_at, item.version):
        item.told_at, item.version = stamp
        item.ordered_told, item.despatched_told, item.cancelled_told = line.ordered, line.despatched, line.cancelled
        item.dirty = True


def _later(one: datetime | None, other: datetime) -> datetime:
    return other if one is None or other > one else one
