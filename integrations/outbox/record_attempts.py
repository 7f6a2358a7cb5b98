"""Record how attempts ended, and what follows for the deliveries and their targets."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic

from django.db import InterfaceError, OperationalError, connection, transaction

from integrations.outbox.outbox import Claimed, Outbox, Target
from integrations.outbox.retry import Ended, Verdict, judge
from orders.bulk_sql import unnest
from orders.timeline import attention

log = logging.getLogger(__name__)

_HEALTH = ("failures", "failing_since", "paused_until", "delivered_at", "active", "disabled_reason")
_ATTEMPTS = """
UPDATE {attempt} a
SET milliseconds = t.milliseconds, status = t.status, answer = t.answer, error = t.error
FROM {source} WHERE a.id = t.id
"""
# A worker that comes too late finds another lease, and changes nothing.
_DELIVERIES = """
UPDATE {delivery} d
SET state = t.state, lease_until = NULL,
    next_attempt_at = CASE WHEN t.state = 'pending' THEN now() + t.wait * interval '1 second'
        ELSE d.next_attempt_at END,
    finished_at = CASE WHEN t.state = 'pending' THEN NULL ELSE now() END
FROM {source} WHERE d.id = t.id AND d.state = 'pending' AND d.lease_until = t.lease_until
RETURNING d.id
"""
# What waits behind a delivery waits as long as that, so that nobody looks at it in vain.
_FOLLOWERS = """
UPDATE {delivery} f
SET next_attempt_at = CASE WHEN d.state = 'pending' THEN d.next_attempt_at ELSE now() END
FROM {delivery} d
WHERE d.id = ANY(%s) AND f.{link} = d.{link} AND f.order_id = d.order_id AND f.state = 'pending'
    AND f.event_id > d.event_id AND f.lease_until IS NULL
    AND f.next_attempt_at IS DISTINCT FROM CASE WHEN d.state = 'pending' THEN d.next_attempt_at END
    AND (d.state = 'pending' OR f.next_attempt_at > now())
"""


@dataclass(frozen=True, slots=True)
class Done(Generic[Target]):
    """A claimed delivery and how its attempt ended."""

    claimed: Claimed[Target]
    ended: Ended


def record_attempts(outbox: Outbox[Target], done: Sequence[Done[Target]]) -> None:
    """Record how attempts ended. A second call with the same changes nothing more.

    All in one transaction when that can be done; otherwise each on its own, so that one that breaks our code takes no
    other along: its target counts as failing.
    """
    if not done:
        return
    try:
        _record_together(outbox, done)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("the end of an attempt could not be recorded", extra={"attempts": len(done)})
        for one in done:
            _record_alone(outbox, one)


def _record_alone(outbox: Outbox[Target], one: Done[Target]) -> None:
    try:
        _record_together(outbox, [one])
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001 - logged above with the others
        _record_together(outbox, [Done(one.claimed, Ended(0, error=f"Our own fault: {type(error).__name__}."))])


def _record_together(outbox: Outbox[Target], done: Sequence[Done[Target]]) -> None:
    with transaction.atomic():
        ids = {one.claimed.target.pk for one in done}
        targets = outbox.target._default_manager.filter(pk__in=ids)  # noqa: SLF001
        rows = {row.pk: row for row in targets.order_by("pk").select_for_update(no_key=True)}
        # A target that was removed meanwhile took its deliveries along.
        known = [one for one in done if one.claimed.target.pk in rows]
        now = _now()
        verdicts = [_judge(rows[one.claimed.target.pk], one, now) for one in known]
        _record(outbox, known, verdicts)
        for row in rows.values():
            row.save(update_fields=_HEALTH)
        off = {one.claimed.target.pk for one, verdict in zip(known, verdicts, strict=True) if verdict.off}
        attention.open_items([outbox.switched_off(rows[pk], now) for pk in off])


def _now() -> datetime:
    """The database's moment: every host that delivers reads the same clock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        moment: datetime = cursor.fetchone()[0]
        return moment


def _judge(row: Target, one: Done[Target], now: datetime) -> Verdict:
    """Judge an attempt, and note on the target's row what it says about its health."""
    if one.ended.accepted:
        row.failures, row.failing_since, row.paused_until, row.delivered_at = 0, None, None, now
    else:
        row.failures += 1
        row.failing_since = row.failing_since or now - timedelta(milliseconds=one.ended.milliseconds)
    failing_for = now - (row.failing_since or now)
    verdict = judge(one.ended, attempts=one.claimed.attempts, failing_for=failing_for)
    if verdict.rest:
        row.paused_until = max(row.paused_until or now, now + verdict.rest)
    if verdict.off and row.active:
        row.active, row.disabled_reason = False, verdict.off
    return verdict


def _record(outbox: Outbox[Target], done: Sequence[Done[Target]], verdicts: Sequence[Verdict]) -> None:
    attempts, parameters = unnest(
        [
            ("id", "bigint", [one.claimed.attempt_id for one in done]),
            ("milliseconds", "int", [one.ended.milliseconds for one in done]),
            ("status", "int", [one.ended.status for one in done]),
            ("answer", "text", [one.ended.answer for one in done]),
            ("error", "text", [one.ended.error[:200] for one in done]),
        ]
    )
    deliveries, more = unnest(
        [
            ("id", "bigint", [one.claimed.delivery_id for one in done]),
            ("lease_until", "timestamptz", [one.claimed.lease_until for one in done]),
            ("state", "text", [verdict.state for verdict in verdicts]),
            ("wait", "float8", [verdict.wait.total_seconds() if verdict.wait else None for verdict in verdicts]),
        ]
    )
    with connection.cursor() as cursor:
        cursor.execute(outbox.sql(_ATTEMPTS, source=attempts), parameters)
        cursor.execute(outbox.sql(_DELIVERIES, source=deliveries), more)
        recorded = [row[0] for row in cursor.fetchall()]
        cursor.execute(outbox.sql(_FOLLOWERS), [recorded])
