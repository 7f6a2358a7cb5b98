"""What talks to the world outside: warehouses, payment providers, webhooks and the API.

The tables of fields come first; the rules of the database stand in the SQL files that are run last.
"""

from django.apps.registry import Apps
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint
from django.db.models.functions import Now

import integrations.connections.kinds
import integrations.secrets
import orders.time_zones
from integrations.warehouses.prosku.parse import DEFAULT_STATUSES
from orders.sql import run_sql_file

PROVIDER_EVENT = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("provider", models.CharField(max_length=40)),
    ("event_id", models.CharField(max_length=120)),
    ("kind", models.CharField(max_length=60)),
    ("subject", models.CharField(blank=True, help_text="The provider's own reference of the refund.", max_length=200)),
    ("dead", models.BooleanField(default=False, help_text="The refund failed or was cancelled for good.")),
    ("payments", ArrayField(base_field=models.CharField(max_length=200), blank=True, default=list, size=None)),
    ("raw", models.BinaryField(help_text="The body as received, zlib-compressed.")),
    (
        "state",
        models.CharField(
            choices=[
                ("pending", "Not processed yet"),
                ("applied", "Applied"),
                ("parked", "Waits for its order"),
                ("ignored", "Nothing to do"),
            ],
            default="pending",
            max_length=10,
        ),
    ),
    ("outcome", models.CharField(blank=True, help_text="What was done about it, in a sentence.", max_length=300)),
    ("tries", models.PositiveIntegerField(default=0)),
    ("received_at", models.DateTimeField(db_default=Now())),
    ("next_at", models.DateTimeField(db_default=Now())),
    ("processed_at", models.DateTimeField(null=True)),
]
PROVIDER_EVENT_OPTIONS = {
    "ordering": ("-id",),
    "indexes": [
        Index("next_at", condition=Q(("state", "pending")), name="pending_events"),
        Index("received_at", condition=Q(("state", "parked")), name="parked_events"),
        Index("subject", condition=Q(("dead", True)), name="dead_refunds"),
    ],
    "constraints": [UniqueConstraint("provider", "event_id", name="event_is_stored_once")],
}
REJECTED_PROVIDER_EVENT = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("provider", models.CharField(max_length=40)),
    ("day", models.DateField()),
    ("reason", models.CharField(max_length=40)),
    ("count", models.PositiveIntegerField(default=0)),
]
REJECTED_PROVIDER_EVENT_OPTIONS = {
    "verbose_name": "rejected event",
    "ordering": ("-day", "provider", "reason"),
    "constraints": [UniqueConstraint("provider", "day", "reason", name="rejections_are_counted_per_day")],
}
WEBHOOK_ENDPOINT = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("name", models.CharField(max_length=80, unique=True)),
    ("url", models.CharField(help_text="https, at a public address.", max_length=500, verbose_name="address")),
    (
        "kinds",
        ArrayField(
            base_field=models.CharField(max_length=40),
            help_text="Such as refund.executed, refund.* for all of a noun, or * for everything.",
            size=None,
        ),
    ),
    ("every_seller", models.BooleanField(default=False, help_text="Also sellers that are added later.")),
    ("active", models.BooleanField(default=True)),
    ("disabled_reason", models.CharField(blank=True, max_length=300)),
    ("secret", integrations.secrets.EncryptedField(help_text="Signs what is sent. Shown once, when it is made.")),
    (
        "previous_secret",
        integrations.secrets.EncryptedField(blank=True, help_text="Signs too, until previous_until.", null=True),
    ),
    ("previous_until", models.DateTimeField(blank=True, null=True)),
    ("created_at", models.DateTimeField(db_default=Now())),
    ("failures", models.PositiveIntegerField(default=0)),
    ("failing_since", models.DateTimeField(blank=True, null=True)),
    ("paused_until", models.DateTimeField(blank=True, null=True)),
    ("delivered_at", models.DateTimeField(blank=True, null=True)),
    ("sellers", models.ManyToManyField(blank=True, related_name="+", to="orders.seller")),
]
WEBHOOK_ENDPOINT_OPTIONS = {
    "ordering": ("name",),
    "constraints": [
        CheckConstraint(
            condition=Q(
                Q(("previous_secret__isnull", True), ("previous_until__isnull", True)),
                Q(("previous_secret__isnull", False), ("previous_until__isnull", False)),
                _connector="OR",
            ),
            name="previous_secret_has_an_end",
        )
    ],
}
WEBHOOK_DELIVERY = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    (
        "endpoint",
        models.ForeignKey(
            db_index=False, on_delete=models.CASCADE, related_name="deliveries", to="integrations.webhookendpoint"
        ),
    ),
    (
        "event",
        models.ForeignKey(
            db_index=False, null=True, on_delete=models.PROTECT, related_name="+", to="orders.orderevent"
        ),
    ),
    (
        "order",
        models.ForeignKey(db_index=False, null=True, on_delete=models.PROTECT, related_name="+", to="orders.order"),
    ),
    ("kind", models.CharField(max_length=40)),
    (
        "state",
        models.CharField(
            choices=[("pending", "Waiting"), ("delivered", "Delivered"), ("failed", "Failed")],
            default="pending",
            max_length=10,
        ),
    ),
    ("attempts", models.PositiveIntegerField(default=0, help_text="Attempts of this round; a resend begins at 0.")),
    ("next_attempt_at", models.DateTimeField(db_default=Now())),
    ("lease_until", models.DateTimeField(blank=True, help_text="A worker is sending it until then.", null=True)),
    ("created_at", models.DateTimeField(db_default=Now())),
    ("finished_at", models.DateTimeField(blank=True, null=True)),
]
WEBHOOK_DELIVERY_OPTIONS = {
    "verbose_name_plural": "webhook deliveries",
    "ordering": ("-id",),
    "indexes": [
        Index("endpoint", "next_attempt_at", "event", condition=Q(("state", "pending")), name="due_deliveries"),
        Index("endpoint", "order", "event", condition=Q(("state", "pending")), name="deliveries_in_turn"),
        Index("endpoint", F("id").desc(), name="deliveries_of_an_endpoint"),
        Index("state", F("id").desc(), condition=Q(("state", "delivered"), _negated=True), name="deliveries_by_state"),
        Index("finished_at", condition=Q(("state", "pending"), _negated=True), name="finished_deliveries"),
    ],
    "constraints": [
        UniqueConstraint("endpoint", "event", name="event_is_delivered_once_per_endpoint"),
        CheckConstraint(
            condition=Q(
                Q(("event__isnull", True), ("order__isnull", True)),
                Q(("event__isnull", False), ("order__isnull", False)),
                _connector="OR",
            ),
            name="delivery_has_its_events_order",
        ),
    ],
}
WEBHOOK_ATTEMPT = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("delivery", models.ForeignKey(on_delete=models.CASCADE, related_name="tries", to="integrations.webhookdelivery")),
    ("started_at", models.DateTimeField(db_default=Now())),
    ("milliseconds", models.PositiveIntegerField(null=True)),
    ("status", models.PositiveSmallIntegerField(null=True)),
    ("answer", models.TextField(blank=True, help_text="The beginning of what the endpoint answered.")),
    ("error", models.CharField(blank=True, max_length=200)),
]
WEBHOOK_ATTEMPT_OPTIONS = {"ordering": ("id",)}
OUTBOX_MARK = [
    ("name", models.CharField(max_length=20, primary_key=True, serialize=False)),
    (
        "published_below",
        models.DecimalField(db_default=0, decimal_places=0, help_text="A transaction id.", max_digits=20),
    ),
    ("run", models.BigIntegerField(db_default=0)),
]
CONNECTION = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("name", models.SlugField(max_length=60, unique=True)),
    (
        "kind",
        models.CharField(
            choices=integrations.connections.kinds.kind_choices,
            default="prosku",
            max_length=20,
            verbose_name="system",
        ),
    ),
    (
        "base_url",
        models.URLField(
            blank=True,
            help_text="HTTPS; plain HTTP only to this machine. Files have none.",
            max_length=300,
            verbose_name="address",
        ),
    ),
    ("format", models.CharField(choices=[("xml", "XML"), ("json", "JSON")], default="xml", max_length=4)),
    (
        "time_zone",
        models.CharField(
            default="Europe/London",
            help_text="The warehouse's local time.",
            max_length=40,
            validators=[orders.time_zones.known_zone],
        ),
    ),
    (
        "warehouse",
        models.ForeignKey(
            blank=True,
            help_text="The warehouse that it speaks for; empty: one of its own, with the same name.",
            on_delete=models.PROTECT,
            related_name="+",
            to="orders.warehouse",
        ),
    ),
    ("active", models.BooleanField(default=True)),
    ("unavailable", models.PositiveIntegerField(default=0, help_text="Runs in a row to which it gave no answer.")),
]
CONNECTION_OPTIONS = {"ordering": ("name",)}
ACCOUNT = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    (
        "connection",
        models.ForeignKey(on_delete=models.PROTECT, related_name="accounts", to="integrations.connection"),
    ),
    ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="warehouse_accounts", to="orders.seller")),
    (
        "key",
        integrations.secrets.EncryptedField(
            help_text="What the system knows the seller by. Stored encrypted; never shown again."
        ),
    ),
    (
        "report_scope",
        models.CharField(
            choices=[("part", "Its own part of an order"), ("order", "The whole order")],
            default="part",
            help_text="What the quantities in its reports are about, when a seller uses several warehouses.",
            max_length=10,
            verbose_name="reports speak for",
        ),
    ),
    ("get_shipments", models.BooleanField(default=True, verbose_name="import shipments")),
    (
        "get_refunds",
        models.BooleanField(default=True, help_text="For units that will not ship.", verbose_name="propose refunds"),
    ),
    ("poll_seconds", models.PositiveIntegerField(default=60, verbose_name="seconds between polls")),
    ("active", models.BooleanField(default=True)),
    ("despatches_cursor", models.DateTimeField(blank=True, null=True)),
    ("orders_cursor", models.DateTimeField(blank=True, null=True)),
    (
        "despatches_read_at",
        models.DateTimeField(blank=True, help_text="When their list was last asked for.", null=True),
    ),
    ("next_poll_at", models.DateTimeField(db_default=Now())),
    (
        "compared_at",
        models.DateTimeField(
            db_default=Now(), help_text="When its open orders were last compared with ours, or when it was connected."
        ),
    ),
    ("failures", models.PositiveIntegerField(default=0, help_text="Failed runs in a row.")),
    ("paused_because", models.CharField(blank=True, max_length=300)),
    (
        "empty_polls",
        models.PositiveIntegerField(
            default=0,
            help_text="Polls in a row that brought nothing at all, though the overlap always holds something.",
        ),
    ),
    (
        "clock_skew",
        models.DurationField(
            blank=True,
            help_text="How far the warehouse's clock is ahead of our database's; negative is behind.",
            null=True,
        ),
    ),
]
ACCOUNT_OPTIONS = {
    "ordering": ("connection", "seller"),
    "constraints": [UniqueConstraint("connection", "seller", name="seller_has_one_account_per_connection")],
}
STATUS_MAPPING = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    (
        "kind",
        models.CharField(
            choices=integrations.connections.kinds.kind_choices,
            default="prosku",
            max_length=20,
            verbose_name="system",
        ),
    ),
    ("external_status", models.CharField(max_length=100, verbose_name="warehouse's status")),
    (
        "status",
        models.CharField(
            blank=True,
            choices=[
                ("processing", "processing"),
                ("on_hold", "on hold"),
                ("part_despatched", "part despatched"),
                ("despatched", "despatched"),
                ("cancelled", "cancelled"),
            ],
            help_text="What the warehouse does with an order in this status. Waiting messages are applied at once.",
            max_length=20,
            verbose_name="maps to",
        ),
    ),
    (
        "detail",
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
            help_text="Shown beside the status, for example “Packed”.",
            max_length=20,
        ),
    ),
]
STATUS_MAPPING_OPTIONS = {
    "ordering": ("external_status",),
    "constraints": [UniqueConstraint("kind", "external_status", name="external_status_is_mapped_once_per_system")],
}
SYNC_RUN = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("account", models.ForeignKey(on_delete=models.PROTECT, related_name="runs", to="integrations.account")),
    (
        "state",
        models.CharField(
            choices=[
                ("running", "Running"),
                ("succeeded", "Succeeded"),
                ("failed", "Failed"),
                ("stopped", "To be continued"),
                ("abandoned", "Abandoned"),
            ],
            default="running",
            max_length=10,
        ),
    ),
    ("since", models.DateTimeField(blank=True, help_text="Read from here, whatever the cursor says.", null=True)),
    ("started_at", models.DateTimeField(db_default=Now())),
    ("finished_at", models.DateTimeField(blank=True, null=True)),
    ("lease_until", models.DateTimeField(help_text="Past this the run is dead and another may begin.")),
    ("file", models.CharField(blank=True, help_text="The shipping file it read, if it was one.", max_length=200)),
    ("actor", models.CharField(blank=True, help_text="Who brought the file, where it was a person.", max_length=160)),
    ("expected", models.PositiveIntegerField(default=0, help_text="Messages to read, by the warehouse's own count.")),
    ("pages", models.PositiveIntegerField(default=0)),
    ("messages", models.PositiveIntegerField(default=0)),
    ("duplicates", models.PositiveIntegerField(default=0)),
    ("applied", models.PositiveIntegerField(default=0)),
    ("parked", models.PositiveIntegerField(default=0)),
    ("rejected", models.PositiveIntegerField(default=0)),
    ("proposed", models.PositiveIntegerField(default=0)),
    ("error", models.TextField(blank=True)),
]
SYNC_RUN_OPTIONS = {
    "ordering": ("-id",),
    "indexes": [
        Index("account", F("id").desc(), name="runs_of_an_account"),
        Index("account", "started_at", condition=Q(("messages__gt", F("duplicates"))), name="runs_with_new_messages"),
    ],
    "constraints": [
        UniqueConstraint(
            "account", condition=Q(("file", ""), ("state", "running")), name="one_run_at_a_time_per_account"
        )
    ],
}
ARCHIVED_MESSAGE = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    (
        "account",
        models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="archive", to="integrations.account"),
    ),
    ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="orders.seller")),
    ("run", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="archive", to="integrations.syncrun")),
    ("resource", models.CharField(max_length=20)),
    ("digest", models.CharField(max_length=64)),
    ("raw", models.BinaryField(help_text="The text as received, zlib-compressed.")),
    (
        "state",
        models.CharField(
            choices=[
                ("pending", "Not processed yet"),
                ("applied", "Applied"),
                ("parked", "Parked"),
                ("rejected", "Rejected"),
            ],
            default="pending",
            max_length=10,
        ),
    ),
    ("reason", models.CharField(blank=True, max_length=500)),
    ("reference", models.CharField(blank=True, max_length=100)),
    ("warehouse_number", models.CharField(blank=True, max_length=100)),
    ("external_status", models.CharField(blank=True, help_text="The unmapped status it waits for.", max_length=100)),
    (
        "ambiguous",
        models.BooleanField(
            db_default=False,
            default=False,
            help_text="It fits several orders, and waits for a person to say which one.",
        ),
    ),
    (
        "order",
        models.ForeignKey(db_index=False, null=True, on_delete=models.PROTECT, related_name="+", to="orders.order"),
    ),
    ("received_at", models.DateTimeField(db_default=Now())),
    ("processed_at", models.DateTimeField(null=True)),
]
ARCHIVED_MESSAGE_OPTIONS = {
    "verbose_name": "message",
    "ordering": ("-id",),
    "indexes": [
        Index("seller", "reference", condition=Q(("state", "parked")), name="parked_messages"),
        Index(
            "external_status",
            condition=Q(("state", "parked"), Q(("external_status", ""), _negated=True)),
            name="messages_of_unmapped_status",
        ),
        Index("account", "id", condition=Q(("state", "pending")), name="pending_messages"),
        Index("state", "id", condition=Q(("state", "applied"), _negated=True), name="unapplied_messages"),
        Index("order", "id", name="messages_of_an_order"),
    ],
}
MESSAGE_DIGEST = [
    (
        "message",
        models.OneToOneField(
            db_constraint=False,
            on_delete=models.DO_NOTHING,
            primary_key=True,
            related_name="+",
            serialize=False,
            to="integrations.archivedmessage",
        ),
    ),
    (
        "account",
        models.ForeignKey(
            db_constraint=False,
            db_index=False,
            on_delete=models.PROTECT,
            related_name="+",
            to="integrations.account",
        ),
    ),
    ("resource", models.CharField(max_length=20)),
    ("digest", models.BinaryField(help_text="SHA-256.")),
]
MESSAGE_DIGEST_OPTIONS = {
    "constraints": [UniqueConstraint("account", "resource", "digest", name="message_is_archived_once")]
}
DISCREPANCY = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    (
        "account",
        models.ForeignKey(on_delete=models.PROTECT, related_name="discrepancies", to="integrations.account"),
    ),
    ("order", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="orders.order")),
    ("reference", models.CharField(max_length=100)),
    (
        "kind",
        models.CharField(
            choices=[
                ("unknown_here", "unknown here"),
                ("unknown_there", "unknown to the warehouse"),
                ("status", "status"),
                ("shipped", "units shipped"),
                ("cancelled", "units cancelled"),
            ],
            max_length=14,
        ),
    ),
    ("ours", models.JSONField(default=dict, help_text="By SKU, or the status.")),
    ("theirs", models.JSONField(default=dict, help_text="By SKU, or the status.")),
    ("raw", models.BinaryField(default=b"", help_text="The warehouse's record as received, zlib-compressed.")),
    ("found_at", models.DateTimeField(db_default=Now())),
    ("seen_at", models.DateTimeField(db_default=Now(), help_text="When a comparison found it last.")),
    ("resolved_at", models.DateTimeField(blank=True, null=True)),
    (
        "accepted_by",
        models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
    ),
]
DISCREPANCY_OPTIONS = {
    "ordering": ("reference", "kind"),
    "verbose_name_plural": "discrepancies",
    "permissions": (("accept_discrepancy", "Can accept the warehouse's side of a discrepancy"),),
    "constraints": [
        UniqueConstraint(
            "account",
            "reference",
            "kind",
            condition=Q(("resolved_at__isnull", True)),
            name="one_open_discrepancy_per_order_and_kind",
        )
    ],
}
API_KEY = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("name", models.CharField(max_length=100, unique=True)),
    ("prefix", models.CharField(max_length=12, unique=True)),
    ("digest", models.CharField(max_length=64, unique=True)),
    (
        "scopes",
        ArrayField(
            base_field=models.CharField(
                choices=[
                    ("orders:read", "Read orders, shipments, sellers, channels, attention and sync runs"),
                    ("orders:write", "Import, change, hold, release, cancel and annotate orders"),
                    ("refunds:read", "Read refunds"),
                    ("refunds:propose", "Propose refunds, for people to decide on"),
                    ("events:read", "Read the event feed"),
                    ("webhooks:manage", "Manage webhook endpoints"),
                ],
                max_length=20,
            ),
            default=list,
            size=None,
        ),
    ),
    (
        "networks",
        ArrayField(
            base_field=models.CharField(max_length=43),
            blank=True,
            default=list,
            help_text="In CIDR notation; none means all.",
            size=None,
        ),
    ),
    ("per_minute", models.PositiveIntegerField(default=1200, help_text="How many requests it may make in a minute.")),
    ("expires_at", models.DateTimeField(blank=True, null=True)),
    ("old_prefix", models.CharField(blank=True, db_default="", max_length=12)),
    ("old_digest", models.CharField(blank=True, db_default="", max_length=64)),
    ("old_until", models.DateTimeField(blank=True, null=True)),
    (
        "makers",
        models.ManyToManyField(
            blank=True,
            help_text="Who created it, or was shown a secret of it.",
            related_name="+",
            to=settings.AUTH_USER_MODEL,
        ),
    ),
    ("created_at", models.DateTimeField(db_default=Now())),
    ("last_used_at", models.DateTimeField(blank=True, null=True)),
    ("revoked_at", models.DateTimeField(blank=True, null=True)),
    ("sellers", models.ManyToManyField(blank=True, help_text="None means all.", related_name="+", to="orders.seller")),
]
API_KEY_OPTIONS = {
    "verbose_name": "API key",
    "ordering": ("name",),
    "indexes": [Index("old_prefix", condition=Q(("old_prefix", ""), _negated=True), name="key_before_rotation")],
}
IDEMPOTENT_RESPONSE = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("api_key", models.ForeignKey(on_delete=models.CASCADE, related_name="responses", to="integrations.apikey")),
    ("key", models.CharField(help_text="The Idempotency-Key.", max_length=255)),
    ("digest", models.CharField(help_text="Of method, address and body.", max_length=64)),
    ("status", models.PositiveSmallIntegerField()),
    ("body", models.BinaryField()),
    ("media_type", models.CharField(max_length=60)),
    ("responded_at", models.DateTimeField(db_default=Now())),
]
IDEMPOTENT_RESPONSE_OPTIONS = {
    "indexes": [Index("responded_at", name="response_by_moment")],
    "constraints": [UniqueConstraint("api_key", "key", name="request_has_one_response")],
}
HEARTBEAT = [
    ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
    ("beat_at", models.DateTimeField(db_default=Now())),
]


def add_status_mappings(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Map the statuses that ProSKU is known to use; from here on staff decide what they mean."""
    mapping = apps.get_model("integrations", "StatusMapping")
    mapping.objects.bulk_create(
        mapping(kind="prosku", external_status=text, status=status.value, detail=detail)
        for text, (status, detail) in DEFAULT_STATUSES.items()
    )


class Migration(migrations.Migration):
    initial = True
    dependencies = [("orders", "0001_initial"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [
        migrations.CreateModel("ProviderEvent", PROVIDER_EVENT, PROVIDER_EVENT_OPTIONS),
        migrations.CreateModel("RejectedProviderEvent", REJECTED_PROVIDER_EVENT, REJECTED_PROVIDER_EVENT_OPTIONS),
        migrations.CreateModel("WebhookEndpoint", WEBHOOK_ENDPOINT, WEBHOOK_ENDPOINT_OPTIONS),
        migrations.CreateModel("WebhookDelivery", WEBHOOK_DELIVERY, WEBHOOK_DELIVERY_OPTIONS),
        migrations.CreateModel("WebhookAttempt", WEBHOOK_ATTEMPT, WEBHOOK_ATTEMPT_OPTIONS),
        migrations.CreateModel("OutboxMark", OUTBOX_MARK),
        migrations.CreateModel("Connection", CONNECTION, CONNECTION_OPTIONS),
        migrations.CreateModel("Account", ACCOUNT, ACCOUNT_OPTIONS),
        migrations.CreateModel("StatusMapping", STATUS_MAPPING, STATUS_MAPPING_OPTIONS),
        migrations.CreateModel("SyncRun", SYNC_RUN, SYNC_RUN_OPTIONS),
        migrations.CreateModel("ArchivedMessage", ARCHIVED_MESSAGE, ARCHIVED_MESSAGE_OPTIONS),
        migrations.CreateModel("MessageDigest", MESSAGE_DIGEST, MESSAGE_DIGEST_OPTIONS),
        migrations.CreateModel("Discrepancy", DISCREPANCY, DISCREPANCY_OPTIONS),
        migrations.CreateModel("ApiKey", API_KEY, API_KEY_OPTIONS),
        migrations.CreateModel("IdempotentResponse", IDEMPOTENT_RESPONSE, IDEMPOTENT_RESPONSE_OPTIONS),
        migrations.CreateModel("Heartbeat", HEARTBEAT),
        run_sql_file("integrations/sql/message_digests.sql"),
        run_sql_file("integrations/sql/api_usage.sql"),
        migrations.RunPython(add_status_mappings, migrations.RunPython.noop),
    ]
