-- A seller's time zone is one that PostgreSQL knows: an unknown zone is refused when it is entered, and not when a
-- promised day is counted.

ALTER TABLE orders_seller DROP CONSTRAINT IF EXISTS seller_time_zone_is_known;
ALTER TABLE orders_seller ADD CONSTRAINT seller_time_zone_is_known
    CHECK (timezone(time_zone, '2000-01-01 00:00:00+00'::timestamptz) IS NOT NULL);
