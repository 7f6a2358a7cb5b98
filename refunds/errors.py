"""Why a refund was not changed: every refusal of an act on a refund, with its stable code."""

from orders.errors import ActionRefused


class DecisionRefused(ActionRefused):
    """The act did not happen; the message is a sentence for the person who tried."""


class AlreadyDecided(DecisionRefused):
    """Somebody or something was faster."""

    def __init__(self, sentence: str, *, code: str = "already_decided") -> None:
        super().__init__(sentence, code=code)


class Changed(DecisionRefused):
    """The refund is no longer what the person saw."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, code="changed")


class NotYours(DecisionRefused):
    """This person may not do this with this refund."""

    def __init__(self, sentence: str, *, code: str = "not_permitted") -> None:
        super().__init__(sentence, code=code)
