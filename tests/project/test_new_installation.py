"""Does `upgrade` make an empty database ready, and is a new installation quick from its first order on?"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from hemi_intake.management.commands.upgrade import LOCK
from hemi_intake.roles import ROLES
from integrations.schedules import TABLE
from tests.journeys.processes import environment

NAME = "hemi_new_installation"
ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.django_db


@pytest.fixture
def database() -> Iterator[psycopg.Connection]:
    """An empty database beside the test's."""
    host, user = connection.settings_dict["HOST"], connection.settings_dict["USER"] or "postgres"
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(NAME))
    with psycopg.connect(host=host, user=user, dbname="postgres", autocommit=True) as server:
        server.execute(drop)
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))
        try:
            with psycopg.connect(host=host, user=user, dbname=NAME, autocommit=True) as new:
                yield new
        finally:
            server.execute(drop)


def upgrade(database: psycopg.Connection) -> subprocess.Popen[str]:
    """The command that operators use, in a process of its own."""
    url = f"postgresql:///{NAME}?host={database.info.host}&user={database.info.user}"
    command = [sys.executable, "manage.py", "upgrade", "--verbosity", "0"]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment(DATABASE_URL=url), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def names(database: psycopg.Connection, statement: str) -> list[str]:
    return [str(name) for (name,) in database.execute(statement).fetchall()]


def test_no_table_is_taken_for_one_that_stays_small(database: psycopg.Connection) -> None:
    with upgrade(database) as process:
        assert (process.communicate(), process.returncode) == (("", ""), 0)

    # A table that was looked at while it was empty is read whole by every check of a key, until it is looked at again.
    statement = "SELECT relname FROM pg_class WHERE relname ~ '^(orders|refunds)_' AND relkind = 'r' AND reltuples >= 0"
    assert names(database, statement) == []


def test_two_processes_upgrade_an_empty_database_at_once(database: psycopg.Connection) -> None:
    # Neither begins before both ask for the lock.
    database.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    with upgrade(database) as first, upgrade(database) as second:
        waiting = [process.stderr.readline() for process in (first, second) if process.stderr]
        database.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
        answers = [process.communicate() for process in (first, second)]

    assert waiting == ["Another process is upgrading the database; waiting for it.\n"] * 2
    assert (answers, first.returncode, second.returncode) == ([("", "")] * 2, 0, 0)
    assert names(database, "SELECT name FROM auth_group ORDER BY id") == list(ROLES)
    assert set(names(database, "SELECT name FROM django_q_schedule")) == set(TABLE)
    assert set(names(database, "SELECT app FROM django_migrations")) >= {"orders", "refunds", "integrations"}
