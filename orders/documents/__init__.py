"""Is this an order that we can take in, and what exactly does it say? (pure)"""

from orders.documents.fields import Fault
from orders.documents.shape import Discount, Document, Faulty, PaidBy, Routing, check
from orders.documents.sums import Item

__all__ = ["Discount", "Document", "Fault", "Faulty", "Item", "PaidBy", "Routing", "check"]
