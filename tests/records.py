"""How a test changes rows that stay on record, which the database refuses otherwise."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def unguarded(*tables: str) -> Iterator[None]:
    """What happens inside may change these tables whatever their triggers say."""
    with connection.cursor() as cursor:
        # A table with checks that are still to come cannot be altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER never_truncated")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
