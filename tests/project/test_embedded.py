"""Does the embedded PostgreSQL run exactly as long as somebody uses it?"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from hemi_intake import embedded

ROOT = Path(__file__).resolve().parents[2]
JOIN = "import sys, pathlib; from hemi_intake import embedded; embedded.ensure_running(pathlib.Path(sys.argv[1]));"
WAIT = "print('joined', flush=True); sys.stdin.read()"


@pytest.fixture(scope="module")
def directory() -> Iterator[Path]:
    """A server of this module's own; pytest's temporary directory is closed to the user PostgreSQL runs as."""
    with tempfile.TemporaryDirectory(prefix="hemi-") as name:
        Path(name).chmod(0o711)
        path = Path(name) / "postgres"
        path.mkdir()
        yield path
        embedded.stop(path)


STARTED: list[subprocess.Popen[str]] = []


@pytest.fixture(autouse=True)
def none_is_left() -> Iterator[None]:
    """What a test started ends with it, also when it fails: the next one counts who uses the server."""
    yield
    while STARTED:
        with STARTED.pop() as left:
            left.kill()


def process(directory: Path, code: str) -> subprocess.Popen[str]:
    """A process of its own that runs the code and has the directory as its argument."""
    user = subprocess.Popen(
        [sys.executable, "-c", code, str(directory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    STARTED.append(user)
    return user


def joined(directory: Path) -> subprocess.Popen[str]:
    """A process that uses the server until its input ends."""
    user = process(directory, JOIN + WAIT)
    assert user.stdout is not None
    assert user.stdout.readline() == "joined\n"
    return user


def answers(directory: Path) -> bool:
    """Whether the server takes a connection to our database."""
    try:
        host = str(embedded.socket_directory(directory))
        psycopg.connect(host=host, user=embedded.USER, dbname=embedded.DATABASE).close()
    except psycopg.OperationalError:
        return False
    return True


def test_two_first_starts_at_once_share_one_server_and_the_last_one_stops_it(directory: Path) -> None:
    first, second = process(directory, JOIN + WAIT), process(directory, JOIN + WAIT)
    assert first.stdout is not None
    assert second.stdout is not None
    assert (first.stdout.readline(), second.stdout.readline()) == ("joined\n", "joined\n")

    first.communicate()
    after_the_first = answers(directory)
    second.communicate()

    assert (after_the_first, answers(directory)) == (True, False)
    assert (first.returncode, second.returncode) == (0, 0)


def test_a_killed_process_does_not_keep_the_server_alive(directory: Path) -> None:
    killed, other = joined(directory), joined(directory)

    killed.kill()
    killed.communicate()
    after_the_kill = answers(directory)
    other.communicate()

    assert (after_the_kill, answers(directory)) == (True, False)


def test_a_forked_child_that_ends_leaves_the_server_running(directory: Path) -> None:
    fork = "import os; child = os.fork();\nif not child: sys.exit()\nos.waitpid(child, 0);"
    parent = process(directory, JOIN + fork + WAIT)
    assert parent.stdout is not None
    assert parent.stdout.readline() == "joined\n"

    after_the_child = answers(directory)
    parent.communicate()

    assert (after_the_child, answers(directory)) == (True, False)


def test_a_child_of_multiprocessing_that_used_it_alone_stops_the_server_when_it_ends(directory: Path) -> None:
    code = (
        "import multiprocessing, pathlib, sys; from hemi_intake import embedded;"
        "child = multiprocessing.get_context('fork').Process("
        "target=embedded.ensure_running, args=[pathlib.Path(sys.argv[1])]); child.start(); child.join();" + WAIT
    )
    parent = process(directory, code)
    assert parent.stdout is not None
    assert parent.stdout.readline() == "joined\n"

    after_the_child = answers(directory)
    parent.communicate()

    assert after_the_child is False


def test_a_server_that_was_killed_is_started_again_at_the_next_connection(directory: Path) -> None:
    code = (
        "import os, pathlib, signal, sys, time; from django.conf import settings; from hemi_intake import embedded;"
        "path = pathlib.Path(sys.argv[1]); settings.configure(DATABASES={'default': embedded.connection(path)});"
        "from django.db import OperationalError, connection; connection.ensure_connection();"
        "os.kill(int((path / 'data' / 'postmaster.pid').read_text().split()[0]), signal.SIGKILL); connection.close()\n"
        "for _ in range(1200):\n"
        "    try: connection.ensure_connection(); print('joined', flush=True); break\n"
        "    except OperationalError: time.sleep(0.1)\n"
    )
    user = process(directory, code + "sys.stdin.read()")
    assert user.stdout is not None
    assert user.stdout.readline() == "joined\n"

    while_used = answers(directory)
    user.communicate()

    assert (while_used, answers(directory)) == (True, False)


def test_a_path_too_long_for_a_socket_gets_a_short_one() -> None:
    deep = Path("/tmp", *["a-directory-with-a-long-name"] * 5)  # noqa: S108

    socket = embedded.socket_directory(deep) / ".s.PGSQL.5432"

    assert len(os.fsencode(socket)) <= embedded.LONGEST_SOCKET_PATH
    assert embedded.socket_directory(deep) != embedded.socket_directory(deep / "another")
