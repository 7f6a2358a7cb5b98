"""Is this process alive, and can it do its work?"""

from collections.abc import Callable
from datetime import timedelta

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models.functions import Now
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from integrations.models import Heartbeat
from refunds import sending
from refunds.execution import execute

LONGEST_SILENCE = timedelta(minutes=3)


@never_cache
@require_safe
def alive(request: HttpRequest) -> JsonResponse:
    """Answers as long as the process can answer; asks nobody else."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """200 when everything this process needs is there; otherwise 503 with a sentence for each thing that is not."""
    answers = {name: check() for name, check in CHECKS.items()}
    failed = any(answers.values())
    status = "failed" if failed else "ok"
    checks = {name: answer or "ok" for name, answer in answers.items()}
    return JsonResponse({"status": status, "checks": checks, "notes": _notes()}, status=503 if failed else 200)


def _notes() -> list[str]:
    """What keeps some work waiting and is no reason to send people elsewhere."""
    try:
        waiting = [f"Approved refunds wait for {name}: {why}" for name, why in execute.unready_providers().items()]
        stopped = [f"{row} is stopped by {row.stopped_by}: {row.why}" for row in sending.stops()]
        return [*([] if sending.is_live() else [sending.NOT_LIVE]), *stopped, *waiting]
    except Error:
        return []


def database_problem() -> str:
    """A sentence when the database does not answer; empty when it does."""
    try:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return "The database does not answer."
    return ""


def migrations_problem() -> str:
    """A sentence when the database is older than the code; empty when they agree."""
    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error:
        return "The migrations cannot be read."
    return f"{len(plan)} migrations are not applied." if plan else ""


def queue_problem() -> str:
    """A sentence when the background work stands still; empty when it runs, or never ran here yet."""
    try:
        late = Heartbeat.objects.filter(name="queue", beat_at__lt=Now() - LONGEST_SILENCE).exists()
    except Error:
        return "The heartbeat of the queue cannot be read."
    return "The queue has not run for several minutes: restart the worker." if late else ""


# Each answers with a sentence about its problem, or with nothing.
CHECKS: dict[str, Callable[[], str]] = {
    "database": database_problem,
    "migrations": migrations_problem,
    "queue": queue_problem,
}
