"""By which words is an order found? (of its customer and address, and of the products on it)"""

from django.db import models

from orders.models.order import Order
from orders.models.sellers import Seller

_WORD = "In small letters without accents. Sorted by its letters' codes, so that a beginning is a range."


class SearchWord(models.Model):
    """One word of the customer's name or the shipping address of an order. The database keeps them by itself.

    Beside the order and not in an index of it: the warehouse's news change orders all the time, and never a name.
    """

    pk = models.CompositePrimaryKey("word", "order")
    word = models.TextField(db_collation="C", help_text=_WORD)
    order = models.ForeignKey(Order, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    seller = models.ForeignKey(Seller, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.word


class ProductWord(models.Model):
    """One word of a name under which a seller has sold a SKU. The database adds them by itself.

    Not unique: two imports at once may both add a word, and neither waits for the other.
    """

    word = models.TextField(db_collation="C", help_text=_WORD)
    seller = models.ForeignKey(Seller, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    sku = models.CharField(max_length=100)

    class Meta:
        default_permissions = ()
        indexes = (models.Index("word", "seller", "sku", name="product_by_word"),)

    def __str__(self) -> str:
        return self.word
