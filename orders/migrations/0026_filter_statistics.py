"""Which choices go together: without it the newest orders are read to the last one for a country no seller ships to."""

from django.db import migrations

_COUNTRY = "upper(shipping_address ->> 'country')"
_PAIRS = {
    "order_seller_and_country": f"seller_id, {_COUNTRY}",
    "order_seller_and_channel": "seller_id, channel_id",
    "order_channel_and_source": "channel_id, source",
}


class Migration(migrations.Migration):
    dependencies = [("orders", "0025_name_words")]
    operations = [
        *(
            migrations.RunSQL(f"CREATE STATISTICS {name} (mcv) ON {pair} FROM orders_order", f"DROP STATISTICS {name}")
            for name, pair in _PAIRS.items()
        ),
        # Not of an empty table: it would be taken for one that stays small, and be read whole by every check of a key.
        migrations.RunSQL(
            "DO $$ BEGIN IF EXISTS (SELECT FROM orders_order) THEN ANALYZE orders_order; END IF; END $$",
            migrations.RunSQL.noop,
        ),
    ]
