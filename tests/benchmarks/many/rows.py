"""How do orders, items, shipments and events come out of the plan? (one statement per table)"""

ORDERS = """
INSERT INTO orders_order (id, seller_id, channel_id, reference, source, placed_at, currency, prices_include_tax,
    customer_name, customer_email, customer_phone, shipping_address, billing_address, shipping_method, notes,
    shipping_charge, discounts, rounding, total, total_paid, ordered_units,
    shipped_units, cancelled_units, outstanding_units, started, on_hold, held_because, status_detail, committed_amount,
    committed_shipping, refunded_amount, created_at, updated_at)
WITH sums AS (
    SELECT i, sum(paid)::bigint AS paid, sum(quantity) AS ordered, sum(shipped) AS shipped,
        sum(cancelled) AS cancelled FROM made_items GROUP BY i
)
SELECT i, m.seller_id, m.channel_id, upper(left(s.code, 2)) || '-' || i, c.kind, m.placed_at, s.currency, true,
    first_name || ' ' || last_name,
    lower(first_name || '.' || translate(last_name, ' ''', '')) || customer || '@example.com',
    '+44 7700 900' || lpad((customer %% 1000)::text, 3, '0'), address, address, 'Tracked 48', '', charge, '[]', 0,
    paid + charge, paid + charge,
    ordered, shipped, cancelled, ordered - shipped - cancelled, fate NOT IN ('new', 'lost'), fate = 'hold',
    CASE WHEN fate = 'hold' AND i %% 2 = 0 THEN 'The customer asked us to wait.' ELSE '' END,
    CASE WHEN fate = 'work' THEN (ARRAY['picking', 'picked', 'packing', 'packed'])[1 + i %% 4] ELSE '' END,
    coalesce(held.amount, 0), coalesce(held.shipping, 0), coalesce(held.refunded, 0), m.placed_at, acted_at
FROM made m JOIN sums USING (i) JOIN orders_seller s ON s.id = m.seller_id
JOIN orders_saleschannel c ON c.id = m.channel_id
LEFT JOIN (SELECT i, amount, shipping, CASE WHEN status = 'executed' THEN amount ELSE 0 END AS refunded
    FROM made_refunds WHERE status NOT IN ('rejected', 'withdrawn')) held USING (i)
CROSS JOIN LATERAL (SELECT pg_temp.draw(customer, 20, %(first_names)s::text[]) AS first_name,
    pg_temp.draw(customer, 21, %(last_names)s::text[]) AS last_name) n
CROSS JOIN LATERAL (SELECT jsonb_build_object('name', first_name || ' ' || last_name,
    'line1', 1 + customer %% 180 || ' Mill Lane', 'city', (%(towns)s::text[])[1 + customer %% 10],
    'postcode', (%(areas)s::text[])[1 + customer %% 10] || ' ' || customer %% 9 + 1
        || chr(65 + (customer / 9 %% 26)::int) || chr(65 + (customer / 234 %% 26)::int),
    'country', %(countries)s::jsonb ->> m.seller_id::text) AS address) a
ORDER BY i
"""
PAYMENTS = """
INSERT INTO orders_payment (id, seller_id, provider, automatic, reference, currency)
SELECT id, seller_id, CASE WHEN id %% 20 = 0 THEN 'manual' ELSE 'stripe' END, id %% 20 <> 0, 'pi_' || md5(id::text),
    currency
FROM orders_order ORDER BY id
"""
SHARES = """
INSERT INTO orders_paymentshare (id, order_id, payment_id, amount)
SELECT id, id, id, total_paid FROM orders_order ORDER BY id
"""
ITEMS = """
INSERT INTO orders_orderitem (id, order_id, position, sku, name, quantity, unit_price, discount, discount_share, tax,
    paid, shipped_quantity, cancelled_quantity, started, on_hold, committed_quantity, committed_unshipped,
    committed_amount, committed_tax)
SELECT t.id, t.i, p, 'SKU-' || lpad(sku::text, 4, '0'), 'Thing no. ' || sku, t.quantity, price, 0, 0, t.tax, paid,
    shipped, cancelled, fate NOT IN ('new', 'lost'), fate = 'hold',
    coalesce(h.quantity, 0), coalesce(h.quantity, 0), coalesce(h.amount, 0), coalesce(h.tax, 0)
FROM made_items t JOIN made m USING (i) LEFT JOIN made_held h ON h.item_id = t.id
ORDER BY t.id
"""
PARTS = """
INSERT INTO orders_fulfilmentorder (id, order_id, warehouse_id, part, whole_order, number, started, external_status,
    external_status_at, status, detail, cancel_reason, reported_at, report_version, report_message, closed_as, listed,
    listed_at, listed_version, figures, state, units)
SELECT i, i, w.warehouse_id, 1, false, 'WH' || 5000000 + i, true, word, acted_at, status, '',
    CASE WHEN lost > 0 THEN 'out of stock' ELSE '' END, acted_at, md5(i::text), i, '', skus, acted_at, md5(i::text),
    jsonb_build_array(jsonb_build_array(acted_at, md5(i::text), figures)), 'in_progress', units
FROM made JOIN orders_sellerwarehouse w ON w.seller_id = made.seller_id AND w.position = 1
CROSS JOIN LATERAL (SELECT CASE fate WHEN 'work' THEN 'picking' WHEN 'hold' THEN 'held' WHEN 'lost' THEN 'cancelled'
        WHEN 'part' THEN 'part despatched' ELSE 'despatched' END AS word,
    CASE fate WHEN 'work' THEN 'processing' WHEN 'hold' THEN 'on_hold' WHEN 'lost' THEN 'cancelled' ELSE '' END
        AS status) r
CROSS JOIN LATERAL (SELECT jsonb_agg('SKU-' || lpad(sku::text, 4, '0') ORDER BY sku) AS skus,
    jsonb_object_agg('SKU-' || lpad(sku::text, 4, '0'), jsonb_build_array(quantity, shipped, cancelled)) AS figures,
    jsonb_object_agg('SKU-' || lpad(sku::text, 4, '0'), jsonb_build_array(quantity, shipped, cancelled, 0)) AS units,
    sum(cancelled) AS lost FROM made_items t WHERE t.i = made.i) u
WHERE fate <> 'new' ORDER BY i
"""
SHIPMENTS = """
INSERT INTO orders_shipment (id, order_id, fulfilment_order_id, seller_id, number, carrier, service, tracking_number,
    tracking_url, carrier_text, despatched_at, changed_at, version, withdrawn, planned, message, recorded_at)
SELECT 2 * i + n - 1, i, i, seller_id, 'D' || 2 * i + n - 1, carrier, service, 'TR' || lpad((2 * i + n)::text, 10, '0'),
    '', carrier || '|' || service, at, at, md5(i::text), false, false, i, at
FROM made CROSS JOIN LATERAL generate_series(1, shipments) n
CROSS JOIN LATERAL (SELECT acted_at - interval '1 minute' * (shipments - n) AS at,
    (ARRAY['Royal Mail', 'DPD', 'Evri', 'DHL', 'UPS'])[1 + i %% 5] AS carrier,
    (ARRAY['Tracked 48', 'Next day'])[1 + i %% 2] AS service) s
ORDER BY i, n
"""
# On two despatch notes the first item goes first, all others after it.
SHIPMENT_ITEMS = """
INSERT INTO orders_shipmentitem (shipment_id, sku, quantity)
SELECT 2 * i + (shipments = 2 AND p > 1)::int, 'SKU-' || lpad(sku::text, 4, '0'), shipped
FROM made_items JOIN made USING (i) WHERE shipped > 0 ORDER BY i, p
"""
# Written as they happened, so that the events of one order lie apart, as they do in life.
EVENTS = """
INSERT INTO orders_orderevent (order_id, seller_id, kind, occurred_at, recorded_at, actor, data, message)
WITH stories (fate, kinds) AS (VALUES
    ('new', ARRAY['order.placed']),
    ('work', ARRAY['order.placed', 'order.started', 'order.compared']),
    ('hold', ARRAY['order.placed', 'order.started', 'order.held']),
    ('part', ARRAY['order.placed', 'order.noted', 'order.started', 'shipment.recorded', 'order.partially_shipped',
        'shipment.changed', 'order.compared', 'order.noted', 'order.compared', 'order.compared']),
    ('lost', ARRAY['order.placed', 'order.changed', 'order.started', 'order.held', 'order.compared', 'order.noted',
        'order.compared', 'order.units_cancelled', 'order.cancelled', 'order.noted']),
    ('short', ARRAY['order.placed', 'order.started', 'order.compared', 'shipment.recorded',
        'order.partially_shipped', 'shipment.changed', 'order.noted', 'order.units_cancelled', 'order.shipped',
        'order.delivered']),
    ('done', ARRAY['order.placed', 'order.changed', 'order.started', 'order.compared', 'shipment.recorded',
        'order.partially_shipped', 'shipment.changed', 'order.shipped', 'order.noted', 'order.delivered'])
), told AS (
    SELECT i, m.seller_id, kind, m.placed_at + (acted_at - m.placed_at) * (n - 1) / 8 AS at, message, CASE
        WHEN kind = 'order.placed' THEN jsonb_build_object('total', charge)
        WHEN kind LIKE 'shipment.%%' THEN jsonb_build_object('number', 'D' || 2 * i, 'carrier', 'Royal Mail',
            'tracking_number', 'TR' || lpad((2 * i + 1)::text, 10, '0'))
        WHEN kind = 'order.noted' THEN jsonb_build_object('note', 'The customer called about parcel ' || i)
        WHEN kind = 'order.units_cancelled' THEN '{"reason": "out of stock"}'
        ELSE '{}' END AS data, CASE WHEN kind = 'order.placed' THEN 'import' WHEN kind = 'order.noted'
        THEN 'staff:' || (%(people)s::text[])[1 + i %% 3] ELSE 'prosku:many' END AS actor
    FROM made m JOIN stories USING (fate) CROSS JOIN LATERAL unnest(kinds) WITH ORDINALITY AS k(kind, n)
    CROSS JOIN LATERAL (SELECT CASE WHEN kind NOT IN ('order.placed', 'order.noted') THEN i END AS message) e
    UNION ALL
    SELECT i, seller_id, kind, at, NULL,
        jsonb_build_object('refund', upper(left(s.code, 2)) || '-' || i || '-r1', 'amount', r.amount::text), actor
    FROM made_refunds r JOIN orders_seller s ON s.id = r.seller_id CROSS JOIN LATERAL (VALUES
        ('refund.proposed', proposed_at, CASE WHEN ours THEN 'prosku:many' ELSE 'staff:many-ann' END, true),
        ('refund.approved', decided_at, 'staff:many-ben',
            status IN ('approved', 'executing', 'in_doubt', 'failed', 'executed')),
        ('refund.executing', decided_at, 'system', status IN ('executing', 'in_doubt', 'failed', 'executed')),
        ('refund.' || status, decided_at, CASE status WHEN 'rejected' THEN 'staff:many-cy' ELSE 'system' END,
            status IN ('in_doubt', 'failed', 'executed', 'rejected', 'withdrawn'))) AS f(kind, at, actor, told)
    WHERE f.told
)
SELECT i, seller_id, kind, at, at, actor, data, message FROM told ORDER BY at, i
"""
WORDS = """
INSERT INTO orders_searchword (word, order_id, seller_id)
SELECT w, o.id, o.seller_id
FROM orders_order o CROSS JOIN LATERAL orders_search_words(o.customer_name, o.shipping_address) w ORDER BY 1, 2
"""
PRODUCTS = """
INSERT INTO orders_productword (word, seller_id, sku)
SELECT DISTINCT w, p.seller_id, p.sku
FROM (SELECT DISTINCT o.seller_id, i.sku, i.name FROM orders_orderitem i JOIN orders_order o ON o.id = i.order_id) p
CROSS JOIN LATERAL orders_words(p.name) w ORDER BY 1, 2, 3
"""
STATEMENTS = (ORDERS, PAYMENTS, SHARES, WORDS, ITEMS, PRODUCTS, PARTS, SHIPMENTS, SHIPMENT_ITEMS, EVENTS)
