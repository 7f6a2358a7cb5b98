"""Apply messages again that were rejected or wait: after a fix of ours, or because a person asks."""

from collections import Counter
from collections.abc import Collection

from integrations.connections.models import Account
from integrations.warehouses import archive
from integrations.warehouses.apply_messages import apply_messages
from integrations.warehouses.models import ArchivedMessage

WHOLE_ANSWER = "answer"
"""The resource of an answer that could not be read as a page: the next sync asks for it anew."""


def again(message_ids: Collection[int]) -> Counter[str]:
    """Settle these messages anew and say how many were applied, parked and rejected. A second call does no harm.

    Whole answers that could not be read are left: there is nothing to apply in them.
    """
    counts: Counter[str] = Counter()
    rows = ArchivedMessage.objects.filter(pk__in=message_ids).exclude(resource=WHOLE_ANSWER)
    for account, messages in archive.by_account(rows.order_by("id")):
        counts += apply_messages(account, messages)
    return counts


def rejected(account: Account | None = None) -> list[int]:
    """The messages that were rejected, oldest first, of one account or of all."""
    rows = ArchivedMessage.objects.filter(state=ArchivedMessage.State.REJECTED).exclude(resource=WHOLE_ANSWER)
    if account:
        rows = rows.filter(account=account)
    return list(rows.order_by("id").values_list("pk", flat=True))
