"""What does the clock call? Tasks without arguments: they find their rows, and a second run does no harm."""

from refunds import execute, reconcile


def execute_approved() -> int:
    """Execute what is approved; every few seconds."""
    return execute.execute_approved()


def reconcile_doubts() -> int:
    """Sweep dead claims and ask providers about refunds in doubt; every minute."""
    return reconcile.reconcile()
