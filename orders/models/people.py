"""What does the desk know about a person besides name and role?"""

from django.conf import settings
from django.db import models

from orders.models.sellers import Seller
from orders.time_zones import known_zone


class Person(models.Model):
    """What one person sees, and how: their sellers and their time zone. Whoever has no row sees all, in UTC."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="person")
    time_zone = models.CharField(
        max_length=40,
        blank=True,
        db_default="",
        validators=[known_zone],
        help_text="IANA name such as Europe/London; empty means the installation's.",
    )
    sellers = models.ManyToManyField(Seller, blank=True, related_name="+", help_text="None means all.")
    tour_over = models.BooleanField(default=False, db_default=False, editable=False)

    class Meta:
        verbose_name_plural = "people"
        permissions = (("view_activity", "Can see who did what"),)

    def __str__(self) -> str:
        return self.user.get_username()
