"""Why a refund was not changed: every refusal of an act on a refund, with its stable code."""

from orders.errors import ActionRefused


class DecisionRefused(ActionRefused):
    """The act did not happen; the message is a sentence for the person who tried."""


class AlreadyDecided(DecisionRefused):
    """Somebody or something was faster."""


class Changed(DecisionRefused):
    """The refund is no longer what the person saw."""


class NotYours(DecisionRefused):
    """This person may not do this with this refund."""
