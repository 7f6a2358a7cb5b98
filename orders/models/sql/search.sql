-- The search box finds by the beginning of a text, upper and lower case alike, without reading a whole table.
-- Words of customers' names have a table of their own: see name_words.sql.

CREATE INDEX IF NOT EXISTS order_search_reference ON orders_order (upper(reference) text_pattern_ops);
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
CREATE STATISTICS IF NOT EXISTS fulfilment_order_number_rarity ON (upper(number)) FROM orders_fulfilmentorder;
CREATE STATISTICS IF NOT EXISTS order_postcode_rarity
    ON (upper(replace(shipping_address ->> 'postcode', ' ', ''))) FROM orders_order;
CREATE STATISTICS IF NOT EXISTS shipment_tracking_rarity ON (upper(tracking_number)) FROM orders_shipment;
