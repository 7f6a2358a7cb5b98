"""Refunds, their attempts, and the policies that decide on them.

The tables of fields come first; the rules of the database stand in the SQL files that are run last.
"""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now, Upper
from simple_history.models import HistoricalChanges

from orders.sql import run_sql_file

REFUND = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("order", models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="refunds", to="orders.order")),
    ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="orders.seller")),
    ("sequence", models.PositiveSmallIntegerField()),
    ("number", models.CharField(max_length=110)),
    (
        "origin",
        models.CharField(
            choices=[
                ("warehouse", "created automatically from warehouse messages"),
                ("staff", "proposed by staff"),
                ("external", "made at the payment provider"),
            ],
            max_length=12,
        ),
    ),
    (
        "kind",
        models.CharField(choices=[("pre_shipment", "Pre-shipment"), ("post_shipment", "Post-shipment")], max_length=14),
    ),
    (
        "status",
        models.CharField(
            choices=[
                ("proposed", "Proposed"),
                ("on_hold", "On hold"),
                ("approved", "Approved"),
                ("rejected", "Rejected"),
                ("withdrawn", "Withdrawn"),
                ("executing", "Sending"),
                ("pending", "Pending at provider"),
                ("executed", "Refunded"),
                ("failed", "Failed"),
                ("in_doubt", "In doubt"),
            ],
            default="proposed",
            max_length=12,
        ),
    ),
    ("status_since", models.DateTimeField(db_default=Now())),
    ("version", models.PositiveIntegerField(default=1)),
    (
        "reason",
        models.CharField(
            choices=[
                ("cancelled_by_warehouse", "Cancelled by the warehouse"),
                ("closed_short", "Short-shipped"),
                ("still_short", "Not shipped by promised date"),
                ("damaged", "Arrived damaged"),
                ("returned", "Returned by the customer"),
                ("lost_in_transit", "Lost in transit"),
                ("duplicate_order", "Ordered twice"),
                ("cancelled_by_customer", "Cancelled by the customer"),
                ("goodwill", "Goodwill"),
                ("made_at_provider", "Refunded at the payment provider"),
                ("other", "Other"),
            ],
            max_length=30,
        ),
    ),
    ("reason_note", models.CharField(blank=True, max_length=500)),
    ("messages", ArrayField(base_field=models.BigIntegerField(), blank=True, default=list, size=None)),
    ("currency", models.CharField(max_length=3)),
    ("items_amount", models.BigIntegerField()),
    ("shipping_amount", models.BigIntegerField(default=0)),
    ("rounding_amount", models.BigIntegerField(default=0)),
    ("amount", models.BigIntegerField()),
    ("tax_amount", models.BigIntegerField(default=0)),
    (
        "proposed_by",
        models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
    ),
    ("proposed_behind", ArrayField(base_field=models.BigIntegerField(), blank=True, default=list, size=None)),
    ("proposed_at", models.DateTimeField(db_default=Now())),
    (
        "edited_by",
        models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
    ),
    ("approvals_needed", models.PositiveSmallIntegerField(default=1)),
    (
        "approved_by",
        models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
    ),
    (
        "approved_by_rule",
        models.CharField(blank=True, db_default="", help_text="The line of the policy.", max_length=120),
    ),
    ("approved_at", models.DateTimeField(null=True)),
    (
        "second_approved_by",
        models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
    ),
    ("second_approved_at", models.DateTimeField(null=True)),
    ("decided_at", models.DateTimeField(null=True)),
    (
        "rejected_by",
        models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
    ),
    ("why", models.CharField(blank=True, help_text="What the person who decided gave as the reason.", max_length=300)),
    ("provider", models.CharField(max_length=40)),
    (
        "payment",
        models.ForeignKey(
            blank=True,
            help_text="Which payment is paid back; empty where a person pays another way.",
            null=True,
            on_delete=models.PROTECT,
            related_name="refunds",
            to="orders.payment",
        ),
    ),
    ("provider_reference", models.CharField(blank=True, max_length=200)),
    ("executed_at", models.DateTimeField(null=True)),
    ("lease", models.UUIDField(null=True)),
    ("lease_until", models.DateTimeField(null=True)),
    ("updated_at", models.DateTimeField(db_default=Now())),
]
REFUND_OPTIONS = {
    "ordering": ("-proposed_at", "-id"),
    "permissions": (
        ("propose_refund", "Can propose refunds by hand"),
        ("reject_refund", "Can reject refunds and put them on hold"),
        ("approve_refund", "Can approve refunds"),
        ("settle_refund", "Can say what a provider did, and try failed refunds again"),
    ),
    "indexes": [
        Index("status", "proposed_at", "id", name="refund_queue"),
        Index("seller", "status", name="refund_by_seller"),
        Index("number", name="refund_by_number"),
        Index(
            Upper("provider_reference"),
            "seller",
            condition=Q(("provider_reference", ""), _negated=True),
            name="refund_by_payment",
        ),
        Index("lease_until", condition=Q(("status__in", ("executing", "in_doubt", "pending"))), name="refund_lease"),
        Index(F("proposed_at").desc(), F("id").desc(), name="refund_newest_first"),
        Index("executed_at", "id", condition=Q(("executed_at__isnull", False)), name="refund_executed"),
        Index("amount", "id", name="refund_by_amount"),
        Index("approved_at", condition=Q(("approved_by_rule", ""), _negated=True), name="refund_by_rule"),
    ],
    "constraints": [
        UniqueConstraint("order", "sequence", name="refund_number_is_unique_per_order"),
        UniqueConstraint(
            "order",
            condition=Q(("edited_by__isnull", True), ("origin", "warehouse"), ("status__in", ("proposed", "on_hold"))),
            name="one_undecided_warehouse_refund_per_order",
        ),
        CheckConstraint(
            condition=Q(
                (
                    "amount",
                    CombinedExpression(
                        CombinedExpression(F("items_amount"), "+", F("shipping_amount")), "+", F("rounding_amount")
                    ),
                )
            ),
            name="refund_is_the_sum_of_its_parts",
        ),
        CheckConstraint(
            condition=Q(
                ("amount__gte", 0), ("items_amount__gte", 0), ("shipping_amount__gte", 0), ("tax_amount__gte", 0)
            ),
            name="refund_amounts_are_not_negative",
        ),
        CheckConstraint(
            condition=Q(
                Q(
                    ("status__in", ("approved", "executing", "pending", "executed", "failed", "in_doubt")),
                    _negated=True,
                ),
                ("origin", "external"),
                ("approved_by__isnull", False),
                Q(("approved_by_rule", ""), _negated=True),
                _connector="OR",
            ),
            name="refund_reviewed_by_someone",
        ),
        CheckConstraint(
            condition=Q(
                ("approved_by_rule", ""),
                Q(
                    ("approvals_needed", 1),
                    ("approved_by__isnull", True),
                    ("edited_by__isnull", True),
                    ("origin", "warehouse"),
                    ("second_approved_by__isnull", True),
                    (
                        "status__in",
                        ("approved", "executing", "pending", "executed", "failed", "in_doubt", "rejected", "withdrawn"),
                    ),
                ),
                _connector="OR",
            ),
            name="a_rule_approves_alone_and_what_the_warehouse_caused",
        ),
        CheckConstraint(
            condition=Q(
                ("proposed_by__isnull", True),
                Q(
                    Q(
                        ("approved_by__isnull", True),
                        Q(("approved_by", F("proposed_by")), _negated=True),
                        _connector="OR",
                    ),
                    Q(
                        ("second_approved_by__isnull", True),
                        Q(("second_approved_by", F("proposed_by")), _negated=True),
                        _connector="OR",
                    ),
                ),
                _connector="OR",
            ),
            name="nobody_approves_what_they_proposed",
        ),
        CheckConstraint(
            condition=Q(
                ("edited_by__isnull", True),
                Q(
                    Q(
                        ("approved_by__isnull", True),
                        Q(("approved_by", F("edited_by")), _negated=True),
                        _connector="OR",
                    ),
                    Q(
                        ("second_approved_by__isnull", True),
                        Q(("second_approved_by", F("edited_by")), _negated=True),
                        _connector="OR",
                    ),
                ),
                _connector="OR",
            ),
            name="nobody_approves_what_they_edited",
        ),
        CheckConstraint(
            condition=Q(
                Q(("origin", "external"), _negated=True),
                Q(
                    ("status__in", ("executed", "failed", "rejected")),
                    Q(("provider_reference", ""), _negated=True),
                    ("approved_by__isnull", True),
                    ("edited_by__isnull", True),
                    ("proposed_by__isnull", True),
                ),
                _connector="OR",
            ),
            name="external_refunds_were_made_elsewhere",
        ),
        CheckConstraint(
            condition=Q(
                ("second_approved_by__isnull", True),
                Q(("second_approved_by", F("approved_by")), _negated=True),
                _connector="OR",
            ),
            name="two_approvals_are_by_two_people",
        ),
        CheckConstraint(
            condition=Q(
                Q(
                    ("status__in", ("approved", "executing", "pending", "executed", "failed", "in_doubt")),
                    _negated=True,
                ),
                ("approvals_needed__lt", 2),
                ("second_approved_by__isnull", False),
                _connector="OR",
            ),
            name="above_the_limit_two_people_approve",
        ),
        CheckConstraint(
            condition=Q(Q(("status", "executing"), _negated=True), ("lease_until__isnull", False), _connector="OR"),
            name="executing_refund_has_a_lease",
        ),
    ],
}
REFUND_ITEM = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("refund", models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="items", to="refunds.refund")),
    ("item", models.ForeignKey(on_delete=models.PROTECT, related_name="refund_items", to="orders.orderitem")),
    ("quantity", models.PositiveIntegerField()),
    ("amount", models.BigIntegerField()),
    ("tax", models.BigIntegerField(default=0)),
    (
        "cancelled_upto",
        models.PositiveIntegerField(
            default=0, help_text="How many cancelled units of the item were considered, these and earlier ones."
        ),
    ),
    (
        "overdue_quantity",
        models.PositiveIntegerField(
            db_default=0, help_text="How many of these units were not cancelled, but outstanding for too long."
        ),
    ),
    (
        "left_out",
        models.PositiveIntegerField(
            db_default=0, help_text="How many more cancelled units were proposed, and left out by a person who edited."
        ),
    ),
    (
        "left_waiting",
        models.PositiveIntegerField(
            db_default=0, help_text="How many more outstanding units a person who edited lets the customer wait for."
        ),
    ),
]
REFUND_ITEM_OPTIONS = {
    "ordering": ("refund_id", "id"),
    "constraints": [
        UniqueConstraint("refund", "item", name="item_stands_once_on_a_refund"),
        CheckConstraint(
            condition=Q(("overdue_quantity__lte", F("quantity"))), name="overdue_units_are_units_of_the_refund"
        ),
        CheckConstraint(condition=Q(("amount__gte", 0), ("tax__gte", 0)), name="refund_parts_are_not_negative"),
    ],
}
REFUND_ATTEMPT = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("refund", models.ForeignKey(on_delete=models.PROTECT, related_name="attempts", to="refunds.refund")),
    ("number", models.PositiveSmallIntegerField()),
    ("key", models.UUIDField(default=uuid.uuid4)),
    ("gateway", models.CharField(max_length=40)),
    ("amount", models.BigIntegerField()),
    ("currency", models.CharField(max_length=3)),
    ("started_at", models.DateTimeField(db_default=Now())),
    ("finished_at", models.DateTimeField(null=True)),
    (
        "outcome",
        models.CharField(
            blank=True,
            choices=[
                ("pending", "Pending at provider"),
                ("paid", "Paid"),
                ("declined", "Declined"),
                ("not_set_up", "Our key was refused"),
                ("unclear", "Unclear"),
                ("absent", "Never arrived"),
                ("reversed", "Paid, then failed at the provider"),
            ],
            max_length=10,
        ),
    ),
    ("provider_reference", models.CharField(blank=True, max_length=200)),
    ("detail", models.CharField(blank=True, max_length=500)),
]
REFUND_ATTEMPT_OPTIONS = {
    "ordering": ("refund_id", "number"),
    "indexes": [
        Index("started_at", name="attempt_by_start"),
        Index("finished_at", condition=Q(("outcome__in", ("paid", "reversed"))), name="payment_by_moment"),
    ],
    "constraints": [
        UniqueConstraint("refund", "number", name="attempt_number_is_unique"),
        UniqueConstraint("refund", condition=Q(("outcome", "")), name="one_open_attempt_per_refund"),
        UniqueConstraint("refund", condition=Q(("outcome", "paid")), name="refund_is_paid_at_most_once"),
        CheckConstraint(
            condition=Q(
                Q(("finished_at__isnull", True), ("outcome", "")),
                Q(Q(("outcome", ""), _negated=True), ("finished_at__isnull", False)),
                _connector="OR",
            ),
            name="finished_attempt_has_an_outcome",
        ),
    ],
}
BATCH = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("act", models.CharField(choices=[("approve", "Approve"), ("reject", "Reject")], max_length=8)),
    ("why", models.CharField(blank=True, max_length=300, verbose_name="reason")),
    ("made_by", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
    ("made_at", models.DateTimeField(db_default=Now())),
]
BATCH_OPTIONS = {"verbose_name": "bulk action", "ordering": ("-id",)}
BATCH_ITEM = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("batch", models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="items", to="refunds.batch")),
    ("refund", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="refunds.refund")),
    ("version", models.PositiveIntegerField()),
    ("amount", models.BigIntegerField()),
    (
        "state",
        models.CharField(
            choices=[("waiting", "Waiting"), ("done", "Done"), ("refused", "Refused"), ("undone", "Undone")],
            default="waiting",
            max_length=7,
        ),
    ),
    (
        "said",
        models.CharField(
            blank=True,
            help_text="Why it was refused, or could not be undone, for the person who decided.",
            max_length=500,
        ),
    ),
    ("settled_at", models.DateTimeField(null=True)),
]
BATCH_ITEM_OPTIONS = {
    "ordering": ("batch_id", "id"),
    "indexes": [Index("id", condition=Q(("state", "waiting")), name="batch_queue")],
    "constraints": [UniqueConstraint("batch", "refund", name="refund_stands_once_in_a_batch")],
}
HISTORICAL_REFUND_POLICY = [
    (
        "propose_cancelled",
        models.BooleanField(
            default=True,
            help_text="Units that the warehouse cancelled.",
            verbose_name="propose when the warehouse cancels",
        ),
    ),
    (
        "propose_closed_short",
        models.BooleanField(
            default=True,
            help_text="Units missing when the warehouse closed the order.",
            verbose_name="propose when an order is short-shipped",
        ),
    ),
    (
        "propose_overdue_after",
        models.PositiveSmallIntegerField(
            blank=True,
            help_text=(
                "Counted from the order date. Leave empty to switch off. Orders that the warehouse has "
                "not received or that are on hold are left out. A later shipment reduces or withdraws "
                "the proposal."
            ),
            null=True,
            verbose_name="refund unshipped units after (days)",
        ),
    ),
    (
        "refund_shipping",
        models.BooleanField(
            default=True,
            help_text="Only if nothing in the order ships.",
            verbose_name="refund the shipping charge",
        ),
    ),
    (
        "refund_services",
        models.BooleanField(
            db_default=False,
            default=False,
            help_text="Tips, gift wrap and the like. Only if nothing in the order ships.",
            verbose_name="refund what does not ship",
        ),
    ),
    (
        "seller",
        models.ForeignKey(
            blank=True,
            db_constraint=False,
            null=True,
            on_delete=models.DO_NOTHING,
            related_name="+",
            to="orders.seller",
        ),
    ),
    ("history_id", models.AutoField(primary_key=True, serialize=False)),
    ("history_date", models.DateTimeField(db_index=True)),
    ("history_change_reason", models.CharField(max_length=100, null=True)),
    ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
    (
        "history_user",
        models.ForeignKey(null=True, on_delete=models.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL),
    ),
]
HISTORICAL_REFUND_POLICY_OPTIONS = {
    "verbose_name": "historical refund policy",
    "verbose_name_plural": "historical refund policies",
    "ordering": ("-history_date", "-history_id"),
    "get_latest_by": ("history_date", "history_id"),
}
REFUND_POLICY = [
    (
        "seller",
        models.OneToOneField(
            on_delete=models.PROTECT,
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
            help_text="Units that the warehouse cancelled.",
            verbose_name="propose when the warehouse cancels",
        ),
    ),
    (
        "propose_closed_short",
        models.BooleanField(
            default=True,
            help_text="Units missing when the warehouse closed the order.",
            verbose_name="propose when an order is short-shipped",
        ),
    ),
    (
        "propose_overdue_after",
        models.PositiveSmallIntegerField(
            blank=True,
            help_text=(
                "Counted from the order date. Leave empty to switch off. Orders that the warehouse has "
                "not received or that are on hold are left out. A later shipment reduces or withdraws "
                "the proposal."
            ),
            null=True,
            verbose_name="refund unshipped units after (days)",
        ),
    ),
    (
        "refund_shipping",
        models.BooleanField(
            default=True,
            help_text="Only if nothing in the order ships.",
            verbose_name="refund the shipping charge",
        ),
    ),
    (
        "refund_services",
        models.BooleanField(
            db_default=False,
            default=False,
            help_text="Tips, gift wrap and the like. Only if nothing in the order ships.",
            verbose_name="refund what does not ship",
        ),
    ),
    ("version", models.PositiveIntegerField(default=1, editable=False)),
]
REFUND_POLICY_OPTIONS = {
    "verbose_name_plural": "refund policies",
    "ordering": ("seller__name",),
    "constraints": [
        CheckConstraint(
            condition=Q(
                ("propose_overdue_after__isnull", True),
                Q(("propose_overdue_after__gte", 1), ("propose_overdue_after__lte", 365)),
                _connector="OR",
            ),
            name="overdue_is_a_number_of_days",
            violation_error_message="Enter 1 to 365 days, or leave empty.",
        )
    ],
}
HISTORICAL_REFUND_LIMIT = [
    ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
    ("currency", models.CharField(help_text="ISO 4217, such as GBP.", max_length=3)),
    (
        "second_approver_above",
        models.BigIntegerField(
            blank=True,
            help_text="Empty: one approver for any amount.",
            null=True,
            verbose_name="second approval above",
        ),
    ),
    (
        "unattended_upto",
        models.BigIntegerField(
            blank=True,
            help_text="Empty: every refund needs an approver.",
            null=True,
            verbose_name="auto-approve up to",
        ),
    ),
    (
        "daily_ceiling",
        models.BigIntegerField(
            blank=True,
            help_text="Above it, no more refunds are sent that day until a manager lifts it. Empty: no cap.",
            null=True,
            verbose_name="daily cap",
        ),
    ),
    (
        "policy",
        models.ForeignKey(
            blank=True,
            db_constraint=False,
            null=True,
            on_delete=models.DO_NOTHING,
            related_name="+",
            to="refunds.refundpolicy",
        ),
    ),
    ("history_id", models.AutoField(primary_key=True, serialize=False)),
    ("history_date", models.DateTimeField(db_index=True)),
    ("history_change_reason", models.CharField(max_length=100, null=True)),
    ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
    (
        "history_user",
        models.ForeignKey(null=True, on_delete=models.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL),
    ),
]
HISTORICAL_REFUND_LIMIT_OPTIONS = {
    "verbose_name": "historical refund limit",
    "verbose_name_plural": "historical refund limits",
    "ordering": ("-history_date", "-history_id"),
    "get_latest_by": ("history_date", "history_id"),
}
REFUND_LIMIT = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("policy", models.ForeignKey(on_delete=models.CASCADE, related_name="limits", to="refunds.refundpolicy")),
    ("currency", models.CharField(help_text="ISO 4217, such as GBP.", max_length=3)),
    (
        "second_approver_above",
        models.BigIntegerField(
            blank=True,
            help_text="Empty: one approver for any amount.",
            null=True,
            verbose_name="second approval above",
        ),
    ),
    (
        "unattended_upto",
        models.BigIntegerField(
            blank=True,
            help_text="Empty: every refund needs an approver.",
            null=True,
            verbose_name="auto-approve up to",
        ),
    ),
    (
        "daily_ceiling",
        models.BigIntegerField(
            blank=True,
            help_text="Above it, no more refunds are sent that day until a manager lifts it. Empty: no cap.",
            null=True,
            verbose_name="daily cap",
        ),
    ),
]
REFUND_LIMIT_OPTIONS = {
    "ordering": ("policy", "currency"),
    "constraints": [
        UniqueConstraint(fields=("policy", "currency"), name="one_limit_per_seller_and_currency"),
        CheckConstraint(condition=Q(("currency__regex", "^[A-Z]{3}$")), name="limit_currency_is_iso_4217"),
        CheckConstraint(
            condition=Q(
                Q(("second_approver_above__isnull", True), ("second_approver_above__gte", 0), _connector="OR"),
                Q(("unattended_upto__isnull", True), ("unattended_upto__gte", 0), _connector="OR"),
                Q(("daily_ceiling__isnull", True), ("daily_ceiling__gte", 0), _connector="OR"),
            ),
            name="limits_are_not_negative",
        ),
        CheckConstraint(
            condition=Q(
                ("unattended_upto__isnull", True),
                ("second_approver_above__isnull", True),
                ("unattended_upto__lte", F("second_approver_above")),
                _connector="OR",
            ),
            name="what_two_people_approve_is_never_unattended",
            violation_error_message="What two people have to approve cannot be approved without a person.",
        ),
    ],
}
HISTORICAL_REASON_WORDS = [
    ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
    (
        "reason",
        models.CharField(
            choices=[
                ("cancelled_by_warehouse", "Cancelled by the warehouse"),
                ("closed_short", "Short-shipped"),
                ("still_short", "Not shipped by promised date"),
                ("damaged", "Arrived damaged"),
                ("returned", "Returned by the customer"),
                ("lost_in_transit", "Lost in transit"),
                ("duplicate_order", "Ordered twice"),
                ("cancelled_by_customer", "Cancelled by the customer"),
                ("goodwill", "Goodwill"),
                ("made_at_provider", "Refunded at the payment provider"),
                ("other", "Other"),
            ],
            max_length=30,
        ),
    ),
    (
        "words",
        models.CharField(help_text="Given to the payment provider or marketplace word for word.", max_length=200),
    ),
    (
        "policy",
        models.ForeignKey(
            blank=True,
            db_constraint=False,
            null=True,
            on_delete=models.DO_NOTHING,
            related_name="+",
            to="refunds.refundpolicy",
        ),
    ),
    (
        "channel",
        models.ForeignKey(
            blank=True,
            db_constraint=False,
            null=True,
            on_delete=models.DO_NOTHING,
            related_name="+",
            to="orders.saleschannel",
        ),
    ),
    ("history_id", models.AutoField(primary_key=True, serialize=False)),
    ("history_date", models.DateTimeField(db_index=True)),
    ("history_change_reason", models.CharField(max_length=100, null=True)),
    ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
    (
        "history_user",
        models.ForeignKey(null=True, on_delete=models.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL),
    ),
]
HISTORICAL_REASON_WORDS_OPTIONS = {
    "verbose_name": "historical reason words",
    "verbose_name_plural": "historical reason words",
    "ordering": ("-history_date", "-history_id"),
    "get_latest_by": ("history_date", "history_id"),
}
REASON_WORDS = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("policy", models.ForeignKey(on_delete=models.CASCADE, related_name="reason_words", to="refunds.refundpolicy")),
    ("channel", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="orders.saleschannel")),
    (
        "reason",
        models.CharField(
            choices=[
                ("cancelled_by_warehouse", "Cancelled by the warehouse"),
                ("closed_short", "Short-shipped"),
                ("still_short", "Not shipped by promised date"),
                ("damaged", "Arrived damaged"),
                ("returned", "Returned by the customer"),
                ("lost_in_transit", "Lost in transit"),
                ("duplicate_order", "Ordered twice"),
                ("cancelled_by_customer", "Cancelled by the customer"),
                ("goodwill", "Goodwill"),
                ("made_at_provider", "Refunded at the payment provider"),
                ("other", "Other"),
            ],
            max_length=30,
        ),
    ),
    (
        "words",
        models.CharField(help_text="Given to the payment provider or marketplace word for word.", max_length=200),
    ),
]
REASON_WORDS_OPTIONS = {
    "verbose_name_plural": "reason words",
    "ordering": ("policy", "channel", "reason"),
    "constraints": [
        UniqueConstraint(fields=("policy", "channel", "reason"), name="one_wording_per_channel_and_reason")
    ],
}
CEILING_LIFT = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="orders.seller")),
    ("currency", models.CharField(max_length=3)),
    ("day", models.DateField()),
    ("restores", models.BooleanField(db_default=False, default=False)),
    ("why", models.CharField(max_length=300)),
    ("lifted_by", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
    ("lifted_at", models.DateTimeField(db_default=Now())),
]
CEILING_LIFT_OPTIONS = {
    "ordering": ("-day", "-id"),
    "permissions": (("lift_ceiling", "Can lift the daily cap of a seller"),),
    "indexes": [models.Index("seller", "currency", "day", name="lifts_of_a_day")],
}
SENDING_SWITCH = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    (
        "seller",
        models.ForeignKey(
            blank=True, db_index=False, null=True, on_delete=models.PROTECT, related_name="+", to="orders.seller"
        ),
    ),
    ("live_database", models.CharField(blank=True, max_length=500)),
    (
        "went_live_at",
        models.DateTimeField(
            blank=True, help_text="Since then a second person confirms what loosens limits.", null=True
        ),
    ),
    ("stopped_at", models.DateTimeField(blank=True, null=True)),
    (
        "stopped_by",
        models.ForeignKey(
            blank=True, null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
        ),
    ),
    ("why", models.CharField(blank=True, max_length=300)),
]
SENDING_SWITCH_OPTIONS = {
    "verbose_name": "sending",
    "ordering": ("seller__name",),
    "permissions": (("stop_sending", "Can stop sending"), ("resume_sending", "Can resume sending")),
    "constraints": [
        UniqueConstraint(fields=("seller",), name="one_switch_each", nulls_distinct=False),
        CheckConstraint(
            condition=Q(("stopped_at__isnull", True), ("stopped_by__isnull", True), ("why", ""))
            | (Q(("stopped_at__isnull", False), ("stopped_by__isnull", False)) & ~Q(("why", ""))),
            name="a_stop_has_a_person_and_a_reason",
        ),
    ],
}
PRESENCE = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("refund", models.ForeignKey(db_index=False, on_delete=models.CASCADE, related_name="+", to="refunds.refund")),
    ("user", models.ForeignKey(on_delete=models.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
    ("seen_at", models.DateTimeField()),
]
PRESENCE_OPTIONS = {"constraints": [UniqueConstraint("refund", "user", name="a_person_looks_at_a_refund_once")]}
REFUND_REVISION = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("refund", models.ForeignKey(on_delete=models.PROTECT, related_name="revisions", to="refunds.refund")),
    ("version", models.PositiveIntegerField(help_text="The version that was replaced.")),
    ("items", models.JSONField()),
    ("shipping_amount", models.BigIntegerField()),
    ("rounding_amount", models.BigIntegerField()),
    ("amount", models.BigIntegerField()),
    ("edited_by", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
    ("edited_at", models.DateTimeField(db_default=Now())),
    ("why", models.CharField(max_length=300)),
]
REFUND_REVISION_OPTIONS = {
    "ordering": ("refund_id", "version"),
    "constraints": [UniqueConstraint("refund", "version", name="version_is_replaced_once")],
}
OTHER_PAYMENT = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("refund", models.ForeignKey(on_delete=models.PROTECT, related_name="other_payments", to="refunds.refund")),
    (
        "method",
        models.CharField(
            choices=[
                ("bank_transfer", "Bank transfer"),
                ("cash", "Cash"),
                ("store_credit", "Store credit"),
                ("other", "Another way"),
            ],
            max_length=20,
        ),
    ),
    ("reference", models.CharField(max_length=200)),
    ("why", models.CharField(max_length=300)),
    ("recorded_by", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
    ("recorded_at", models.DateTimeField(db_default=Now())),
    (
        "confirmed_by",
        models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
    ),
    ("confirmed_at", models.DateTimeField(null=True)),
    ("withdrawn_at", models.DateTimeField(null=True)),
]
OTHER_PAYMENT_OPTIONS = {
    "ordering": ("-id",),
    "constraints": [
        CheckConstraint(
            condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("recorded_by")),
            name="another_way_is_confirmed_by_another_person",
        ),
    ],
}
OUTSIDE_PAYMENT = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="orders.seller")),
    ("provider", models.CharField(max_length=40)),
    ("reference", models.CharField(max_length=200)),
    ("payments", ArrayField(base_field=models.CharField(max_length=200), size=None)),
    ("amount", models.BigIntegerField()),
    ("currency", models.CharField(max_length=3)),
    (
        "state",
        models.CharField(
            choices=[("paid", "Paid"), ("failed", "Failed at the provider")], default="paid", max_length=10
        ),
    ),
    ("unexplained_amount", models.BigIntegerField()),
    ("overpaid_amount", models.BigIntegerField(default=0)),
    ("made_at", models.DateTimeField()),
    ("heard_at", models.DateTimeField(db_default=Now())),
    ("asked_at", models.DateTimeField(help_text="Since when a person has to say what it was for.", null=True)),
    (
        "explained_by",
        models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
    ),
    ("explained_at", models.DateTimeField(null=True)),
    ("why", models.CharField(blank=True, max_length=300)),
]
OUTSIDE_PAYMENT_OPTIONS = {
    "ordering": ("-id",),
    "verbose_name": "refund made elsewhere",
    "verbose_name_plural": "refunds made elsewhere",
    "constraints": [
        UniqueConstraint("provider", "reference", name="outside_payment_is_heard_once"),
        CheckConstraint(
            condition=Q(unexplained_amount__gte=0, overpaid_amount__gte=0)
            & Q(amount__gte=F("unexplained_amount") + F("overpaid_amount")),
            name="outside_payment_is_explained_within_its_amount",
        ),
        CheckConstraint(
            condition=~Q(state="failed") | Q(unexplained_amount=0, overpaid_amount=0),
            name="a_failed_outside_payment_explains_nothing",
        ),
    ],
    "indexes": [
        Index("provider", condition=Q(("unexplained_amount__gt", 0)), name="unexplained_payments"),
        Index("seller", "id", name="outside_payments_of_seller"),
    ],
}

CREDENTIAL_RESET = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("set_at", models.DateTimeField(db_default=Now())),
    (
        "account",
        models.ForeignKey(on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
    ),
    (
        "set_by",
        models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
    ),
]
CREDENTIAL_RESET_OPTIONS = {
    "ordering": ("-set_at", "-id"),
    "indexes": [Index("set_at", name="credential_resets_lately")],
    "constraints": [
        CheckConstraint(
            condition=Q(("account", F("set_by")), _negated=True), name="nobody_resets_their_own_credentials"
        ),
    ],
}

PENDING_CHANGE = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("kind", models.CharField(help_text="What is changed: limits, lift, going_live.", max_length=20)),
    ("subject", models.CharField(help_text="Of what; one change of it waits at a time.", max_length=100)),
    ("was", models.JSONField(null=True)),
    ("wanted", models.JSONField(help_text="Nothing: it is removed.", null=True)),
    ("why", models.CharField(blank=True, max_length=300)),
    (
        "state",
        models.CharField(
            choices=[
                ("waiting", "Waiting"),
                ("confirmed", "Confirmed"),
                ("refused", "Refused"),
                ("replaced", "Replaced"),
            ],
            default="waiting",
            max_length=10,
        ),
    ),
    ("requested_at", models.DateTimeField(db_default=Now())),
    ("decided_at", models.DateTimeField(null=True)),
    ("refused_because", models.CharField(blank=True, max_length=300)),
    (
        "decided_by",
        models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
    ),
    ("requested_by", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
    ("seller", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="orders.seller")),
]
PENDING_CHANGE_OPTIONS = {
    "ordering": ("-requested_at", "-id"),
    "permissions": (("confirm_change", "Can confirm or refuse changes that need a second person"),),
    "constraints": [
        UniqueConstraint("kind", "subject", condition=Q(("state", "waiting")), name="one_change_of_a_thing_waits"),
        CheckConstraint(
            condition=Q(
                Q(("state", "confirmed"), _negated=True),
                Q(("decided_by__isnull", False), Q(("decided_by", F("requested_by")), _negated=True)),
                _connector="OR",
            ),
            name="nobody_confirms_what_they_requested",
        ),
        CheckConstraint(
            condition=Q(("state", "waiting"), ("decided_at__isnull", False), _connector="OR"),
            name="a_decided_change_says_when",
        ),
    ],
}


class Migration(migrations.Migration):
    initial = True
    dependencies = [("orders", "0001_initial"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [
        migrations.CreateModel("Refund", REFUND, REFUND_OPTIONS),
        migrations.CreateModel("RefundItem", REFUND_ITEM, REFUND_ITEM_OPTIONS),
        migrations.CreateModel("RefundAttempt", REFUND_ATTEMPT, REFUND_ATTEMPT_OPTIONS),
        migrations.CreateModel("Batch", BATCH, BATCH_OPTIONS),
        migrations.CreateModel("BatchItem", BATCH_ITEM, BATCH_ITEM_OPTIONS),
        migrations.CreateModel(
            "HistoricalRefundPolicy",
            HISTORICAL_REFUND_POLICY,
            HISTORICAL_REFUND_POLICY_OPTIONS,
            bases=(HistoricalChanges, models.Model),
        ),
        migrations.CreateModel("RefundPolicy", REFUND_POLICY, REFUND_POLICY_OPTIONS),
        migrations.CreateModel(
            "HistoricalRefundLimit",
            HISTORICAL_REFUND_LIMIT,
            HISTORICAL_REFUND_LIMIT_OPTIONS,
            bases=(HistoricalChanges, models.Model),
        ),
        migrations.CreateModel("RefundLimit", REFUND_LIMIT, REFUND_LIMIT_OPTIONS),
        migrations.CreateModel(
            "HistoricalReasonWords",
            HISTORICAL_REASON_WORDS,
            HISTORICAL_REASON_WORDS_OPTIONS,
            bases=(HistoricalChanges, models.Model),
        ),
        migrations.CreateModel("ReasonWords", REASON_WORDS, REASON_WORDS_OPTIONS),
        migrations.CreateModel("CeilingLift", CEILING_LIFT, CEILING_LIFT_OPTIONS),
        migrations.CreateModel("SendingSwitch", SENDING_SWITCH, SENDING_SWITCH_OPTIONS),
        migrations.CreateModel("Presence", PRESENCE, PRESENCE_OPTIONS),
        migrations.CreateModel("RefundRevision", REFUND_REVISION, REFUND_REVISION_OPTIONS),
        migrations.CreateModel("CredentialReset", CREDENTIAL_RESET, CREDENTIAL_RESET_OPTIONS),
        migrations.CreateModel("OtherPayment", OTHER_PAYMENT, OTHER_PAYMENT_OPTIONS),
        migrations.CreateModel("OutsidePayment", OUTSIDE_PAYMENT, OUTSIDE_PAYMENT_OPTIONS),
        migrations.CreateModel("PendingChange", PENDING_CHANGE, PENDING_CHANGE_OPTIONS),
        run_sql_file("refunds/models/sql/overdue.sql"),
        run_sql_file("refunds/models/sql/approvals.sql"),
        run_sql_file("refunds/models/sql/moves.sql"),
        run_sql_file("refunds/models/sql/committed_totals.sql"),
        run_sql_file("refunds/models/sql/payments.sql"),
        run_sql_file("refunds/models/sql/attempts.sql"),
        run_sql_file("refunds/models/sql/outside.sql"),
        run_sql_file("refunds/models/sql/another_way.sql"),
        run_sql_file("refunds/models/sql/parts_add_up.sql"),
        run_sql_file("refunds/models/sql/shipped_and_refunded.sql"),
        run_sql_file("refunds/models/sql/append_only.sql"),
        run_sql_file("refunds/models/sql/independent.sql"),
        run_sql_file("refunds/models/sql/pending_changes.sql"),
        run_sql_file("refunds/models/sql/first_limits.sql"),
    ]
