"""How are orders freed of all that the warehouse said of them, so that its messages can say it again?"""

from collections.abc import Collection

from django.db import connection

from orders.timeline.events import Event, record


def fingerprints(order_ids: Collection[int]) -> dict[int, str]:
    """A digest of what the warehouse's messages have made of each of these orders, which are locked meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT o.id, md5(ROW(o.status, o.status_detail, o.shipped_units, o.cancelled_units, o.outstanding_units,
                (SELECT array_agg(ROW(f.number, f.external_status, f.closed_as, f.state, f.units)::text
                                  ORDER BY f.warehouse_id, f.part)
                 FROM orders_fulfilmentorder f WHERE f.order_id = o.id),
                (SELECT array_agg(ROW(i.shipped_quantity, i.cancelled_quantity, i.status)::text ORDER BY i.position)
                 FROM orders_orderitem i WHERE i.order_id = o.id),
                (SELECT array_agg(ROW(s.number, s.tracking_number, s.despatched_at, s.withdrawn, s.planned,
                    (SELECT array_agg(ROW(u.sku, u.quantity)::text ORDER BY u.sku)
                     FROM orders_shipmentitem u WHERE u.shipment_id = s.id))::text ORDER BY s.number)
                 FROM orders_shipment s WHERE s.order_id = o.id))::text)
            FROM orders_order o WHERE o.id = ANY(%s) ORDER BY o.id FOR NO KEY UPDATE OF o
            """,
            [sorted(order_ids)],
        )
        return dict(cursor.fetchall())


def forget(order_ids: Collection[int]) -> None:
    """Set these orders back to before any warehouse reported. Their fulfilment orders and shipments stay, but empty.

    Numbers and when shipments were recorded stay, so that a despatch note that is applied again is the same row.
    """
    ids = [sorted(order_ids)]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE orders_order SET status_detail = '', refund_blocks = '{}', started = false, on_hold = false,
                shipped_units = 0, cancelled_units = 0,
                outstanding_units = coalesce((
                    SELECT sum(i.quantity) FROM orders_orderitem i WHERE i.order_id = orders_order.id AND i.ships), 0)
            WHERE id = ANY(%s)
            """,
            ids,
        )
        cursor.execute(
            """
            UPDATE orders_orderitem SET shipped_quantity = 0, cancelled_quantity = 0, started = false, on_hold = false
            WHERE order_id = ANY(%s)
            """,
            ids,
        )
        cursor.execute(
            """
            UPDATE orders_fulfilmentorder SET started = false, external_status = '', external_status_at = NULL,
                status = '', detail = '', cancel_reason = '', reported_at = NULL, report_version = '',
                report_message = NULL, closed_as = '', closed_at = NULL, closed_message = NULL, listed = '[]',
                listed_at = NULL, listed_version = '', figures = '[]', state = 'open', units = '{}'
            WHERE order_id = ANY(%s)
            """,
            ids,
        )
        cursor.execute(
            """DELETE FROM orders_shipmentitem WHERE shipment_id IN
            (SELECT id FROM orders_shipment WHERE order_id = ANY(%s))""",
            ids,
        )
        # Any form of a note is newer than a planned one of long ago.
        cursor.execute(
            "UPDATE orders_shipment SET version = '', changed_at = 'epoch', planned = true WHERE order_id = ANY(%s)",
            ids,
        )


def delete_unconfirmed(order_ids: Collection[int]) -> None:
    """Remove the shipments and fulfilment orders that were set back and that no message has confirmed."""
    ids = [sorted(order_ids)]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM orders_shipment WHERE order_id = ANY(%s) AND version = ''", ids)
        cursor.execute(
            """DELETE FROM orders_fulfilmentorder f
            WHERE f.order_id = ANY(%s) AND NOT f.started AND f.requested IS NULL
                AND NOT EXISTS (SELECT FROM orders_shipment s WHERE s.fulfilment_order_id = f.id)""",
            ids,
        )


def record_changes(before: dict[int, str], *, seller_id: int, actor: str) -> int:
    """Write one event for each order that looks different now, and say how many do."""
    changed = [order for order, look in fingerprints(before).items() if look != before[order]]
    record([Event(order, seller_id, "order.replayed", None, actor) for order in changed])
    return len(changed)
