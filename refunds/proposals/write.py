"""How do refunds get into the database, whoever causes them? (one statement per table, however many refunds)"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.db import connection
from django.db.models import F
from django.db.models.functions import Now

from orders.bulk_sql import array, unnest
from orders.timeline.events import Event
from refunds.calculation.ledger import ExistingRefund, OrderLedger, RefundLine
from refunds.models import UNAPPROVED, UNDECIDED, Refund, RefundStatus
from refunds.proposals.wanted import Wanted
from refunds.rules.payments import Route


class Amounts(Protocol):
    """What a refund comes to, in minor units; `amount` is items + shipping + rounding."""

    @property
    def items_amount(self) -> int: ...
    @property
    def shipping(self) -> int: ...
    @property
    def rounding(self) -> int: ...
    @property
    def tax(self) -> int: ...
    @property
    def amount(self) -> int: ...


@dataclass(frozen=True, slots=True)
class NewRefund:
    """A refund that is to be written, whoever causes it; by default a proposal that the warehouse caused."""

    book: OrderLedger
    sequence: int
    amounts: Amounts
    lines: Sequence[RefundLine]
    reason: str
    note: str = ""
    messages: Sequence[int] = ()
    origin: str = Refund.Origin.WAREHOUSE.value
    kind: str = Refund.Kind.PRE_SHIPMENT.value
    status: str = RefundStatus.PROPOSED.value
    proposed_by: int | None = None
    behind: Sequence[int] = ()
    """Who knew the API key that proposed it."""
    paid_back_by: Route | None = None
    """As the rule chooses, unless it is given."""
    provider_reference: str = ""
    executed_at: datetime | None = None

    @property
    def number(self) -> str:
        return f"{self.book.reference}-R{self.sequence}"

    @property
    def route(self) -> Route:
        """The payment that it goes back to."""
        return self.paid_back_by or self.book.route(self.amounts.amount)

    def as_existing(self) -> ExistingRefund:
        """The refund as the ledger will have it."""
        return ExistingRefund(
            0,
            self.sequence,
            self.number,
            self.status,
            self.origin,
            self.kind,
            self.reason,
            self.note,
            self.amounts.amount,
            self.amounts.shipping,
            self.amounts.rounding,
            payment_id=self.route.payment_id,
            entries=list(self.lines),
        )


@dataclass(slots=True)
class Batch:
    """Everything that one call is going to write."""

    new: list[NewRefund] = field(default_factory=list)
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
    if batch.restated:
        _restate(batch.restated)
    if batch.changed:
        _update(batch.changed)
        _insert_lines([(refund_id, line) for refund_id, want in batch.changed for line in want.entries])
    if batch.new:
        create(batch.new)


def create(new: Sequence[NewRefund]) -> list[int]:
    """Write these refunds with their lines, at most one of each order, and return their ids in the same sequence.

    How many people approve each is what the seller's policy says now.
    """
    by_order = _insert(new)
    ids = [by_order[one.book.id] for one in new]
    _insert_lines([(refund_id, line) for refund_id, one in zip(ids, new, strict=True) for line in one.lines])
    return ids


def _update(changed: Sequence[tuple[int, Wanted]]) -> None:
    columns: list[list[Any]] = [
        [refund_id for refund_id, _ in changed],
        [want.sum.items_amount for _, want in changed],
        [want.sum.shipping for _, want in changed],
        [want.sum.rounding for _, want in changed],
        [want.sum.tax for _, want in changed],
        [want.route.payment_id for _, want in changed],
        [want.route.provider for _, want in changed],
        [want.reason for _, want in changed],
        *_evidence(changed),
    ]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM refunds_refunditem WHERE refund_id = ANY(%s)", [columns[0]])
        cursor.execute(
            """
            UPDATE refunds_refund r SET items_amount = t.items, shipping_amount = t.shipping,
                rounding_amount = t.rounding, amount = t.items + t.shipping + t.rounding, tax_amount = t.tax,
                payment_id = t.payment, provider = t.provider, reason = t.reason,
                reason_note = t.note, messages = t.messages::bigint[], version = r.version + 1,
                approvals_needed = refunds_approvals_needed(r.seller_id, r.currency,
                    t.items + t.shipping + t.rounding + refunds_given_today(r.order_id, r.id)),
                approved_by_id = NULL, approved_at = NULL, updated_at = now()
            FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[],
                %s::text[], %s::text[], %s::text[])
                AS t(id, items, shipping, rounding, tax, payment, provider, reason, note, messages)
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


def _insert(new: Sequence[NewRefund]) -> dict[int, int]:
    routes = [one.route for one in new]
    source, parameters = unnest(
        [
            ("order_id", "bigint", [one.book.id for one in new]),
            ("seller_id", "bigint", [one.book.seller_id for one in new]),
            ("sequence", "int", [one.sequence for one in new]),
            ("number", "text", [one.number for one in new]),
            ("origin", "text", [one.origin for one in new]),
            ("kind", "text", [one.kind for one in new]),
            ("status", "text", [one.status for one in new]),
            ("reason", "text", [one.reason for one in new]),
            ("note", "text", [one.note for one in new]),
            ("messages", "text", [array("bigint", one.messages) for one in new]),
            ("currency", "text", [one.book.currency for one in new]),
            ("provider", "text", [route.provider for route in routes]),
            ("payment", "bigint", [route.payment_id for route in routes]),
            ("items", "bigint", [one.amounts.items_amount for one in new]),
            ("shipping", "bigint", [one.amounts.shipping for one in new]),
            ("rounding", "bigint", [one.amounts.rounding for one in new]),
            ("tax", "bigint", [one.amounts.tax for one in new]),
            ("proposed_by", "bigint", [one.proposed_by for one in new]),
            ("behind", "text", [array("bigint", one.behind) for one in new]),
            ("reference", "text", [one.provider_reference for one in new]),
            ("executed_at", "timestamptz", [one.executed_at for one in new]),
        ]
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO refunds_refund (order_id, seller_id, sequence, number, origin, kind, status, version, reason,
                reason_note, messages, currency, provider, payment_id, items_amount, shipping_amount,
                rounding_amount, amount, tax_amount, proposed_by_id, proposed_behind, provider_reference, executed_at,
                approvals_needed, why)
            SELECT t.order_id, t.seller_id, t.sequence, t.number, t.origin, t.kind, t.status, 1, t.reason, t.note,
                t.messages::bigint[], t.currency, t.provider, t.payment, t.items, t.shipping, t.rounding,
                t.items + t.shipping + t.rounding, t.tax, t.proposed_by, t.behind::bigint[],
                t.reference, t.executed_at,
                CASE WHEN t.origin = 'external' THEN 1  -- Nobody is asked about it any more.
                    ELSE refunds_approvals_needed(t.seller_id, t.currency,
                        t.items + t.shipping + t.rounding + refunds_given_today(t.order_id, NULL)) END, ''
            FROM {source}
            RETURNING order_id, id
            """,
            parameters,
        )
        return dict(cursor.fetchall())


def _insert_lines(rows: Sequence[tuple[int, RefundLine]]) -> None:
    if not rows:
        return
    source, parameters = unnest(
        [
            ("refund_id", "bigint", [refund_id for refund_id, _ in rows]),
            ("item_id", "bigint", [line.item_id for _, line in rows]),
            ("quantity", "int", [line.quantity for _, line in rows]),
            ("amount", "bigint", [line.amount for _, line in rows]),
            ("tax", "bigint", [line.tax for _, line in rows]),
            ("cancelled_upto", "int", [line.cancelled_upto for _, line in rows]),
            ("overdue_quantity", "int", [line.overdue for _, line in rows]),
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
