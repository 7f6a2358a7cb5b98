"""Do the health pages tell the supervisor the truth?"""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from integrations import tasks
from integrations.models import Heartbeat


def test_alive_answers_without_asking_the_database(client: Client) -> None:
    # No database mark: a query would fail this test.
    response = client.get("/healthz")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_ready_when_the_database_answers_and_is_as_new_as_the_code(client: Client) -> None:
    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.json()["checks"]["database"] == "ok"
    assert response.json()["checks"]["migrations"] == "ok"


@pytest.mark.django_db
def test_not_ready_when_a_migration_is_missing(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions' AND name = '0001_initial'")

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["status"] == "failed"
    assert response.json()["checks"]["migrations"] == "1 migrations are not applied."


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_pages_change_nothing(path: str, client: Client) -> None:
    assert client.post(path).status_code == 405


@pytest.mark.django_db
def test_not_ready_when_the_queue_has_gone_silent(client: Client) -> None:
    Heartbeat.objects.create(name="queue", beat_at=timezone.now() - timedelta(minutes=4))

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["checks"]["queue"] == "The queue has not run for several minutes: restart the worker."

    tasks.beat()
    assert client.get("/readyz").status_code == 200
