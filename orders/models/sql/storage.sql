-- An update of an item finds room on the item's own page. No column that a warehouse's report changes is indexed, so
-- that such an update touches no index.

ALTER TABLE orders_orderitem SET (fillfactor = 50);

-- What a warehouse reports changes no index of its fulfilment order either.
ALTER TABLE orders_fulfilmentorder SET (fillfactor = 60);
