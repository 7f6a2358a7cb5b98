"""Bring the database to what this code needs, however many processes start at once."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection

LOCK = int.from_bytes(b"HEMIUPGR", "big")
"""The advisory lock of the one process that upgrades."""
ASK_EVERY = 0.2


class Command(BaseCommand):
    help = (
        "Bring the database to what this code needs: migrations, roles, schedules. Safe to run again, and in several "
        "processes at once: the others wait for the first."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        verbosity = options["verbosity"]
        with self._alone():
            call_command("migrate", interactive=False, verbosity=verbosity, stdout=self.stdout)
            call_command("apply_roles", verbosity=verbosity, stdout=self.stdout)
            call_command("ensure_schedules", verbosity=verbosity, stdout=self.stdout)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        # Asked for again and again: a statement that waits for the lock would hold a snapshot meanwhile, and an index
        # that the other process builds concurrently waits for the end of every snapshot.
        if not _locked("pg_try_advisory_lock"):
            self.stderr.write("Another process is upgrading the database; waiting for it.")
            while not _locked("pg_try_advisory_lock"):
                time.sleep(ASK_EVERY)
        try:
            yield
        finally:
            _locked("pg_advisory_unlock")


def _locked(function: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [LOCK])
        return bool(cursor.fetchone()[0])
