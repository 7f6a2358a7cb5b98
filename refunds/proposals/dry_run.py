"""What would a policy have proposed, approved and stopped in the last days, beside what happened? (writes nothing)

It asks the same rules as the real proposals and approvals, order by order, as the orders stand now: each as if its
warehouse refunds of these days had never been proposed. What staff proposed stays. An order counts once, at the moment
of its first proposal, or when the warehouse last spoke of it; what happens then, minute by minute, is said in
refunds/rules/forecast.py.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from orders.models import AttentionItem, Seller
from refunds.calculation import ledger
from refunds.calculation.unlisted import unlisted_items
from refunds.models import Refund, RefundStatus
from refunds.proposals.wanted import Wanted, wanted
from refunds.rules.forecast import Forecast, Proposal, forecast
from refunds.rules.policy import Policy

MOST_ORDERS = 5000
AT_ONCE = 500

_ORDERS = """
SELECT o.id, coalesce(r.at, w.at), count(*) OVER ()
FROM orders_order o
CROSS JOIN LATERAL (SELECT now() - %(days)s * interval '24 hours' AS since, CASE
    WHEN refunds_overdue_at(o, %(overdue)s::int) <= now() THEN refunds_overdue_at(o, %(overdue)s::int)
    END AS overdue_at) d
CROSS JOIN LATERAL (SELECT coalesce(greatest(max(f.closed_at), max(f.reported_at), d.overdue_at), o.placed_at) AS at
    FROM orders_fulfilmentorder f WHERE f.order_id = o.id) w
LEFT JOIN LATERAL (
    SELECT min(proposed_at) AS at FROM refunds_refund
    WHERE order_id = o.id AND origin = 'warehouse' AND proposed_at >= d.since) r ON true
WHERE o.seller_id = %(seller)s
  AND (r.at IS NOT NULL OR ((o.cancelled_units > 0 OR d.overdue_at IS NOT NULL) AND w.at >= d.since))
ORDER BY 2 DESC, 1 DESC LIMIT %(most)s
"""
_HAPPENED = """
SELECT r.id, coalesce(before.amount, r.amount), status, CASE WHEN approved_by_rule = '' THEN approvals_needed ELSE 0 END
FROM refunds_refund r LEFT JOIN LATERAL (
    SELECT v.amount FROM refunds_refundrevision v WHERE v.refund_id = r.id ORDER BY v.version LIMIT 1) before ON true
WHERE order_id = ANY(%s) AND origin = 'warehouse' AND proposed_at >= now() - %s * interval '24 hours'
"""


@dataclass(frozen=True, slots=True)
class Side:
    """What one side says of an order: the amount (minor units, 0: no refund), and how it was or would be approved."""

    amount: int = 0
    approvals: int = 0
    """0 without a person, 1 or 2 people; 0 also when nothing was proposed."""
    stopped: bool = False
    """Approved, and not paid on its day, because the ceiling is reached."""
    held_back: str = ""
    """Why a person decides although the policy allows the amount."""
    rejected: bool = False
    state: str = ""
    """What happened to the last proposal; or why there would be one."""
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One order: what happened beside what would have happened."""

    order_id: int
    reference: str
    currency: str
    at: datetime
    """In the seller's time zone."""
    was: Side
    would: Side
    blocked: bool = False
    """A refund of the order may be wrong: a person decides on it."""

    @property
    def day(self) -> date:
        """The seller's day on which it counts."""
        return self.at.date()

    @property
    def differs(self) -> bool:
        """Whether the policy would have made a difference."""
        return self.would.stopped or (self.was.amount, self.was.approvals) != (self.would.amount, self.would.approvals)


@dataclass(slots=True)
class Total:
    """Sums in one currency over one side."""

    proposals: int = 0
    amount: int = 0
    without_person: int = 0
    one_person: int = 0
    two_people: int = 0
    stopped: int = 0
    stopped_amount: int = 0

    def add(self, side: Side) -> None:
        """Count one order's refund, if there was one."""
        if not side.amount:
            return
        self.proposals += 1
        self.amount += side.amount
        self.without_person += side.approvals == 0
        self.one_person += side.approvals == 1
        self.two_people += side.approvals > 1
        self.stopped += side.stopped
        self.stopped_amount += side.amount if side.stopped else 0


@dataclass(slots=True)
class Result:
    """Everything that a dry run found. `left_out` orders were older than the newest MOST_ORDERS."""

    days: int
    orders: int
    left_out: int
    totals: dict[str, tuple[Total, Total]] = field(default_factory=dict)
    """Per currency: what happened, and what would have."""
    rows: list[Row] = field(default_factory=list)
    """The orders for which the policy makes a difference, the newest first."""


def dry_run(seller: Seller, policy: Policy, *, days: int) -> Result:
    """Ask the policy, saved or not, about the seller's last `days` days; at most MOST_ORDERS orders."""
    with connection.cursor() as cursor:
        asked = {"seller": seller.pk, "days": days, "overdue": policy.overdue_after, "most": MOST_ORDERS}
        cursor.execute(_ORDERS, asked)
        found = cursor.fetchall()
    moments: dict[int, datetime] = {order_id: at for order_id, at, _ in found}
    total = found[0][2] if found else 0
    result = Result(days, len(found), total - len(found))
    rows = list(_rows(list(moments), moments, policy, days, ZoneInfo(seller.time_zone)))
    rows = _as_approved(rows, policy)
    for row in rows:
        was, would = result.totals.setdefault(row.currency, (Total(), Total()))
        was.add(row.was)
        would.add(row.would)
    result.rows = [row for row in rows if row.differs]
    return result


def _rows(
    order_ids: Sequence[int], moments: dict[int, datetime], policy: Policy, days: int, zone: ZoneInfo
) -> Iterator[Row]:
    for first in range(0, len(order_ids), AT_ONCE):
        some = order_ids[first : first + AT_ONCE]
        shelf = ledger.load(some, all_of_them=True, locked=False, policy=policy)
        happened = _happened(some, days)
        unlisted = unlisted_items(some)
        for order_id in some:
            book = shelf[order_id]
            mine = [refund for refund in book.refunds if refund.id in happened]
            book.refunds = [refund for refund in book.refunds if refund.id not in happened]
            was = _was([(happened[refund.id], refund.number) for refund in mine])
            at = moments[order_id].astimezone(zone)
            want = wanted(book)
            blocked = bool(book.blocks) or any(line.item_id in unlisted for line in want.entries)
            yield Row(order_id, book.reference, book.currency, at, was, _would(book, want), blocked)


@dataclass(frozen=True, slots=True)
class _Real:
    amount: int
    status: str
    approvals: int


def _happened(order_ids: Sequence[int], days: int) -> dict[int, _Real]:
    with connection.cursor() as cursor:
        cursor.execute(_HAPPENED, [list(order_ids), days])
        return {refund_id: _Real(*row) for refund_id, *row in cursor.fetchall()}


def _was(real: Sequence[tuple[_Real, str]]) -> Side:
    stood = [one for one, _ in real if one.status != RefundStatus.WITHDRAWN]
    return Side(
        sum(one.amount for one in stood),
        max((one.approvals for one in stood), default=0),
        rejected=bool(stood) and all(one.status == RefundStatus.REJECTED for one in stood),
        state=RefundStatus(real[-1][0].status).label if real else "",
        numbers=tuple(number for _, number in real),
    )


def _would(book: ledger.OrderLedger, want: Wanted) -> Side:
    if want.sum.amount <= 0:
        return Side()
    approvals = book.policy.limit(book.currency).approvals(want.sum.amount)
    return Side(want.sum.amount, approvals, state=str(Refund.Reason(want.reason).label))


def _as_approved(rows: Sequence[Row], policy: Policy) -> list[Row]:
    """The same rows, the newest first, with what the policy would approve and what the ceilings would stop."""
    look = _needing_a_look([row.order_id for row in rows])
    proposals = [
        Proposal(
            row.order_id,
            row.currency,
            row.would.amount,
            row.at.replace(second=0, microsecond=0),
            row.day,
            needs_look=row.blocked or row.order_id in look,
            # What a person rejected would be rejected again, unless nobody was asked.
            rejected=row.was.rejected,
        )
        for row in reversed(rows)
        if row.would.amount
    ]
    found = forecast(proposals, policy, most=settings.UNATTENDED_PER_HOUR)
    return [replace(row, would=_foretold(row.would, found[row.order_id])) if row.would.amount else row for row in rows]


def _foretold(would: Side, found: Forecast) -> Side:
    approvals = 0 if found.by_policy else would.approvals
    return replace(would, approvals=approvals, stopped=found.stopped, held_back=found.held_back)


def _needing_a_look(order_ids: Sequence[int]) -> set[int]:
    open_items = AttentionItem.objects.filter(order__in=order_ids, closed_at__isnull=True)
    return set(open_items.values_list("order", flat=True))
