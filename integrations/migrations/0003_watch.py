import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0002_status_words"),
        ("orders", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Disagreement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=100)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("unknown_here", "Unknown here"),
                            ("unknown_there", "Unknown to ProSKU"),
                            ("status", "Status"),
                            ("shipped", "Units shipped"),
                            ("cancelled", "Units cancelled"),
                        ],
                        max_length=14,
                    ),
                ),
                ("ours", models.JSONField(default=dict, help_text="By SKU, or the status.")),
                ("theirs", models.JSONField(default=dict, help_text="By SKU, or the status.")),
                ("raw", models.BinaryField(default=b"", help_text="ProSKU's record as received, zlib-compressed.")),
                ("found_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "seen_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        help_text="When a comparison found it last.",
                    ),
                ),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ("reference", "kind"),
                "permissions": (("take_theirs", "Can take ProSKU's side where it and we disagree"),),
            },
        ),
        migrations.RemoveConstraint(
            model_name="syncrun",
            name="one_run_at_a_time_per_prosku_seller",
        ),
        migrations.AddField(
            model_name="proskuconnector",
            name="unavailable",
            field=models.PositiveIntegerField(default=0, help_text="Runs in a row to which it gave no answer."),
        ),
        migrations.AddField(
            model_name="proskuseller",
            name="clock_skew",
            field=models.DurationField(
                blank=True,
                help_text="How far ProSKU's clock is ahead of our database's; negative is behind.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="proskuseller",
            name="empty_polls",
            field=models.PositiveIntegerField(
                default=0,
                help_text="Polls in a row that brought nothing at all, though the overlap always holds something.",
            ),
        ),
        migrations.AddField(
            model_name="syncrun",
            name="expected",
            field=models.PositiveIntegerField(default=0, help_text="How many messages ProSKU said there are to read."),
        ),
        migrations.AddField(
            model_name="syncrun",
            name="file",
            field=models.CharField(blank=True, help_text="The shipping file it read, if it was one.", max_length=200),
        ),
        migrations.AddIndex(
            model_name="syncrun",
            index=models.Index(
                models.F("prosku_seller"),
                models.F("started_at"),
                condition=models.Q(("messages__gt", models.F("duplicates"))),
                name="runs_with_news",
            ),
        ),
        migrations.AddConstraint(
            model_name="syncrun",
            constraint=models.UniqueConstraint(
                models.F("prosku_seller"),
                condition=models.Q(("file", ""), ("state", "running")),
                name="one_run_at_a_time_per_prosku_seller",
            ),
        ),
        migrations.AddField(
            model_name="disagreement",
            name="order",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orders.order"
            ),
        ),
        migrations.AddField(
            model_name="disagreement",
            name="prosku_seller",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="disagreements",
                to="integrations.proskuseller",
            ),
        ),
        migrations.AddField(
            model_name="disagreement",
            name="taken_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="disagreement",
            constraint=models.UniqueConstraint(
                models.F("prosku_seller"),
                models.F("reference"),
                models.F("kind"),
                condition=models.Q(("settled_at__isnull", True)),
                name="one_open_disagreement_per_order_and_kind",
            ),
        ),
    ]
