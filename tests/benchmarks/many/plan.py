"""What becomes of each order that is made? (temporary tables, from which the rows are written)

Every choice is a hash of the order's number and the seed, so that the same call makes the same rows.
"""

PICK = """
CREATE FUNCTION pg_temp.pick(n bigint, salt int, many bigint) RETURNS bigint LANGUAGE sql IMMUTABLE
    RETURN (hashint8extended(n, {seed} * 1000 + salt) & 9223372036854775807) % many
"""
# The first of many are the commonest, as with names.
DRAW = """
CREATE FUNCTION pg_temp.draw(n bigint, salt int, names text[]) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN names[1 + floor(cardinality(names) * pow(pg_temp.pick(n, salt, 100000) / 1e5::float8, 1.25))::int]
"""

# Orders are numbered as they were placed, over three years that grow. Old ones are done, but for the few that
# everybody forgot; the last days are as on any morning.
ORDERS = """
CREATE TEMP TABLE made AS
WITH moments AS (
    SELECT i, %(until)s::timestamptz - interval '1096 days' * (1 - pow(i::float8 / %(orders)s, 0.667)) AS placed_at
    FROM generate_series(1, %(orders)s::bigint) i
), aged AS (
    SELECT i, placed_at, extract(epoch FROM %(until)s::timestamptz - placed_at) / 86400 AS age,
        pg_temp.pick(i, 2, 1000) AS luck
    FROM moments
), fated AS (
    SELECT i, placed_at, age, CASE
        WHEN age < 0.5 THEN CASE WHEN luck < 600 THEN 'new' WHEN luck < 950 THEN 'work' WHEN luck < 960 THEN 'hold'
            ELSE 'lost' END
        WHEN age < 3 THEN CASE WHEN luck < 30 THEN 'new' WHEN luck < 250 THEN 'work' WHEN luck < 265 THEN 'hold'
            WHEN luck < 300 THEN 'part' WHEN luck < 340 THEN 'short' WHEN luck < 370 THEN 'lost' ELSE 'done' END
        WHEN age < 30 THEN CASE WHEN luck < 5 THEN 'work' WHEN luck < 8 THEN 'hold' WHEN luck < 15 THEN 'part'
            WHEN luck < 55 THEN 'short' WHEN luck < 85 THEN 'lost' ELSE 'done' END
        ELSE CASE WHEN luck < 1 THEN 'part' WHEN luck < 45 THEN 'short' WHEN luck < 75 THEN 'lost' ELSE 'done' END
        END AS fate
    FROM aged
)
SELECT i, placed_at, age, fate, 1 + (i - 1) %% 4 AS lines,
    (%(brands)s::bigint[])[1 + pg_temp.pick(i, 1, cardinality(%(brands)s::bigint[]))] AS seller_id,
    (%(channels)s::bigint[])[1 + pg_temp.pick(i, 6, cardinality(%(channels)s::bigint[]))] AS channel_id,
    pg_temp.pick(i, 7, 1 + %(orders)s / 3) AS customer,
    CASE WHEN fate NOT IN ('done', 'short', 'part') THEN 0
        WHEN i %% 4 <> 1 AND pg_temp.pick(i, 5, 8) = 0 THEN 2 ELSE 1 END AS shipments,
    placed_at + least(interval '20 hours', (%(until)s::timestamptz - placed_at) / 3) AS acted_at,
    fate IN ('done', 'short') AND age > 4 AND pg_temp.pick(i, 8, 10) > 0 AS delivered,
    CASE WHEN pg_temp.pick(i, 9, 3) = 0 THEN 0 ELSE 495 END AS charge
FROM fated
"""

# Items are numbered through: of four orders in a row the first has one and the last has four.
ITEMS = """
CREATE TEMP TABLE made_items AS
SELECT 10 * ((i - 1) / 4) + (ARRAY[0, 1, 3, 6])[lines] + p AS id, i, p, sku, quantity, price, quantity * price AS paid,
    (quantity * price + 3) / 6 AS tax,
    CASE WHEN fate = 'done' THEN quantity WHEN fate IN ('short', 'part') THEN quantity - (p = 1)::int ELSE 0 END
        AS shipped,
    CASE WHEN fate = 'short' THEN (p = 1)::int WHEN fate = 'lost' THEN quantity ELSE 0 END AS cancelled
FROM (
    SELECT i, lines, fate, p, sku, 399 + sku * 37 %% 14500 AS price, CASE
        WHEN p = 1 AND fate IN ('short', 'part') THEN 2 + i %% 2
        ELSE (ARRAY[1, 1, 1, 1, 1, 2, 2, 3])[1 + pg_temp.pick(i * 4 + p, 10, 8)] END AS quantity
    FROM made CROSS JOIN LATERAL generate_series(1, lines) p
    CROSS JOIN LATERAL (SELECT (pg_temp.pick(i, 11, 5000) + p * 17) %% 5000 AS sku) s) chosen
ORDER BY i, p
"""

# What was cancelled is proposed by itself; of one done order in a hundred something arrived damaged.
REFUND_ITEMS = """
CREATE TEMP TABLE made_refund_items AS
SELECT id AS item_id, i, cancelled AS quantity, (2 * paid * cancelled + quantity) / (2 * quantity) AS amount,
    (2 * tax * cancelled + quantity) / (2 * quantity) AS tax
FROM made_items WHERE cancelled > 0
UNION ALL
SELECT id, i, 0, paid / 4, (2 * t.tax * (paid / 4) + paid) / (2 * paid)
FROM made_items t JOIN made USING (i) WHERE p = 1 AND fate = 'done' AND pg_temp.pick(i, 3, 100) = 0
ORDER BY i, item_id
"""
REFUNDS = """
CREATE TEMP TABLE made_refunds AS
WITH summed AS (
    SELECT i, sum(amount)::bigint AS items, sum(tax)::bigint AS tax, bool_and(quantity > 0) AS ours
    FROM made_refund_items GROUP BY i
), proposed AS (
    SELECT m.i, m.seller_id, s.items, s.tax, s.ours, CASE WHEN fate = 'lost' THEN charge ELSE 0 END AS shipping,
        acted_at + least(interval '6 hours', (%(until)s::timestamptz - acted_at) / 3) AS proposed_at
    FROM made m JOIN summed s USING (i)
), lucky AS (
    SELECT *, extract(epoch FROM %(until)s::timestamptz - proposed_at) / 86400 AS age,
        pg_temp.pick(i, 4, 1000) AS luck FROM proposed
)
SELECT row_number() OVER (ORDER BY i) AS id, i, seller_id, items, tax, ours, shipping, items + shipping AS amount,
    proposed_at,
    proposed_at + least(interval '8 hours' * (1 + luck %% 7) / 4, (%(until)s::timestamptz - proposed_at) / 2)
        AS decided_at,
    CASE WHEN items + shipping > %(limit)s THEN 2 ELSE 1 END AS needed,
    CASE
        WHEN age < 6 THEN CASE WHEN luck < 700 THEN 'proposed' WHEN luck < 760 THEN 'on_hold'
            WHEN luck < 800 THEN 'approved' WHEN luck < 805 THEN 'executing' WHEN luck < 812 THEN 'in_doubt'
            WHEN luck < 825 THEN 'failed' WHEN luck < 950 THEN 'executed' WHEN luck < 980 THEN 'rejected'
            ELSE 'withdrawn' END
        WHEN age < 30 THEN CASE WHEN luck < 20 THEN 'proposed' WHEN luck < 30 THEN 'on_hold'
            WHEN luck < 40 THEN 'failed' WHEN luck < 44 THEN 'in_doubt' WHEN luck < 900 THEN 'executed'
            WHEN luck < 960 THEN 'rejected'
            ELSE 'withdrawn' END
        ELSE CASE WHEN luck < 2 THEN 'failed' WHEN luck < 930 THEN 'executed' WHEN luck < 970 THEN 'rejected'
            ELSE 'withdrawn' END
        END AS status
FROM lucky
"""
HELD = """
CREATE TEMP TABLE made_held AS
SELECT t.* FROM made_refund_items t JOIN made_refunds r USING (i) WHERE r.status NOT IN ('rejected', 'withdrawn')
"""

STATEMENTS = (ORDERS, ITEMS, REFUND_ITEMS, REFUNDS, HELD)
INDEXED = ("made (i)", "made_refunds (i)", "made_refunds (id)", "made_held (item_id)")
