"""Do the demo's child processes come back, and does none of them outlive it?"""

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hemi_intake.demo import processes
from hemi_intake.demo.processes import Child, Children, Ended, sweep
from tests.waiting import until

SLEEPS = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"]
# Ends at once, and leaves a process behind that is deaf to SIGTERM.
LEAVES_ONE = [
    sys.executable,
    "-c",
    "import os, signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nif os.fork() == 0: time.sleep(600)",
]
STARTS_ONE_AND_WAITS = (
    "import sys, time; from pathlib import Path; from hemi_intake.demo.processes import Children;"
    "sleeper = [sys.executable, '-c', 'import time; print(\"up\", flush=True); time.sleep(600)'];"
    "Children(Path(sys.argv[1]), sys.argv[2]).start('sleeper', sleeper, {}); time.sleep(600)"
)


@pytest.fixture
def run() -> Iterator[str]:
    """The mark of one demo. What carries it is ended with the test, also when that fails."""
    mark = secrets.token_hex(8)
    yield mark
    sweep(mark)


@pytest.fixture
def children(tmp_path: Path, run: str) -> Iterator[Children]:
    those = Children(tmp_path, run)
    yield those
    those.stop()


def kill(child: Child, *, after: float) -> None:
    """End a process that has run for so many seconds, and wait for its end."""
    child.process.kill()
    child.process.wait()
    child.began = time.monotonic() - after


def until_it_is_up(log: Path) -> None:
    """Before that it may be on its way from one program to the next, where nobody can see its mark."""
    until(lambda: log.exists() and "up" in log.read_text(), f"the words of a process in {log}")


def until_none_is_left(run: str) -> None:
    until(lambda: not list(processes._marked(run)), "the end of all processes with the mark")


def test_a_process_that_keeps_ending_soon_is_given_up_and_its_log_is_named(
    tmp_path: Path, children: Children, run: str
) -> None:
    sleeper = children.start("sleeper", SLEEPS, {})
    until_it_is_up(tmp_path / "sleeper.log")

    for _ in range(processes.MOST_ACCIDENTS):
        kill(sleeper, after=0)
        assert children.watch() == ["sleeper"]
    kill(sleeper, after=0)
    with pytest.raises(Ended, match=r"'sleeper' ended by itself.*sleeper\.log"):
        children.watch()

    children.stop()
    assert list(processes._marked(run)) == []


def test_a_process_that_ran_for_a_while_is_started_again_however_often_it_ends(
    tmp_path: Path, children: Children
) -> None:
    sleeper = children.start("sleeper", SLEEPS, {})
    until_it_is_up(tmp_path / "sleeper.log")

    for _ in range(processes.MOST_ACCIDENTS + 2):
        kill(sleeper, after=2 * processes.LONG_ENOUGH)
        assert children.watch() == ["sleeper"]
    assert children.watch() == []

    children.insist()


def test_a_group_is_ended_with_those_who_refuse_to_go(children: Children, run: str) -> None:
    parent = children.start("leaves one", LEAVES_ONE, {})
    parent.process.wait()
    assert len(list(processes._marked(run))) == 1

    children.stop()

    until_none_is_left(run)


def test_a_child_ends_when_the_demo_is_killed(tmp_path: Path, run: str) -> None:
    demo = subprocess.Popen(
        [sys.executable, "-c", STARTS_ONE_AND_WAITS, str(tmp_path), run],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
    )
    try:
        until_it_is_up(tmp_path / "sleeper.log")
        assert len(list(processes._marked(run))) == 1
    finally:
        demo.kill()
        demo.wait()

    until_none_is_left(run)


def test_the_next_start_ends_what_was_left_behind_and_nothing_else(tmp_path: Path, run: str) -> None:
    ours, theirs = Children(tmp_path, run), Children(tmp_path, f"{run}-other")
    try:
        for name, children in (("ours", ours), ("theirs", theirs)):
            children.start(name, SLEEPS, {})
            until_it_is_up(tmp_path / f"{name}.log")

        assert sweep(run) == 1

        assert list(processes._marked(run)) == []
        theirs.insist()
    finally:
        for children in (ours, theirs):
            children.stop()
