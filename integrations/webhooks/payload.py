"""What does a message say? Thin: which order or refund changed and how, and nothing about a person. (pure)"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

TEST = "webhook.test"
_LONGEST = 120


@dataclass(frozen=True, slots=True)
class News:
    """What is told of an event; numbers of a refund or a despatch note where it has one. A test has no event."""

    kind: str
    occurred_at: datetime
    event_id: int | None = None
    order_id: int | None = None
    order: str = ""
    seller: str = ""
    refund: str = ""
    shipment: str = ""


def body(news: News) -> bytes:
    """The message: the same bytes for the same event, at every try.

    `version` is the event's own number. It grows with everything that happens to an order, so news whose version
    is not above the last one that was seen of the order are old.
    """
    data: dict[str, Any] = {}
    if news.event_id is not None:
        data = {
            "order": news.order,
            "order_id": news.order_id,
            "seller": news.seller,
            "event_id": news.event_id,
            "version": news.event_id,
        }
        data |= {"refund": news.refund[:_LONGEST]} if news.refund else {}
        data |= {"shipment": news.shipment[:_LONGEST]} if news.shipment else {}
    message = {"type": news.kind, "timestamp": news.occurred_at.astimezone(UTC).isoformat(), "data": data}
    return json.dumps(message, separators=(",", ":")).encode()


def name(delivery_id: int, event_id: int | None) -> str:
    """What a message is called in `webhook-id`: the same at every try and in every resend."""
    return f"evt_{event_id}" if event_id is not None else f"test_{delivery_id}"
