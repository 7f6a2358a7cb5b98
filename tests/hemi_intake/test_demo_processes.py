"""Do the demo's child processes come back, and does none of them outlive it?"""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hemi_intake.demo import processes
from hemi_intake.demo.processes import Children, Ended, sweep

SLEEPS = [sys.executable, "-c", "import time; time.sleep(600)"]
# Ends at once, and leaves a process behind that is deaf to SIGTERM.
LEAVES_ONE = [
    sys.executable,
    "-c",
    "import os, signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nif os.fork() == 0: time.sleep(600)",
]
STARTS_ONE_AND_WAITS = (
    "import sys, time; from pathlib import Path; from hemi_intake.demo.processes import Children;"
    "sleeper = [sys.executable, '-c', 'import time; time.sleep(600)'];"
    "Children(Path(sys.argv[1]), sys.argv[2]).start('sleeper', sleeper, {});"
    "print('started', flush=True); time.sleep(600)"
)


def until(true: Callable[[], object]) -> None:
    ends = time.monotonic() + 30
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.05)


@pytest.fixture
def run() -> str:
    return secrets.token_hex(8)


def kill(run: str) -> None:
    until(lambda: list(processes._marked(run)))
    os.kill(next(processes._marked(run)), signal.SIGKILL)


def test_a_process_that_keeps_ending_soon_is_given_up_and_its_log_is_named(tmp_path: Path, run: str) -> None:
    children = Children(tmp_path, run)
    children.start("sleeper", SLEEPS, {})

    for _ in range(processes.MOST_ACCIDENTS):
        kill(run)
        until(lambda: children.watch() == ["sleeper"])
    kill(run)
    with pytest.raises(Ended, match=r"'sleeper' ended by itself.*sleeper\.log"):
        until(children.watch)

    children.stop()
    assert list(processes._marked(run)) == []


def test_a_process_that_ran_for_a_while_is_started_again_however_often_it_ends(tmp_path: Path, run: str) -> None:
    children = Children(tmp_path, run)
    children.start("sleeper", SLEEPS, {})

    for _ in range(processes.MOST_ACCIDENTS + 2):
        children._children[0].began -= 2 * processes.LONG_ENOUGH
        kill(run)
        until(lambda: children.watch() == ["sleeper"])

    children.stop()


def test_a_group_is_ended_with_those_who_refuse_to_go(tmp_path: Path, run: str) -> None:
    children = Children(tmp_path, run)
    children.start("leaves one", LEAVES_ONE, {})
    until(lambda: children._children[0].process.poll() is not None)
    assert len(list(processes._marked(run))) == 1

    children.stop()

    until(lambda: list(processes._marked(run)) == [])


def test_a_child_ends_when_the_demo_is_killed(tmp_path: Path, run: str) -> None:
    demo = subprocess.Popen(
        [sys.executable, "-c", STARTS_ONE_AND_WAITS, str(tmp_path), run],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        stdout=subprocess.PIPE,
    )
    assert demo.stdout
    with demo.stdout:
        demo.stdout.readline()
    until(lambda: list(processes._marked(run)))

    demo.kill()
    demo.wait()

    until(lambda: list(processes._marked(run)) == [])


def test_the_next_start_ends_what_was_left_behind_and_nothing_else(tmp_path: Path, run: str) -> None:
    ours, theirs = Children(tmp_path, run), Children(tmp_path, f"{run}-other")
    for children in (ours, theirs):
        children.start("sleeper", SLEEPS, {})
    until(lambda: list(processes._marked(run)) and list(processes._marked(f"{run}-other")))

    assert sweep(run) == 1

    assert list(processes._marked(run)) == []
    theirs.insist()
    for children in (ours, theirs):
        children.stop()
