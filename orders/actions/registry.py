"""Every action on an order, one line each: a new one is a file beside this and its line here."""

from orders.actions import attach, comment, hold, tag
from orders.timeline.kinds import EventKind

VERBS = (
    hold.HOLD,
    hold.RELEASE,
    comment.COMMENT,
    tag.TAG,
    tag.UNTAG,
    attach.ATTACH,
    attach.DELETE,
)
KINDS: tuple[EventKind, ...] = tuple(verb.event for verb in VERBS)
"""What the actions write to the timeline (see EVENT_KINDS)."""
