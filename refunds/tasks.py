"""What does the clock call? Tasks without arguments: they find their rows, and a second run does no harm."""

from refunds.decisions import auto_approve, bulk
from refunds.execution import ceiling, execute, outside, reconcile
from refunds.proposals import overdue


def execute_approved() -> int:
    """Execute what is approved, what policies approve without a person too; every minute."""
    ceiling.forget_past_days()
    try:
        auto_approve.approve_by_rule()
    finally:
        # What people approved does not wait for what a policy could not.
        executed = execute.execute_approved()
    return executed


def decide_batches() -> int:
    """Decide, one by one, on what people decided in bulk; every minute."""
    return bulk.decide()


def reconcile_doubts() -> int:
    """Sweep dead claims, ask providers about refunds in doubt, and match what waited for them; every minute."""
    try:
        return reconcile.reconcile()
    finally:
        outside.match_waiting()


def propose_overdue() -> int:
    """Propose what sellers no longer wait for; every hour."""
    return overdue.propose_overdue()
