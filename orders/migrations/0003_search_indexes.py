"""The indexes behind the one search box: what begins with a text, upper and lower case alike, in any collation."""

from django.db import migrations

FORWARDS = """
CREATE INDEX order_search_reference ON orders_order (upper(reference) text_pattern_ops);
CREATE INDEX order_search_email ON orders_order (upper(customer_email) text_pattern_ops) WHERE customer_email <> '';
CREATE INDEX order_search_number ON orders_order (upper(warehouse_number) text_pattern_ops)
    WHERE warehouse_number <> '';
CREATE INDEX item_search_sku ON orders_orderitem (upper(sku) text_pattern_ops);
CREATE INDEX shipment_search_number ON orders_shipment (upper(number) text_pattern_ops);
CREATE INDEX shipment_search_tracking ON orders_shipment (upper(tracking_number) text_pattern_ops)
    WHERE tracking_number <> '';
-- No column that the warehouse's news change in an item is indexed: with room on its page, no index is touched.
ALTER TABLE orders_orderitem SET (fillfactor = 50);
"""

BACKWARDS = """
DROP INDEX order_search_reference, order_search_email, order_search_number, item_search_sku, shipment_search_number,
    shipment_search_tracking;
ALTER TABLE orders_orderitem RESET (fillfactor);
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0002_append_only")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
