from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("refunds", "0011_undone_in_bulk"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="refund",
            index=models.Index(
                models.F("approved_at"),
                condition=models.Q(("approved_by_rule", ""), _negated=True),
                name="refund_by_rule",
            ),
        ),
    ]
