"""How do the orders of a list become a file?"""

from orders.export.rows import head
from orders.export.write import ask, forget, give_up, record, stream, write_waiting

__all__ = ["ask", "forget", "give_up", "head", "record", "stream", "write_waiting"]
