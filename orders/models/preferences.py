"""What do people put on an order? (tags and files; notes are facts of the timeline)"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now, Upper

from orders.models.order import Order
from orders.models.sellers import Seller


class Tag(models.Model):
    """A word that people sort a seller's orders by."""

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="tags", db_index=False)
    name = models.CharField(max_length=40)

    class Meta:
        ordering = ("name",)
        default_permissions = ()
        constraints = (models.UniqueConstraint(F("seller"), Upper("name"), name="tag_is_unique_in_any_case"),)

    def __str__(self) -> str:
        return self.name


class OrderTag(models.Model):
    """An order that carries a tag; the timeline says who put it there."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="tagged", db_index=False)
    tag = models.ForeignKey(Tag, models.PROTECT, related_name="tagged", db_index=False)

    class Meta:
        ordering = ("tag__name",)
        default_permissions = ()
        constraints = (models.UniqueConstraint("order", "tag", name="order_carries_a_tag_once"),)
        indexes = (models.Index("tag", "order", name="orders_by_tag"),)

    def __str__(self) -> str:
        return str(self.tag)


class OrderFile(models.Model):
    """A file that somebody put on an order, with its bytes."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="files", db_index=False)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=60, help_text="The media type, by its content.")
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    content = models.BinaryField()
    added_at = models.DateTimeField(db_default=Now())
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-id",)
        default_permissions = ("delete",)
        constraints = (
            models.UniqueConstraint("order", "digest", name="file_stands_once_on_an_order"),
            models.CheckConstraint(name="file_is_not_empty", condition=Q(size__gt=0)),
        )

    def __str__(self) -> str:
        return self.name
