"""Can what PostgreSQL guarantees be read, and be applied again?"""

from importlib import import_module
from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations import RunSQL
from django.db.migrations.loader import MigrationLoader

ROOT = Path(__file__).resolve().parents[2]
APPS = ("orders", "refunds", "integrations", "hemi_intake")
FILES = sorted(path for app in APPS for path in (ROOT / app).rglob("*.sql"))
SCHEMA = """
SELECT oid::regprocedure::text, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL SELECT tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
UNION ALL SELECT stxname, pg_get_statisticsobjdef(oid) FROM pg_statistic_ext
UNION ALL SELECT oid::regclass::text, reloptions::text FROM pg_class WHERE reloptions IS NOT NULL
ORDER BY 1, 2
"""


def schema() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(SCHEMA)
        return list(cursor.fetchall())


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_short_and_begins_with_what_it_guarantees(path: Path) -> None:
    lines = path.read_text().splitlines()

    assert lines[0].startswith("-- ")
    assert len(lines) <= 300
    assert [line for line in lines if len(line) > 120] == []


def test_each_file_is_applied_by_one_migration() -> None:
    applied = [
        step.sql
        for (app, name) in MigrationLoader(None).disk_migrations
        if app in APPS
        for step in import_module(f"{app}.migrations.{name}").Migration.operations
        if isinstance(step, RunSQL)
    ]

    assert sorted(applied) == sorted(path.read_text() for path in FILES)


@pytest.mark.django_db
def test_applying_every_file_again_changes_nothing() -> None:
    before = schema()

    with connection.cursor() as cursor:
        for path in FILES:
            cursor.execute(path.read_text())

    assert schema() == before
