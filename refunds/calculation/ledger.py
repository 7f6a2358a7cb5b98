"""What do orders and their refunds look like before the rules are asked? (rows in; few statements)"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from orders.bulk_sql import array
from orders.fulfilment.messages import ReportedStatus
from refunds.calculation.payments import load_payments
from refunds.calculation.quantities import ItemQuantities, end_services, name_cancelled
from refunds.calculation.warehouse_parts import Part, load_parts
from refunds.gateway import gateway_for
from refunds.models import RELEASED, UNDECIDED, Refund, RefundStatus
from refunds.rules.amounts import NOTHING_HELD, Held, Item, OrderFunds
from refunds.rules.payments import OrderPayment, Route, choose
from refunds.rules.policy import DEFAULT, Policy


@dataclass(frozen=True, slots=True)
class RefundLine:
    """One item of a stored refund."""

    item_id: int
    quantity: int
    amount: int
    tax: int
    cancelled_upto: int = 0
    overdue: int = 0
    left_out: int = 0
    left_waiting: int = 0


@dataclass(slots=True)
class ExistingRefund:
    """A refund as it is stored."""

    id: int
    sequence: int
    number: str
    status: str
    origin: str
    kind: str
    reason: str
    note: str
    amount: int
    shipping: int
    rounding: int
    messages: list[int] = field(default_factory=list)
    edited: bool = False
    payment_id: int | None = None
    entries: list[RefundLine] = field(default_factory=list)

    @property
    def open(self) -> bool:
        """Whether the warehouse's next word still changes it: it is ours, and nobody has edited it or decided."""
        return self.origin == Refund.Origin.WAREHOUSE and self.status in UNDECIDED and not self.edited

    @property
    def movable(self) -> bool:
        """Whether it stands, and no money has been sent for it yet."""
        return self.status in UNDECIDED or self.status == RefundStatus.APPROVED

    @property
    def unpaid(self) -> bool:
        """Whether it stands, and the provider has not paid it nor been asked to just now."""
        return self.movable or (self.status == RefundStatus.FAILED and self.origin != Refund.Origin.EXTERNAL)

    @property
    def holds(self) -> bool:
        return self.status not in RELEASED


@dataclass(slots=True)
class OrderLedger:
    """One order with its items and all its refunds."""

    id: int
    seller_id: int
    reference: str
    currency: str
    total: int
    total_paid: int
    shipping_charge: int
    shipped_units: int
    outstanding_units: int
    placed_at: datetime
    overdue: bool
    """Whether the seller no longer waits for what the warehouse has begun and not finished."""
    blocks: list[str]
    """Why a refund of it may be wrong, so that a person decides each by itself."""
    policy: Policy = DEFAULT
    payments: list[OrderPayment] = field(default_factory=list)
    """Each with what is left of it beside all refunds of other orders."""
    parts: list[Part] = field(default_factory=list)
    items: list[ItemQuantities] = field(default_factory=list)
    refunds: list[ExistingRefund] = field(default_factory=list)
    notes: list[int] = field(default_factory=list)

    @property
    def nothing_ships(self) -> bool:
        """Whether every unit of the order is decided and none has shipped."""
        return self.shipped_units == 0 and self.outstanding_units == 0

    @property
    def reopened(self) -> list[Part]:
        """Parts that their warehouse reported as open again after it had closed them."""
        return [part for part in self.parts if part.went_backwards]

    @property
    def closed_short(self) -> bool:
        """Whether a warehouse closed its part as despatched and left units out of it."""
        return any(part.closed_as == ReportedStatus.DESPATCHED and part.released for part in self.parts)

    @property
    def cancel_reason(self) -> str:
        """Why the warehouses cancelled."""
        return "; ".join(dict.fromkeys(part.cancel_reason for part in self.parts if part.cancel_reason))[:500]

    @property
    def last_sequence(self) -> int:
        """The highest sequence that a refund of the order has; 0 without one."""
        return max((refund.sequence for refund in self.refunds), default=0)

    def evidence(self) -> list[int]:
        """The archived messages that the order's present state rests on."""
        own = {message for part in self.parts for message in (part.report_message, part.closed_message)}
        return sorted(message for message in own | set(self.notes) if message is not None)

    def purse(self, others: list[ExistingRefund]) -> OrderFunds:
        """The order's money beside what `others` hold."""
        return OrderFunds(
            self.total_paid,
            self.shipping_charge,
            held_amount=sum(refund.amount for refund in others),
            held_shipping=sum(refund.shipping for refund in others),
            # One that all its providers can pay, whichever of them it will be.
            smallest=max(
                (gateway_for(one.provider).smallest_amount(self.currency) for one in self.payments), default=1
            ),
            unpaid=max(0, self.total - self.total_paid),
            overpaid=max(0, self.total_paid - self.total),
        )

    def route(self, amount: int, *, without: int | None = None) -> Route:
        """The payment that so much goes back to, beside the refunds that stand, but for `without` and the open one."""
        others = [r for r in self.refunds if r.holds and not r.open and r.id != without and r.payment_id is not None]
        used: dict[int | None, int] = {}
        for refund in others:
            used[refund.payment_id] = used.get(refund.payment_id, 0) + refund.amount
        return choose(amount, [p._replace(left=min(p.share, p.left) - used.get(p.id, 0)) for p in self.payments])

    def bought(self, others: list[ExistingRefund]) -> list[Item]:
        """The order's items beside what `others` hold of each."""
        return [Item(i.id, i.quantity, i.paid, i.tax, held(i.id, others)) for i in self.items]


def held(item_id: int, refunds: list[ExistingRefund]) -> Held:
    """What these refunds hold of one item."""
    mine = [(r, entry) for r in refunds for entry in r.entries if entry.item_id == item_id]
    if not mine:
        return NOTHING_HELD
    # Nobody knows for which units the provider was told to pay: what is owed for units is less by so much.
    paying = [entry for r, entry in mine if entry.quantity or r.origin == Refund.Origin.EXTERNAL]
    return Held(
        units=sum(entry.quantity for _, entry in mine),
        unshipped=sum(entry.quantity for r, entry in mine if r.kind == Refund.Kind.PRE_SHIPMENT),
        amount=sum(entry.amount for _, entry in mine),
        tax=sum(entry.tax for _, entry in mine),
        amount_by_units=sum(entry.amount for entry in paying),
        tax_by_units=sum(entry.tax for entry in paying),
    )


def rejected(item: ItemQuantities, refunds: list[ExistingRefund]) -> int:
    """Of the units of this item that are cancelled now: how many a person has already said no to.

    That is all of a rejected refund, and of any other what was left out of it by hand.
    """
    return sum(
        min(units, max(0, item.cancelled - (entry.cancelled_upto - units)))
        for refund in refunds
        for entry in refund.entries
        if entry.item_id == item.id and entry.cancelled_upto and (units := _refused(refund, entry))
    )


def _refused(refund: ExistingRefund, entry: RefundLine) -> int:
    rejected = entry.quantity - entry.overdue if refund.status == RefundStatus.REJECTED else 0
    return rejected + entry.left_out


def waited_for(item: ItemQuantities, refunds: list[ExistingRefund]) -> bool:
    """Whether a person has said that the customer goes on waiting for what is outstanding of this item."""
    return any(
        entry.item_id == item.id and (entry.left_waiting or (entry.overdue and refund.status == RefundStatus.REJECTED))
        for refund in refunds
        for entry in refund.entries
    )


_OWING = """AND (o.cancelled_units > 0 OR o.committed_amount > 0
    OR refunds_overdue_at(o, p.propose_overdue_after) <= now())"""
_LOCKED = "FOR NO KEY UPDATE OF o"


def load(
    order_ids: Collection[int], *, all_of_them: bool = False, locked: bool = True, policy: Policy | None = None
) -> dict[int, OrderLedger]:
    """Lock (unless only looked at) those of the orders that may owe a refund, or all, and load their books.

    With `policy` they are as if their sellers had that one.
    """
    days = "p.propose_overdue_after" if policy is None else "%(days)s::int"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT o.id, o.seller_id, o.reference, o.currency, o.total, o.total_paid, o.shipping_charge,
                   o.shipped_units, o.outstanding_units, o.placed_at,
                   coalesce(refunds_overdue_at(o, {days}) <= now(), false), o.refund_blocks,
                   coalesce(p.propose_cancelled, true), coalesce(p.propose_closed_short, true),
                   p.propose_overdue_after, coalesce(p.refund_shipping, true),
                   coalesce(p.refund_services, false)
            FROM orders_order o LEFT JOIN refunds_refundpolicy p ON p.seller_id = o.seller_id
            WHERE o.id = ANY(%(ids)s::bigint[]) {"" if all_of_them else _OWING} ORDER BY o.id
            {_LOCKED if locked else ""}
            """,
            {"ids": array("bigint", list(order_ids)), "days": policy.overdue_after if policy else None},
        )
        rows = cursor.fetchall()
    books = {row[0]: OrderLedger(*row[:12]) for row in rows}
    for row in rows:
        books[row[0]].policy = policy or Policy(row[12], row[13], row[14], row[15], refund_services=row[16])
    if books:
        for order_id, part in load_parts({book.id: book.seller_id for book in books.values()}):
            books[order_id].parts.append(part)
        _load_items(books)
        for order_id, payment in load_payments(books):
            books[order_id].payments.append(payment)
        _load_refunds(books)
    return books


def _load_items(books: dict[int, OrderLedger]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT order_id, id, sku, quantity, paid, tax, shipped_quantity, cancelled_quantity, outstanding_quantity,
                ships
            FROM orders_orderitem WHERE order_id = ANY(%s::bigint[]) ORDER BY order_id, position
            """,
            [array("bigint", list(books))],
        )
        for order_id, *row in cursor.fetchall():
            books[order_id].items.append(ItemQuantities(*row))
        cursor.execute(
            "SELECT order_id, message FROM orders_shipment WHERE order_id = ANY(%s::bigint[]) ORDER BY order_id, id",
            [array("bigint", list(books))],
        )
        for order_id, message in cursor.fetchall():
            books[order_id].notes.append(message)
    for book in books.values():
        name_cancelled(book.items, book.parts)
        if book.policy.refund_services and book.nothing_ships:
            end_services(book.items)


def _load_refunds(books: dict[int, OrderLedger]) -> None:
    by_id: dict[int, ExistingRefund] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT order_id, id, sequence, number, status, origin, kind, reason, reason_note, amount,
                   shipping_amount, rounding_amount, messages, edited_by_id IS NOT NULL, payment_id
            FROM refunds_refund WHERE order_id = ANY(%s::bigint[]) ORDER BY order_id, sequence
            """,
            [array("bigint", list(books))],
        )
        for order_id, *row in cursor.fetchall():
            by_id[row[0]] = ExistingRefund(*row)
            books[order_id].refunds.append(by_id[row[0]])
        if by_id:
            cursor.execute(
                """
                SELECT refund_id, item_id, quantity, amount, tax, cancelled_upto, overdue_quantity, left_out,
                    left_waiting
                FROM refunds_refunditem WHERE refund_id = ANY(%s::bigint[]) ORDER BY refund_id, item_id
                """,
                [array("bigint", list(by_id))],
            )
            for refund_id, *row in cursor.fetchall():
                by_id[refund_id].entries.append(RefundLine(*row))
