import django.db.models.deletion
import django.db.models.functions.datetime
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0005_ceiling_kind"),
        ("refunds", "0002_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CeilingLift",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("currency", models.CharField(max_length=3)),
                ("day", models.DateField()),
                ("why", models.CharField(max_length=300)),
                ("lifted_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "ordering": ("-day", "-id"),
                "permissions": (("lift_ceiling", "Can lift the daily ceiling of a seller"),),
            },
        ),
        migrations.CreateModel(
            name="HistoricalReasonWords",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("cancelled_by_warehouse", "Cancelled by the warehouse"),
                            ("closed_short", "Order closed short"),
                            ("still_short", "Still short after the promised days"),
                            ("other", "Other"),
                        ],
                        max_length=30,
                    ),
                ),
                (
                    "words",
                    models.CharField(
                        help_text="Given to the payment provider or marketplace word for word.", max_length=200
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
            ],
            options={
                "verbose_name": "historical reason words",
                "verbose_name_plural": "historical reason words",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalRefundLimit",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("currency", models.CharField(help_text="ISO 4217, such as GBP.", max_length=3)),
                (
                    "second_approver_above",
                    models.BigIntegerField(
                        blank=True,
                        help_text="Empty: one person suffices for any amount.",
                        null=True,
                        verbose_name="two people above",
                    ),
                ),
                (
                    "unattended_upto",
                    models.BigIntegerField(
                        blank=True,
                        help_text="Empty: a person approves every refund.",
                        null=True,
                        verbose_name="without a person up to",
                    ),
                ),
                (
                    "daily_ceiling",
                    models.BigIntegerField(
                        blank=True,
                        help_text="Beyond it nothing more is paid back on that day until a manager lifts it. "
                        "Empty: no ceiling.",
                        null=True,
                        verbose_name="at most a day",
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
            ],
            options={
                "verbose_name": "historical refund limit",
                "verbose_name_plural": "historical refund limits",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalRefundPolicy",
            fields=[
                (
                    "propose_cancelled",
                    models.BooleanField(
                        default=True,
                        help_text="Units that the warehouse says it cancelled.",
                        verbose_name="propose when the warehouse cancels",
                    ),
                ),
                (
                    "propose_closed_short",
                    models.BooleanField(
                        default=True,
                        help_text="Units that the warehouse left out when it closed the order.",
                        verbose_name="propose when an order is closed short",
                    ),
                ),
                (
                    "propose_overdue_after",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Days after the order was placed; empty: never. Only orders that the warehouse "
                        "has begun, not those on hold. A shipment that comes after all shrinks or "
                        "withdraws the proposal.",
                        null=True,
                        verbose_name="propose when still short after",
                    ),
                ),
                (
                    "refund_shipping",
                    models.BooleanField(
                        default=True,
                        help_text="Only ever when nothing of the order ships.",
                        verbose_name="refund the shipping charge",
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
            ],
            options={
                "verbose_name": "historical refund policy",
                "verbose_name_plural": "historical refund policies",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="ReasonWords",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("cancelled_by_warehouse", "Cancelled by the warehouse"),
                            ("closed_short", "Order closed short"),
                            ("still_short", "Still short after the promised days"),
                            ("other", "Other"),
                        ],
                        max_length=30,
                    ),
                ),
                (
                    "words",
                    models.CharField(
                        help_text="Given to the payment provider or marketplace word for word.", max_length=200
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "reason words",
                "ordering": ("policy", "channel", "reason"),
            },
        ),
        migrations.CreateModel(
            name="RefundLimit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("currency", models.CharField(help_text="ISO 4217, such as GBP.", max_length=3)),
                (
                    "second_approver_above",
                    models.BigIntegerField(
                        blank=True,
                        help_text="Empty: one person suffices for any amount.",
                        null=True,
                        verbose_name="two people above",
                    ),
                ),
                (
                    "unattended_upto",
                    models.BigIntegerField(
                        blank=True,
                        help_text="Empty: a person approves every refund.",
                        null=True,
                        verbose_name="without a person up to",
                    ),
                ),
                (
                    "daily_ceiling",
                    models.BigIntegerField(
                        blank=True,
                        help_text="Beyond it nothing more is paid back on that day until a manager lifts it. "
                        "Empty: no ceiling.",
                        null=True,
                        verbose_name="at most a day",
                    ),
                ),
            ],
            options={
                "ordering": ("policy", "currency"),
            },
        ),
        migrations.CreateModel(
            name="RefundPolicy",
            fields=[
                (
                    "seller",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="refund_policy",
                        serialize=False,
                        to="orders.seller",
                    ),
                ),
                (
                    "propose_cancelled",
                    models.BooleanField(
                        default=True,
                        help_text="Units that the warehouse says it cancelled.",
                        verbose_name="propose when the warehouse cancels",
                    ),
                ),
                (
                    "propose_closed_short",
                    models.BooleanField(
                        default=True,
                        help_text="Units that the warehouse left out when it closed the order.",
                        verbose_name="propose when an order is closed short",
                    ),
                ),
                (
                    "propose_overdue_after",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Days after the order was placed; empty: never. Only orders that the warehouse "
                        "has begun, not those on hold. A shipment that comes after all shrinks or "
                        "withdraws the proposal.",
                        null=True,
                        verbose_name="propose when still short after",
                    ),
                ),
                (
                    "refund_shipping",
                    models.BooleanField(
                        default=True,
                        help_text="Only ever when nothing of the order ships.",
                        verbose_name="refund the shipping charge",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
            ],
            options={
                "verbose_name_plural": "refund policies",
                "ordering": ("seller__name",),
            },
        ),
        migrations.RemoveField(
            model_name="approvallimit",
            name="seller",
        ),
        migrations.RemoveConstraint(
            model_name="refund",
            name="refund_reviewed_by_someone",
        ),
        migrations.AddField(
            model_name="refund",
            name="approved_by_rule",
            field=models.CharField(
                blank=True,
                db_default="",
                help_text="The line of the policy that approved without a person.",
                max_length=120,
            ),
        ),
        migrations.AddField(
            model_name="refunditem",
            name="overdue_quantity",
            field=models.PositiveIntegerField(
                db_default=0, help_text="How many of these units were not cancelled, but outstanding for too long."
            ),
        ),
        migrations.AlterField(
            model_name="refund",
            name="reason",
            field=models.CharField(
                choices=[
                    ("cancelled_by_warehouse", "Cancelled by the warehouse"),
                    ("closed_short", "Order closed short"),
                    ("still_short", "Still short after the promised days"),
                    ("other", "Other"),
                ],
                max_length=30,
            ),
        ),
        migrations.AddIndex(
            model_name="refund",
            index=models.Index(
                models.F("executed_at"), condition=models.Q(("executed_at__isnull", False)), name="refund_executed"
            ),
        ),
        migrations.AddIndex(
            model_name="refundattempt",
            index=models.Index(models.F("started_at"), name="attempt_by_start"),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("status__in", ("approved", "executing", "executed", "failed", "in_doubt")), _negated=True
                    ),
                    ("approved_by__isnull", False),
                    models.Q(("approved_by_rule", ""), _negated=True),
                    _connector="OR",
                ),
                name="refund_reviewed_by_someone",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("approved_by_rule", ""),
                    models.Q(
                        ("approvals_needed", 1),
                        ("approved_by__isnull", True),
                        ("origin", "warehouse"),
                        ("second_approved_by__isnull", True),
                        (
                            "status__in",
                            ("approved", "executing", "executed", "failed", "in_doubt", "rejected", "withdrawn"),
                        ),
                    ),
                    _connector="OR",
                ),
                name="a_rule_approves_alone_and_what_the_warehouse_caused",
            ),
        ),
        migrations.AddConstraint(
            model_name="refunditem",
            constraint=models.CheckConstraint(
                condition=models.Q(("overdue_quantity__lte", models.F("quantity"))),
                name="overdue_units_are_units_of_the_refund",
            ),
        ),
        migrations.AddField(
            model_name="ceilinglift",
            name="lifted_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="ceilinglift",
            name="seller",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orders.seller"),
        ),
        migrations.AddField(
            model_name="historicalreasonwords",
            name="channel",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="orders.saleschannel",
            ),
        ),
        migrations.AddField(
            model_name="historicalreasonwords",
            name="history_user",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="historicalrefundlimit",
            name="history_user",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="historicalrefundpolicy",
            name="history_user",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="historicalrefundpolicy",
            name="seller",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="orders.seller",
            ),
        ),
        migrations.AddField(
            model_name="reasonwords",
            name="channel",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orders.saleschannel"
            ),
        ),
        migrations.AddConstraint(
            model_name="refundpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("propose_overdue_after__isnull", True),
                    models.Q(("propose_overdue_after__gte", 1), ("propose_overdue_after__lte", 365)),
                    _connector="OR",
                ),
                name="overdue_is_a_number_of_days",
                violation_error_message="Say between 1 and 365 days, or leave it empty.",
            ),
        ),
        migrations.AddField(
            model_name="refundlimit",
            name="policy",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="limits", to="refunds.refundpolicy"
            ),
        ),
        migrations.AddField(
            model_name="reasonwords",
            name="policy",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="reason_words", to="refunds.refundpolicy"
            ),
        ),
        migrations.AddField(
            model_name="historicalrefundlimit",
            name="policy",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="refunds.refundpolicy",
            ),
        ),
        migrations.AddField(
            model_name="historicalreasonwords",
            name="policy",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="refunds.refundpolicy",
            ),
        ),
        migrations.DeleteModel(
            name="ApprovalLimit",
        ),
        migrations.AddConstraint(
            model_name="ceilinglift",
            constraint=models.UniqueConstraint(
                models.F("seller"), models.F("currency"), models.F("day"), name="ceiling_is_lifted_once_a_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="refundlimit",
            constraint=models.UniqueConstraint(
                models.F("policy"), models.F("currency"), name="one_limit_per_seller_and_currency"
            ),
        ),
        migrations.AddConstraint(
            model_name="refundlimit",
            constraint=models.CheckConstraint(
                condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="limit_currency_is_iso_4217"
            ),
        ),
        migrations.AddConstraint(
            model_name="refundlimit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("second_approver_above__isnull", True), ("second_approver_above__gte", 0), _connector="OR"
                    ),
                    models.Q(("unattended_upto__isnull", True), ("unattended_upto__gte", 0), _connector="OR"),
                    models.Q(("daily_ceiling__isnull", True), ("daily_ceiling__gte", 0), _connector="OR"),
                ),
                name="limits_are_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="refundlimit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("unattended_upto__isnull", True),
                    ("second_approver_above__isnull", True),
                    ("unattended_upto__lte", models.F("second_approver_above")),
                    _connector="OR",
                ),
                name="what_two_people_approve_is_never_unattended",
                violation_error_message="What two people have to approve cannot be approved without a person.",
            ),
        ),
        migrations.AddConstraint(
            model_name="reasonwords",
            constraint=models.UniqueConstraint(
                models.F("policy"), models.F("channel"), models.F("reason"), name="one_wording_per_channel_and_reason"
            ),
        ),
    ]
