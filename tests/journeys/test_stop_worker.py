"""Does the background work end within its grace, in every way in which a supervisor may stop it?"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from integrations import schedules
from integrations.models import Heartbeat
from tests.journeys.processes import environment
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)
GRACE = 100
"""Seconds. Idle, it takes one; a busy machine takes its time."""
Pids = dict[int, list[int]]


def processes_below(pid: int) -> list[int]:
    """The process and all that it has started, oldest first."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    found = [int(child) for child in children.read_text().split()] if children.exists() else []
    return [pid, *(below for child in found for below in processes_below(child))]


@contextmanager
def worker() -> Iterator["subprocess.Popen[bytes]"]:
    """The real thing, ready when its first task is done."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "qcluster"], env=environment(LOG_LEVEL="WARNING"), start_new_session=True
    )
    try:
        schedules.trigger_soon("heartbeat")
        until(Heartbeat.objects.exists, "the first heartbeat")
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def to_all(everybody: list[int]) -> None:
    for pid in everybody:
        os.kill(pid, signal.SIGTERM)


def to_the_group(everybody: list[int]) -> None:
    os.killpg(everybody[0], signal.SIGTERM)


def to_the_first(everybody: list[int]) -> None:
    os.kill(everybody[0], signal.SIGTERM)


def to_the_group_twice(everybody: list[int]) -> None:
    to_the_group(everybody)
    to_the_group(everybody)


def to_the_first_many_times(everybody: list[int]) -> None:
    for _ in range(20):
        to_the_first(everybody)


def to_one_and_then_the_group(everybody: list[int]) -> None:
    os.kill(everybody[2], signal.SIGTERM)
    to_the_group(everybody)


WAYS: list[Callable[[list[int]], None]] = [
    to_the_group,
    to_the_first,
    to_all,
    to_the_group_twice,
    to_the_first_many_times,
    to_one_and_then_the_group,
]


@pytest.mark.parametrize("stop", WAYS, ids=lambda way: way.__name__)
def test_it_ends_by_itself_and_leaves_nobody_behind(stop: Callable[[list[int]], None]) -> None:
    with worker() as process:
        everybody = processes_below(process.pid)
        assert len(everybody) >= 6

        stop(everybody)

        assert process.wait(GRACE) == 0
        until(lambda: not [pid for pid in everybody if Path(f"/proc/{pid}").exists()], "the end of all processes")


def test_when_the_first_process_is_killed_the_others_end() -> None:
    with worker() as process:
        everybody = processes_below(process.pid)

        process.kill()

        process.wait()
        until(lambda: not [pid for pid in everybody if Path(f"/proc/{pid}").exists()], "the end of all processes")


def test_one_worker_that_is_stopped_ends_after_its_task_and_is_replaced() -> None:
    with worker() as process:
        first, sentinel, *others = processes_below(process.pid)
        # The three that were started first.
        for pid in others[:3]:
            os.kill(pid, signal.SIGTERM)

        def replaced() -> bool:
            schedules.trigger_soon("heartbeat")
            return not any(Path(f"/proc/{pid}").exists() for pid in others[:3])

        until(replaced, "the end of the three workers", every=0.5)
        until(lambda: len(processes_below(first)) == 2 + len(others), "three new ones")

        Heartbeat.objects.all().delete()
        schedules.trigger_soon("heartbeat")
        until(Heartbeat.objects.exists, "the heartbeat of a new worker")
        to_the_group([first, sentinel])
        assert process.wait(GRACE) == 0
