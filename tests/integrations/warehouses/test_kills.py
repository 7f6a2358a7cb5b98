"""Does a sync that dies anywhere leave nothing half done, and does the next one end where an undisturbed one ends?

KILL_POINTS says how many random points each kind of death is tried at; 100 in all is what the product promises.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress

import pytest
from django.db import connection, transaction
from django.utils import timezone

from hemi_intake.demo.prosku_server import Sandbox
from hemi_intake.demo.prosku_server.answers import Fault
from integrations.models import Account, ArchivedMessage, SyncRun
from orders.models import Order, OrderEvent
from tests.integrations.warehouses.world import CALM, DISTURBED, add_twin, fresh, make_world, picture
from tests.waiting import until, until_ended

pytestmark = pytest.mark.django_db(transaction=True)
POINTS = int(os.environ.get("KILL_POINTS", "10"))


class Worker:
    """The forking process of `worker.py`."""

    def __init__(self) -> None:
        name = str(connection.settings_dict["NAME"])
        command = [sys.executable, "-m", "tests.integrations.warehouses.worker", name]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self._line() == "ready"

    def start(self, account: Account) -> int:
        assert self.process.stdin
        self.process.stdin.write(f"{account.pk}\n")
        self.process.stdin.flush()
        return int(self._line())

    def end(self) -> int:
        return int(self._line())

    def stop(self) -> None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        try:
            until_ended(self.process)
        finally:
            self.process.stdout.close()

    def _line(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()


@pytest.fixture
def worker() -> Iterator[Worker]:
    running = Worker()
    yield running
    running.stop()


@pytest.fixture
def prosku() -> Iterator[Sandbox]:
    with Sandbox(keys=(DISTURBED, CALM)) as sandbox:
        yield sandbox


def kill(child: int) -> None:
    # On a busy machine the child may have ended by itself, and been waited for, before its turn comes.
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)


def cut_its_connections(child: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()"""
        )


@contextmanager
def held_in_the_middle_of_a_page(account: Account) -> Iterator[None]:
    """While we keep one of its orders, its run comes as far as the page that this order is on, and no farther."""
    with transaction.atomic():
        orders = Order.objects.filter(seller=account.seller).order_by("pk")
        chosen = random.choice(orders.values_list("pk", flat=True))  # noqa: S311 - any order will do
        orders.select_for_update().get(pk=chosen)
        yield


def somebody_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' LIMIT 1"
        )
        return cursor.fetchone() is not None


def timeline(account: Account) -> list[tuple[object, ...]]:
    """What the timelines of an account's orders tell, in its sequence, each as often as it is told."""
    events = OrderEvent.objects.filter(seller=account.seller).order_by("order__reference", "id")
    return list(events.values_list("order__reference", "kind", "actor"))


def where(account: Account) -> str:
    """Where a run died, by what it left."""
    if account.archive.filter(state="pending").exists():
        return "in the middle of a page"
    return "between two pages" if account.archive.exists() else "before the first page"


@pytest.mark.parametrize("strike", [kill, cut_its_connections])
def test_wherever_a_run_dies_the_next_one_ends_as_if_nothing_had_happened(
    prosku: Sandbox, worker: Worker, strike: Callable[[int], None]
) -> None:
    world = make_world(prosku, orders=7)
    began = time.monotonic()
    worker.start(world.calm)
    assert worker.end() == 0
    takes = time.monotonic() - began
    undisturbed, told = picture(world.calm.seller), timeline(world.calm)
    deaths: Counter[str] = Counter()
    for point in range(POINTS):
        twin = add_twin(world, f"twin-{point}")
        # Every second one dies between the archiving of a page and its settling, the others anywhere.
        with held_in_the_middle_of_a_page(twin) if point % 2 else nullcontext():
            child = worker.start(twin)
            if point % 2:
                until(somebody_waits_for_a_lock, "the run comes to the order that is kept from it")
            else:
                time.sleep(random.uniform(0, takes))  # noqa: S311 - any point will do
            strike(child)
            if worker.end() != 0:
                deaths[where(twin)] += 1
        # What would happen by itself when the lease has run out.
        SyncRun.objects.filter(state="running").update(lease_until=timezone.now())

        assert world.run(twin).state == "succeeded"

        assert picture(twin.seller) == undisturbed
        assert not ArchivedMessage.objects.filter(seller=twin.seller, state="pending").exists()
        assert timeline(twin) == told
    assert deaths["in the middle of a page"] >= POINTS // 2, deaths


def test_a_deploy_in_mid_run_lets_it_finish_its_page_and_the_next_run_goes_on_at_once(
    prosku: Sandbox, worker: Worker
) -> None:
    world = make_world(prosku)
    prosku.faults.append(Fault("slow", times=-1, seconds=0.4, key=DISTURBED))
    child = worker.start(world.disturbed)
    until(lambda: prosku.counts["despatches 200"], "the first page")

    # Nothing is answered meanwhile, so that it cannot come to its end before.
    with prosku.state.lock:
        os.kill(child, signal.SIGTERM)

    assert worker.end() == -signal.SIGTERM
    run = SyncRun.objects.get()
    assert (run.state, run.error) == ("stopped", "asked to stop after a page; the next run goes on")
    assert run.pages >= 1
    assert ArchivedMessage.objects.filter(state="applied").count() == run.messages
    assert fresh(world.disturbed).failures == 0
    prosku.faults.clear()
    assert world.run().state == "succeeded"
    world.ends_like_the_calm_one()
