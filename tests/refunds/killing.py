"""How does a test let a worker do one round of its work, or kill it in the middle of that?"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]


class Workers:
    """The process that forks workers, and what it answers."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def round(self, *, kill_at: int = 0) -> str:
        """Let one worker do its work, or die at this event; what `crashing_worker` says of it."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{kill_at}\n")
        self.process.stdin.flush()
        return self.said()

    def said(self) -> str:
        """The next line of the forking process."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


@contextmanager
def workers(**provider: str) -> Iterator[Workers]:
    """Workers that pay at this provider, given as the settings of its gateway."""
    database = connection.settings_dict
    environment = {
        **os.environ,
        "HEMI_ENV": "dev",
        "DJANGO_SETTINGS_MODULE": "hemi_intake.settings",
        "DATABASE_URL": f"postgresql:///{database['NAME']}?host={quote(str(database['HOST']))}&user={database['USER']}",
        "SECRET_KEY": settings.SECRET_KEY,
        "FIELD_KEYS": ",".join(settings.FIELD_KEYS),
        **provider,
    }
    command = [sys.executable, "-m", "tests.refunds.crashing_worker"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            made = Workers(process)
            assert made.said() == "ready"
            yield made
        finally:
            process.terminate()
