"""How do the pages call what a message is, and what became of it?"""

from integrations.warehouses.models import ArchivedMessage
from orders.templatetags import formatting

_KINDS = {"orders": "Order", "despatches": "Despatch note", "file": "Row of a file", "answer": "Whole answer"}


def state_of(state: str) -> str:
    """A message's state as a word in its colour. A rejected refund is a decision, a rejected message is a fault."""
    tone = "failed" if state == ArchivedMessage.State.REJECTED else state
    return formatting.state(tone, ArchivedMessage.State(state).label)


def kind_of(resource: str) -> str:
    """What a message is about."""
    return _KINDS.get(resource, resource)
