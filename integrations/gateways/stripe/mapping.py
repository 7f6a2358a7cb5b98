"""How are Stripe's events and refunds read as the port describes them? (no database, no network)"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from integrations.gateways.events import EventRejected, IncomingEvent, Unreadable
from integrations.gateways.stripe.amounts import from_stripe
from orders import texts
from refunds.gateway import ProviderRefund

REFUND_KINDS = frozenset({"refund.created", "refund.updated", "refund.failed", "charge.refund.updated"})
KINDS = REFUND_KINDS | {"charge.refunded"}
"""Other kinds of events are acknowledged and ignored."""
DEAD = frozenset({"failed", "canceled"})
PENDING = frozenset({"pending", "requires_action"})
"""Accepted: Stripe, or the customer, has still to do something, and it may fail."""
ALIVE = PENDING | {"succeeded"}
MOST_AMOUNT = 10**14
LATEST = 4_102_444_800
"""The year 2100, in seconds of Unix time."""


def describe(event_id: str, kind: str, content: Mapping[str, Any]) -> IncomingEvent:
    """What an event's object is about, as far as it says so. Raises EventRejected for a name that is no text."""
    if kind == "charge.refunded":
        subject, dead, payments = "", False, _names(content, "id", "payment_intent")
    else:
        subject, dead = _name(content.get("id")), str(content.get("status")) in DEAD
        payments = _names(content, "payment_intent", "charge")
    if not all(map(texts.fit, (event_id, subject, *payments))):
        raise EventRejected("unfit text")
    return IncomingEvent(event_id, kind, subject, dead, payments)


def refund(content: Mapping[str, Any]) -> ProviderRefund:
    """Read a refund. Raises Unreadable, and NotInStripe for an amount that is none of its currency."""
    match content:
        case {
            "id": str(reference),
            "amount": int(amount),
            "currency": str(currency),
            "status": str(status),
            "created": int(created),
        } if _readable(reference, currency) and status in DEAD | ALIVE and _bounded(amount, created):
            metadata = content.get("metadata")
            key = metadata.get("hemi_key") if isinstance(metadata, dict) else ""
            return ProviderRefund(
                reference,
                key if isinstance(key, str) else "",
                tuple(_names(content, "payment_intent", "charge")),
                from_stripe(amount, currency.upper()),
                currency.upper(),
                status in DEAD,
                texts.cleaned(str(content.get("failure_reason") or status)[:100]),
                datetime.fromtimestamp(created, UTC),
                status in PENDING,
            )
    raise Unreadable("This is not a refund as Stripe describes one.")


def _readable(reference: str, currency: str) -> bool:
    """Whether both are texts by which a refund can be found again."""
    return (
        0 < len(reference) <= 200
        and texts.fit(reference)
        and len(currency) == 3
        and currency.isascii()
        and currency.isalpha()
    )


def _bounded(amount: int, created: int) -> bool:
    """Whether both are numbers that an account may hold and a clock show."""
    return 0 <= amount <= MOST_AMOUNT and 0 <= created <= LATEST


def refunds_inside(charge: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """The refunds that a charge carries with it; None when it does not carry all of them."""
    match charge.get("refunds"):
        case {"data": list(listed), "has_more": False} if all(isinstance(one, dict) for one in listed):
            return listed
    return None


def _names(content: Mapping[str, Any], *fields: str) -> list[str]:
    return [name for field in fields if (name := _name(content.get(field)))]


def _name(value: Any) -> str:
    # Stripe gives a reference, or the whole object where it was asked to.
    name = value.get("id") if isinstance(value, dict) else value
    return name[:200] if isinstance(name, str) else ""
