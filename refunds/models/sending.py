"""May anything leave this installation? (refunds, webhooks, and whatever else acts outside)"""

from django.conf import settings
from django.db import models
from django.db.models import Q

from orders.models import Seller


class SendingSwitch(models.Model):
    """One row for the installation (no seller), which names the database that went live; one per seller ever stopped.

    Who stopped and resumed, when and why, stays on record in Activity.
    """

    seller = models.ForeignKey(Seller, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    live_database = models.CharField(max_length=500, blank=True)
    went_live_at = models.DateTimeField(
        null=True, blank=True, help_text="Since then a second person confirms what loosens limits."
    )
    stopped_at = models.DateTimeField(null=True, blank=True)
    stopped_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("seller__name",)
        verbose_name = "sending"
        constraints = (
            models.UniqueConstraint(fields=("seller",), name="one_switch_each", nulls_distinct=False),
            models.CheckConstraint(
                name="a_stop_has_a_person_and_a_reason",
                condition=Q(stopped_at__isnull=True, stopped_by__isnull=True, why="")
                | (Q(stopped_at__isnull=False, stopped_by__isnull=False) & ~Q(why="")),
            ),
        )
        permissions = (("stop_sending", "Can stop sending"), ("resume_sending", "Can resume sending"))

    def __str__(self) -> str:
        return f"Sending for {self.seller}" if self.seller_id else "Sending for everyone"
