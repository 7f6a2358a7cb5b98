"""Who has which refund open? (forgotten by itself: a row that nobody renews says nothing any more)"""

from django.conf import settings
from django.db import models

from refunds.models.refund import Refund


class Presence(models.Model):
    """A person with the page of a refund before them, when they were last heard of."""

    refund = models.ForeignKey(Refund, models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint("refund", "user", name="a_person_looks_at_a_refund_once"),)

    def __str__(self) -> str:
        return f"{self.user_id} at {self.refund_id}"
