"""Which systems outside are connected, for which sellers, and what do their status words mean here?"""

from typing import Any
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models.functions import Now

from integrations.connections.kinds import kind_choices
from integrations.secrets import EncryptedField
from orders.errors import ActionRefused
from orders.fulfilment.messages import ReportedStatus
from orders.models import Seller, SellerWarehouse, Warehouse
from orders.statuses import Detail
from orders.time_zones import known_zone

PROSKU = "prosku"
"""The kind of connection that the commands of ProSKU's name work with."""


class Connection(models.Model):
    """One installation of a warehouse system."""

    class Format(models.TextChoices):
        XML = "xml", "XML"
        JSON = "json", "JSON"

    name = models.SlugField(max_length=60, unique=True)
    kind = models.CharField("system", max_length=20, choices=kind_choices, default=PROSKU)
    base_url = models.URLField(
        "address", max_length=300, blank=True, help_text="HTTPS; plain HTTP only to this machine. Files have none."
    )
    format = models.CharField(max_length=4, choices=Format.choices, default=Format.XML)
    time_zone = models.CharField(
        max_length=40, default="Europe/London", validators=[known_zone], help_text="The warehouse's local time."
    )
    warehouse = models.ForeignKey(
        Warehouse,
        models.PROTECT,
        blank=True,
        related_name="+",
        help_text="The warehouse that it speaks for; empty: one of its own, with the same name.",
    )
    active = models.BooleanField(default=True)
    unavailable = models.PositiveIntegerField(default=0, help_text="Runs in a row to which it gave no answer.")

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **options: Any) -> None:
        if self.warehouse_id is None:
            defaults = {"name": self.name, "time_zone": self.time_zone}
            self.warehouse, _ = Warehouse.objects.get_or_create(code=self.name, defaults=defaults)
        known = self.pk is not None
        super().save(*args, **options)
        for seller_id in self.accounts.values_list("seller_id", flat=True) if known else ():
            SellerWarehouse.add(seller_id, self.warehouse_id)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class SwitchedOff(ActionRefused):
    """The account, its connection or its seller is switched off: nothing is asked of the warehouse."""


class AccountQuerySet(models.QuerySet["Account"]):
    """Accounts, and which of them are in use."""

    def switched_on(self) -> "AccountQuerySet":
        """Those that are active together with their connection and their seller."""
        return self.filter(active=True, connection__active=True, seller__active=True)


class Account(models.Model):
    """One seller's access through a connection, and how far it has been read."""

    class Scope(models.TextChoices):
        PART = "part", "Its own part of an order"
        ORDER = "order", "The whole order"

    connection = models.ForeignKey(Connection, models.PROTECT, related_name="accounts")
    seller = models.ForeignKey(Seller, models.PROTECT, related_name="warehouse_accounts")
    key = EncryptedField(help_text="What the system knows the seller by. Stored encrypted; never shown again.")
    report_scope = models.CharField(
        "reports speak for",
        max_length=10,
        choices=Scope.choices,
        default=Scope.PART,
        help_text="What the quantities in its reports are about, when a seller uses several warehouses.",
    )
    get_shipments = models.BooleanField("import shipments", default=True)
    get_refunds = models.BooleanField("propose refunds", default=True, help_text="For units that will not ship.")
    poll_seconds = models.PositiveIntegerField("seconds between polls", default=60)
    active = models.BooleanField(default=True)

    # Where each list was read up to, by the warehouse's own clock; empty means from the beginning.
    despatches_cursor = models.DateTimeField(null=True, blank=True)
    orders_cursor = models.DateTimeField(null=True, blank=True)
    despatches_read_at = models.DateTimeField(null=True, blank=True, help_text="When their list was last asked for.")
    next_poll_at = models.DateTimeField(db_default=Now())
    compared_at = models.DateTimeField(
        db_default=Now(), help_text="When its open orders were last compared with ours, or when it was connected."
    )
    failures = models.PositiveIntegerField(default=0, help_text="Failed runs in a row.")
    paused_because = models.CharField(max_length=300, blank=True)
    empty_polls = models.PositiveIntegerField(
        default=0, help_text="Polls in a row that brought nothing at all, though the overlap always holds something."
    )
    clock_skew = models.DurationField(
        null=True, blank=True, help_text="How far the warehouse's clock is ahead of our database's; negative is behind."
    )

    objects = AccountQuerySet.as_manager()

    class Meta:
        ordering = ("connection", "seller")
        constraints = (models.UniqueConstraint("connection", "seller", name="seller_has_one_account_per_connection"),)

    def __str__(self) -> str:
        return f"{self.seller} at {self.connection}"

    def save(self, *args: Any, **options: Any) -> None:
        new = self.pk is None
        super().save(*args, **options)
        if new:
            SellerWarehouse.add(self.seller_id, self.connection.warehouse_id)

    @property
    def switched_on(self) -> bool:
        """Whether it, its connection and its seller are all active."""
        return self.active and self.connection.active and self.seller.active

    def require_switched_on(self) -> None:
        """Raise SwitchedOff unless it is switched on."""
        if not self.switched_on:
            raise SwitchedOff(f"{self} is disabled: enable it first.", code="account_off")


class StatusMapping(models.Model):
    """What a status of a warehouse system means here. Staff may edit this; unknown ones have no meaning yet."""

    kind = models.CharField("system", max_length=20, choices=kind_choices, default=PROSKU)
    external_status = models.CharField("warehouse's status", max_length=100)
    status = models.CharField(
        "maps to",
        max_length=20,
        choices=[(m.value, m.value.replace("_", " ")) for m in ReportedStatus],
        blank=True,
        help_text="What the warehouse does with an order in this status. Waiting messages are applied at once.",
    )
    detail = models.CharField(
        max_length=20, choices=Detail.choices, blank=True, help_text="Shown beside the status, for example “Packed”."
    )

    class Meta:
        ordering = ("external_status",)
        constraints = (
            models.UniqueConstraint("kind", "external_status", name="external_status_is_mapped_once_per_system"),
        )

    def __str__(self) -> str:
        return self.external_status
