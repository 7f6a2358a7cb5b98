"""Apply archived messages: read them, apply them, propose what follows, and record the outcome of each.

A batch is applied in one transaction. If it fails, each message is applied in its own, so that one bad message
never stops the rest; a database that is gone stops everything, and the messages stay pending.
"""

import gc
import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby

from django.db import InterfaceError, OperationalError, transaction

from integrations.connections.models import Account, StatusMapping
from integrations.warehouses import archive, parking
from integrations.warehouses.archive import Disposition, StoredMessage
from integrations.warehouses.dates_ahead import dates_ahead
from integrations.warehouses.models import ArchivedMessage
from integrations.warehouses.port import Unreadable
from integrations.warehouses.systems import system_that_reads
from orders.fulfilment.apply import Applied, apply
from orders.fulfilment.messages import ReportedStatus, WarehouseMessage
from orders.models import AttentionItem
from orders.timeline import attention
from orders.timeline.attention import AttentionRequest
from refunds.proposals.propose import propose

log = logging.getLogger(__name__)
State = ArchivedMessage.State
Kind = AttentionItem.Kind


def apply_messages(account: Account, messages: Sequence[StoredMessage], *, quiet: bool = False) -> Counter[str]:
    """Apply messages of one account; return how many were applied, parked and rejected, and refunds proposed.

    With `quiet` the orders' timelines stay as they are: for messages that were applied before.
    """
    if not messages:
        return Counter()
    with _nothing_collected():
        return _apply_all(account, messages, quiet=quiet)


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """A page makes some hundred thousand objects that live until it is written: looking for dead ones takes a fifth."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _apply_all(account: Account, messages: Sequence[StoredMessage], *, quiet: bool) -> Counter[str]:
    statuses, zone = mapped_statuses(account), account.connection.zone
    snapshots: list[WarehouseMessage] = []
    actors: dict[int, str] = {}
    rejected: list[Disposition] = []
    doubts: dict[int, str] = {}
    ahead: dict[int, str] = {}
    for one in messages:
        system = system_that_reads(one.record.resource, account)
        try:
            message = system.message(one.record, number=one.id, zone=zone, statuses=statuses)
            message, ahead[one.id] = dates_ahead(message, one.received_at)
            snapshots.append(message)
            actors[one.id] = one.actor or f"{account.connection.kind}:{account.connection.name}"
        except Unreadable as unreadable:
            rejected.append(Disposition(one.id, State.REJECTED, str(unreadable)))
            continue
        for text in system.ambiguous_times(one.record, zone):
            doubts[one.id] = text
    counts: Counter[str] = Counter()
    for actor, group in groupby(snapshots, key=lambda snapshot: actors[snapshot.message]):
        counts += _apply_safely(account, list(group), actor=actor, quiet=quiet)
    _doubt(account, doubts)
    _doubt_dates(account, {message: date for message, date in ahead.items() if date})
    _reject(account, rejected)
    counts[State.REJECTED] += len(rejected)
    return counts


def mapped_statuses(account: Account) -> dict[str, tuple[ReportedStatus, str]]:
    """What the statuses of the account's warehouse system mean here, as far as they are mapped."""
    mapped = StatusMapping.objects.filter(kind=account.connection.kind).exclude(status="")
    rows = mapped.values_list("external_status", "status", "detail")
    return {external: (ReportedStatus(status), detail) for external, status, detail in rows}


def _apply_safely(account: Account, snapshots: Sequence[WarehouseMessage], *, actor: str, quiet: bool) -> Counter[str]:
    try:
        return _apply(account, snapshots, actor=actor, quiet=quiet)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        if len(snapshots) > 1:
            log.exception("a page could not be applied as a whole; applying it message by message")
            counts: Counter[str] = Counter()
            for snapshot in snapshots:
                counts += _apply_safely(account, [snapshot], actor=actor, quiet=quiet)
            return counts
        log.exception("a message could not be applied", extra={"archived": snapshots[0].message})
        reason = "it could not be applied because of an internal error; see the log"
        _reject(account, [Disposition(snapshots[0].message, State.REJECTED, reason)])
        return Counter({State.REJECTED.value: 1})


def _apply(account: Account, snapshots: Sequence[WarehouseMessage], *, actor: str, quiet: bool) -> Counter[str]:
    if not snapshots:
        return Counter()
    with transaction.atomic():
        applied = apply(
            account.seller_id,
            snapshots,
            actor=actor,
            warehouse=account.connection.warehouse_id,
            whole_order=account.report_scope == Account.Scope.ORDER,
            quiet=quiet,
        )
        proposed = propose(applied.touched, actor=actor, open_new=account.get_refunds)
        dispositions = [_disposition(snapshot, applied) for snapshot in snapshots]
        archive.record_dispositions(dispositions)
        parking.report_parked(
            account, dispositions, {s.report.word for s in snapshots if s.report and s.report.meaning}
        )
    counts = Counter(one.state for one in dispositions)
    counts["proposed"] = proposed
    return counts


def _disposition(snapshot: WarehouseMessage, applied: Applied) -> Disposition:
    message, named = snapshot.message, (snapshot.reference, snapshot.warehouse_number)
    if message in applied.waiting:
        return Disposition(
            message, State.PARKED, applied.waiting[message], *named, ambiguous=message in applied.ambiguous
        )
    order_id = applied.orders[message]
    if snapshot.report is not None and snapshot.report.meaning is None:
        word = snapshot.report.word
        return Disposition(message, State.PARKED, f"unmapped warehouse status “{word}”", *named, word, order_id)
    return Disposition(message, State.APPLIED, "", *named, "", order_id)


def _doubt(account: Account, doubts: Mapping[int, str]) -> None:
    """Remark on messages with an ambiguous time, and open one attention item for the whole day."""
    for message, text in doubts.items():
        archive.remark(message, f"the clocks show {text} twice; it was taken for the first")
    attention.open_items(
        [
            AttentionRequest(
                Kind.AMBIGUOUS_TIME,
                f"account:{account.pk}:{text[:10]}",
                f"{account}: messages have ambiguous times on {text[:10]} (clock change); "
                "they were taken for the first.",
                account.seller_id,
            )
            for text in doubts.values()
        ]
    )


def _doubt_dates(account: Account, doubts: Mapping[int, str]) -> None:
    """Remark on messages with a date that lies too far ahead, and say it beside the order, if it is here."""
    if not doubts:
        return
    for message, date in doubts.items():
        archive.remark(message, f"its date lies far ahead: {date}")
    rows = ArchivedMessage.objects.filter(pk__in=doubts).values_list("pk", "order", "reference", "warehouse_number")
    attention.open_items(
        [
            AttentionRequest(
                Kind.DATE_AHEAD,
                f"message:{message}",
                f"{reference or number}: {account.connection} reports a date that lies far ahead, {doubts[message]}.",
                account.seller_id,
                order_id,
                {"message": message, "date": doubts[message]},
            )
            for message, order_id, reference, number in rows
        ]
    )


def _reject(account: Account, dispositions: Sequence[Disposition]) -> None:
    if not dispositions:
        return
    with transaction.atomic():
        archive.record_dispositions(dispositions)
        attention.open_items(
            [
                AttentionRequest(
                    Kind.MESSAGE_REJECTED,
                    f"message:{one.id}",
                    f"A message of {account} was rejected: {one.reason}",
                    account.seller_id,
                    evidence={"message": one.id},
                )
                for one in dispositions
            ]
        )
