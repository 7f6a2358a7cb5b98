"""How much was refunded, how quickly, and how often were proposals changed or refused?

Amounts are sums of minor units, never across currencies. A day is one of the seller's time zone; the period is `first`
to `last`, both included; `sellers` None means all of them. Only executed refunds count as refunded.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection

_REFUNDED = """
SELECT (r.executed_at AT TIME ZONE s.time_zone)::date AS day, s.name, r.reason, c.name, r.currency, count(*),
       sum(r.amount)::bigint
FROM refunds_refund r JOIN orders_seller s ON s.id = r.seller_id JOIN orders_order o ON o.id = r.order_id
JOIN orders_saleschannel c ON c.id = o.channel_id
WHERE r.status = 'executed' AND {executed}
GROUP BY 1, s.id, r.reason, c.id, r.currency ORDER BY 1 DESC, s.name, s.id, r.currency, r.reason, c.name
"""
# The column bare for its index, a day wider than any zone; then the day itself.
_WITHIN = """{column} >= %(first)s::date - interval '1 day' AND {column} < %(last)s::date + interval '2 days'
  AND ({column} AT TIME ZONE s.time_zone)::date BETWEEN %(first)s AND %(last)s
  AND (%(sellers)s::bigint[] IS NULL OR r.seller_id = ANY(%(sellers)s))"""
_TIMES = """
WITH r AS (
    SELECT r.proposed_at, r.decided_at, r.executed_at, r.status, (
        -- The warehouse's word that the proposal followed: the newest of its facts until then.
        SELECT max(e.occurred_at) FROM orders_orderevent e
        WHERE e.order_id = r.order_id AND e.kind IN ('order.units_cancelled', 'shipment.recorded', 'shipment.changed')
          AND e.recorded_at <= r.proposed_at) AS said_at
    FROM refunds_refund r JOIN orders_seller s ON s.id = r.seller_id
    WHERE r.origin = 'warehouse' AND {proposed})
SELECT step, count(seconds), percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds),
       percentile_cont(0.9) WITHIN GROUP (ORDER BY seconds)
FROM r CROSS JOIN LATERAL (VALUES
    (1, CASE WHEN said_at <= proposed_at THEN extract(epoch FROM proposed_at - said_at) END),
    (2, CASE WHEN status NOT IN ('proposed', 'on_hold', 'rejected', 'withdrawn')
        THEN extract(epoch FROM decided_at - proposed_at) END),
    (3, CASE WHEN status = 'executed' THEN extract(epoch FROM executed_at - decided_at) END)) AS t(step, seconds)
GROUP BY step ORDER BY step
"""
_SHARES = """
SELECT count(*),
    count(*) FILTER (WHERE EXISTS (
        SELECT FROM orders_orderevent e WHERE e.order_id = r.order_id AND e.kind IN ('refund.changed', 'refund.edited')
          AND e.data ->> 'refund' = r.number)),
    count(*) FILTER (WHERE r.status = 'rejected'),
    count(*) FILTER (WHERE r.status = 'withdrawn'),
    count(*) FILTER (WHERE r.approved_by_rule <> '')
FROM refunds_refund r JOIN orders_seller s ON s.id = r.seller_id WHERE {proposed}
"""
_EXECUTED = _WITHIN.format(column="r.executed_at")
_PROPOSED = _WITHIN.format(column="r.proposed_at")


@dataclass(frozen=True, slots=True)
class Refunded:
    """What was refunded on one day for one seller, reason and channel, in one currency."""

    day: date
    seller: str
    reason: str
    channel: str
    currency: str
    refunds: int
    amount: int


@dataclass(frozen=True, slots=True)
class Step:
    """How long one step took, over the refunds proposed in the period that have taken it."""

    refunds: int
    median: timedelta | None
    p90: timedelta | None


@dataclass(frozen=True, slots=True)
class Times:
    """From the warehouse's word to the proposal (of what the warehouse caused), on to the approval, on to the money."""

    to_proposal: Step
    to_approval: Step
    to_money: Step


@dataclass(frozen=True, slots=True)
class Shares:
    """What became of the proposals of a period; a proposal may count in several."""

    proposed: int
    changed: int
    rejected: int
    withdrawn: int
    by_rule: int

    def share(self, part: int) -> str:
        """A part of the proposals in per cent, to one decimal; "–" when there were none."""
        return f"{part * 100 / self.proposed:.1f} %" if self.proposed else "–"


def refunded(first: date, last: date, *, sellers: Collection[int] | None = None) -> list[Refunded]:
    """What was refunded, per day, seller, reason, channel and currency, the newest day first."""
    with connection.cursor() as cursor:
        cursor.execute(_REFUNDED.format(executed=_EXECUTED), _asked(first, last, sellers))
        return [Refunded(*row) for row in cursor.fetchall()]


def times(first: date, last: date, *, sellers: Collection[int] | None = None) -> Times:
    """How quickly what was proposed in the period went its way."""
    with connection.cursor() as cursor:
        cursor.execute(_TIMES.format(proposed=_PROPOSED), _asked(first, last, sellers))
        found = {step: Step(many, _span(median), _span(p90)) for step, many, median, p90 in cursor.fetchall()}
    nothing = Step(0, None, None)
    return Times(*(found.get(step, nothing) for step in (1, 2, 3)))


def shares(first: date, last: date, *, sellers: Collection[int] | None = None) -> Shares:
    """How many of the proposals of the period were changed, rejected, withdrawn, or approved without a person."""
    with connection.cursor() as cursor:
        cursor.execute(_SHARES.format(proposed=_PROPOSED), _asked(first, last, sellers))
        return Shares(*cursor.fetchone())


def _asked(first: date, last: date, sellers: Collection[int] | None) -> dict[str, Any]:
    return {"first": first, "last": last, "sellers": None if sellers is None else list(sellers)}


def _span(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=float(seconds))
