"""A time zone that PostgreSQL does not know is refused where it is entered, not where a day is counted."""

from django.db import migrations, models

import orders.time_zones

FORWARDS = """
ALTER TABLE orders_seller ADD CONSTRAINT seller_time_zone_is_known
    CHECK (timezone(time_zone, '2000-01-01 00:00:00+00'::timestamptz) IS NOT NULL);
"""
BACKWARDS = "ALTER TABLE orders_seller DROP CONSTRAINT seller_time_zone_is_known;"


class Migration(migrations.Migration):
    dependencies = [("orders", "0007_event_transactions")]
    operations = [
        migrations.AlterField(
            "seller",
            "time_zone",
            models.CharField(
                default="Europe/London",
                help_text="IANA name of the zone.",
                max_length=40,
                validators=[orders.time_zones.known_zone],
            ),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]
