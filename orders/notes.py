"""Put a note on an order's timeline."""

from orders import events
from orders.models import Order
from orders.refused import NotPossible

LONGEST = 5000


def note(order: Order, text: str, *, actor: str) -> None:
    """Append the note; a second call appends it again. It stays: the timeline is never changed."""
    text = text.strip()
    if not text:
        raise NotPossible("Please write something: an empty note says nothing.")
    if len(text) > LONGEST:
        raise NotPossible(f"A note has at most {LONGEST:,} characters; this one has {len(text):,}.")
    events.record([events.Fact(order.pk, order.seller_id, "order.noted", None, actor, {"note": text})])
