"""Which payments pay the orders of a batch, and may they? (few statements, however many orders)"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from orders import money
from orders.bulk_sql import array, unnest
from orders.documents import Document, Fault, PaidBy
from orders.intake.payment_changes import PaymentChanges, Share
from orders.intake.store import pointed_at
from orders.models import AttentionItem, Payment, PaymentShare, Seller
from orders.models.payment import automatic
from orders.timeline.attention import AttentionRequest

_Name = tuple[int, str, str]
"""Seller (0 for any: where money moves by itself, a reference is one payment whoever names it), provider, reference."""


def of_orders(order_ids: Collection[int]) -> dict[int, list[Share]]:
    """What pays these orders."""
    found: dict[int, list[Share]] = {order_id: [] for order_id in order_ids}
    if found:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT s.order_id, s.id, p.id, p.provider, p.reference, p.currency, s.amount, p.captured_amount
                FROM orders_paymentshare s JOIN orders_payment p ON p.id = s.payment_id
                WHERE s.order_id = ANY(%s::bigint[]) ORDER BY s.order_id, s.id
                """,
                [array("bigint", list(found))],
            )
            for order_id, *row in cursor.fetchall():
                found[order_id].append(Share(*row))
    return found


@dataclass(slots=True)
class _Known:
    """A payment that is here, or that an order of this batch brings."""

    id: int | None
    seller_id: int
    currency: str
    captured: int | None
    shared: int
    """What it pays in all."""


class Register:
    """The payments that a batch names."""

    def __init__(self, named: Collection[tuple[Seller, PaidBy]]) -> None:
        wanted = {(seller.pk, paid.provider, paid.reference) for seller, paid in named if paid.reference}
        self._known: dict[_Name, _Known] = {}
        self.concerns: list[AttentionRequest] = []
        if not wanted:
            return
        sellers, providers, references = zip(*sorted(wanted), strict=True)
        source, parameters = unnest(
            [("seller_id", "bigint", sellers), ("provider", "text", providers), ("reference", "text", references)]
        )
        shown = """p.id, p.seller_id, p.provider, p.automatic, p.reference, p.currency, p.captured_amount,
            (SELECT sum(s.amount) FROM orders_paymentshare s WHERE s.payment_id = p.id)"""
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                SELECT {shown} FROM {source} JOIN orders_payment p
                    ON p.automatic AND p.reference <> '' AND (p.provider, p.reference) = (t.provider, t.reference)
                UNION ALL
                SELECT {shown} FROM {source} JOIN orders_payment p ON NOT p.automatic AND p.reference <> ''
                    AND (p.seller_id, p.provider, p.reference) = (t.seller_id, t.provider, t.reference)
                """,
                [*parameters, *parameters],
            )
            for pk, seller_id, provider, moves, reference, currency, captured, shared in cursor.fetchall():
                name = (0 if moves else seller_id, provider, reference)
                self._known[name] = _Known(pk, seller_id, currency, captured, int(shared or 0))

    def claim(self, document: Document, seller: Seller, changes: PaymentChanges) -> list[Fault]:
        """Let these payments pay an order of this seller, or answer why not."""
        faults: list[Fault] = []
        gone = {share.payment_id: -share.amount for share in changes.removed}
        gone |= {share.payment_id: amount - share.amount for share, amount in changes.changed}
        grown = dict(changes.grown)
        for paid in document.payments:
            known = self._known.get(_name(seller, paid))
            if known is None:
                continue
            more = gone.get(known.id or 0, 0) + (paid.amount if paid in changes.added else 0)
            captured = grown.get(known.id or 0, known.captured if paid.captured is None else paid.captured)
            if fault := self._fault(paid, known, seller, document, more=more, captured=captured):
                faults.append(fault)
        if not faults:
            self._remember(document, seller, changes)
        return faults

    def id_of(self, seller: Seller, paid: PaidBy) -> int | None:
        """The payment, if it is here."""
        known = self._known.get(_name(seller, paid))
        return known.id if known else None

    def _fault(
        self, paid: PaidBy, known: _Known, seller: Seller, document: Document, *, more: int, captured: int | None
    ) -> Fault | None:
        at, name = f"{paid.field}.reference", f"{paid.field}.reference {paid.reference}"
        if known.seller_id != seller.pk:
            self.concerns += _of_another_seller(paid, known.seller_id, seller, document)
            return Fault(at, f"{name} is a payment of another seller")
        if known.currency != document.currency:
            return Fault(at, f"{name} was paid in {known.currency}")
        if captured is None:
            return None
        if captured < (known.captured or 0):
            return Fault(
                f"{paid.field}.captured_amount",
                f"{paid.field}.captured_amount is less than before: {money.text(known.captured or 0, known.currency)}",
            )
        if known.shared + more > captured:
            left = money.text(max(0, captured - known.shared), known.currency)
            return Fault(
                f"{paid.field}.amount", f"{paid.field}.amount is more than is left of {paid.reference}: {left}"
            )
        return None

    def _remember(self, document: Document, seller: Seller, changes: PaymentChanges) -> None:
        for paid in changes.added:
            if not paid.reference:
                continue
            new = _Known(None, seller.pk, document.currency, paid.captured, 0)
            known = self._known.setdefault(_name(seller, paid), new)
            known.shared += paid.amount
            if paid.captured is not None and paid.captured != known.captured:
                known.captured = paid.captured
                if known.id:
                    changes.grown.append((known.id, paid.captured))


@dataclass(frozen=True, slots=True)
class Paying:
    """Payments that come to pay an order."""

    order_id: int
    seller: Seller
    currency: str
    payments: Sequence[PaidBy]


def pay(orders: Sequence[Paying], register: Register) -> None:
    """Write the shares of these orders, and those of their payments that are not here yet (one statement)."""
    # In one sequence, so that two who bring the same payments wait for each other in turn.
    rows = sorted(
        ((paid.provider, paid.reference, one.order_id, one, paid) for one in orders for paid in one.payments),
        key=lambda row: row[:3],
    )
    if not rows:
        return
    places: dict[Any, int] = {}
    new: list[tuple[Paying, PaidBy]] = []
    shares: list[tuple[int, int | None, int | None, int]] = []
    for _, _, order_id, one, paid in rows:
        payment_id, place = register.id_of(one.seller, paid), None
        if payment_id is None:
            key = _name(one.seller, paid) if paid.reference else (order_id, paid.provider)
            place = places.setdefault(key, len(places))
            if place == len(new):
                new.append((one, paid))
        shares.append((order_id, payment_id, place, paid.amount))
    captured = {place: paid.captured for place, (_, paid) in enumerate(new)}
    for (_, _, place, _), (*_, paid) in zip(shares, rows, strict=True):
        if place is not None and paid.captured is not None:
            captured[place] = max(paid.captured, captured[place] or 0)
    _insert(new, captured, shares)


def _insert(
    new: Sequence[tuple[Paying, PaidBy]],
    captured: dict[int, int | None],
    shares: Sequence[tuple[int, int | None, int | None, int]],
) -> None:
    payments, of_payments = unnest(
        [
            ("place", "int", range(len(new))),
            ("seller_id", "bigint", [one.seller.pk for one, _ in new]),
            ("provider", "text", [paid.provider for _, paid in new]),
            ("automatic", "bool", [automatic(paid.provider) for _, paid in new]),
            ("reference", "text", [paid.reference for _, paid in new]),
            ("currency", "text", [one.currency for one, _ in new]),
            ("captured", "bigint", [captured[place] for place in range(len(new))]),
        ]
    )
    order_ids, payment_ids, places, amounts = zip(*shares, strict=True)
    paying, of_shares = unnest(
        [
            ("order_id", "bigint", order_ids),
            ("payment_id", "bigint", payment_ids),
            ("place", "int", places),
            ("amount", "bigint", amounts),
        ]
    )
    columns = "seller_id, provider, automatic, reference, currency"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH fresh AS MATERIALIZED (
                SELECT t.*, nextval(pg_get_serial_sequence('orders_payment', 'id')) AS id FROM {payments}),
            made AS (INSERT INTO orders_payment (id, {columns}, captured_amount)
                SELECT id, {columns}, captured FROM fresh ORDER BY place)
            INSERT INTO orders_paymentshare (order_id, payment_id, amount)
            SELECT t.order_id, coalesce(t.payment_id, fresh.id), t.amount
            FROM {paying} LEFT JOIN fresh ON fresh.place = t.place
            """,
            [*of_payments, *of_shares],
        )


def change(changed: Sequence[PaymentChanges]) -> None:
    """Take shares away and change their amounts; a payment that pays nothing any more is free for others to name."""
    removed = [share for changes in changed for share in changes.removed]
    if removed:
        PaymentShare.objects.filter(pk__in=[share.id for share in removed]).delete()
        ids = {share.payment_id for share in removed}
        Payment.objects.filter(pk__in=ids - pointed_at(Payment, ids)).delete()
    grown = {payment_id: captured for changes in changed for payment_id, captured in changes.grown}
    amounts = {share.id: amount for changes in changed for share, amount in changes.changed}
    with connection.cursor() as cursor:
        for table, column, values in (
            ("orders_payment", "captured_amount", grown),
            ("orders_paymentshare", "amount", amounts),
        ):
            if values:
                source, parameters = unnest([("id", "bigint", list(values)), ("n", "bigint", list(values.values()))])
                cursor.execute(f"UPDATE {table} r SET {column} = t.n FROM {source} WHERE r.id = t.id", parameters)


def _name(seller: Seller, paid: PaidBy) -> _Name:
    return 0 if automatic(paid.provider) else seller.pk, paid.provider, paid.reference


def _of_another_seller(paid: PaidBy, theirs: int, seller: Seller, document: Document) -> Iterator[AttentionRequest]:
    for seller_id in (seller.pk, theirs):
        subject = f"payment:{seller_id}:{paid.provider}:{paid.reference}"[:160]
        summary = (
            f"{document.reference} of {seller} was refused: it names {paid.reference} at {paid.provider}, "
            "which is a payment of another seller"
            if seller_id == seller.pk
            else f"Another seller's order names {paid.reference} at {paid.provider}, which is a payment of this seller"
        )
        evidence = {"payment": paid.reference, "provider": paid.provider}
        yield AttentionRequest(AttentionItem.Kind.FOREIGN_PAYMENT, subject, summary, seller_id, None, evidence)
