"""The lists of one seller, of one channel, and of what needed attention, read from their newest row on.

Each is built beside what goes on: orders are taken in and applied meanwhile.
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


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("orders", "0014_people")]
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
    ]
