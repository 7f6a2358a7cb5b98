"""How does a fact on the timeline read? (pure)"""

from collections.abc import Mapping
from typing import Any

SENTENCES = {
    "order.placed": "Order placed",
    "order.changed": "Order changed",
    "order.reopened": "Order is open again",
    "order.started": "Warehouse has begun",
    "order.held": "Order on hold",
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
_ORIGINS = {"prosku": "ProSKU", "staff": "", "api": "API", "import": "Import"}


def sentence(kind: str, data: Mapping[str, Any]) -> str:
    """One line for people: what happened, and what of its data they ask for."""
    happened = SENTENCES.get(kind) or kind.replace(".", " ").replace("_", " ").capitalize()
    told = _told(data)
    return f"{happened}: {told}" if told else happened


def name_of(actor: str) -> str:
    """Who or what caused a fact, as people say it."""
    kind, _, name = actor.partition(":")
    return f"{_ORIGINS.get(kind, kind.capitalize())} {name}".strip()


def _told(data: Mapping[str, Any]) -> str:
    parts = [str(data[name]) for name in ("number", "refund") if data.get(name)]
    items = data.get("items")
    if isinstance(items, list):
        listed = [f"{item.get('quantity')} × {item.get('sku')}" for item in items[:5] if isinstance(item, dict)]
        parts.append(", ".join(listed) + (f" and {len(items) - 5} more" if len(items) > 5 else ""))
    if "shipped" in data and "ordered" in data:
        parts.append(f"{data['shipped']} of {data['ordered']} units shipped")
    if data.get("amount"):
        parts.append(f"{data['amount']} (was {data['was']})" if data.get("was") else str(data["amount"]))
    if isinstance(data.get("changes"), list):
        parts.append(", ".join(str(change.get("field", "")).replace("_", " ") for change in data["changes"]))
    parts += [str(data[name]) for name in ("carrier", "tracking_number") if data.get(name)]
    parts += [f"“{data['word']}”"] if data.get("word") else []
    parts += [str(data[name]).replace("_", " ") for name in ("reason", "why", "detail") if data.get(name)]
    parts += [f"reference {data['reference']}"] if data.get("reference") else []
    return ", ".join(part for part in parts if part)
