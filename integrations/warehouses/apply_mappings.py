"""Apply what people say of SKUs (what one counts as, which ones do not ship) to the orders that are here."""

from django.db import connection, transaction
from django.db.models.functions import Now

from integrations.connections.models import Account
from orders.fulfilment import load
from orders.fulfilment.apply import rederive
from orders.fulfilment.sku_rules import wait_until_unused
from orders.intake.non_shipping import mark, matching
from orders.models import NonShippingSku, SkuMapping
from orders.timeline import events
from refunds.proposals.propose import propose

AT_ONCE = 500

# Shipments and reports as the warehouse spelled them, and orders of the SKU itself, for which it is a kit.
_NAMED = """
SELECT DISTINCT f.order_id FROM orders_fulfilmentorder f JOIN orders_order o ON o.id = f.order_id
WHERE o.seller_id = %(seller)s AND o.id = coalesce(%(order)s::bigint, o.id) AND f.started AND (
    EXISTS (SELECT FROM jsonb_array_elements_text(f.listed) s(sku) WHERE upper(s.sku) = upper(%(sku)s))
    OR EXISTS (SELECT FROM jsonb_array_elements(f.figures) r, jsonb_object_keys(r -> 2) s(sku)
               WHERE upper(s.sku) = upper(%(sku)s))
    OR EXISTS (SELECT FROM orders_shipment p JOIN orders_shipmentitem s ON s.shipment_id = p.id
               WHERE p.fulfilment_order_id = f.id AND upper(s.sku) = upper(%(sku)s))
    OR EXISTS (SELECT FROM orders_orderitem s WHERE s.order_id = o.id AND upper(s.sku) = upper(%(sku)s)))
ORDER BY f.order_id
"""


def apply_mappings() -> int:
    """Work out anew what became of the orders that new mappings and patterns concern; say how many.

    What a mapping does, and by whom, stands on the timeline of each order. A second call does nothing.
    """
    waiting = SkuMapping.objects.filter(applied_at__isnull=True).select_related("mapped_by").order_by("id")
    patterns = NonShippingSku.objects.filter(applied_at__isnull=True).select_related("seller").order_by("id")
    return sum(_apply(mapping) for mapping in waiting) + sum(_mark(pattern) for pattern in patterns)


def _mark(pattern: NonShippingSku) -> int:
    wait_until_unused(pattern.seller_id)
    found = matching(pattern)
    order_ids = sorted(found)
    for start in range(0, len(order_ids), AT_ONCE):
        some = order_ids[start : start + AT_ONCE]
        with transaction.atomic():
            # Whoever changes items holds their orders.
            load.lock_ids(pattern.seller_id, some)
            mark([item for order_id in some for item in found[order_id]])
            rederive(pattern.seller_id, some, actor="system")
            propose(some, actor="system")
    NonShippingSku.objects.filter(pk=pattern.pk, pattern=pattern.pattern).update(applied_at=Now())
    return len(order_ids)


def _apply(mapping: SkuMapping) -> int:
    wait_until_unused(mapping.seller_id)
    with connection.cursor() as cursor:
        cursor.execute(_NAMED, {"seller": mapping.seller_id, "order": mapping.order_id, "sku": mapping.sku})
        order_ids = [row[0] for row in cursor.fetchall()]
    actor = events.staff(mapping.mapped_by)
    kind = "order.sku_mapped" if mapping.active else "order.sku_unmapped"
    data = {"sku": mapping.sku, "meaning": mapping.meaning}
    open_new = Account.objects.filter(seller=mapping.seller_id, get_refunds=True).exists()
    for start in range(0, len(order_ids), AT_ONCE):
        some = order_ids[start : start + AT_ONCE]
        with transaction.atomic():
            events.record([events.Event(order, mapping.seller_id, kind, None, actor, data) for order in some])
            rederive(mapping.seller_id, some, actor=actor)
            propose(some, actor=actor, open_new=open_new)
    # One that was changed meanwhile is applied again.
    SkuMapping.objects.filter(pk=mapping.pk, mapped_at=mapping.mapped_at).update(applied_at=Now())
    return len(order_ids)
