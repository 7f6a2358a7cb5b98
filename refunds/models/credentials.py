"""Whose account could somebody else have used lately? (whoever sets a password knows it)"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now


class CredentialReset(models.Model):
    """One person set the password of another one's account, or created that account. Nothing ends it but time."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    set_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("-set_at", "-id")
        constraints = (
            models.CheckConstraint(name="nobody_resets_their_own_credentials", condition=~Q(account=F("set_by"))),
        )
        indexes = (models.Index("set_at", name="credential_resets_lately"),)

    def __str__(self) -> str:
        return f"{self.account_id} by {self.set_by_id}"
