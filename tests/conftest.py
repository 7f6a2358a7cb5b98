"""What has a life of its own in tests? The database, the clients, the people, the clock and the servers."""

import os

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker

from hemi_intake.roles import apply_roles
from refunds import sending

# A database rolls back after each example, so a fixture that lives for the whole test does no harm.
_HOUSE = settings(deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
settings.register_profile("quick", _HOUSE, max_examples=60)
settings.register_profile("nightly", _HOUSE, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture(autouse=True)
def live(request: pytest.FixtureRequest, _django_db_marker: None) -> None:
    """What a test may send is sent: its installation is live, whatever the test before it emptied."""
    if request.node.get_closest_marker("django_db"):
        sending.go_live()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """The database of the tests has its roles, as one has that `manage.py upgrade` made.

    Unlike that one its tables may be emptied, since tests with transactions of their own are cleaned up so.
    """
    with django_db_blocker.unblock():
        apply_roles()
        with connection.cursor() as cursor:
            cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'never_truncated'")
            for (table,) in cursor.fetchall():
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER never_truncated")
