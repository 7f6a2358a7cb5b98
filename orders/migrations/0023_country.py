"""The orders to one country: few to most of them, so that nobody finds them by reading the newest."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("orders", "0022_exports")]
    operations = [
        AddIndexConcurrently(
            "order", models.Index(Upper(KeyTextTransform("country", "shipping_address")), name="order_by_country")
        ),
        # Not of an empty table: it would be taken for one that stays small, and be read whole by every check of a key.
        migrations.RunSQL(
            "DO $$ BEGIN IF EXISTS (SELECT FROM orders_order) THEN ANALYZE orders_order; END IF; END $$",
            migrations.RunSQL.noop,
        ),
    ]
