"""How does a fact on the timeline read? (pure)"""

import re
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from string import Formatter
from typing import Any

from orders import money
from orders.timeline.kinds import kinds

GLOSSARY = {
    "attention": "Something that needs a person. It closes automatically when its cause is gone.",
    "cancelled": "Units that the warehouse will never ship. Refunds are proposed for them.",
    "failed": "The payment provider declined: no money has moved. Try again, or pay another way and record it.",
    "in doubt": "The refund was sent, but the provider has not confirmed it: the outcome is unknown. It is looked up "
    "at the provider and never sent twice.",
    "lag": "Age of the newest warehouse change that has been applied. It grows harmlessly while the warehouse has no "
    "new changes.",
    "limit": "Above an amount set in each seller's policy, per order and day, two different people must approve.",
    "on hold": "Set aside with a reason. It waits until someone releases it.",
    "outstanding": "Units that are neither shipped nor cancelled: ordered − shipped − cancelled.",
    "parked": "A warehouse message about an order that has not been imported yet. It is applied as soon as "
    "the order is.",
    "late": "Some units are still outstanding after the ship-by date: the days that the seller promises (see the "
    "seller's page). Orders on hold count too.",
    "pending at provider": "The payment provider has accepted the refund and not paid it yet. It becomes refunded "
    "or failed by itself.",
    "rejected": "A message that could not be used, with the reason. It is kept as received.",
    "short-shipped": "Fewer units shipped than were ordered: the rest were cancelled.",
    "withdrawn": "The proposal was withdrawn automatically, usually because the warehouse shipped the units after all.",
}
"""What words mean that not everybody knows."""
_ORIGINS = {"prosku": "ProSKU", "files": "Shipping files", "staff": "", "api": "API", "import": "Import"}


# How a change of status reads when it followed a hold.
_RELEASED = {
    "order.started": "Off hold – warehouse working on it[ (“{word}”)]",
    "order.reopened": "Off hold[ (“{word}”)]",
    "order.partially_shipped": "Off hold: {shipped} of {ordered} units shipped",
}
_PARTS = re.compile(r"\[([^\]]*)\]|([^\[]+)")
_MOST_ITEMS = 5
_AMOUNT = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,3})?")
_AMOUNTS = ("amount", "was", "total_paid")


def sentence(kind: str, data: Mapping[str, Any], currency: str) -> str:
    """One line for people: what happened to an order in this currency, and what of its data they ask for."""
    facts = {name: words for name, value in data.items() if (words := _value_words(name, value, currency))}
    released = _RELEASED.get(kind) if data.get("from") == "on_hold" else None
    known_kind = kinds().get(kind)
    phrase = released or (known_kind.phrase if known_kind else "")
    if not phrase:
        happened = known_kind.name if known_kind else kind.replace(".", " ").replace("_", " ").capitalize()
        details = ", ".join(facts[name] for name in ("number", "refund", "why", "reason", "detail") if name in facts)
        return f"{happened}: {details}" if details else happened
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


def _value_words(name: str, value: Any, currency: str) -> str:
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
