"""What becomes of a list that is too long for one run?"""

import time
from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from django.utils import timezone

from hemi_intake.demo.prosku_server import Sandbox
from integrations.http import Patience
from integrations.models import ArchivedMessage, SyncRun
from integrations.warehouses import poll
from integrations.warehouses.sync import sync
from orders.models import AttentionItem
from tests.integrations.warehouses.world import CALM, DISTURBED, QUICK, World, fresh, make_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def prosku() -> Iterator[Sandbox]:
    with Sandbox(keys=(DISTURBED, CALM)) as sandbox:
        yield sandbox


def out_of_time(world: World) -> SyncRun:
    """A run whose time ends while its first page is read."""
    run = sync(fresh(world.disturbed), patience=QUICK, ends=time.monotonic())
    assert run is not None
    return run


def test_a_run_out_of_time_finishes_its_page_and_the_next_one_goes_on_at_once(prosku: Sandbox) -> None:
    world = make_world(prosku)

    run = out_of_time(world)

    assert (run.state, run.error) == (
        "stopped",
        "there is more than one run may read; the next one goes on at once",
    )
    assert (run.pages, run.applied) == (1, run.messages)
    assert ArchivedMessage.objects.filter(state="applied").count() == run.messages > 0
    account = fresh(world.disturbed)
    assert (account.failures, account.paused_because) == (0, "")
    assert account.next_poll_at <= timezone.now()
    assert not AttentionItem.objects.filter(closed_at__isnull=True).exists()

    assert world.run().state == "succeeded"
    world.ends_like_the_calm_one()


def test_a_list_that_no_run_can_pass_over_is_told_to_people(prosku: Sandbox) -> None:
    world = make_world(prosku)

    runs = [out_of_time(world) for _ in range(5)]

    assert [run.state for run in runs] == ["stopped"] * 5
    assert fresh(world.disturbed).failures == 3
    assert AttentionItem.objects.get(kind="sync_failing").summary == (
        "Lumen at main: 3 runs in a row failed, the last because its list is longer than one run can pass over: "
        "read it once with manage.py sync_prosku"
    )

    assert world.run().state == "succeeded"

    assert fresh(world.disturbed).failures == 0
    assert AttentionItem.objects.get(kind="sync_failing").closed_at is not None


def test_a_poll_and_its_slowest_page_end_before_the_queue_kills_them(settings: LazySettings) -> None:
    assert poll.LONGEST + Patience().in_all < settings.Q_CLUSTER["timeout"]
