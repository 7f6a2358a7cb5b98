"""How does the demo start its child processes, notice that one ended, and leave none behind?"""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

PARENT_DEATH = Path(__file__).with_name("parent_death.py")
ANNOUNCES_WITHIN = 120
"""Seconds. A server that has ended is noticed at once; this is for one that hangs, and a busy machine is slow."""
LONG_ENOUGH = 20.0
"""Seconds after which a process has begun well: what ends later is an accident, not a process that cannot run."""
MOST_ACCIDENTS = 3
MARK = "HEMI_DEMO_RUN"
TERM_WITHIN = KILL_WITHIN = 10.0
SCAN_EVERY = 0.1
SCANS_TO_BE_SURE = 3
"""A process shows no environment while it becomes another program, so that one scan alone may miss it."""


class Ended(Exception):
    """A child ended that should not have; the message is a sentence that names its log."""


@dataclass
class Child:
    """One process and how to start it again.

    `grace` is how many seconds it has for stopping by itself; `announces`: its first line is JSON and holds its `url`.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    grace: float
    announces: bool
    process: subprocess.Popen[bytes]
    began: float
    in_a_row: int = 0


class Children:
    """The processes of one demo, each the leader of its own group and bound to the life of this process."""

    def __init__(self, logs: Path, run: str) -> None:
        self._logs = logs
        self._run = run
        self._children: list[Child] = []

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str], *, grace: float = 5) -> Child:
        """Start a process with this environment added to ours."""
        return self._begin(name, command, environment, grace=grace, announces=False)

    def start_server(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> str:
        """Start a process that announces its URL, wait for that, and return it."""
        child = self._begin(name, command, environment, grace=5, announces=True)
        url = _announcement(child)
        # Started again, it must be found at the same place.
        child.command = [*command, "--port", str(urlsplit(url).port)]
        return url

    def watch(self) -> list[str]:
        """Start again what ended, and return the names. Raises Ended when one ends soon after its start too often."""
        started = []
        for child in self._children:
            if child.process.poll() is None:
                continue
            _clear(child)
            child.in_a_row = 1 if time.monotonic() - child.began > LONG_ENOUGH else child.in_a_row + 1
            if child.in_a_row > MOST_ACCIDENTS:
                raise _ended(child)
            child.process = self._spawn(child.command, child.environment, child.log, announces=child.announces)
            child.began = time.monotonic()
            if child.announces:
                _announcement(child)
            started.append(child.name)
        return started

    def insist(self) -> None:
        """Raise Ended if a process has ended."""
        for child in self._children:
            if child.process.poll() is not None:
                raise _ended(child)

    def stop(self) -> None:
        """End every process, the last started first, with everything that it started."""
        for child in reversed(self._children):
            if child.process.poll() is None:
                child.process.terminate()
                with suppress(subprocess.TimeoutExpired):
                    child.process.wait(child.grace)
            _clear(child)
            child.process.wait()
        self._children.clear()

    def _begin(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], *, grace: float, announces: bool
    ) -> Child:
        log = self._logs / f"{name}.log"
        process = self._spawn(command, environment, log, announces=announces)
        child = Child(name, command, environment, log, grace, announces, process, time.monotonic())
        self._children.append(child)
        return child

    def _spawn(
        self, command: Sequence[str], environment: Mapping[str, str], log: Path, *, announces: bool
    ) -> subprocess.Popen[bytes]:
        # SPT_NOENV: otherwise the cluster's and the web server's process titles overwrite the mark.
        surroundings = {**os.environ, **environment, MARK: self._run, "SPT_NOENV": "1", "PYTHONUNBUFFERED": "1"}
        with log.open("ab") as output:
            return subprocess.Popen(
                [sys.executable, str(PARENT_DEATH), str(os.getpid()), *command],
                env=surroundings,
                cwd=settings.BASE_DIR,
                stdin=subprocess.DEVNULL,
                # Announcements hold keys, which no log should.
                stdout=subprocess.PIPE if announces else output,
                stderr=output,
                # A group of its own: Ctrl-C in the terminal then reaches this process only, which stops them in order.
                start_new_session=True,
            )


def _announcement(child: Child) -> str:
    stdout = child.process.stdout
    if stdout is None or not select.select([stdout], [], [], ANNOUNCES_WITHIN)[0]:
        raise _ended(child)
    try:
        return str(json.loads(stdout.readline())["url"])
    except ValueError:
        raise _ended(child) from None


def _ended(child: Child) -> Ended:
    return Ended(f"The process {child.name!r} ended by itself, or never began. Its last words are in {child.log}.")


def _clear(child: Child) -> None:
    """Kill what is left of a child's group, and hear no more of it."""
    with suppress(ProcessLookupError):
        os.killpg(child.process.pid, signal.SIGKILL)
    if child.process.stdout:
        child.process.stdout.close()


def sweep(run: str) -> int:
    """End what an earlier demo of this directory left when it was killed, and say how many that were."""
    left = _end_marked(run, signal.SIGTERM, within=TERM_WITHIN)
    return len(left | _end_marked(run, signal.SIGKILL, within=KILL_WITHIN)) if left else 0


def _end_marked(run: str, number: signal.Signals, *, within: float) -> set[int]:
    """Send each marked process this signal once until none is found any more; return those that it was sent to."""
    signalled: set[int] = set()
    scans_without = 0
    ends = time.monotonic() + within
    while scans_without < SCANS_TO_BE_SURE and time.monotonic() < ends:
        found = set(_marked(run))
        for pid in found - signalled:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        signalled |= found
        scans_without = 0 if found else scans_without + 1
        time.sleep(SCAN_EVERY)
    return signalled


def _marked(run: str) -> Iterator[int]:
    """The processes that carry our mark in their environment. Not the database server: it looks after itself."""
    for directory in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            marks = (directory / "environ").read_bytes().split(b"\0")
            server = (directory / "comm").read_text().startswith("postgres")
            if f"{MARK}={run}".encode() in marks and not server:
                yield int(directory.name)
