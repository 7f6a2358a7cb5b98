"""Which units leave an order that a warehouse has received already? It may ship them all the same."""

from collections import Counter
from collections.abc import Iterator, Sequence

from orders.documents import Document
from orders.models import AttentionItem, Order, OrderItem
from orders.timeline.attention import AttentionRequest


def removed_items(order: Order, items: Sequence[OrderItem], document: Document) -> Iterator[AttentionRequest]:
    """Ask for attention for each SKU of which the new document has fewer units than the order had."""
    if not order.started:
        return
    before = Counter[str]()
    for item in items:
        before[item.sku] += item.quantity * item.ships
    for line in document.items:
        before[line.sku] -= line.quantity
    for sku, units in sorted((+before).items()):
        text = f"{order.reference}: {units} of {sku} removed from the order after the warehouse had received it"
        subject = f"order:{order.pk}:{sku}"[:160]
        evidence = {"sku": sku, "units": units}
        kind = AttentionItem.Kind.REMOVED_ITEM
        yield AttentionRequest(kind, subject, text, order.seller_id, order.pk, evidence)
