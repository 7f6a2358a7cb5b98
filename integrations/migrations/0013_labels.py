from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0012_message_digests"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="archivedmessage",
            options={"ordering": ("-id",), "verbose_name": "message"},
        ),
        migrations.AlterField(
            model_name="proskuconnector",
            name="base_url",
            field=models.URLField(
                help_text="HTTPS; plain HTTP only to this machine.", max_length=300, verbose_name="address"
            ),
        ),
        migrations.AlterField(
            model_name="proskuseller",
            name="get_refunds",
            field=models.BooleanField(
                default=True, help_text="For units that will not ship.", verbose_name="propose refunds"
            ),
        ),
        migrations.AlterField(
            model_name="proskuseller",
            name="get_shipments",
            field=models.BooleanField(default=True, verbose_name="take in shipments"),
        ),
        migrations.AlterField(
            model_name="proskuseller",
            name="poll_seconds",
            field=models.PositiveIntegerField(default=60, verbose_name="seconds between polls"),
        ),
    ]
