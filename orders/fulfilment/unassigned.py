"""Outstanding units that no warehouse has been asked for: attention, once they have stood so for a day."""

from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from orders.models import AttentionItem
from orders.timeline import attention

KIND = AttentionItem.Kind.UNASSIGNED
AFTER = timedelta(days=1)
"""So long the other warehouse of an order that nobody routed may take to report."""

# An order without fulfilment orders is presumed at the seller's default warehouse, which covers all of it.
_UNASSIGNED = """
SELECT o.id, o.seller_id, o.reference, o.outstanding_units - c.units FROM orders_order o
CROSS JOIN LATERAL (
    SELECT sum((u.value ->> 3)::int) AS units FROM orders_fulfilmentorder f, jsonb_each(f.units) u
    WHERE f.order_id = o.id) c
WHERE o.outstanding_units > 0 AND o.updated_at < %s AND o.outstanding_units > c.units ORDER BY o.id
"""


def detect_unassigned() -> int:
    """Raise attention for orders with units that nobody is to ship, close it where that has changed; say how many."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_UNASSIGNED, [timezone.now() - AFTER])
            found = cursor.fetchall()
        requests = [_request(*row) for row in found]
        attention.open_items(requests)
        subjects = {request.subject for request in requests}
        standing = AttentionItem.objects.filter(kind=KIND, closed_at=None).values_list("subject", flat=True)
        attention.resolve(KIND, [subject for subject in standing if subject not in subjects])
    return len(found)


def _request(order_id: int, seller_id: int, reference: str, units: int) -> attention.AttentionRequest:
    text = f"{reference}: no warehouse has been asked for {units} outstanding {'unit' if units == 1 else 'units'}"
    return attention.AttentionRequest(KIND, f"order:{order_id}", text, seller_id, order_id, {"units": units})
