"""Which messages have come before?"""

from django.db import models


class MessageDigest(models.Model):
    """That a message has come. It goes with its message: a trigger sees to that.

    It does not stand in the archive, whose rows change when they are settled: this index is large, and touched at
    random places.
    """

    message = models.OneToOneField(
        "integrations.ArchivedMessage", models.DO_NOTHING, primary_key=True, related_name="+", db_constraint=False
    )
    prosku_seller = models.ForeignKey(
        "integrations.ProSkuSeller", models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    resource = models.CharField(max_length=20)
    digest = models.BinaryField(help_text="SHA-256.")

    class Meta:
        constraints = (models.UniqueConstraint("prosku_seller", "resource", "digest", name="message_is_archived_once"),)

    def __str__(self) -> str:
        return f"digest of message {self.pk}"
