"""Who changed what of a seller's policy, when, from what, to what?"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db.models import QuerySet

from orders.templatetags.formatting import money
from refunds.models import CeilingLift, ReasonWords, RefundLimit, RefundPolicy

MOST = 100
_UNTRACKED = ("id", "seller", "policy", "currency", "channel", "reason")
_AMOUNTS = ("second_approver_above", "unattended_upto", "daily_ceiling")
_WHAT = {"+": "added", "-": "removed"}


@dataclass(frozen=True, slots=True)
class Change:
    """One field that somebody changed; `was` and `now` as people read them."""

    at: datetime
    who: str
    what: str
    was: str
    now: str


def changes(seller_id: int) -> list[Change]:
    """The newest changes of the seller's policy, limits and words, and the ceilings that were lifted."""
    words = ReasonWords.history.filter(policy=seller_id).select_related("history_user", "channel")
    found = [
        *_changes(RefundPolicy.history.filter(seller=seller_id).select_related("history_user"), "seller_id"),
        *_changes(RefundLimit.history.filter(policy=seller_id).select_related("history_user"), "id"),
        *_changes(words, "id"),
    ]
    for lift in CeilingLift.objects.filter(seller=seller_id).select_related("lifted_by")[:MOST]:
        what = f"Daily cap in {lift.currency} {'restored' if lift.restores else 'lifted'} for {lift.day}"
        found.append(Change(lift.lifted_at, lift.lifted_by.get_username(), what, "", lift.why))
    return sorted(found, key=lambda change: change.at, reverse=True)[:MOST]


def _changes(history: QuerySet[Any], key: str) -> Iterator[Change]:
    for _, entries in groupby(history.order_by(key, "history_id"), key=attrgetter(key)):
        before = None
        for entry in entries:
            yield from _between(before, entry)
            before = entry


def _between(before: Any, entry: Any) -> Iterator[Change]:
    who = entry.history_user.get_username() if entry.history_user else "system"
    name = _name(entry)
    if entry.history_type in _WHAT:
        yield Change(entry.history_date, who, f"{name or 'Policy'} {_WHAT[entry.history_type]}", "", "")
    for tracked in entry.tracked_fields:
        was, now = getattr(before, tracked.attname, None), getattr(entry, tracked.attname)
        if tracked.name in _UNTRACKED or entry.history_type == "-" or was == now:
            continue
        label = str(tracked.verbose_name).capitalize()
        what = f"{name}: {label.lower()}" if name else label
        yield Change(entry.history_date, who, what, _read(before, tracked.name, was), _read(entry, tracked.name, now))


def _name(entry: Any) -> str:
    if hasattr(entry, "currency"):
        return f"Limits in {entry.currency}"
    if hasattr(entry, "words"):
        return f"Text for “{entry.get_reason_display()}” on {entry.channel}"
    return ""


def _read(entry: Any, name: str, value: Any) -> str:
    if entry is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "–"
    return money(value, entry.currency) if name in _AMOUNTS else str(value)
