"""Put a note on an order's timeline."""

from orders.errors import ActionRefused
from orders.models import Order
from orders.timeline import events

LONGEST = 5000


def note(order: Order, text: str, *, actor: str) -> None:
    """Append the note; a second call appends it again. It stays: the timeline is never changed."""
    text = text.strip()
    if not text:
        raise ActionRefused("Please write something: an empty note says nothing.")
    if len(text) > LONGEST:
        raise ActionRefused(f"A note has at most {LONGEST:,} characters; this one has {len(text):,}.")
    events.record([events.Event(order.pk, order.seller_id, "order.noted", None, actor, {"note": text})])
