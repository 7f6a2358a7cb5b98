"""How does a test get the real processes of a journey, and how do they end with it?"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from django.conf import settings
from django.db import connection

from tests.waiting import until_ended


def environment(**more: str) -> dict[str, str]:
    """What a child process needs to work on the test's own database."""
    database = connection.settings_dict
    where = f"host={database['HOST']}&user={database['USER'] or 'postgres'}"
    return os.environ | {
        "HEMI_ENV": "dev",
        "DATABASE_URL": f"postgresql:///{database['NAME']}?{where}",
        "SECRET_KEY": settings.SECRET_KEY,
        "FIELD_KEYS": ",".join(settings.FIELD_KEYS),
        **more,
    }


@contextmanager
def server(module: str, *arguments: str, **more: str) -> Iterator[Mapping[str, str]]:
    """A server of ours as its own process; gives what it prints when it is ready, and stops it at the end."""
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ | more) as process:
        assert process.stdout
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()
            until_ended(process)


@contextmanager
def cluster(**more: str) -> Iterator[None]:
    """A django-q2 cluster on the test's database; its whole process group is stopped at the end."""
    command = [sys.executable, "manage.py", "qcluster"]
    process = subprocess.Popen(command, env=environment(LOG_LEVEL="WARNING", **more), start_new_session=True)
    try:
        yield
    finally:
        process.terminate()
        try:
            until_ended(process)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
