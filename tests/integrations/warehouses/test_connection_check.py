"""Are people told in words how an account is doing, and does what they ask happen?"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hemi_intake.demo.prosku_server import Sandbox
from hemi_intake.demo.prosku_server.answers import Fault
from integrations.connections.resume import resume
from integrations.models import Account, Connection, SyncRun
from integrations.warehouses import connection_check, poll
from integrations.warehouses.connection_check import NotConnected, glance
from integrations.warehouses.progress import progress
from integrations.warehouses.sync import sync
from tests.integrations.warehouses.world import CALM, DISTURBED, QUICK, World, fresh, make_world
from tests.refusals import refused

pytestmark = pytest.mark.django_db(transaction=True)
BEGAN = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)


@pytest.fixture
def world() -> Iterator[World]:
    with Sandbox(keys=(DISTURBED, CALM)) as sandbox:
        yield make_world(sandbox, orders=2)


def run(**fields: object) -> SyncRun:
    return SyncRun(**{"state": "running", "started_at": BEGAN, **fields})


def test_a_running_run_tells_its_rate_and_the_time_left() -> None:
    so_far = progress(run(messages=200, expected=1000, applied=190), BEGAN + timedelta(seconds=20))

    assert (so_far.running, so_far.rate, so_far.left) == (True, 10, timedelta(seconds=80))
    assert so_far.counts["Applied"] == 190


def test_a_run_that_has_just_begun_or_ended_tells_no_time_left() -> None:
    ended = run(state="succeeded", messages=100, expected=100, finished_at=BEGAN + timedelta(seconds=10))

    assert progress(run(), BEGAN).left is None
    assert (progress(ended, BEGAN + timedelta(days=1)).rate, progress(ended, BEGAN).left) == (10, None)


def test_a_connection_that_works_says_so(world: World) -> None:
    said = connection_check.test_connection(fresh(world.disturbed))

    assert said.startswith("Connection OK (")
    assert said.endswith(" s, XML, 2 orders). Clock in sync.")
    assert len(world.prosku.requests) == 1
    assert not SyncRun.objects.exists()


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (Fault("status", status=401), "ProSKU refuses the key (status 401). Enter the company reference"),
        (
            Fault("status", status=404),
            "the address does not lead to ProSKU (status 404). Check the connection's address",
        ),
        (Fault("status", status=503), "ProSKU answers with status 503. ProSKU or the network is down"),
        (Fault("html"), "The response is not from ProSKU: the answer is an HTML page"),
    ],
)
def test_a_connection_that_does_not_work_says_what_to_do(world: World, fault: Fault, sentence: str) -> None:
    world.prosku.faults.append(fault)

    with pytest.raises(NotConnected, match=f"^{re.escape(sentence)}"):
        connection_check.test_connection(fresh(world.disturbed))

    assert len(world.prosku.requests) == 1


def test_a_clock_that_differs_is_said(world: World) -> None:
    world.prosku.clock_ahead = -600

    assert connection_check.test_connection(fresh(world.disturbed)).endswith("Clock 10 min behind.")


def test_sync_now_makes_a_paused_account_due(world: World) -> None:
    later = timezone.now() + timedelta(hours=1)
    Account.objects.update(next_poll_at=later, paused_because="the key was refused")
    assert poll.poll() == 0

    resume(fresh(world.disturbed))

    assert poll.poll() == 1
    assert SyncRun.objects.get().account == world.disturbed
    Connection.objects.update(active=False)
    with refused("account_off"):
        resume(fresh(world.disturbed))


def test_the_glance_tells_health_lag_and_the_last_runs(world: World) -> None:
    assert glance(fresh(world.disturbed), timezone.now()).word == "Not synced yet"
    world.run()
    account = fresh(world.disturbed)
    assert account.orders_cursor

    seen = glance(account, account.orders_cursor + timedelta(minutes=6))

    assert (seen.lag, len(seen.runs)) == (timedelta(minutes=6), 1)
    assert glance(account, timezone.now()).state == "succeeded"
    world.prosku.faults.append(Fault("status", times=-1, status=401))
    world.run()
    paused = glance(fresh(world.disturbed), timezone.now())
    assert (paused.word, paused.says, paused.due) == ("Paused", "ProSKU refuses the key (status 401).", False)
    late = glance(account, account.next_poll_at + timedelta(hours=3))
    assert (late.word, late.says, late.due) == ("Overdue", "for 3 h: is the queue running?", False)
    assert glance(account, account.next_poll_at).due


def test_a_poll_that_finds_nothing_new_costs_one_request_and_few_queries(world: World) -> None:
    world.run()
    asked = len(world.prosku.requests)
    account = fresh(world.disturbed)

    with CaptureQueriesContext(connection) as queries:
        sync(account, patience=QUICK)

    assert len(world.prosku.requests) == asked + 1
    assert len(queries) <= 12, [query["sql"][:90] for query in queries]


def test_despatches_are_asked_for_although_no_order_changed_when_they_were_not_for_a_while(world: World) -> None:
    world.run()
    asked = len(world.prosku.requests)
    long_ago = timezone.now() - timedelta(minutes=11)
    Account.objects.update(despatches_read_at=long_ago)

    world.run()

    assert len(world.prosku.requests) == asked + 2
    assert fresh(world.disturbed).despatches_read_at != long_ago
