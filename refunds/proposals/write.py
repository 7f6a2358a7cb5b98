"""How do worked-out refunds get into the database? (one statement per table, however many refunds)"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import F
from django.db.models.functions import Now

from orders.bulk_sql import array, unnest
from orders.timeline.events import Event
from refunds.calculation.ledger import OrderLedger
from refunds.models import UNAPPROVED, UNDECIDED, Refund, RefundStatus
from refunds.proposals.wanted import Wanted


@dataclass(frozen=True, slots=True)
class New:
    book: OrderLedger
    want: Wanted
    sequence: int
    number: str


@dataclass(slots=True)
class Batch:
    """Everything that one call is going to write."""

    new: list[New] = field(default_factory=list)
    changed: list[tuple[int, Wanted]] = field(default_factory=list)
    restated: list[tuple[int, Wanted]] = field(default_factory=list)
    withdrawn: list[int] = field(default_factory=list)
    taken_back: list[int] = field(default_factory=list)
    facts: list[Event] = field(default_factory=list)


def flush(batch: Batch) -> None:
    """Write the batch: releases first, so that what they held is free for what is new."""
    move = Refund.objects.move_all
    if batch.withdrawn:
        unpaid = (*UNDECIDED, RefundStatus.APPROVED, RefundStatus.FAILED)
        move(batch.withdrawn, unpaid, RefundStatus.WITHDRAWN, decided_at=Now())
    if batch.taken_back:
        again = {**UNAPPROVED, "version": F("version") + 1}
        move(batch.taken_back, [RefundStatus.APPROVED], RefundStatus.PROPOSED, **again)
    wants = list(batch.changed)
    if batch.restated:
        _restate(batch.restated)
    if batch.changed:
        _update(batch.changed)
    if batch.new:
        ids = _insert(batch.new)
        wants += [(ids[new.book.id], new.want) for new in batch.new]
    if wants:
        _insert_entries(wants)


_APPROVALS = """coalesce((SELECT CASE WHEN {amount} > l.second_approver_above THEN 2 ELSE 1 END
    FROM refunds_refundlimit l WHERE l.policy_id = {seller} AND l.currency = {currency}), 1)"""


def _update(changed: Sequence[tuple[int, Wanted]]) -> None:
    columns: list[list[Any]] = [
        [refund_id for refund_id, _ in changed],
        [want.sum.items_amount for _, want in changed],
        [want.sum.shipping for _, want in changed],
        [want.sum.rounding for _, want in changed],
        [want.sum.tax for _, want in changed],
        [want.reason for _, want in changed],
        *_evidence(changed),
    ]
    approvals = _APPROVALS.format(
        amount="(t.items + t.shipping + t.rounding)", seller="r.seller_id", currency="r.currency"
    )
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM refunds_refunditem WHERE refund_id = ANY(%s)", [columns[0]])
        cursor.execute(
            f"""
            UPDATE refunds_refund r SET items_amount = t.items, shipping_amount = t.shipping,
                rounding_amount = t.rounding, amount = t.items + t.shipping + t.rounding, tax_amount = t.tax,
                reason = t.reason, reason_note = t.note, messages = t.messages::bigint[], version = r.version + 1,
                approvals_needed = {approvals}, approved_by_id = NULL, approved_at = NULL, updated_at = now()
            FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::text[],
                %s::text[]) AS t(id, items, shipping, rounding, tax, reason, note, messages)
            WHERE r.id = t.id
            """,
            columns,
        )


def _restate(restated: Sequence[tuple[int, Wanted]]) -> None:
    # No new version: what a person saw and decides on is the same.
    columns: list[list[Any]] = [[refund_id for refund_id, _ in restated], *_evidence(restated)]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE refunds_refund r SET reason_note = t.note, messages = t.messages::bigint[], updated_at = now()
            FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS t(id, note, messages) WHERE r.id = t.id
            """,
            columns,
        )


def _evidence(wants: Sequence[tuple[int, Wanted]]) -> tuple[list[Any], list[Any]]:
    texts = ["{" + ",".join(map(str, want.messages)) + "}" for _, want in wants]
    return [want.note for _, want in wants], texts


def _insert(new: Sequence[New]) -> dict[int, int]:
    source, parameters = unnest(
        [
            ("order_id", "bigint", [one.book.id for one in new]),
            ("seller_id", "bigint", [one.book.seller_id for one in new]),
            ("sequence", "int", [one.sequence for one in new]),
            ("number", "text", [one.number for one in new]),
            ("reason", "text", [one.want.reason for one in new]),
            ("note", "text", [one.want.note for one in new]),
            ("messages", "text", [array("bigint", one.want.messages) for one in new]),
            ("currency", "text", [one.book.currency for one in new]),
            ("provider", "text", [one.book.provider for one in new]),
            ("items", "bigint", [one.want.sum.items_amount for one in new]),
            ("shipping", "bigint", [one.want.sum.shipping for one in new]),
            ("rounding", "bigint", [one.want.sum.rounding for one in new]),
            ("tax", "bigint", [one.want.sum.tax for one in new]),
        ]
    )
    approvals = _APPROVALS.format(
        amount="(t.items + t.shipping + t.rounding)", seller="t.seller_id", currency="t.currency"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO refunds_refund (order_id, seller_id, sequence, number, origin, kind, status, version, reason,
                reason_note, messages, currency, provider, items_amount, shipping_amount, rounding_amount, amount,
                tax_amount, approvals_needed, why, provider_reference)
            SELECT t.order_id, t.seller_id, t.sequence, t.number, 'warehouse', 'pre_shipment', 'proposed', 1,
                t.reason, t.note, t.messages::bigint[], t.currency, t.provider, t.items, t.shipping, t.rounding,
                t.items + t.shipping + t.rounding, t.tax, {approvals}, '', ''
            FROM {source}
            RETURNING order_id, id
            """,
            parameters,
        )
        return dict(cursor.fetchall())


def _insert_entries(wants: Sequence[tuple[int, Wanted]]) -> None:
    rows = [(refund_id, entry) for refund_id, want in wants for entry in want.entries]
    source, parameters = unnest(
        [
            ("refund_id", "bigint", [refund_id for refund_id, _ in rows]),
            ("item_id", "bigint", [entry.item_id for _, entry in rows]),
            ("quantity", "int", [entry.quantity for _, entry in rows]),
            ("amount", "bigint", [entry.amount for _, entry in rows]),
            ("tax", "bigint", [entry.tax for _, entry in rows]),
            ("cancelled_upto", "int", [entry.cancelled_upto for _, entry in rows]),
            ("overdue_quantity", "int", [entry.overdue for _, entry in rows]),
        ]
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO refunds_refunditem (refund_id, item_id, quantity, amount, tax, cancelled_upto,
                overdue_quantity)
            SELECT * FROM {source}
            """,
            parameters,
        )
