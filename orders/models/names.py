"""By which words of its customer's name is an order found?"""

from django.db import models

from orders.models.order import Order
from orders.models.sellers import Seller


class NameWord(models.Model):
    """One word of the customer's name of an order, in small letters. The database keeps them by itself.

    Beside the order and not in an index of it: the warehouse's news change orders all the time, and never a name.
    """

    pk = models.CompositePrimaryKey("word", "order")
    word = models.TextField(db_collation="C", help_text="Sorted by its letters' codes, so that a beginning is a range.")
    order = models.ForeignKey(Order, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    seller = models.ForeignKey(Seller, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.word
