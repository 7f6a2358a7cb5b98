"""How does a person like a list: which filters and columns did they keep, with which does it open?"""

from django.conf import settings
from django.db import models


class SavedView(models.Model):
    """A list as somebody keeps it: filters, search, sort and columns, under a name. A shared one is everybody's.

    The one without a name is how its owner likes the list itself: only its columns, size and opening count.
    """

    of = models.CharField(max_length=60, help_text="The list, named by the rows it shows, such as orders.order.")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    name = models.CharField(max_length=60, blank=True)
    shared = models.BooleanField(default=False)
    asked = models.JSONField(default=dict, help_text="What stands in the address of the list.")
    columns = models.JSONField(default=list, help_text="None means the usual ones.")
    size = models.PositiveSmallIntegerField(default=0, help_text="Rows per page; 0 means as many as usual.")
    opens_with = models.CharField(max_length=20, blank=True, help_text="The view; empty means all.")

    class Meta:
        ordering = ("name", "id")
        constraints = (
            models.UniqueConstraint("owner", "of", "name", name="view_name_is_unique_per_list_and_person"),
            models.CheckConstraint(
                name="only_a_view_with_a_name_is_shared", condition=models.Q(shared=False) | ~models.Q(name="")
            ),
        )
        indexes = (models.Index("of", name="shared_views", condition=models.Q(shared=True)),)
        default_permissions = ()
        permissions = (("share_view", "Can share views of lists"),)

    def __str__(self) -> str:
        return self.name
