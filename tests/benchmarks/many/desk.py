"""What did people and other systems do with orders: tags, bulk decisions, deliveries, exports? (from what is stored)"""

from collections.abc import Sequence

from django.db import connection

from integrations.webhooks.models import WebhookEndpoint

_TAGS = """
INSERT INTO orders_tag (seller_id, name)
SELECT s.id, t.name FROM orders_seller s CROSS JOIN unnest(ARRAY['gift', 'VIP', 'check address']) t(name) ORDER BY 1, 2
"""
_TAGGED = """
INSERT INTO orders_ordertag (order_id, tag_id)
SELECT o.id, t.id FROM orders_order o JOIN orders_tag t ON t.seller_id = o.seller_id
WHERE CASE t.name WHEN 'gift' THEN o.id %% 20 = 0 WHEN 'VIP' THEN o.id %% 500 = 1 ELSE o.id %% 20000 = 2 END ORDER BY 1
"""
# Forty refunds at a time.
_BATCHES = """
INSERT INTO refunds_batch (id, act, why, made_at, made_by_id)
SELECT n, act, CASE act WHEN 'reject' THEN 'Shipped after all' ELSE '' END, max(proposed_at) + interval '1 day',
    (%(people)s::bigint[])[1 + n %% cardinality(%(people)s::bigint[])]
FROM (SELECT *, CASE status WHEN 'rejected' THEN 'reject' ELSE 'approve' END AS act,
        1 + (row_number() OVER (ORDER BY status = 'rejected', id) - 1) / 40 AS n
    FROM refunds_refund WHERE status IN ('executed', 'rejected')) r
GROUP BY n, act ORDER BY n ON CONFLICT DO NOTHING
"""
_BATCH_ITEMS = """
INSERT INTO refunds_batchitem (batch_id, refund_id, version, amount, state, said, settled_at)
SELECT b.id, r.id, r.version, r.amount, CASE WHEN r.id %% 90 = 0 THEN 'refused' ELSE 'done' END,
    CASE WHEN r.id %% 90 = 0 THEN 'It changed meanwhile.' ELSE '' END, b.made_at
FROM (SELECT *, 1 + (row_number() OVER (ORDER BY status = 'rejected', id) - 1) / 40 AS n
    FROM refunds_refund WHERE status IN ('executed', 'rejected')) r
JOIN refunds_batch b ON b.id = n ORDER BY 1, 2
"""
_DELIVERIES = """
INSERT INTO integrations_webhookdelivery (endpoint_id, event_id, order_id, kind, state, attempts, next_attempt_at,
    created_at, finished_at)
SELECT %(endpoint)s, id, order_id, kind, CASE WHEN id %% 300 = 0 THEN 'failed' ELSE 'delivered' END, 1, recorded_at,
    recorded_at, recorded_at
FROM orders_orderevent WHERE kind LIKE 'refund.%%' ORDER BY id
"""
_EXPORTS = """
INSERT INTO orders_export (person_id, of, asked, columns, kind, state, why, total, done, after, attempts, asked_at,
    ready_at)
SELECT (%(people)s::bigint[])[1 + i %% cardinality(%(people)s::bigint[])], 'orders.order', '{"status": "open"}',
    '["reference", "paid"]', 'csv', CASE WHEN i %% 3 = 0 THEN 'gone' ELSE 'streamed' END, '', 100, 100, '[]', 0,
    placed_at, placed_at
FROM (SELECT placed_at, row_number() OVER (ORDER BY placed_at) AS i FROM orders_order WHERE id %% 500 = 0) o ORDER BY i
"""
_STATEMENTS = (_TAGS, _TAGGED, _BATCHES, _BATCH_ITEMS, _DELIVERIES, _EXPORTS)


def furnish(people: Sequence[int]) -> None:
    """Write them for the orders, refunds and events that are there. Only once in a database."""
    endpoint = WebhookEndpoint.objects.create(
        name="many", url="https://example.com/", kinds=["refund.*"], every_seller=True, active=False, secret="none"
    )
    with connection.cursor() as cursor:
        for statement in _STATEMENTS:
            cursor.execute(statement, {"people": list(people), "endpoint": endpoint.pk})
        cursor.execute("SELECT setval(pg_get_serial_sequence('refunds_batch', 'id'), max(id)) FROM refunds_batch")
