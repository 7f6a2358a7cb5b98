"""Run an SQL file in a migration: what PostgreSQL guarantees stands as whole text beside the models that it guards."""

from pathlib import Path

from django.db import migrations

ROOT = Path(__file__).resolve().parent.parent


def run_sql_file(path: str) -> migrations.RunSQL:
    """The migration step that applies the file, such as `refunds/models/sql/moves.sql`.

    A file can be applied again, and is applied by exactly one migration. Whoever changes a file moves its step to the
    end of the new migration: a database that exists gets the new text there, and a new one gets it once, when all the
    columns that it names are there.
    """
    return migrations.RunSQL((ROOT / path).read_text(), migrations.RunSQL.noop)
