"""What the clock calls: tasks without arguments that find their rows; a second run does no harm."""

from orders.backoffice import export
from orders.fulfilment import unassigned


def write_exports() -> int:
    """Write the exports that people wait for; every minute, and when one is asked for."""
    return export.write_waiting()


def detect_unassigned() -> int:
    """Raise attention for outstanding units that no warehouse has been asked for; every hour."""
    return unassigned.detect_unassigned()
