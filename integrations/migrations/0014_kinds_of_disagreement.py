from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0013_labels"),
    ]

    operations = [
        migrations.AlterField(
            model_name="disagreement",
            name="kind",
            field=models.CharField(
                choices=[
                    ("unknown_here", "unknown here"),
                    ("unknown_there", "unknown to ProSKU"),
                    ("status", "status"),
                    ("shipped", "units shipped"),
                    ("cancelled", "units cancelled"),
                ],
                max_length=14,
            ),
        ),
    ]
