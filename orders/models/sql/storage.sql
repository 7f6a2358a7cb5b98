-- An update of an item finds room on the item's own page. No column that a warehouse's report changes is indexed, so
-- that such an update touches no index.

ALTER TABLE orders_orderitem SET (fillfactor = 50);
