"""What does an act raise that did not happen? One base for every refusal, each with a stable code."""

LONGEST_REASON = 300
REASON_REQUIRED = "Please give a reason: it stays on record."


class ActionRefused(Exception):
    """The act did not happen.

    `code` is for programs and tests, and never changes; the message is a sentence for whoever tried; `field` names the
    part of the input that it is about, where there is one.
    """

    def __init__(self, sentence: str, *, code: str, field: str = "") -> None:
        super().__init__(sentence)
        self.code = code
        self.field = field


def require_reason(why: str) -> str:
    """The reason as it is stored and shown everywhere: trimmed, of at most 300 characters. Refused when empty."""
    if not why.strip():
        raise ActionRefused(REASON_REQUIRED, code="reason_required")
    return why.strip()[:LONGEST_REASON].rstrip()
