"""Set a seller's limits: what tightens them counts at once, what loosens them waits for a second person."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db import transaction

from orders.errors import require_reason
from orders.models import Seller
from orders.money import shown
from refunds import errors, rights
from refunds.decisions import pending_changes
from refunds.decisions.reconsider import reconsider
from refunds.execution import ceiling
from refunds.models import CeilingLift, PendingChange, RefundLimit
from refunds.rules.policy import Limit, raises, stricter

LIMITS, LIFT = "limits", "lift"
FIELDS = {
    "second_approver_above": ("second approval above", "never"),
    "unattended_upto": ("auto-approve up to", "off"),
    "daily_ceiling": ("daily cap", "none"),
}


class Difference(NamedTuple):
    """One amount of a change, as people read it."""

    what: str
    was: str
    now: str


def save(limit: RefundLimit, *, by: User) -> PendingChange | None:
    """Save the limits of one currency, as far as one person may; the change that waits for a second one, if any.

    In the caller's transaction, in which `reconsider` is called too.
    """
    stored = _stored(limit.policy_id, limit.currency)
    old, new = stored.rule() if stored else None, limit.rule()
    subject = _subject(limit)
    pending_changes.replace(LIMITS, subject)
    if not (pending_changes.needed() and raises(old, new)):
        limit.save()
        return None
    now = stricter(old, new)
    if now != old:
        _set(limit, _values(now))
        limit.save()
    return _request(limit, subject, _values(now), _values(new), by)


def remove(limit: RefundLimit, *, by: User) -> PendingChange | None:
    """Remove the limits of a currency, in which two people then approve everything; without a cap, if there was one."""
    subject = _subject(limit)
    pending_changes.replace(LIMITS, subject)
    if not (pending_changes.needed() and raises(limit.rule(), None)):
        limit.delete()
        return None
    return _request(limit, subject, _values(limit.rule()), None, by)


def apply(change: PendingChange) -> None:
    """Make the limits what was confirmed, unless they are no longer what they were when it was asked for."""
    policy_id, _, currency = change.subject.partition(":")
    limit = _stored(int(policy_id), currency)
    if (_values(limit.rule()) if limit else None) != change.was or limit is None:
        raise errors.Changed("These limits have changed since: ask for the change again.")
    before = limit.daily_ceiling
    if change.wanted is None:
        limit.delete()
    else:
        _set(limit, change.wanted)
        limit.save()
        if limit.daily_ceiling != before and change.decided_by is not None:
            ceiling.replace_lift(limit, by=change.decided_by)
    reconsider(limit.policy_id)


def lift(seller: Seller, currency: str, *, by: User, why: str) -> CeilingLift | None:
    """Lift the daily cap for today; None when that waits for a second person."""
    with transaction.atomic():
        if not pending_changes.needed():
            return ceiling.lift(seller, currency, by=by, why=why)
        person = rights.expect_right(by, "refunds.lift_ceiling")
        reason = require_reason(why)
        day = ceiling.expect_cap(seller, currency)
        words = f"Daily cap of {seller} in {currency} lifted for {day}: {reason}"
        subject, wanted = f"{seller.pk}:{currency}:{day}", day.isoformat()
        pending_changes.request(
            LIFT, subject, seller=seller, was=None, wanted=wanted, by=person, words=words, why=reason
        )
    return None


def apply_lift(change: PendingChange) -> None:
    """Lift the cap for the day for which it was asked."""
    seller_id, currency, asked_for = change.subject.split(":")
    seller = Seller.objects.get(pk=seller_id)
    day, _, _ = ceiling.today(seller.pk, currency)
    if day.isoformat() != asked_for:
        raise errors.DecisionRefused(f"{asked_for} is over: ask for the lift again.", code="day_is_over")
    ceiling.lift(seller, currency, by=change.requested_by, why=change.why)


def differences(change: PendingChange) -> Iterator[Difference]:
    """What a change of limits or of a cap changes, from what to what."""
    currency = change.subject.split(":")[1]
    was, wanted = change.was or {}, change.wanted or {}
    if change.kind == LIFT:
        yield Difference(f"{currency}: daily cap on {change.wanted}", "holds", f"lifted: {change.why}")
    elif change.wanted is None:
        yield Difference(f"{currency}: limits", "set", "removed: no daily cap, two people approve everything")
    else:
        for name, (label, empty) in FIELDS.items():
            if was[name] != wanted[name]:
                read = (_read(side[name], currency, empty) for side in (was, wanted))
                yield Difference(f"{currency}: {label}", *read)


def _request(limit: RefundLimit, subject: str, was: Any, wanted: Any, by: User) -> PendingChange:
    seller = limit.policy.seller
    draft = PendingChange(kind=LIMITS, subject=subject, was=was, wanted=wanted)
    words = f"{seller}, " + "; ".join(f"{one.what} {one.was} → {one.now}" for one in differences(draft))
    return pending_changes.request(LIMITS, subject, seller=seller, was=was, wanted=wanted, by=by, words=words)


def _stored(policy_id: int, currency: str) -> RefundLimit | None:
    rows = RefundLimit.objects.select_for_update(no_key=True, of=("self",)).order_by("id")
    return rows.filter(policy=policy_id, currency=currency).first()


def _subject(limit: RefundLimit) -> str:
    return f"{limit.policy_id}:{limit.currency}"


def _values(rule: Limit) -> dict[str, int | None]:
    return {name: getattr(rule, name) for name in FIELDS}


def _set(limit: RefundLimit, values: dict[str, int | None]) -> None:
    for name in FIELDS:
        setattr(limit, name, values[name])


def _read(amount: int | None, currency: str, empty: str) -> str:
    return empty if amount is None else f"{shown(amount, currency)} {currency}"
