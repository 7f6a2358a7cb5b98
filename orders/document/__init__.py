"""Is this an order that we can take in, and what exactly does it say? (pure)"""

from orders.document.fields import Fault
from orders.document.shape import Discount, Document, Faulty, check
from orders.document.sums import Item

__all__ = ["Discount", "Document", "Fault", "Faulty", "Item", "check"]
