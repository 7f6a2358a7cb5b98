"""What runs by the clock? This table, and nothing else."""

from django_q.models import Schedule
from django_q.tasks import async_task

EVERY_MINUTE = {"schedule_type": Schedule.MINUTES, "minutes": 1}

TABLE = {
    "poll ProSKU": ("integrations.tasks.poll_prosku", EVERY_MINUTE),
    "apply waiting messages": ("integrations.tasks.apply_waiting", EVERY_MINUTE),
    "execute approved refunds": ("refunds.tasks.execute_approved", EVERY_MINUTE),
    "propose overdue refunds": ("refunds.tasks.propose_overdue", {"schedule_type": Schedule.HOURLY}),
    "reconcile refunds in doubt": ("refunds.tasks.reconcile_doubts", EVERY_MINUTE),
    "heartbeat": ("integrations.tasks.beat", EVERY_MINUTE),
}


def ensure() -> None:
    """Make the schedules what the table says. A second call changes nothing."""
    for name, (function, rhythm) in TABLE.items():
        Schedule.objects.update_or_create(name=name, defaults={"func": function, **rhythm})
    Schedule.objects.exclude(name__in=TABLE).delete()


def nudge(name: str) -> None:
    """Run a scheduled task soon instead of at its minute. Losing the nudge costs a minute, doubling it nothing."""
    async_task(TABLE[name][0])
