"""What does a warehouse's message say, in a few lines for a person? (the raw text stays beside it)"""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from integrations.connections.models import Account
from integrations.warehouses.port import Unreadable
from integrations.warehouses.systems import system_that_reads
from orders.fulfilment.messages import DespatchNote, LineReport, OrderReport

MOST = 40
"""So many lines of a message are shown; nobody reads more before the raw text."""


@dataclass(frozen=True, slots=True)
class MessageSummary:
    """One line: what it is about, what is reported of it, and whether that is why money goes back."""

    about: str
    says: str
    bad: bool = False


def summarise(account: Account, raw: str, resource: str) -> list[MessageSummary]:
    """A message in our words, what went wrong first. Never raises: what cannot be read says so."""
    try:
        system = system_that_reads(resource, account)
        # Its times are not shown here, so any zone will do; what its status means here stands on the timeline.
        message = system.message(system.decode(raw, resource), number=0, zone=ZoneInfo("UTC"), statuses={})
    except Unreadable as unreadable:
        return [MessageSummary("Message", f"cannot be read: {unreadable}", bad=True)]
    found = _report(message.report) if message.report else []
    for note in message.notes:
        found += _note(note)
    return found[:MOST]


def _report(report: OrderReport) -> list[MessageSummary]:
    reason = f": {report.cancel_reason}" if report.cancel_reason else ""
    lines = sorted(report.lines, key=lambda line: _missing(line) == 0)
    return [
        MessageSummary("Order", f"“{report.word}”{reason}"),
        *(MessageSummary(line.sku, _figures(line), _missing(line) > 0) for line in lines),
    ]


def _missing(line: LineReport) -> int:
    return line.cancelled or max((line.ordered or 0) - (line.despatched or 0), 0)


def _figures(line: LineReport) -> str:
    if line.despatched is None and line.cancelled is None:
        return "nothing said of its units" if line.ordered is None else f"{line.ordered} ordered"
    of = "" if line.ordered is None else f" of {line.ordered}"
    despatched = "" if line.despatched is None else f"{line.despatched}{of} despatched"
    cancelled = f"{line.cancelled}{'' if despatched else of} cancelled" if line.cancelled else ""
    return ", ".join(part for part in (despatched, cancelled) if part) or "0 cancelled"


def _note(note: DespatchNote) -> list[MessageSummary]:
    if note.withdrawn:
        return [MessageSummary(f"Despatch note {note.number}", "withdrawn", bad=True)]
    way = " ".join(part for part in (note.carrier, note.service, note.tracking_number) if part)
    units = ", ".join(f"{line.quantity} × {line.sku}" for line in note.lines)
    return [MessageSummary(f"Despatch note {note.number}", f"{units}{f', with {way}' if way else ''}")]
