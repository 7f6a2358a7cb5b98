"""Orders and what belongs to them.

The tables of fields come first; the rules of the database stand in the SQL files that are run last.
"""

import django.contrib.postgres.fields
from django.conf import settings
from django.db import migrations, models
from django.db.models import Case, CheckConstraint, F, Index, Q, UniqueConstraint, Value, When
from django.db.models.expressions import CombinedExpression
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Greatest, Now, Upper

import orders.models.transactions
import orders.time_zones
from orders.sql import run_sql_file

SELLER = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("code", models.SlugField(help_text="How other systems name this seller.", max_length=40, unique=True)),
    ("name", models.CharField(max_length=120)),
    ("currency", models.CharField(default="GBP", help_text="ISO 4217, such as GBP.", max_length=3)),
    (
        "time_zone",
        models.CharField(
            default="Europe/London",
            help_text="IANA name of the zone.",
            max_length=40,
            validators=[orders.time_zones.known_zone],
        ),
    ),
    (
        "promise_days",
        models.PositiveSmallIntegerField(
            blank=True,
            db_default=5,
            default=5,
            help_text="Days after which everything of an order has left the warehouse; empty: nothing is promised.",
            null=True,
            verbose_name="days promised",
        ),
    ),
    (
        "ignore_sku_case",
        models.BooleanField(
            db_default=True,
            default=True,
            help_text="A warehouse's tee-red-m is the order's TEE-RED-M. Off: these are different goods.",
            verbose_name="ignore case in SKUs",
        ),
    ),
    ("active", models.BooleanField(default=True)),
]
SELLER_OPTIONS = {
    "ordering": ("name",),
    "constraints": [
        CheckConstraint(condition=Q(("currency__regex", "^[A-Z]{3}$")), name="seller_currency_is_iso_4217")
    ],
}
SALES_CHANNEL = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("code", models.SlugField(help_text="How other systems name this channel.", max_length=40, unique=True)),
    ("name", models.CharField(max_length=120)),
    (
        "kind",
        models.CharField(
            choices=[
                ("web", "Web shop"),
                ("affiliate", "Affiliate"),
                ("marketplace", "Marketplace"),
                ("manual", "Entered by hand"),
            ],
            max_length=12,
        ),
    ),
    ("active", models.BooleanField(default=True)),
]
SALES_CHANNEL_OPTIONS = {"ordering": ("name",)}
ORDER = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("seller", models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="orders", to="orders.seller")),
    (
        "channel",
        models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="orders", to="orders.saleschannel"),
    ),
    ("reference", models.CharField(max_length=100)),
    (
        "channel_order_id",
        models.CharField(blank=True, db_default="", help_text="The channel's own id of the order.", max_length=100),
    ),
    (
        "source",
        models.CharField(
            choices=[
                ("web", "Web shop"),
                ("affiliate", "Affiliate"),
                ("marketplace", "Marketplace"),
                ("manual", "Entered by hand"),
            ],
            max_length=12,
        ),
    ),
    ("placed_at", models.DateTimeField()),
    ("currency", models.CharField(max_length=3)),
    ("prices_include_tax", models.BooleanField(default=True)),
    ("customer_name", models.CharField(blank=True, max_length=200)),
    ("customer_email", models.CharField(blank=True, max_length=254)),
    ("customer_phone", models.CharField(blank=True, max_length=40)),
    ("shipping_address", models.JSONField(blank=True, default=dict)),
    ("billing_address", models.JSONField(blank=True, default=dict)),
    ("shipping_method", models.CharField(blank=True, max_length=120)),
    ("notes", models.TextField(blank=True)),
    (
        "language",
        models.CharField(blank=True, db_default="", help_text="The customer's, as in en-GB.", max_length=35),
    ),
    ("shipping_charge", models.BigIntegerField(default=0)),
    ("discounts", models.JSONField(blank=True, default=list)),
    ("rounding", models.BigIntegerField(default=0)),
    (
        "total",
        models.BigIntegerField(help_text="What items, shipping and rounding come to: what the order costs."),
    ),
    ("total_paid", models.BigIntegerField()),
    ("ordered_units", models.PositiveIntegerField()),
    ("shipped_units", models.PositiveIntegerField(default=0)),
    ("cancelled_units", models.PositiveIntegerField(default=0)),
    ("outstanding_units", models.PositiveIntegerField()),
    ("started", models.BooleanField(default=False)),
    ("on_hold", models.BooleanField(default=False)),
    (
        "held_because",
        models.CharField(
            blank=True, db_default="", help_text="Why we hold it; empty as long as we do not.", max_length=300
        ),
    ),
    (
        "status",
        models.GeneratedField(
            db_persist=True,
            expression=Case(
                When(
                    Q(Q(("outstanding_units__gt", 0), _negated=True), ("shipped_units__gt", 0)), then=Value("shipped")
                ),
                When(
                    Q(Q(("outstanding_units__gt", 0), _negated=True), ("cancelled_units__gt", 0)),
                    then=Value("cancelled"),
                ),
                When(on_hold=True, then=Value("on_hold")),
                When(shipped_units__gt=0, then=Value("partially_shipped")),
                When(started=True, then=Value("processing")),
                default=Value("new"),
            ),
            output_field=models.CharField(
                choices=[
                    ("new", "New"),
                    ("processing", "Processing"),
                    ("on_hold", "On hold"),
                    ("partially_shipped", "Partially shipped"),
                    ("shipped", "Shipped"),
                    ("delivered", "Delivered"),
                    ("cancelled", "Cancelled"),
                ],
                max_length=20,
            ),
        ),
    ),
    (
        "shipped_short",
        models.GeneratedField(
            db_persist=True,
            expression=Case(
                When(
                    Q(
                        Q(("outstanding_units__gt", 0), _negated=True),
                        ("cancelled_units__gt", 0),
                        ("shipped_units__gt", 0),
                    ),
                    then=Value(True),
                ),
                default=Value(False),
            ),
            output_field=models.BooleanField(),
        ),
    ),
    (
        "status_detail",
        models.CharField(
            blank=True,
            choices=[
                ("", "–"),
                ("picking", "Picking"),
                ("picked", "Picked"),
                ("packing", "Packing"),
                ("packed", "Packed"),
                ("marshalled", "Marshalled"),
            ],
            max_length=20,
        ),
    ),
    (
        "refund_blocks",
        django.contrib.postgres.fields.ArrayField(
            base_field=models.CharField(max_length=30),
            blank=True,
            db_default=Value(
                [], output_field=django.contrib.postgres.fields.ArrayField(models.CharField(max_length=30))
            ),
            default=list,
            help_text="Why a proposed refund may be wrong: such a refund is decided by a person, one by one.",
            size=None,
        ),
    ),
    ("committed_amount", models.BigIntegerField(default=0)),
    ("committed_shipping", models.BigIntegerField(default=0)),
    (
        "left_to_refund",
        models.GeneratedField(
            db_persist=True,
            expression=CombinedExpression(F("total_paid"), "-", F("committed_amount")),
            output_field=models.BigIntegerField(),
        ),
    ),
    ("refunded_amount", models.BigIntegerField(db_default=0, default=0, help_text="What of that is paid back.")),
    (
        "payment_status",
        models.GeneratedField(
            db_persist=True,
            expression=Case(
                When(total__gt=0, total_paid__lte=0, then=Value("unpaid")),
                When(refunded_amount__lte=0, total_paid__lt=F("total"), then=Value("part_paid")),
                When(refunded_amount__lte=0, then=Value("paid")),
                When(refunded_amount__lt=F("total_paid"), then=Value("partially_refunded")),
                default=Value("refunded"),
            ),
            output_field=models.CharField(
                choices=[
                    ("unpaid", "Unpaid"),
                    ("part_paid", "Part paid"),
                    ("paid", "Paid"),
                    ("partially_refunded", "Partially refunded"),
                    ("refunded", "Refunded"),
                ],
                max_length=20,
            ),
        ),
    ),
    ("created_at", models.DateTimeField(db_default=Now())),
    ("updated_at", models.DateTimeField(db_default=Now())),
]
ORDER_OPTIONS = {
    "ordering": ("-placed_at", "-id"),
    "permissions": (
        ("hold_order", "Can hold orders and release them"),
        ("cancel_order", "Can cancel what is not shipped of orders"),
        ("annotate_order", "Can put notes, tags and files on orders"),
    ),
    "indexes": [
        Index("seller", "reference", name="order_by_reference"),
        Index(F("placed_at").desc(), F("id").desc(), name="order_newest_first"),
        Index("seller", F("placed_at").desc(), F("id").desc(), name="order_of_seller"),
        Index("channel", F("placed_at").desc(), F("id").desc(), name="order_of_channel"),
        Index(Upper(KeyTextTransform("country", "shipping_address")), name="order_by_country"),
        Index("updated_at", "id", name="order_by_change"),
        Index(
            "seller",
            Upper("customer_email"),
            F("placed_at").desc(),
            F("id").desc(),
            condition=Q(("customer_email", ""), _negated=True),
            name="orders_of_one_customer",
        ),
        Index("status", F("placed_at").desc(), F("id").desc(), name="order_by_status"),
        Index(F("placed_at").desc(), F("id").desc(), condition=Q(("shipped_short", True)), name="order_shipped_short"),
        Index(
            "payment_status",
            F("placed_at").desc(),
            F("id").desc(),
            condition=Q(("payment_status", "paid"), _negated=True),
            name="order_by_payment_status",
        ),
        Index(
            F("placed_at").desc(),
            F("id").desc(),
            condition=Q(("committed_amount__gt", F("refunded_amount"))),
            name="order_with_pending_refund",
        ),
        Index("seller", "placed_at", "id", condition=Q(("outstanding_units__gt", 0)), name="order_outstanding"),
    ],
    "constraints": [
        UniqueConstraint("seller", "channel", "reference", name="reference_is_unique_per_seller_and_channel"),
        CheckConstraint(
            condition=Q(("committed_amount__gte", 0), ("committed_amount__lte", F("total_paid"))),
            name="order_refunds_never_exceed_what_was_paid",
        ),
        CheckConstraint(
            condition=Q(("refunded_amount__gte", 0), ("refunded_amount__lte", F("committed_amount"))),
            name="what_is_refunded_is_committed",
        ),
        CheckConstraint(
            condition=Q(("committed_shipping__gte", 0), ("committed_shipping__lte", F("shipping_charge"))),
            name="shipping_refunds_never_exceed_the_charge",
        ),
        CheckConstraint(
            condition=Q(("shipping_charge__gte", 0), ("total__gte", 0), ("total_paid__gte", 0)),
            name="order_amounts_are_not_negative",
        ),
    ],
}
PAYMENT = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("seller", models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="+", to="orders.seller")),
    ("provider", models.CharField(max_length=40)),
    ("automatic", models.BooleanField(help_text="Its provider pays refunds back without a person.")),
    ("reference", models.CharField(blank=True, max_length=200)),
    ("currency", models.CharField(max_length=3)),
    (
        "captured_amount",
        models.BigIntegerField(
            blank=True, help_text="What was captured in all; without it, the sum of what it pays.", null=True
        ),
    ),
]
PAYMENT_OPTIONS = {
    "ordering": ("id",),
    "default_permissions": (),
    "constraints": [
        UniqueConstraint(
            "provider",
            "reference",
            condition=Q(("automatic", True), Q(("reference", ""), _negated=True)),
            name="payment_reference_belongs_to_one_seller",
        ),
        UniqueConstraint(
            "seller",
            "provider",
            "reference",
            condition=Q(("automatic", False), Q(("reference", ""), _negated=True)),
            name="payment_by_hand_is_unique_per_seller",
        ),
    ],
}
PAYMENT_SHARE = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    (
        "order",
        models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="payment_shares", to="orders.order"),
    ),
    ("payment", models.ForeignKey(on_delete=models.PROTECT, related_name="shares", to="orders.payment")),
    ("amount", models.BigIntegerField()),
]
PAYMENT_SHARE_OPTIONS = {
    "ordering": ("order_id", "id"),
    "default_permissions": (),
    "constraints": [
        UniqueConstraint("order", "payment", name="payment_pays_an_order_once"),
        CheckConstraint(condition=Q(("amount__gte", 0)), name="share_is_not_negative"),
    ],
}
ORDER_ITEM = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("order", models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="items", to="orders.order")),
    ("position", models.PositiveSmallIntegerField()),
    ("sku", models.CharField(max_length=100)),
    ("name", models.CharField(blank=True, max_length=250)),
    ("quantity", models.PositiveIntegerField()),
    (
        "channel_line",
        models.CharField(blank=True, db_default="", help_text="The channel's own id of this line.", max_length=100),
    ),
    (
        "ships",
        models.BooleanField(
            db_default=True,
            default=True,
            help_text="Off for what no warehouse ships: a tip, gift wrap, an e-gift card.",
        ),
    ),
    (
        "fills_first",
        models.BooleanField(
            db_default=False,
            default=False,
            help_text="A person's word: of the lines of this SKU, this one shipped first, whatever their prices.",
        ),
    ),
    (
        "properties",
        models.JSONField(
            blank=True,
            db_default=Value({}, output_field=models.JSONField()),
            default=dict,
            help_text="What the customer asked for of this line, such as an engraving.",
        ),
    ),
    ("unit_price", models.BigIntegerField()),
    (
        "exact_unit_price",
        models.CharField(
            blank=True,
            db_default="",
            help_text="In the currency itself, where the price has more decimals than that; the line alone is rounded.",
            max_length=30,
        ),
    ),
    ("discount", models.BigIntegerField(default=0)),
    ("discount_share", models.BigIntegerField(default=0)),
    ("tax", models.BigIntegerField(default=0)),
    ("paid", models.BigIntegerField()),
    ("shipped_quantity", models.PositiveIntegerField(default=0)),
    ("cancelled_quantity", models.PositiveIntegerField(default=0)),
    (
        "outstanding_quantity",
        models.GeneratedField(
            db_persist=True,
            expression=Case(
                When(
                    ships=True,
                    then=Greatest(
                        CombinedExpression(
                            CombinedExpression(F("quantity"), "-", F("shipped_quantity")), "-", F("cancelled_quantity")
                        ),
                        Value(0),
                    ),
                ),
                default=Value(0),
            ),
            output_field=models.IntegerField(),
        ),
    ),
    ("started", models.BooleanField(default=False)),
    ("on_hold", models.BooleanField(default=False)),
    (
        "status",
        models.GeneratedField(
            db_persist=True,
            expression=Case(
                When(
                    Q(
                        Q(
                            ("quantity__gt", CombinedExpression(F("shipped_quantity"), "+", F("cancelled_quantity"))),
                            _negated=True,
                        ),
                        ("shipped_quantity__gt", 0),
                    ),
                    then=Value("shipped"),
                ),
                When(
                    Q(
                        Q(
                            ("quantity__gt", CombinedExpression(F("shipped_quantity"), "+", F("cancelled_quantity"))),
                            _negated=True,
                        ),
                        ("cancelled_quantity__gt", 0),
                    ),
                    then=Value("cancelled"),
                ),
                When(on_hold=True, then=Value("on_hold")),
                When(shipped_quantity__gt=0, then=Value("partially_shipped")),
                When(started=True, then=Value("processing")),
                default=Value("new"),
            ),
            output_field=models.CharField(
                choices=[
                    ("new", "New"),
                    ("processing", "Processing"),
                    ("on_hold", "On hold"),
                    ("partially_shipped", "Partially shipped"),
                    ("shipped", "Shipped"),
                    ("delivered", "Delivered"),
                    ("cancelled", "Cancelled"),
                ],
                max_length=20,
            ),
        ),
    ),
    (
        "shipped_short",
        models.GeneratedField(
            db_persist=True,
            expression=Case(
                When(
                    Q(
                        Q(
                            ("quantity__gt", CombinedExpression(F("shipped_quantity"), "+", F("cancelled_quantity"))),
                            _negated=True,
                        ),
                        ("cancelled_quantity__gt", 0),
                        ("shipped_quantity__gt", 0),
                    ),
                    then=Value(True),
                ),
                default=Value(False),
            ),
            output_field=models.BooleanField(),
        ),
    ),
    ("committed_quantity", models.PositiveIntegerField(default=0)),
    ("committed_unshipped", models.PositiveIntegerField(default=0)),
    ("committed_amount", models.BigIntegerField(default=0)),
    ("committed_tax", models.BigIntegerField(default=0)),
]
ORDER_ITEM_OPTIONS = {
    "ordering": ("order_id", "position"),
    "indexes": [Index("sku", name="item_by_sku")],
    "constraints": [
        UniqueConstraint("order", "position", name="item_position_is_unique"),
        CheckConstraint(condition=Q(("quantity__gte", 1), ("quantity__lte", 1000000)), name="item_has_units"),
        CheckConstraint(
            condition=Q(("committed_quantity__lte", F("quantity"))), name="refunded_units_never_exceed_ordered"
        ),
        CheckConstraint(
            condition=Q(("committed_amount__gte", 0), ("committed_amount__lte", F("paid"))),
            name="item_refunds_never_exceed_what_was_paid",
        ),
        CheckConstraint(
            condition=Q(("committed_tax__gte", 0), ("committed_tax__lte", F("tax"))),
            name="refunded_tax_never_exceeds_tax",
        ),
        CheckConstraint(condition=Q(("paid__gte", 0), ("tax__gte", 0)), name="item_amounts_are_not_negative"),
        CheckConstraint(
            condition=Q(("cancelled_quantity__lte", F("quantity"))), name="cancelled_units_never_exceed_ordered"
        ),
    ],
}
TAG = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("seller", models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="tags", to="orders.seller")),
    ("name", models.CharField(max_length=40)),
]
TAG_OPTIONS = {
    "ordering": ("name",),
    "default_permissions": (),
    "constraints": [UniqueConstraint("seller", Upper("name"), name="tag_is_unique_in_any_case")],
}
ORDER_TAG = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("order", models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="tagged", to="orders.order")),
    ("tag", models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="tagged", to="orders.tag")),
]
ORDER_TAG_OPTIONS = {
    "ordering": ("tag__name",),
    "default_permissions": (),
    "indexes": [Index("tag", "order", name="orders_by_tag")],
    "constraints": [UniqueConstraint("order", "tag", name="order_carries_a_tag_once")],
}
ORDER_FILE = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("order", models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="files", to="orders.order")),
    ("name", models.CharField(max_length=120)),
    ("kind", models.CharField(help_text="The media type, by its content.", max_length=60)),
    ("size", models.PositiveIntegerField()),
    ("digest", models.CharField(max_length=64)),
    ("content", models.BinaryField()),
    ("added_at", models.DateTimeField(db_default=Now())),
    ("added_by", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
]
ORDER_FILE_OPTIONS = {
    "ordering": ("-id",),
    "default_permissions": ("delete",),
    "constraints": [
        UniqueConstraint("order", "digest", name="file_stands_once_on_an_order"),
        CheckConstraint(condition=Q(("size__gt", 0)), name="file_is_not_empty"),
    ],
}
EXPORT = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("person", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
    ("of", models.CharField(help_text="The list.", max_length=60)),
    ("asked", models.JSONField(help_text="Filters and sort; a search is forgotten once the file is written.")),
    ("columns", models.JSONField()),
    ("kind", models.CharField(choices=[("csv", "CSV"), ("xlsx", "Excel (XLSX)")], max_length=4)),
    (
        "state",
        models.CharField(
            choices=[
                ("waiting", "Waiting"),
                ("writing", "Being written"),
                ("ready", "Ready"),
                ("streamed", "Downloaded at once"),
                ("failed", "Failed"),
                ("gone", "Deleted"),
            ],
            default="waiting",
            max_length=8,
        ),
    ),
    ("why", models.CharField(blank=True, max_length=200)),
    ("total", models.PositiveIntegerField(blank=True, null=True)),
    ("done", models.PositiveIntegerField(default=0)),
    ("after", models.JSONField(default=list, help_text="Behind which row it goes on.")),
    ("sellers", models.JSONField(blank=True, help_text="Whose rows are in it; null means everybody's.", null=True)),
    ("attempts", models.PositiveSmallIntegerField(default=0)),
    ("lease_until", models.DateTimeField(blank=True, null=True)),
    ("asked_at", models.DateTimeField(db_default=Now())),
    ("ready_at", models.DateTimeField(blank=True, null=True)),
]
EXPORT_OPTIONS = {
    "ordering": ("-id",),
    "permissions": (("export_order", "Can export orders with their customers' data"),),
    "default_permissions": (),
    "indexes": [
        Index("id", condition=Q(("state__in", ("waiting", "writing"))), name="exports_to_write"),
        Index("ready_at", condition=Q(("state", "ready")), name="exports_to_forget"),
    ],
}
EXPORT_CHUNK = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("export", models.ForeignKey(db_index=False, on_delete=models.CASCADE, related_name="chunks", to="orders.export")),
    ("number", models.PositiveIntegerField()),
    ("data", models.BinaryField()),
]
EXPORT_CHUNK_OPTIONS = {
    "ordering": ("number",),
    "default_permissions": (),
    "constraints": [UniqueConstraint("export", "number", name="chunk_number_is_unique_per_export")],
}
SAVED_VIEW = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("of", models.CharField(help_text="The list, named by the rows it shows, such as orders.order.", max_length=60)),
    (
        "owner",
        models.ForeignKey(db_index=False, on_delete=models.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL),
    ),
    ("name", models.CharField(blank=True, max_length=60)),
    ("shared", models.BooleanField(default=False)),
    ("asked", models.JSONField(default=dict, help_text="What stands in the address of the list.")),
    ("columns", models.JSONField(default=list, help_text="None means the usual ones.")),
    ("size", models.PositiveSmallIntegerField(default=0, help_text="Rows per page; 0 means as many as usual.")),
    ("opens_with", models.CharField(blank=True, help_text="The view; empty means all.", max_length=20)),
]
SAVED_VIEW_OPTIONS = {
    "ordering": ("name", "id"),
    "permissions": (("share_view", "Can share views of lists"),),
    "default_permissions": (),
    "indexes": [Index("of", condition=Q(("shared", True)), name="shared_views")],
    "constraints": [
        UniqueConstraint("owner", "of", "name", name="view_name_is_unique_per_list_and_person"),
        CheckConstraint(
            condition=Q(("shared", False), Q(("name", ""), _negated=True), _connector="OR"),
            name="only_a_view_with_a_name_is_shared",
        ),
    ],
}
SEARCH_WORD = [
    ("pk", models.CompositePrimaryKey("word", "order", blank=True, editable=False, primary_key=True, serialize=False)),
    (
        "word",
        models.TextField(
            db_collation="C",
            help_text=(
                "In small letters without accents. Sorted by its letters' codes, so that a beginning is a range."
            ),
        ),
    ),
    (
        "order",
        models.ForeignKey(
            db_constraint=False, db_index=False, on_delete=models.DO_NOTHING, related_name="+", to="orders.order"
        ),
    ),
    (
        "seller",
        models.ForeignKey(
            db_constraint=False, db_index=False, on_delete=models.DO_NOTHING, related_name="+", to="orders.seller"
        ),
    ),
]
SEARCH_WORD_OPTIONS = {"default_permissions": ()}
PRODUCT_WORD = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    (
        "word",
        models.TextField(
            db_collation="C",
            help_text=(
                "In small letters without accents. Sorted by its letters' codes, so that a beginning is a range."
            ),
        ),
    ),
    (
        "seller",
        models.ForeignKey(
            db_constraint=False, db_index=False, on_delete=models.DO_NOTHING, related_name="+", to="orders.seller"
        ),
    ),
    ("sku", models.CharField(max_length=100)),
]
PRODUCT_WORD_OPTIONS = {
    "default_permissions": (),
    "indexes": [Index("word", "seller", "sku", name="product_by_word")],
}
AUDIT_ENTRY = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("recorded_at", models.DateTimeField(db_default=Now())),
    ("actor", models.CharField(help_text="As on the timeline: staff:anna, key:finance.", max_length=160)),
    (
        "kind",
        models.CharField(choices=[("settings", "Settings"), ("login", "Log-in"), ("export", "Export")], max_length=10),
    ),
    ("act", models.TextField()),
    ("about", models.CharField(blank=True, max_length=200)),
]
AUDIT_ENTRY_OPTIONS = {
    "verbose_name_plural": "audit entries",
    "ordering": ("-recorded_at", "-id"),
    "indexes": [models.Index(F("recorded_at").desc(), F("id").desc(), name="audit_newest_first")],
}
PERSON = [
    (
        "user",
        models.OneToOneField(
            on_delete=models.CASCADE,
            primary_key=True,
            related_name="person",
            serialize=False,
            to=settings.AUTH_USER_MODEL,
        ),
    ),
    (
        "time_zone",
        models.CharField(
            blank=True,
            db_default="",
            help_text="IANA name such as Europe/London; empty means the installation's.",
            max_length=40,
            validators=[orders.time_zones.known_zone],
        ),
    ),
    ("tour_over", models.BooleanField(db_default=False, default=False, editable=False)),
    ("sellers", models.ManyToManyField(blank=True, help_text="None means all.", related_name="+", to="orders.seller")),
]
PERSON_OPTIONS = {"verbose_name_plural": "people", "permissions": (("view_activity", "Can see who did what"),)}
WAREHOUSE = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("code", models.SlugField(help_text="How order documents name this warehouse.", max_length=60, unique=True)),
    ("name", models.CharField(max_length=120)),
    ("address", models.JSONField(blank=True, default=dict)),
    (
        "time_zone",
        models.CharField(
            default="Europe/London",
            help_text="IANA name of the zone.",
            max_length=40,
            validators=[orders.time_zones.known_zone],
        ),
    ),
    (
        "state",
        models.CharField(
            choices=[("open", "Open"), ("paused", "Paused"), ("down", "Down")], default="open", max_length=10
        ),
    ),
]
SELLER_WAREHOUSE = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    (
        "seller",
        models.ForeignKey(db_index=False, on_delete=models.CASCADE, related_name="warehouses", to="orders.seller"),
    ),
    ("warehouse", models.ForeignKey(on_delete=models.PROTECT, related_name="sellers", to="orders.warehouse")),
    ("position", models.PositiveSmallIntegerField(default=1, help_text="The lowest is the seller's default.")),
]
SELLER_WAREHOUSE_OPTIONS = {
    "ordering": ("seller_id", "position", "id"),
    "constraints": [UniqueConstraint("seller", "warehouse", name="warehouse_stands_once_under_a_seller")],
}
FULFILMENT_ORDER = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    (
        "order",
        models.ForeignKey(
            db_index=False, on_delete=models.PROTECT, related_name="fulfilment_orders", to="orders.order"
        ),
    ),
    (
        "warehouse",
        models.ForeignKey(
            db_index=False, on_delete=models.PROTECT, related_name="fulfilment_orders", to="orders.warehouse"
        ),
    ),
    (
        "part",
        models.PositiveSmallIntegerField(default=1, help_text="A second part at the same warehouse is 2."),
    ),
    (
        "whole_order",
        models.BooleanField(default=False, help_text="Whether its reports speak for the whole order."),
    ),
    (
        "requested",
        models.JSONField(
            blank=True, help_text="Units by SKU that it was asked for; null as long as nobody has routed.", null=True
        ),
    ),
    ("number", models.CharField(blank=True, help_text="The warehouse's own number of it.", max_length=100)),
    ("started", models.BooleanField(default=False, help_text="Whether the warehouse has reported anything.")),
    ("external_status", models.CharField(blank=True, max_length=100)),
    ("external_status_at", models.DateTimeField(blank=True, null=True)),
    ("status", models.CharField(blank=True, help_text="What the external status means.", max_length=20)),
    ("detail", models.CharField(blank=True, max_length=20)),
    ("cancel_reason", models.CharField(blank=True, max_length=500)),
    ("reported_at", models.DateTimeField(blank=True, null=True)),
    ("report_version", models.CharField(blank=True, max_length=64)),
    ("report_message", models.BigIntegerField(blank=True, null=True)),
    ("closed_as", models.CharField(blank=True, max_length=20)),
    ("closed_at", models.DateTimeField(blank=True, null=True)),
    ("closed_message", models.BigIntegerField(blank=True, null=True)),
    ("listed", models.JSONField(blank=True, default=list, help_text="SKUs of the newest report with lines.")),
    ("listed_at", models.DateTimeField(blank=True, null=True)),
    ("listed_version", models.CharField(blank=True, max_length=64)),
    (
        "figures",
        models.JSONField(
            blank=True,
            default=list,
            help_text="Its own figures, by report: [reported at, version, {SKU: [ordered, shipped, cancelled]}].",
        ),
    ),
    ("state", models.CharField(default="open", help_text="How far its warehouse has come.", max_length=12)),
    (
        "units",
        models.JSONField(
            blank=True, default=dict, help_text="By SKU: units requested, shipped, released, and still to ship."
        ),
    ),
]
FULFILMENT_ORDER_OPTIONS = {
    "ordering": ("order_id", "warehouse_id", "part"),
    "constraints": [UniqueConstraint("order", "warehouse", "part", name="part_is_unique_per_order_and_warehouse")],
}
SHIPMENT = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("order", models.ForeignKey(on_delete=models.PROTECT, related_name="shipments", to="orders.order")),
    (
        "fulfilment_order",
        models.ForeignKey(
            db_index=False, on_delete=models.PROTECT, related_name="shipments", to="orders.fulfilmentorder"
        ),
    ),
    (
        "seller",
        models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="shipments", to="orders.seller"),
    ),
    ("number", models.CharField(max_length=100)),
    ("carrier", models.CharField(blank=True, max_length=100)),
    ("service", models.CharField(blank=True, max_length=100)),
    ("tracking_number", models.CharField(blank=True, max_length=120)),
    ("tracking_url", models.CharField(blank=True, max_length=500)),
    ("carrier_text", models.TextField(blank=True)),
    ("despatched_at", models.DateTimeField()),
    ("changed_at", models.DateTimeField()),
    ("version", models.CharField(max_length=64)),
    ("withdrawn", models.BooleanField(default=False)),
    ("planned", models.BooleanField(default=False, help_text="Not confirmed yet: it ships nothing.")),
    (
        "sent_to",
        models.JSONField(
            blank=True,
            help_text="The order's shipping address when it was confirmed; kept by the database.",
            null=True,
        ),
    ),
    ("message", models.BigIntegerField(help_text="The archived message that this state rests on.")),
    ("recorded_at", models.DateTimeField(db_default=Now())),
]
SHIPMENT_OPTIONS = {
    "ordering": ("despatched_at", "id"),
    "indexes": [
        Index("seller", "number", name="shipment_by_despatch_number"),
        Index("tracking_number", condition=Q(("tracking_number", ""), _negated=True), name="shipment_by_tracking"),
        Index(F("despatched_at").desc(), F("id").desc(), name="shipment_newest_first"),
    ],
    "constraints": [
        UniqueConstraint("fulfilment_order", "number", name="despatch_number_is_unique_per_fulfilment_order")
    ],
}
FORMER_ADDRESS = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    (
        "order",
        models.ForeignKey(on_delete=models.PROTECT, related_name="former_addresses", to="orders.order"),
    ),
    ("address", models.JSONField()),
    ("replaced_at", models.DateTimeField(db_default=Now())),
]
FORMER_ADDRESS_OPTIONS = {"ordering": ("-id",), "default_permissions": ()}
SHIPMENT_ITEM = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    (
        "shipment",
        models.ForeignKey(db_index=False, on_delete=models.CASCADE, related_name="items", to="orders.shipment"),
    ),
    ("sku", models.CharField(max_length=100)),
    ("quantity", models.PositiveIntegerField()),
]
SHIPMENT_ITEM_OPTIONS = {
    "ordering": ("shipment_id", "id"),
    "constraints": [UniqueConstraint("shipment", "sku", name="sku_stands_once_on_a_shipment")],
}
ORDER_EVENT = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("order", models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="events", to="orders.order")),
    ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="orders.seller")),
    ("kind", models.CharField(max_length=40)),
    ("occurred_at", models.DateTimeField()),
    ("recorded_at", models.DateTimeField(db_default=Now())),
    ("actor", models.CharField(max_length=160)),
    ("data", models.JSONField(default=dict)),
    ("message", models.BigIntegerField(blank=True, help_text="The archived message that is the evidence.", null=True)),
    ("transaction_id", orders.models.transactions.TransactionId()),
]
ORDER_EVENT_OPTIONS = {
    "ordering": ("id",),
    "indexes": [
        Index("order", "id", name="timeline"),
        Index("transaction_id", "id", name="timeline_as_it_became_visible"),
        Index(
            F("recorded_at").desc(), F("id").desc(), condition=Q(("actor__startswith", "staff:")), name="acts_of_people"
        ),
        Index(
            "actor",
            F("recorded_at").desc(),
            F("id").desc(),
            condition=Q(("actor__startswith", "staff:")),
            name="acts_of_a_person",
        ),
        Index("occurred_at", "order", condition=Q(("kind", "order.units_cancelled")), name="units_cancelled"),
    ],
}
ATTENTION_ITEM = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    (
        "kind",
        models.CharField(
            choices=[
                ("unknown_order", "Unknown order"),
                ("ambiguous_order", "One reference, several orders"),
                ("unknown_sku", "Unknown SKU"),
                ("removed_item", "Removed after the warehouse had it"),
                ("over_shipment", "More shipped than ordered"),
                ("status_backwards", "Status went backwards"),
                ("quantity_mismatch", "Quantity differs from warehouse"),
                ("closed_without_figures", "Closed without shipped quantities"),
                ("closing_changed", "Warehouse closed it twice, in two ways"),
                ("figures_overtaken", "Figures and despatch notes differ"),
                ("double_coverage", "Two warehouses may ship the same units"),
                ("other_warehouse_silent", "Cancelled, but another warehouse is silent"),
                ("unknown_request", "Closed, but nothing says what it was asked for"),
                ("planned_not_confirmed", "Planned despatch not confirmed"),
                ("partial_kit", "Part of a kit"),
                ("hand_and_warehouse_shipment", "Shipped by hand and by the warehouse"),
                ("shipped_after_drop", "Shipped after staff cancelled it"),
                ("unassigned", "No warehouse has been asked for it"),
                ("services_left", "Only services are left"),
                ("shared_despatch_number", "Despatch number on two orders"),
                ("unknown_status", "Unmapped status"),
                ("message_rejected", "Message rejected"),
                ("shipped_after_refund", "Shipped after refund"),
                ("foreign_payment", "Payment of another seller"),
                ("currency_mismatch", "Currency differs from the payment"),
                ("refund_in_doubt", "Refund in doubt"),
                ("refund_pending", "Refund pending for long"),
                ("refund_failed", "Refund failed"),
                ("external_over_limit", "Refunded more than the refundable balance"),
                ("unexplained_refund", "Refunded elsewhere, unclear what for"),
                ("provider_difference", "Refund differs at the provider"),
                ("ceiling_reached", "Daily cap reached"),
                ("change_waiting", "Change waits for a second person"),
                ("many_refunds", "Many refunds at once"),
                ("sync_failing", "Sync keeps failing"),
                ("key_refused", "API key rejected"),
                ("ambiguous_time", "Ambiguous time (clock change)"),
                ("date_ahead", "Date lies far ahead"),
                ("duplicate_shipment", "Duplicate shipment"),
                ("empty_list", "Warehouse order list is empty"),
                ("clock_skew", "Warehouse clock is off"),
                ("silence", "Warehouse is silent"),
                ("discrepancy", "Discrepancy with the warehouse"),
                ("webhook_off", "Webhook endpoint disabled"),
            ],
            max_length=30,
        ),
    ),
    ("subject", models.CharField(help_text="What it is about; one open item per kind and subject.", max_length=160)),
    (
        "seller",
        models.ForeignKey(
            blank=True, db_index=False, null=True, on_delete=models.PROTECT, related_name="+", to="orders.seller"
        ),
    ),
    (
        "order",
        models.ForeignKey(blank=True, null=True, on_delete=models.PROTECT, related_name="attention", to="orders.order"),
    ),
    ("summary", models.CharField(max_length=300)),
    ("evidence", models.JSONField(default=dict)),
    ("opened_at", models.DateTimeField(db_default=Now())),
    ("closed_at", models.DateTimeField(blank=True, null=True)),
    (
        "closed_by",
        models.ForeignKey(
            blank=True, null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
        ),
    ),
]
ATTENTION_ITEM_OPTIONS = {
    "ordering": ("-opened_at", "-id"),
    "permissions": (("close_attention", "Can close attention items"),),
    "indexes": [
        Index("order", "kind", name="attention_by_order"),
        Index("kind", "subject", name="attention_by_subject"),
        Index("kind", F("opened_at").desc(), condition=Q(("closed_at__isnull", True)), name="open_attention"),
        Index(F("opened_at").desc(), F("id").desc(), name="attention_newest_first"),
        Index("seller", F("opened_at").desc(), F("id").desc(), name="attention_of_seller"),
    ],
    "constraints": [
        UniqueConstraint(
            "kind", "subject", condition=Q(("closed_at__isnull", True)), name="one_open_item_per_kind_and_subject"
        )
    ],
}
SKU_MAPPING = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("sku", models.CharField(max_length=100, verbose_name="SKU")),
    (
        "counts_as",
        models.JSONField(blank=True, default=dict, help_text="Units by SKU that one unit is; none: no goods."),
    ),
    ("why", models.CharField(blank=True, max_length=300)),
    ("active", models.BooleanField(default=True)),
    ("mapped_at", models.DateTimeField(db_default=Now(), editable=False)),
    (
        "applied_at",
        models.DateTimeField(
            editable=False, help_text="When the orders that name it followed; null until then.", null=True
        ),
    ),
    (
        "mapped_by",
        models.ForeignKey(editable=False, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
    ),
    (
        "order",
        models.ForeignKey(
            blank=True, db_index=False, null=True, on_delete=models.PROTECT, related_name="+", to="orders.order"
        ),
    ),
    ("seller", models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="+", to="orders.seller")),
]
SKU_MAPPING_OPTIONS = {
    "verbose_name": "SKU mapping",
    "ordering": ("sku", "id"),
    "constraints": [
        UniqueConstraint(
            "seller",
            Upper("sku"),
            condition=Q(active=True, order__isnull=True),
            name="sku_is_mapped_once_per_seller",
            violation_error_message="This SKU is mapped already: change that mapping.",
        ),
        UniqueConstraint(
            "order",
            Upper("sku"),
            condition=Q(active=True, order__isnull=False),
            name="sku_is_mapped_once_per_order",
            violation_error_message="This SKU is mapped for this order already: change that mapping.",
        ),
    ],
}
NON_SHIPPING_SKU = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    (
        "pattern",
        models.CharField(
            help_text="* stands for any characters, ? for one: GIFTWRAP, TIP-*.",
            max_length=100,
            verbose_name="SKU or pattern",
        ),
    ),
    (
        "applied_at",
        models.DateTimeField(editable=False, help_text="When the orders that are here followed.", null=True),
    ),
    (
        "seller",
        models.ForeignKey(
            db_index=False, on_delete=models.CASCADE, related_name="non_shipping_skus", to="orders.seller"
        ),
    ),
]
NON_SHIPPING_SKU_OPTIONS = {
    "verbose_name": "SKU that does not ship",
    "verbose_name_plural": "SKUs that do not ship",
    "ordering": ("seller_id", "pattern"),
    "constraints": [UniqueConstraint("seller", "pattern", name="pattern_stands_once_under_a_seller")],
}
LISTED_SKU = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("sku", models.CharField(max_length=100)),
    ("seller", models.ForeignKey(db_index=False, on_delete=models.CASCADE, related_name="+", to="orders.seller")),
]
LISTED_SKU_OPTIONS = {"constraints": [UniqueConstraint("seller", "sku", name="sku_is_listed_once_per_seller")]}
ORDER_MATCH = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("reference", models.CharField(blank=True, max_length=100)),
    ("number", models.CharField(blank=True, max_length=100)),
    ("message", models.BigIntegerField(null=True)),
    ("matched_at", models.DateTimeField(db_default=Now())),
    ("matched_by", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
    ("order", models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="+", to="orders.order")),
    ("seller", models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="+", to="orders.seller")),
    (
        "warehouse",
        models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="+", to="orders.warehouse"),
    ),
]
ORDER_MATCH_OPTIONS = {
    "verbose_name_plural": "order matches",
    "constraints": [
        UniqueConstraint(
            fields=("seller", "warehouse", "reference", "number", "message"),
            name="reference_means_one_order",
            nulls_distinct=False,
        )
    ],
}


class Migration(migrations.Migration):
    initial = True
    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [
        migrations.CreateModel("Seller", SELLER, SELLER_OPTIONS),
        migrations.CreateModel("SalesChannel", SALES_CHANNEL, SALES_CHANNEL_OPTIONS),
        migrations.CreateModel("Order", ORDER, ORDER_OPTIONS),
        migrations.CreateModel("OrderItem", ORDER_ITEM, ORDER_ITEM_OPTIONS),
        migrations.CreateModel("Payment", PAYMENT, PAYMENT_OPTIONS),
        migrations.CreateModel("PaymentShare", PAYMENT_SHARE, PAYMENT_SHARE_OPTIONS),
        migrations.CreateModel("Tag", TAG, TAG_OPTIONS),
        migrations.CreateModel("OrderTag", ORDER_TAG, ORDER_TAG_OPTIONS),
        migrations.CreateModel("OrderFile", ORDER_FILE, ORDER_FILE_OPTIONS),
        migrations.CreateModel("Export", EXPORT, EXPORT_OPTIONS),
        migrations.CreateModel("ExportChunk", EXPORT_CHUNK, EXPORT_CHUNK_OPTIONS),
        migrations.CreateModel("SavedView", SAVED_VIEW, SAVED_VIEW_OPTIONS),
        migrations.CreateModel("SearchWord", SEARCH_WORD, SEARCH_WORD_OPTIONS),
        migrations.CreateModel("ProductWord", PRODUCT_WORD, PRODUCT_WORD_OPTIONS),
        migrations.CreateModel("Person", PERSON, PERSON_OPTIONS),
        migrations.CreateModel("AuditEntry", AUDIT_ENTRY, AUDIT_ENTRY_OPTIONS),
        migrations.CreateModel("Warehouse", WAREHOUSE, {"ordering": ("code",)}),
        migrations.CreateModel("SellerWarehouse", SELLER_WAREHOUSE, SELLER_WAREHOUSE_OPTIONS),
        migrations.CreateModel("FulfilmentOrder", FULFILMENT_ORDER, FULFILMENT_ORDER_OPTIONS),
        migrations.CreateModel("Shipment", SHIPMENT, SHIPMENT_OPTIONS),
        migrations.CreateModel("FormerAddress", FORMER_ADDRESS, FORMER_ADDRESS_OPTIONS),
        migrations.CreateModel("ShipmentItem", SHIPMENT_ITEM, SHIPMENT_ITEM_OPTIONS),
        migrations.CreateModel("OrderEvent", ORDER_EVENT, ORDER_EVENT_OPTIONS),
        migrations.CreateModel("AttentionItem", ATTENTION_ITEM, ATTENTION_ITEM_OPTIONS),
        migrations.CreateModel("OrderMatch", ORDER_MATCH, ORDER_MATCH_OPTIONS),
        migrations.CreateModel("SkuMapping", SKU_MAPPING, SKU_MAPPING_OPTIONS),
        migrations.CreateModel("NonShippingSku", NON_SHIPPING_SKU, NON_SHIPPING_SKU_OPTIONS),
        migrations.CreateModel("ListedSku", LISTED_SKU, LISTED_SKU_OPTIONS),
        run_sql_file("orders/models/sql/append_only.sql"),
        run_sql_file("orders/models/sql/time_zones.sql"),
        run_sql_file("orders/models/sql/storage.sql"),
        run_sql_file("orders/models/sql/payments.sql"),
        run_sql_file("orders/models/sql/search.sql"),
        run_sql_file("orders/models/sql/filter_statistics.sql"),
        run_sql_file("orders/models/sql/addresses.sql"),
        run_sql_file("orders/models/sql/search_words.sql"),
    ]
