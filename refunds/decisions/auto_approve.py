"""Approve what a seller's policy approves without a person; off unless the policy names an amount.

Many at once look like a mistake of the warehouse: beyond so many of one seller in an hour none of them is approved by
its policy, but by people, who see together what they come to. Nor does it approve more than the day's ceiling pays.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count
from django.db.models.functions import Now

from orders.models import AttentionItem
from orders.money import text
from orders.timeline import attention, events
from refunds import sending
from refunds.decisions.blocked import NOT_BLOCKED
from refunds.execution import ceiling
from refunds.models import Refund, RefundStatus
from refunds.proposals.approvals import reconsider_orders
from refunds.rules.auto_approval import BRAKE, Candidate, too_many, within_ceiling

KIND = AttentionItem.Kind.MANY_REFUNDS

# Oldest first. Not what a person has begun to decide, set aside or taken back, nothing of an order that a person must
# look at, and nothing that came with too many others.
_CANDIDATES = f"""
SELECT r.id, r.order_id, r.seller_id, r.number, r.amount, r.currency, l.unattended_upto, p.version FROM refunds_refund r
JOIN refunds_refundlimit l ON l.policy_id = r.seller_id AND l.currency = r.currency AND l.unattended_upto IS NOT NULL
JOIN refunds_refundpolicy p ON p.seller_id = r.seller_id
JOIN orders_order o ON o.id = r.order_id AND {NOT_BLOCKED}
WHERE r.status = 'proposed' AND r.origin = 'warehouse' AND r.approvals_needed = 1 AND r.approved_by_id IS NULL
  AND r.why = '' AND r.edited_by_id IS NULL
  AND refunds_approved_by_policy(r.seller_id, r.currency, r.amount + refunds_given_today(r.order_id, r.id))
  AND NOT EXISTS (
    SELECT FROM orders_attentionitem a WHERE a.order_id = r.order_id AND a.closed_at IS NULL)
  AND NOT EXISTS (
    SELECT FROM orders_attentionitem a WHERE a.kind = %(kind)s AND a.subject = 'many:' || r.seller_id
      AND (a.closed_at IS NULL OR a.closed_at >= r.proposed_at))
ORDER BY r.id
"""
# Somebody has decided on all of them.
_SETTLED = """
UPDATE orders_attentionitem a SET closed_at = now() WHERE a.kind = %(kind)s AND a.closed_at IS NULL AND NOT EXISTS (
    SELECT FROM refunds_refund r
    WHERE r.seller_id = a.seller_id AND r.status IN ('proposed', 'on_hold') AND r.origin = 'warehouse'
      AND refunds_approved_by_policy(r.seller_id, r.currency, r.amount + refunds_given_today(r.order_id, r.id)))
"""


@dataclass(frozen=True, slots=True)
class _Row:
    """A proposal that its seller's policy allows, with the line of the policy that does."""

    id: int
    order_id: int
    seller_id: int
    number: str
    amount: int
    currency: str
    upto: int
    version: int

    @property
    def rule(self) -> str:
        return (
            f"up to {text(self.upto, self.currency)} {self.currency} without a person (policy version {self.version})"
        )


@dataclass(slots=True)
class _Waiting:
    """What waits, by seller, and of which sellers too many came at once."""

    by_seller: dict[int, list[_Row]] = field(default_factory=dict)
    too_many: dict[int, int] = field(default_factory=dict)
    """How many, with those of the last hour."""


def approve_by_rule(*, at_most: int = 200) -> int:
    """Approve up to `at_most` proposals that need no person, and say how many. A second call takes the next ones."""
    with transaction.atomic():
        _execute(_SETTLED)
        not_sending = sending.stopped_sellers()
        if not_sending is None:
            return 0
        found = _read()
        _say_too_many(found)
        barred = found.too_many.keys() | not_sending
        waiting = [row for seller_id, rows in found.by_seller.items() if seller_id not in barred for row in rows]
        orders = _lock_orders(sorted(waiting, key=attrgetter("id"))[:at_most])
        sellers = sorted({row.seller_id for row in waiting if row.order_id in orders})
        # A policy that is being saved is waited for, then read: nothing is approved by what no longer holds.
        _execute("SELECT FROM refunds_refundpolicy WHERE seller_id = ANY(%(sellers)s) FOR SHARE", sellers=sellers)
        rooms = ceiling.rooms_for_policies(sellers)
        # What came only now is counted too.
        found = _read()
        approved: list[_Row] = []
        for seller_id in sellers:
            if seller_id not in found.too_many:
                mine = [row for row in found.by_seller.get(seller_id, []) if row.order_id in orders]
                approved += _within_ceiling(mine, rooms[seller_id])
        _approve(approved)
    return len(approved)


def would_approve(seller_id: int) -> list[Candidate]:
    """What the seller's policy, as it is stored in this transaction, would approve now."""
    found = _read()
    rows = [] if seller_id in found.too_many else found.by_seller.get(seller_id, [])
    candidates = [Candidate(row.id, row.currency, row.amount) for row in rows]
    fitting = set(within_ceiling(candidates, ceiling.rooms_for_policies([seller_id])[seller_id]))
    return [one for one in candidates if one.id in fitting]


def _read() -> _Waiting:
    rows: defaultdict[int, list[_Row]] = defaultdict(list)
    for one in _execute(_CANDIDATES):
        rows[one[2]].append(_Row(*one))
    # What a policy approved counts for an hour, so that a stream is stopped as a flood is, however long it had waited.
    by_policy = Refund.objects.exclude(approved_by_rule="").filter(approved_at__gt=Now() - BRAKE, seller__in=rows)
    lately = dict(by_policy.order_by().values_list("seller").annotate(many=Count("id")))
    together = {seller_id: (len(mine), lately.get(seller_id, 0)) for seller_id, mine in rows.items()}
    most = settings.UNATTENDED_PER_HOUR
    return _Waiting(dict(rows), {one: sum(both) for one, both in together.items() if too_many(*both, most=most)})


def _say_too_many(found: _Waiting) -> None:
    requests = []
    for seller_id, count in found.too_many.items():
        summary = (
            f"{count} refunds at once, where at most {settings.UNATTENDED_PER_HOUR} an hour are approved without a "
            "person. The policy approves none of them: look whether the warehouse made a mistake, then decide on them "
            "together."
        )
        # With the newest that waits: what a person closed by hand is heard of again when another one comes.
        evidence = {"newest": found.by_seller[seller_id][-1].id, "refunds": count}
        requests.append(attention.AttentionRequest(KIND, f"many:{seller_id}", summary, seller_id, None, evidence))
    attention.open_items(requests)


def _lock_orders(rows: Sequence[_Row]) -> set[int]:
    # The order first, as everybody locks; who holds one is about to change it.
    statement = "SELECT id FROM orders_order WHERE id = ANY(%(orders)s) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED"
    return {order_id for (order_id,) in _execute(statement, orders=[row.order_id for row in rows])}


def _within_ceiling(rows: Sequence[_Row], rooms: dict[str, int | None]) -> list[_Row]:
    fitting = set(within_ceiling([Candidate(row.id, row.currency, row.amount) for row in rows], rooms))
    stopped = next((row for row in rows if row.id not in fitting), None)
    if stopped is not None:
        ceiling.report_reached(Refund.objects.get(pk=stopped.id))
    return [row for row in rows if row.id in fitting]


def _approve(rows: Sequence[_Row]) -> None:
    for rule, its in groupby(sorted(rows, key=attrgetter("rule")), key=attrgetter("rule")):
        now = {"approved_by_rule": rule, "approved_at": Now(), "decided_at": Now()}
        Refund.objects.move_all([row.id for row in its], [RefundStatus.PROPOSED], RefundStatus.APPROVED, **now)
    events.record([_event(row) for row in rows])
    reconsider_orders([row.order_id for row in rows])


def _event(row: _Row) -> events.Event:
    facts = {"refund": row.number, "amount": text(row.amount, row.currency), "why": row.rule}
    return events.Event(row.order_id, row.seller_id, "refund.approved", None, "policy", facts)


def _execute(statement: str, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"kind": KIND.value, **values})
        return cursor.fetchall() if cursor.description else []
