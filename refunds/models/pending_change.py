"""What one person asked for and a second one has to confirm before it counts? (limits that are raised, going live)"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from orders.models import Seller


class PendingChange(models.Model):
    """A change that loosens something: what it was, what it is to be, who asked for it, who confirmed or refused it."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        CONFIRMED = "confirmed", "Confirmed"
        REFUSED = "refused", "Refused"
        REPLACED = "replaced", "Replaced"

    kind = models.CharField(max_length=20, help_text="What is changed: limits, lift, going_live.")
    subject = models.CharField(max_length=100, help_text="Of what; one change of it waits at a time.")
    seller = models.ForeignKey(Seller, models.PROTECT, null=True, related_name="+")
    was = models.JSONField(null=True)
    wanted = models.JSONField(null=True, help_text="Nothing: it is removed.")
    why = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(db_default=Now())
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    refused_because = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("-requested_at", "-id")
        constraints = (
            models.UniqueConstraint(
                "kind", "subject", name="one_change_of_a_thing_waits", condition=Q(state="waiting")
            ),
            models.CheckConstraint(
                name="nobody_confirms_what_they_requested",
                condition=~Q(state="confirmed") | (Q(decided_by__isnull=False) & ~Q(decided_by=F("requested_by"))),
            ),
            models.CheckConstraint(
                name="a_decided_change_says_when", condition=Q(state="waiting") | Q(decided_at__isnull=False)
            ),
        )
        permissions = (("confirm_change", "Can confirm or refuse changes that need a second person"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"
