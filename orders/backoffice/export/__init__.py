"""How do the orders of a list become a file?"""

from orders.backoffice.export.rows import head
from orders.backoffice.export.write import ask, delete_expired, give_up, record, stream, write_waiting

__all__ = ["ask", "delete_expired", "give_up", "head", "record", "stream", "write_waiting"]
