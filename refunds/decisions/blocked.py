"""Why a proposed refund may be wrong, so that it is decided on its own page: never in bulk, never automatically."""

from orders.models import AttentionItem
from refunds.models import Refund

NOT_BLOCKED = "(r.origin <> 'warehouse' OR o.refund_blocks = '{}')"
"""The same in SQL, of a refund `r` of an order `o`."""


def blocks(refund: Refund) -> list[str]:
    """The reasons, in words for people; none for what people proposed themselves."""
    if refund.origin != Refund.Origin.WAREHOUSE:
        return []
    return [str(AttentionItem.Kind(kind).label) for kind in refund.order.refund_blocks]
