"""What stands around the orders that are made: refunds with their attempts, messages, runs, attention."""

REFUNDS = """
INSERT INTO refunds_refund (id, order_id, seller_id, sequence, number, origin, kind, status, version, reason,
    reason_note, messages, currency, items_amount, shipping_amount, rounding_amount, amount, tax_amount,
    proposed_by_id, proposed_at, approvals_needed, approved_by_id, approved_at, second_approved_by_id,
    second_approved_at, decided_at, rejected_by_id, why, provider, payment_id, provider_reference, executed_at, lease,
    lease_until, updated_at, proposed_behind)
SELECT r.id, i, r.seller_id, 1, o.reference || '-r1', CASE WHEN ours THEN 'warehouse' ELSE 'staff' END,
    CASE WHEN ours THEN 'pre_shipment' ELSE 'post_shipment' END, r.status, 1,
    CASE WHEN NOT ours THEN 'damaged' WHEN shipping > 0 THEN 'cancelled_by_warehouse' ELSE 'closed_short' END,
    CASE WHEN ours THEN '' ELSE 'The lid was broken.' END, CASE WHEN ours THEN ARRAY[i] ELSE '{}' END, o.currency,
    items, shipping, 0, amount, tax, CASE WHEN NOT ours THEN people[1] END, proposed_at, needed,
    CASE WHEN approved THEN people[2] END, CASE WHEN approved THEN decided_at END,
    CASE WHEN approved AND needed > 1 THEN people[3] END, CASE WHEN approved AND needed > 1 THEN decided_at END,
    CASE WHEN approved OR r.status IN ('rejected', 'withdrawn') THEN decided_at END,
    CASE WHEN r.status = 'rejected' THEN people[3] END,
    CASE WHEN r.status = 'rejected' THEN 'The customer took another colour instead.' ELSE '' END, paid.provider, i,
    CASE WHEN r.status = 'executed' THEN 're_' || md5(i::text) ELSE '' END,
    CASE WHEN r.status = 'executed' THEN decided_at END, CASE WHEN r.status = 'executing' THEN gen_random_uuid() END,
    CASE WHEN r.status = 'executing' THEN %(until)s::timestamptz + interval '1 day' END, decided_at, '{}'
FROM made_refunds r JOIN orders_order o ON o.id = i JOIN orders_payment paid ON paid.id = i
CROSS JOIN (SELECT %(person_ids)s::bigint[] AS people) p
CROSS JOIN LATERAL (SELECT r.status IN ('approved', 'executing', 'in_doubt', 'failed', 'executed') AS approved) a
ORDER BY r.id
"""
REFUND_ITEMS = """
INSERT INTO refunds_refunditem (refund_id, item_id, quantity, amount, tax, cancelled_upto)
SELECT r.id, t.item_id, t.quantity, t.amount, t.tax, t.quantity
FROM made_refund_items t JOIN made_refunds r USING (i) ORDER BY r.id, t.item_id
"""
ATTEMPTS = """
INSERT INTO refunds_refundattempt (refund_id, number, key, gateway, amount, currency, started_at, finished_at, outcome,
    provider_reference, detail)
SELECT id, 1, md5('key ' || id)::uuid, provider, amount, currency, decided_at,
    CASE WHEN status <> 'executing' THEN decided_at END,
    CASE status WHEN 'executed' THEN 'paid' WHEN 'failed' THEN 'declined' WHEN 'in_doubt' THEN 'unclear' ELSE '' END,
    provider_reference, CASE WHEN status = 'failed' THEN 'The card was closed.' ELSE '' END
FROM refunds_refund WHERE status IN ('executing', 'executed', 'failed', 'in_doubt') ORDER BY id
"""
MESSAGES = """
INSERT INTO integrations_archivedmessage (id, account_id, seller_id, run_id, resource, digest, raw, state, reason,
    reference, warehouse_number, external_status, order_id, received_at, processed_at)
SELECT i, a.id, o.seller_id, CASE WHEN acted_at > %(until)s::timestamptz - interval '90 days' THEN 1 + i / 50 END,
    'orders', encode(sha256(reference::bytea), 'hex'), (%(payloads)s::bytea[])[1 + i %% 50], CASE WHEN strange
    THEN (ARRAY['parked', 'parked', 'rejected', 'pending'])[1 + i / 800 %% 4] ELSE 'applied' END,
    CASE WHEN strange THEN 'No order has this reference.' ELSE '' END, reference, f.number, '',
    CASE WHEN NOT strange THEN i END, acted_at, CASE WHEN NOT strange THEN acted_at END
FROM made JOIN orders_order o ON o.id = i JOIN integrations_account a ON a.seller_id = o.seller_id
JOIN orders_fulfilmentorder f ON f.order_id = o.id
CROSS JOIN LATERAL (SELECT i %% 800 = 0 AS strange) s WHERE fate <> 'new' ORDER BY i
"""
DIGESTS = """
INSERT INTO integrations_messagedigest (message_id, account_id, resource, digest)
SELECT id, account_id, resource, decode(digest, 'hex') FROM integrations_archivedmessage ORDER BY id
"""
RUNS = """
INSERT INTO integrations_syncrun (id, account_id, state, started_at, finished_at, lease_until, file, actor,
    expected, pages, messages, duplicates, applied, parked, rejected, proposed, error)
SELECT n, (%(accounts)s::bigint[])[1 + n %% cardinality(%(accounts)s::bigint[])],
    CASE WHEN n %% 97 = 0 THEN 'failed' ELSE 'succeeded' END, at, at + interval '2 seconds', at, '', '', 50, 1, 50,
    0, 49, 1, 0, 3, CASE WHEN n %% 97 = 0 THEN 'ProSKU did not answer in time.' ELSE '' END
FROM generate_series(1, 1 + %(orders)s::bigint / 50) n
CROSS JOIN LATERAL (SELECT %(until)s::timestamptz - interval '90 days' * (1 - n::float8 * 50 / %(orders)s) AS at) t
"""
ATTENTION = """
INSERT INTO orders_attentionitem (kind, subject, seller_id, order_id, summary, evidence, opened_at, closed_at,
    closed_by_id)
SELECT (ARRAY['over_shipment', 'unknown_sku', 'quantity_mismatch', 'status_backwards', 'unknown_status'])[1 + i %% 5],
    'order:' || i, seller_id, i, 'The warehouse says something else of order ' || i, '{}'::jsonb, acted_at,
    CASE WHEN closed THEN acted_at END, CASE WHEN closed AND i %% 2 = 0 THEN (%(person_ids)s::bigint[])[1] END
FROM made CROSS JOIN LATERAL (SELECT age > 4 AND pg_temp.pick(i, 12, 200) > 0 AS closed) c WHERE i %% 60 = 0
UNION ALL
SELECT 'refund_' || status, 'refund:' || id, seller_id, i, 'Refund ' || id || ' needs a look', '{}', decided_at, NULL,
    NULL
FROM made_refunds WHERE status IN ('in_doubt', 'failed')
"""
STATEMENTS = (RUNS, MESSAGES, DIGESTS, REFUNDS, REFUND_ITEMS, ATTEMPTS, ATTENTION)
