"""What does Stripe's news say, in our words? (pure)"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from integrations.gateways.stripe.amounts import from_stripe

REFUND_KINDS = frozenset({"refund.created", "refund.updated", "refund.failed", "charge.refund.updated"})
KINDS = REFUND_KINDS | {"charge.refunded"}
"""All other news is thanked for and forgotten."""
DEAD = frozenset({"failed", "canceled"})
ALIVE = frozenset({"pending", "requires_action", "succeeded"})
MOST_AMOUNT = 10**14
LATEST = 4_102_444_800
"""The year 2100, in seconds of Unix time."""


class Unreadable(Exception):
    """Something that is not a refund as Stripe describes one; the message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Described:
    """What is looked for before the news itself is read: the refund's reference, and the payment's names."""

    subject: str
    dead: bool
    payments: list[str]


@dataclass(frozen=True, slots=True)
class ProviderRefund:
    """A refund as Stripe tells it. `amount` is in our minor units, `key` is ours when the refund is."""

    reference: str
    key: str
    payments: tuple[str, ...]
    amount: int
    currency: str
    dead: bool
    why: str
    made_at: datetime


def describe(kind: str, what: Mapping[str, Any]) -> Described:
    """What an event's object is about, as far as it says so."""
    if kind == "charge.refunded":
        return Described("", False, _names(what, "id", "payment_intent"))
    return Described(_name(what.get("id")), what.get("status") in DEAD, _names(what, "payment_intent", "charge"))


def refund(what: Mapping[str, Any]) -> ProviderRefund:
    """Read a refund. Raises Unreadable, and NotInStripe for an amount that is none of its currency."""
    match what:
        case {
            "id": str(reference),
            "amount": int(amount),
            "currency": str(currency),
            "status": str(status),
            "created": int(created),
        } if reference and len(reference) <= 200 and status in DEAD | ALIVE and _bounded(amount, created):
            metadata = what.get("metadata")
            key = metadata.get("hemi_key") if isinstance(metadata, dict) else ""
            return ProviderRefund(
                reference,
                key if isinstance(key, str) else "",
                tuple(_names(what, "payment_intent", "charge")),
                from_stripe(amount, currency.upper()),
                currency.upper(),
                status in DEAD,
                str(what.get("failure_reason") or status)[:100],
                datetime.fromtimestamp(created, UTC),
            )
    raise Unreadable("This is not a refund as Stripe describes one.")


def _bounded(amount: int, created: int) -> bool:
    """Whether both are numbers that an account may hold and a clock show."""
    return 0 <= amount <= MOST_AMOUNT and 0 <= created <= LATEST


def refunds_inside(charge: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """The refunds that a charge carries with it; None when it does not carry all of them."""
    match charge.get("refunds"):
        case {"data": list(listed), "has_more": False} if all(isinstance(one, dict) for one in listed):
            return listed
    return None


def _names(what: Mapping[str, Any], *fields: str) -> list[str]:
    return [name for field in fields if (name := _name(what.get(field)))]


def _name(value: Any) -> str:
    # Stripe gives a reference, or the whole object where it was asked to.
    name = value.get("id") if isinstance(value, dict) else value
    return name[:200] if isinstance(name, str) else ""
