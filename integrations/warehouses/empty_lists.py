"""An empty list of orders where there were always some: accepted, and said to people when it comes again and again."""

from integrations.connections.models import Account
from integrations.warehouses import health
from orders.models import AttentionItem
from orders.timeline import attention

EMPTY_WORTH_A_LOOK = 3


def count(account: Account, *, something: bool) -> None:
    """Whether a poll brought what it must always bring: what stood in the overlap when it was read last.

    Nothing is ever taken for cancelled because it is not listed.
    """
    if something:
        if account.empty_polls:
            Account.objects.filter(pk=account.pk).update(empty_polls=0)
            attention.resolve(AttentionItem.Kind.EMPTY_LIST, [health.subject_of(account)])
        return
    account.empty_polls += 1
    Account.objects.filter(pk=account.pk).update(empty_polls=account.empty_polls)
    if account.empty_polls >= EMPTY_WORTH_A_LOOK:
        text = f"{account}: the order list is empty, even of orders it listed before. Nothing was changed."
        health.raise_attention(AttentionItem.Kind.EMPTY_LIST, account, text)
