"""What runs by the clock? This table, and nothing else."""

import faulthandler
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.models import Schedule, Task
from django_q.signals import post_execute_in_worker, pre_execute
from django_q.tasks import async_task

EVERY_MINUTE = {"schedule_type": Schedule.MINUTES, "minutes": 1}
EVERY_FIVE_MINUTES = {"schedule_type": Schedule.MINUTES, "minutes": 5}
HOURLY = {"schedule_type": Schedule.HOURLY}
NIGHTLY = {"schedule_type": Schedule.DAILY}
NIGHT = 2
"""The hour, in UTC, from which on nightly tasks run."""
KEEP_RESULTS = timedelta(days=7)
GRACE = 15
"""Seconds after a task's time-out: by then its worker has ended by itself or hears no signal."""

TABLE = {
    "poll ProSKU": ("integrations.tasks.poll_prosku", EVERY_MINUTE),
    "apply waiting messages": ("integrations.tasks.apply_waiting", EVERY_MINUTE),
    "execute approved refunds": ("refunds.tasks.execute_approved", EVERY_MINUTE),
    "decide in bulk": ("refunds.tasks.decide_batches", EVERY_MINUTE),
    "propose overdue refunds": ("refunds.tasks.propose_overdue", HOURLY),
    "reconcile refunds in doubt": ("refunds.tasks.reconcile_doubts", EVERY_MINUTE),
    "process provider events": ("integrations.tasks.process_provider_events", EVERY_MINUTE),
    "deliver webhooks": ("integrations.tasks.deliver_webhooks", EVERY_MINUTE),
    "read shipping files": ("integrations.tasks.read_shipping_files", EVERY_MINUTE),
    "listen for silence": ("integrations.tasks.listen", EVERY_FIVE_MINUTES),
    "detect unassigned units": ("orders.tasks.detect_unassigned", HOURLY),
    "write exports": ("orders.tasks.write_exports", EVERY_MINUTE),
    "compare with payment providers": ("integrations.tasks.compare_refunds", HOURLY),
    "compare with ProSKU": ("integrations.tasks.compare", HOURLY),
    "prune the past": ("integrations.tasks.prune", NIGHTLY),
    "heartbeat": ("integrations.tasks.beat", EVERY_MINUTE),
}


def ensure() -> None:
    """Make the schedules what the table says. A second call changes nothing."""
    for name, (function, rhythm) in TABLE.items():
        wanted = {"func": function, **rhythm}
        first = {"next_run": _next_night()} if rhythm is NIGHTLY else {}
        Schedule.objects.update_or_create(name=name, defaults=wanted, create_defaults=wanted | first)
    Schedule.objects.exclude(name__in=TABLE).delete()


class Later(ORM):  # type: ignore[misc]  # django-q2 says nothing of its types
    """The queue, for what is due only after some seconds: no worker waits for it."""

    def __init__(self, seconds: int) -> None:
        super().__init__()
        self._due = timedelta(seconds=seconds)

    def enqueue(self, task: str) -> int:
        row = self.get_connection().create(key=self.list_key, payload=task, lock=timezone.now() + self._due)
        return int(row.pk)


def trigger_soon(name: str, *, after: int = 0) -> None:
    """Run a scheduled task soon instead of at its minute. Losing the nudge costs a minute, doubling it nothing."""
    async_task(TABLE[name][0], broker=Later(after))


def end_stuck_workers() -> None:
    """From now on a worker process ends whose task is past its time-out, also one deep in C that never comes back.

    The queue's own time-out is a signal that Python looks at between two steps: such a task has no next one. The
    cluster then starts another worker, and what the task had begun shows as abandoned once its lease ends.
    """
    pre_execute.connect(_watch, dispatch_uid="watch")
    post_execute_in_worker.connect(_unwatch, dispatch_uid="unwatch")


def _watch(**_: object) -> None:
    faulthandler.dump_traceback_later(settings.Q_CLUSTER["timeout"] + GRACE, exit=True)


def _unwatch(**_: object) -> None:
    faulthandler.cancel_dump_traceback_later()


def forget_results() -> int:
    """Remove the queue's records of tasks that ended a week ago or earlier: nothing else does."""
    return int(Task.objects.filter(stopped__lt=timezone.now() - KEEP_RESULTS).delete()[0])


def nightfall() -> datetime:
    """When the present night, or the last one, began for nightly work."""
    return _next_night() - timedelta(days=1)


def _next_night() -> datetime:
    tonight = timezone.now().replace(hour=NIGHT, minute=30, second=0, microsecond=0)
    return tonight if tonight > timezone.now() else tonight + timedelta(days=1)
