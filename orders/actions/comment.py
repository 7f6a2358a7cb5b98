"""Put a note on an order's timeline."""

from orders.actions import verb
from orders.errors import ActionRefused
from orders.models import Order
from orders.timeline import events
from orders.timeline.kinds import EventKind

LONGEST = 5000


def note(order: Order, text: str, *, actor: str) -> None:
    """Append the note; a second call appends it again. It stays: the timeline is never changed."""
    text = text.strip()
    if not text:
        raise ActionRefused("Enter a note.", code="note_required")
    if len(text) > LONGEST:
        raise ActionRefused(
            f"A note has at most {LONGEST:,} characters; this one has {len(text):,}.", code="note_too_long"
        )
    events.record([events.Event(order.pk, order.seller_id, COMMENT.event.code, None, actor, {"note": text})])


def _comment(call: verb.Call) -> str:
    note(call.order, call.values["note"], actor=call.actor)
    return "Note added."


COMMENT = verb.Verb(
    "note",
    "Add note",
    verb.ANNOTATE,
    EventKind("order.noted", "Note", "Note[: {note}]"),
    _comment,
    (verb.Param("note", "Note", "Enter a note.", LONGEST, "lines"),),
    in_place=True,
    endpoint=verb.Endpoint("notes", 201),
    describes="Add a note to the order's timeline, where it stays.",
)
