-- The search box finds by the beginning of a text, upper and lower case alike, without reading a whole table.
-- Words of names, addresses and products have tables of their own: see search_words.sql.

-- Small letters without accents. PostgreSQL's own "unaccent" is not in every installation.
CREATE OR REPLACE FUNCTION orders_fold(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE WHEN octet_length($1) = length($1) THEN lower($1) ELSE
        replace(replace(replace(translate(lower(regexp_replace(normalize($1, NFD), '[\u0300-\u036f]+', '', 'g')),
            'øØłŁđĐıħ', 'oollddih'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe') END
$$;
-- The last eight digits, the last one first: with or without the country and its zero, a number begins alike.
CREATE OR REPLACE FUNCTION orders_phone_key(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT left(reverse(regexp_replace($1, '[^0-9]+', '', 'g')), 8)
$$;

-- Without what people leave out or put elsewhere when they say it; and by the number alone that stands last.
CREATE INDEX IF NOT EXISTS order_search_reference
    ON orders_order (upper(translate(reference, ' -_#/.:', '')) text_pattern_ops);
CREATE INDEX IF NOT EXISTS order_search_reference_number
    ON orders_order ((substring(reference, '([0-9]+)[^0-9]*$')) text_pattern_ops);
CREATE INDEX IF NOT EXISTS payment_search_reference ON orders_payment (upper(reference) text_pattern_ops)
    WHERE reference <> '';
CREATE INDEX IF NOT EXISTS order_search_phone ON orders_order (orders_phone_key(customer_phone) text_pattern_ops)
    WHERE customer_phone <> '';
CREATE INDEX IF NOT EXISTS order_search_delivery_phone
    ON orders_order (orders_phone_key(shipping_address ->> 'phone') text_pattern_ops)
    WHERE shipping_address ->> 'phone' <> '';
CREATE INDEX IF NOT EXISTS order_search_email ON orders_order (upper(customer_email) text_pattern_ops)
    WHERE customer_email <> '';
-- A warehouse's message that names no reference finds its order by this, too.
CREATE INDEX IF NOT EXISTS fulfilment_order_search_number
    ON orders_fulfilmentorder (upper(number) text_pattern_ops) WHERE number <> '';
CREATE INDEX IF NOT EXISTS order_search_postcode
    ON orders_order (upper(replace(shipping_address ->> 'postcode', ' ', '')) text_pattern_ops)
    WHERE shipping_address ->> 'postcode' <> '';
-- With the order's id, so that the newest orders of a SKU come first.
CREATE INDEX IF NOT EXISTS item_search_sku_newest ON orders_orderitem (upper(sku) text_pattern_ops, order_id);
CREATE INDEX IF NOT EXISTS shipment_search_number ON orders_shipment (upper(number) text_pattern_ops);
CREATE INDEX IF NOT EXISTS shipment_search_tracking ON orders_shipment (upper(tracking_number) text_pattern_ops)
    WHERE tracking_number <> '';

-- How rare a text is. PostgreSQL uses the statistics of an index only where the index holds all rows; without these it
-- assumes that one row in two hundred matches, and reads the whole table from its newest row on.
CREATE STATISTICS IF NOT EXISTS order_email_rarity ON (upper(customer_email)) FROM orders_order;
CREATE STATISTICS IF NOT EXISTS payment_reference_rarity ON (upper(reference)) FROM orders_payment;
CREATE STATISTICS IF NOT EXISTS order_phone_rarity ON (orders_phone_key(customer_phone)) FROM orders_order;
CREATE STATISTICS IF NOT EXISTS order_delivery_phone_rarity
    ON (orders_phone_key(shipping_address ->> 'phone')) FROM orders_order;
CREATE STATISTICS IF NOT EXISTS fulfilment_order_number_rarity ON (upper(number)) FROM orders_fulfilmentorder;
CREATE STATISTICS IF NOT EXISTS order_postcode_rarity
    ON (upper(replace(shipping_address ->> 'postcode', ' ', ''))) FROM orders_order;
CREATE STATISTICS IF NOT EXISTS shipment_tracking_rarity ON (upper(tracking_number)) FROM orders_shipment;
