"""More behind the one search box: words of the customer's name, the postcode, and a SKU's newest orders first."""

from django.db import migrations

FORWARDS = """
CREATE INDEX order_search_name ON orders_order USING gin (to_tsvector('simple'::regconfig, customer_name))
    WITH (gin_pending_list_limit = 512) WHERE customer_name <> '';
CREATE INDEX order_search_postcode
    ON orders_order (upper(replace(shipping_address ->> 'postcode', ' ', '')) text_pattern_ops)
    WHERE shipping_address ->> 'postcode' <> '';
CREATE INDEX item_search_sku_newest ON orders_orderitem (upper(sku) text_pattern_ops, order_id);
DROP INDEX item_search_sku;
"""

BACKWARDS = """
CREATE INDEX item_search_sku ON orders_orderitem (upper(sku) text_pattern_ops);
DROP INDEX item_search_sku_newest, order_search_postcode, order_search_name;
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0012_promises")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
