"""Is a new installation quick from its first order on?"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from tests.journeys.processes import environment

NAME = "hemi_new_installation"
ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.django_db


@pytest.fixture
def database() -> Iterator[psycopg.Connection]:
    """An empty database beside the test's, migrated by the command that operators use."""
    host, user = connection.settings_dict["HOST"], connection.settings_dict["USER"] or "postgres"
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(NAME))
    with psycopg.connect(host=host, user=user, dbname="postgres", autocommit=True) as server:
        server.execute(drop)
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))
        try:
            url = f"postgresql:///{NAME}?host={host}&user={user}"
            migrate = [sys.executable, "manage.py", "migrate", "--no-input", "--verbosity", "0"]
            subprocess.run(migrate, cwd=ROOT, env=environment(DATABASE_URL=url), check=True)
            with psycopg.connect(host=host, user=user, dbname=NAME) as new:
                yield new
        finally:
            server.execute(drop)


def test_no_table_is_taken_for_one_that_stays_small(database: psycopg.Connection) -> None:
    # A table that was looked at while it was empty is read whole by every check of a key, until it is looked at again.
    looked_at = database.execute(
        "SELECT relname FROM pg_class WHERE relname ~ '^(orders|refunds)_' AND relkind = 'r' AND reltuples >= 0"
    ).fetchall()

    assert looked_at == []
