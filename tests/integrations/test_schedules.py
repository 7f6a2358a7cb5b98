"""Does the clock run what the table says, at night what belongs to the night, and forget what it did?"""

import subprocess
import sys
from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import Schedule, Task

from integrations import schedules, tasks

pytestmark = pytest.mark.django_db


def test_nightly_tasks_begin_at_night_and_a_second_start_of_the_worker_does_not_move_them() -> None:
    schedules.ensure()
    first = dict(Schedule.objects.values_list("name", "next_run"))
    nightly = {name for name, (_, rhythm) in schedules.TABLE.items() if rhythm is schedules.NIGHTLY}

    schedules.ensure()

    assert dict(Schedule.objects.values_list("name", "next_run")) == first
    assert nightly == {"prune the past"}
    assert {(first[name].hour, first[name].minute) for name in nightly} == {(2, 30)}
    assert all(timezone.now() < first[name] <= timezone.now() + timedelta(days=1) for name in nightly)


def test_the_queue_s_own_records_go_after_a_week() -> None:
    now = timezone.now()
    for number, days in enumerate((1, 8, 9)):
        ended = now - timedelta(days=days)
        Task.objects.create(
            id=f"{number:032d}", name=str(days), func="f", started=ended, stopped=ended, success=days < 9
        )

    assert schedules.forget_results() == 2

    assert list(Task.objects.values_list("name", flat=True)) == ["1"]


def test_every_task_runs_on_an_empty_database() -> None:
    assert (tasks.read_shipping_files(), tasks.listen(), tasks.compare(), tasks.apply_waiting()) == (0, 0, 0, 0)
    pruned = ("messages", "runs", "discrepancies", "deliveries", "answers", "exports", "batches", "log-ins", "results")
    nothing = dict.fromkeys(pruned, 0)
    assert tasks.prune() == nothing


def test_a_task_that_never_comes_back_from_c_ends_with_its_worker() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.integrations.stuck_task"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert ended.returncode == 1
    assert "Timeout" in ended.stderr
    assert "stuck_task.py" in ended.stderr
