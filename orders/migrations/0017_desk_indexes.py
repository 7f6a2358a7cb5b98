"""The lists of one seller, of one channel, and of what needed attention, read from their newest row on; and searches
that know how rare a text is.

Each index is built beside what goes on: orders are taken in and applied meanwhile.
"""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import F

_CHANNEL = models.ForeignKey("orders.saleschannel", models.PROTECT, related_name="orders", db_index=False)
_SELLER = models.ForeignKey("orders.seller", models.PROTECT, related_name="+", db_index=False, blank=True, null=True)


def _without_its_own_index(
    model: str, name: str, index: str, field: models.Field
) -> migrations.SeparateDatabaseAndState:
    """The new index begins with the key. By itself Django would check the whole table anew, and lock it meanwhile."""
    drop = f"DROP INDEX CONCURRENTLY IF EXISTS {index}"
    back = f"CREATE INDEX CONCURRENTLY {index} ON orders_{model} ({name}_id)"
    return migrations.SeparateDatabaseAndState(
        [migrations.RunSQL(drop, back)], [migrations.AlterField(model, name, field)]
    )


# PostgreSQL asks the indexes' own statistics only where an index holds all rows; without these it takes one row in
# two hundred for a match, and reads the whole table from its newest row on.
_RARITY = (
    ("order_email_rarity", "upper(customer_email)", "orders_order"),
    ("order_number_rarity", "upper(warehouse_number)", "orders_order"),
    ("order_postcode_rarity", "upper(replace(shipping_address ->> 'postcode', ' ', ''))", "orders_order"),
    ("shipment_tracking_rarity", "upper(tracking_number)", "orders_shipment"),
)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("orders", "0016_same_customer")]
    operations = [
        AddIndexConcurrently(
            "order", models.Index("seller", F("placed_at").desc(), F("id").desc(), name="order_of_seller")
        ),
        AddIndexConcurrently(
            "order", models.Index("channel", F("placed_at").desc(), F("id").desc(), name="order_of_channel")
        ),
        _without_its_own_index("order", "channel", "orders_order_channel_id_a76729a3", _CHANNEL),
        AddIndexConcurrently(
            "attentionitem", models.Index(F("opened_at").desc(), F("id").desc(), name="attention_newest_first")
        ),
        AddIndexConcurrently(
            "attentionitem",
            models.Index("seller", F("opened_at").desc(), F("id").desc(), name="attention_of_seller"),
        ),
        _without_its_own_index("attentionitem", "seller", "orders_attentionitem_seller_id_08b798ec", _SELLER),
        *(
            migrations.RunSQL(f"CREATE STATISTICS {name} ON ({text}) FROM {table}", f"DROP STATISTICS {name}")
            for name, text, table in _RARITY
        ),
        # Not of an empty table: it would be taken for one that stays small, and be read whole by every check of a key.
        migrations.RunSQL(
            "DO $$ BEGIN IF EXISTS (SELECT FROM orders_order) THEN "
            "ANALYZE orders_order, orders_shipment, orders_orderitem; END IF; END $$",
            migrations.RunSQL.noop,
        ),
    ]
