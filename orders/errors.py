"""What does a verb say that did not happen?"""


class ActionRefused(Exception):
    """The act did not happen; the message is a sentence for whoever tried."""


def require_reason(why: str) -> str:
    """The reason that was given; refused when there is none."""
    if not why.strip():
        raise ActionRefused("Please give a reason: it stays on the timeline.")
    return why.strip()[:300]
