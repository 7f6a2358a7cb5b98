"""What does a message say? Thin: which order or refund changed and how, and nothing about a person. (pure)"""

import json
from datetime import UTC
from typing import Any

from integrations.outbox.outbox import PublishedEvent

TEST = "webhook.test"
_LONGEST = 120


def body(event: PublishedEvent) -> bytes:
    """The message: the same bytes for the same event, at every try.

    `version` is the event's own number. It grows with everything that happens to an order, so a message whose
    version is not above the last one that was seen of the order is old.
    """
    data: dict[str, Any] = {}
    if event.event_id is not None:
        data = {
            "order": event.order,
            "order_id": event.order_id,
            "seller": event.seller,
            "event_id": event.event_id,
            "version": event.event_id,
        }
        data |= {"refund": event.refund[:_LONGEST]} if event.refund else {}
        data |= {"shipment": event.shipment[:_LONGEST]} if event.shipment else {}
    message = {"type": event.kind, "timestamp": event.occurred_at.astimezone(UTC).isoformat(), "data": data}
    return json.dumps(message, separators=(",", ":")).encode()


def name(delivery_id: int, event_id: int | None) -> str:
    """What a message is called in `webhook-id`: the same at every try and in every resend."""
    return f"evt_{event_id}" if event_id is not None else f"test_{delivery_id}"
