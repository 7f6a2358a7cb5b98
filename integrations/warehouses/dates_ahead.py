"""Which dates of a message lie further ahead than any clock is wrong? They never make later messages count as older."""

from datetime import UTC, datetime, timedelta

from orders.fulfilment.messages import DespatchNote, WarehouseMessage

TOO_FAR = timedelta(days=1)
PLANNED_TOO_FAR = timedelta(days=366)
_OLDEST = datetime(1970, 1, 1, tzinfo=UTC)


def dates_ahead(message: WarehouseMessage, received_at: datetime) -> tuple[WarehouseMessage, str]:
    """The message as it counts, and its doubtful date, "" where it has none.

    A despatch that is not confirmed is only planned, as long as its date lies after it was received.
    """
    changed = [note.changed_at for note in message.notes] + [note.despatched_at for note in message.notes]
    if message.report is not None:
        changed.append(message.report.changed_at)
    if max(changed, default=received_at) <= received_at:
        planned = any(note.planned for note in message.notes)
        return (_with(message, [note._replace(planned=False) for note in message.notes]) if planned else message), ""
    doubts = [note.despatched_at for note in message.notes if _is_doubtful(note, received_at)]
    doubts += [note.changed_at for note in message.notes if _changed_too_far(note, received_at)]
    report = message.report
    if report is not None and report.changed_at > received_at + TOO_FAR:
        doubts.append(report.changed_at)
        message = message._replace(report=report._replace(changed_at=received_at))
    notes = [_counting(note, received_at) for note in message.notes]
    return _with(message, notes), f"{max(doubts):%d %B %Y}" if doubts else ""


def _with(message: WarehouseMessage, notes: list[DespatchNote]) -> WarehouseMessage:
    return message._replace(notes=tuple(notes))


def _is_doubtful(note: DespatchNote, received_at: datetime) -> bool:
    return note.despatched_at > received_at + (PLANNED_TOO_FAR if note.planned else TOO_FAR)


def _changed_too_far(note: DespatchNote, received_at: datetime) -> bool:
    return note.changed_at != note.despatched_at and note.changed_at > received_at + TOO_FAR


def _counting(note: DespatchNote, received_at: datetime) -> DespatchNote:
    planned = note.planned and note.despatched_at > received_at
    changed_at = note.changed_at
    if changed_at > received_at + TOO_FAR:
        # Its only date says nothing of when it changed: any other form of the note is newer.
        changed_at = _OLDEST if changed_at == note.despatched_at else received_at
    return note._replace(planned=planned, changed_at=changed_at)
