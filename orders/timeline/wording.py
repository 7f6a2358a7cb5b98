"""How does a fact on the timeline read? (pure)"""

import re
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from string import Formatter
from typing import Any

from orders import money

SENTENCES = {
    "order.placed": "Order placed",
    "order.changed": "Order changed",
    "order.reopened": "Order is open again",
    "order.started": "Warehouse has begun",
    "order.held": "On hold",
    "order.partially_shipped": "Partially shipped",
    "order.shipped": "Shipped",
    "order.delivered": "Delivered",
    "order.cancelled": "Cancelled",
    "order.units_cancelled": "Units will not ship",
    "order.units_restored": "Units will ship after all",
    "order.hold_placed": "Held by us",
    "order.hold_released": "Our hold is released",
    "order.cancellation_asked": "Cancellation asked for",
    "order.noted": "Note",
    "order.tagged": "Tag put on",
    "order.untagged": "Tag taken off",
    "order.file_added": "File added",
    "order.file_deleted": "File deleted",
    "order.replayed": "Made anew from the warehouse's messages",
    "order.compared": "Compared with the warehouse",
    "shipment.recorded": "Despatched",
    "shipment.changed": "Despatch note changed",
    "shipment.withdrawn": "Despatch note withdrawn",
    "refund.proposed": "Refund proposed",
    "refund.changed": "Proposed refund changed",
    "refund.edited": "Proposed refund edited",
    "refund.booked": "Refund was made at the provider",
    "refund.withdrawn": "Refund withdrawn",
    "refund.first_approved": "First approval given",
    "refund.approved": "Refund approved",
    "refund.approval_taken_back": "Approval taken back",
    "refund.approval_undone": "Approval undone",
    "refund.rejected": "Refund rejected",
    "refund.rejection_undone": "Rejection undone",
    "refund.held": "Refund put on hold",
    "refund.hold_undone": "Hold undone",
    "refund.released": "Refund released",
    "refund.retried": "Refund is tried again",
    "refund.executing": "Refund sent to the provider",
    "refund.executed": "Refund executed",
    "refund.failed": "Refund failed",
    "refund.in_doubt": "Refund is in doubt",
}
GLOSSARY = {
    "attention": "Something that only a person can settle. It closes by itself when its cause goes away.",
    "cancelled": "Units that the warehouse says will never ship. They are what refunds are proposed for.",
    "failed": "The payment provider said no: no money has moved. Try it again, or pay it another way.",
    "in doubt": "We sent the refund and heard no answer: money may have moved or not. It is looked up at the provider, "
    "and never sent twice.",
    "lag": "How long ago the newest change was made at the warehouse that has been applied here. Where the warehouse "
    "has nothing new, this grows without harm.",
    "limit": "Above an amount that each seller's policy names, two different people approve.",
    "on hold": "Somebody set it aside with a reason. It waits until somebody releases it.",
    "outstanding": "Units that are neither shipped nor cancelled: ordered − shipped − cancelled.",
    "parked": "A message of the warehouse about an order that is not here yet. It is applied as soon as the order is.",
    "promise": "Something of the order is still outstanding after the days that its seller promises (on the seller's "
    "page). Orders on hold count too.",
    "rejected": "A message that could not be used, with the reason. Nothing is lost: it is kept as it came.",
    "short": "Fewer units shipped than were ordered: the rest was cancelled.",
    "withdrawn": "The proposal went away by itself, most often because the warehouse shipped the units after all.",
}
"""What words mean that not everybody knows."""
_ORIGINS = {"prosku": "ProSKU", "staff": "", "api": "API", "import": "Import"}


# What stands in brackets is left out when one of its facts is not known.
_PHRASES = {
    "order.placed": "Order placed[ at {channel}][: {units}][, {total_paid}]",
    "order.changed": "Order changed[: {changes}]",
    "order.started": "The warehouse has begun[ (“{word}”)]",
    "order.held": "On hold[: the warehouse says “{word}”]",
    "order.reopened": "Order is open again[: the warehouse says “{word}”]",
    "order.partially_shipped": "Partially shipped[: {shipped} of {ordered} units]",
    "order.shipped": "Shipped[: {shipped} of {ordered} units]",
    "order.delivered": "Delivered[: the warehouse says “{word}”]",
    "order.cancelled": "Cancelled[: the warehouse says “{word}”]",
    "order.units_cancelled": "Will not ship[: {items}][, because: {reason}][ (“{word}”)]",
    "order.units_restored": "Will ship after all[: {items}]",
    "order.hold_placed": "Held by us[: {why}]",
    "order.hold_released": "Our hold is released[ (it was: {why})]",
    "order.cancellation_asked": "Cancellation asked for[ of {items}][: {why}][. Refund {refund} proposed]",
    "order.noted": "Note[: {note}]",
    "order.tagged": "Tag put on[: {tag}]",
    "order.untagged": "Tag taken off[: {tag}]",
    "order.file_added": "File added[: {file}]",
    "order.file_deleted": "File deleted[: {file}]",
    "order.compared": "Compared with the warehouse[: {detail}]",
    "shipment.recorded": "Despatch {number} left[ with {carrier}][ {tracking_number}][: {items}]",
    "shipment.changed": "Despatch {number} changed[: {carrier}][ {tracking_number}][: {items}]",
    "shipment.withdrawn": "Despatch {number} withdrawn[: {items}]",
    "refund.proposed": "Refund {refund}[ of {amount}] proposed[: {reason}][, {detail}]",
    "refund.changed": "Refund {refund} changed[ from {was}][ to {amount}][: {reason}]",
    "refund.edited": "Refund {refund} edited[ from {was}][ to {amount}][: {why}]",
    "refund.booked": "Refund {refund}[ of {amount}] was made at the provider[, reference {reference}]",
    "refund.withdrawn": "Refund {refund} withdrawn[: {why}][: {reason}]",
    "refund.first_approved": "Refund {refund}[ of {amount}] has its first approval",
    "refund.approved": "Refund {refund}[ of {amount}] approved[: {why}][, {detail}]",
    "refund.approval_taken_back": "Approval of refund {refund} taken back[: {why}]",
    "refund.rejected": "Refund {refund} rejected[: {why}]",
    "refund.held": "Refund {refund} put on hold[: {why}]",
    "refund.released": "Refund {refund} released",
    "refund.retried": "Refund {refund} is tried again",
    "refund.executing": "Refund {refund} sent to the provider",
    "refund.executed": "Refund {refund} executed[: {amount}][, reference {reference}]",
    "refund.failed": "Refund {refund} failed[: {reason}][: {detail}][: {why}]",
    "refund.in_doubt": "Refund {refund} is in doubt[: {reason}][: {detail}]",
}
# The same, when that is what followed a hold.
_RELEASED = {
    "order.started": "No longer on hold: the warehouse is at work[ (“{word}”)]",
    "order.reopened": "No longer on hold[ (“{word}”)]",
    "order.partially_shipped": "No longer on hold: {shipped} of {ordered} units have shipped",
}
_PARTS = re.compile(r"\[([^\]]*)\]|([^\[]+)")
_MOST_ITEMS = 5
_AMOUNT = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,3})?")
_AMOUNTS = ("amount", "was", "total_paid")


def sentence(kind: str, data: Mapping[str, Any], currency: str) -> str:
    """One line for people: what happened to an order in this currency, and what of its data they ask for."""
    facts = {name: said for name, value in data.items() if (said := _said(name, value, currency))}
    released = _RELEASED.get(kind) if data.get("from") == "on_hold" else None
    phrase = released or _PHRASES.get(kind)
    if phrase is None:
        happened = SENTENCES.get(kind) or kind.replace(".", " ").replace("_", " ").capitalize()
        told = ", ".join(facts[name] for name in ("number", "refund", "why", "reason", "detail") if name in facts)
        return f"{happened}: {told}" if told else happened
    known = defaultdict(str, facts)
    parts = []
    for optional, fixed in _PARTS.findall(phrase):
        if optional and not all(name in facts for name in _names(optional)):
            continue
        parts.append((optional or fixed).format_map(known))
    return "".join(parts)


def name_of(actor: str) -> str:
    """Who or what caused a fact, as people say it."""
    kind, _, name = actor.partition(":")
    return f"{_ORIGINS.get(kind, kind.capitalize())} {name}".strip()


def _names(phrase: str) -> list[str]:
    return [name for _, name, _, _ in Formatter().parse(phrase) if name]


def _said(name: str, value: Any, currency: str) -> str:
    if name == "items" and isinstance(value, list):
        listed = [f"{one.get('quantity')} × {one.get('sku')}" for one in value[:_MOST_ITEMS] if isinstance(one, dict)]
        more = f" and {len(value) - _MOST_ITEMS} more" if len(value) > _MOST_ITEMS else ""
        return ", ".join(listed) + more
    if name == "changes" and isinstance(value, list):
        return ", ".join(str(one.get("field", "")).replace("_", " ") for one in value if isinstance(one, dict))
    if name == "units" and isinstance(value, int):
        return f"{value} unit" if value == 1 else f"{value} units"
    if name in _AMOUNTS and isinstance(value, str) and _AMOUNT.fullmatch(value):
        return f"{money.grouped(Decimal(value))}\N{NO-BREAK SPACE}{currency}"
    if name == "reason":
        return str(value or "").replace("_", " ")
    return "" if value is None else str(value)
