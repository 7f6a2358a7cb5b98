"""Do the rows hold what triggers and foreign keys would have guaranteed? (made with both of them paused)"""

from django.db import connection

# Each of them counts the rows that break it.
_RULES = {
    "an order holds what its refunds hold": """
        SELECT count(*) FROM orders_order o LEFT JOIN (
            SELECT order_id, sum(amount) AS amount, sum(shipping_amount) AS shipping,
                sum(amount) FILTER (WHERE status = 'executed') AS refunded FROM refunds_refund
            WHERE refunds_holds(status) GROUP BY order_id) r ON r.order_id = o.id
        WHERE (o.committed_amount, o.committed_shipping, o.refunded_amount)
            <> (coalesce(r.amount, 0), coalesce(r.shipping, 0), coalesce(r.refunded, 0))""",
    "an item holds what its refunds hold": """
        SELECT count(*) FROM orders_orderitem i LEFT JOIN (
            SELECT item_id, sum(t.quantity) AS quantity, sum(t.amount) AS amount, sum(t.tax) AS tax,
                sum(CASE WHEN r.kind = 'pre_shipment' THEN t.quantity ELSE 0 END) AS unshipped
            FROM refunds_refunditem t JOIN refunds_refund r ON r.id = t.refund_id
            WHERE refunds_holds(r.status) GROUP BY item_id) h ON h.item_id = i.id
        WHERE (i.committed_quantity, i.committed_unshipped, i.committed_amount, i.committed_tax)
            <> (coalesce(h.quantity, 0), coalesce(h.unshipped, 0), coalesce(h.amount, 0), coalesce(h.tax, 0))""",
    "the items of a refund add up to its amounts": """
        SELECT count(*) FROM refunds_refund r JOIN (
            SELECT refund_id, sum(t.amount) AS amount, sum(t.tax) AS tax, array_agg(DISTINCT order_id) AS orders
            FROM refunds_refunditem t JOIN orders_orderitem i ON i.id = t.item_id GROUP BY refund_id) t
            ON t.refund_id = r.id
        WHERE (r.items_amount, r.tax_amount, ARRAY[r.order_id]) IS DISTINCT FROM (t.amount, t.tax, t.orders)""",
    "a refund has items, and its order's currency": """
        SELECT count(*) FROM refunds_refund r JOIN orders_order o ON o.id = r.order_id
        WHERE r.currency <> o.currency OR NOT EXISTS (SELECT FROM refunds_refunditem WHERE refund_id = r.id)""",
    "what was sent is on record": """
        SELECT count(*) FROM refunds_refund r WHERE status IN ('executing', 'executed') AND NOT EXISTS (
            SELECT FROM refunds_refundattempt a WHERE a.refund_id = r.id
              AND (a.amount, a.currency) = (r.amount, r.currency)
              AND outcome = CASE r.status WHEN 'executed' THEN 'paid' ELSE '' END)""",
    "no unit is both shipped and refunded": """
        SELECT count(*) FROM orders_orderitem
        WHERE committed_unshipped > 0 AND shipped_quantity + committed_unshipped > quantity""",
    "an order is the sum of its items": """
        SELECT count(*) FROM orders_order o JOIN (
            SELECT order_id, sum(paid) AS paid, sum(quantity) AS ordered, sum(shipped_quantity) AS shipped,
                sum(cancelled_quantity) AS cancelled, sum(outstanding_quantity) AS outstanding
            FROM orders_orderitem GROUP BY order_id) i ON i.order_id = o.id
        WHERE o.total <> i.paid + o.shipping_charge + o.rounding
           OR (o.ordered_units, o.shipped_units, o.cancelled_units, o.outstanding_units)
              <> (i.ordered, i.shipped, i.cancelled, i.outstanding)""",
    "what an order shipped is on its despatch notes": """
        SELECT count(*) FROM orders_order o LEFT JOIN (
            SELECT order_id, sum(quantity) AS units FROM orders_shipment s
            JOIN orders_shipmentitem i ON i.shipment_id = s.id GROUP BY order_id) s ON s.order_id = o.id
        WHERE o.shipped_units <> coalesce(s.units, 0)""",
    "an order is found by its customer's name and address": """
        SELECT count(*) FROM orders_order o FULL JOIN (
            SELECT order_id, array_agg(word ORDER BY word) AS words FROM orders_searchword GROUP BY order_id) n
            ON n.order_id = o.id
        WHERE n.words IS DISTINCT FROM ARRAY(
            SELECT orders_search_words(o.customer_name, o.shipping_address) COLLATE "C" ORDER BY 1)""",
}
_KEYS = """
SELECT k.conname, k.conrelid::regclass::text, a.attname, k.confrelid::regclass::text, b.attname
FROM pg_constraint k
JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = k.confkey[1]
WHERE k.contype = 'f' AND k.conrelid::regclass::text ~ '^(orders|refunds|integrations)_'
"""


def broken() -> dict[str, int]:
    """Which rules are broken, and by how many rows."""
    with connection.cursor() as cursor:
        cursor.execute(_KEYS)
        rules = {
            f"{name}": f"SELECT count(*) FROM {table} t WHERE {column} IS NOT NULL"
            f" AND NOT EXISTS (SELECT FROM {other} o WHERE o.{key} = t.{column})"
            for name, table, column, other, key in cursor.fetchall()
        } | _RULES
        found = {}
        for rule, query in rules.items():
            cursor.execute(query)
            if many := cursor.fetchone()[0]:
                found[rule] = many
    return found
