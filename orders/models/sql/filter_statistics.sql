-- Which choices of the filters occur together. Without these statistics the newest orders are read to the last one for
-- a country that a seller does not ship to.

CREATE STATISTICS IF NOT EXISTS order_seller_and_country (mcv)
    ON seller_id, upper(shipping_address ->> 'country') FROM orders_order;
CREATE STATISTICS IF NOT EXISTS order_seller_and_channel (mcv) ON seller_id, channel_id FROM orders_order;
CREATE STATISTICS IF NOT EXISTS order_channel_and_source (mcv) ON channel_id, source FROM orders_order;
