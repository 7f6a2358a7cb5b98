"""Is nothing lost when a worker dies, and do two workers never send news of one order at the same time?"""

import signal
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable
from itertools import pairwise

import pytest
from django.utils import timezone

from integrations.webhooks.models import WebhookAttempt, WebhookDelivery
from tests.builders import make_order
from tests.integrations.webhooks.events import deliver, happen, listen, states, tries
from tests.integrations.webhooks.receiver import Receiver
from tests.integrations.webhooks.worker import worker

pytestmark = pytest.mark.django_db(transaction=True)


def relay() -> subprocess.Popen[str]:
    return worker(0)


def until(holds: Callable[[], object], seconds: float = 20) -> None:
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.01)


def test_a_worker_killed_between_sending_and_recording_sends_again_under_the_same_id(receiver: Receiver) -> None:
    endpoint = listen(receiver, "/slow/1")
    happen(make_order(), "order.placed", "order.shipped")
    with worker(60) as process:
        until(lambda: receiver.heard)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert states(endpoint) == [("pending", 1), ("pending", 0)]
    # Its lease still runs, so nobody else takes it, nor what comes after it.
    assert deliver(once=lambda: True) == 0

    WebhookDelivery.objects.update(lease_until=timezone.now())
    deliver()

    first, second = endpoint.deliveries.order_by("id").values_list("event_id", flat=True)
    assert [one.id for one in receiver.heard] == [f"evt_{first}", f"evt_{first}", f"evt_{second}"]
    assert states(endpoint) == [("delivered", 2), ("delivered", 1)]
    assert tries(endpoint) == [(None, ""), (200, ""), (200, "")]


def test_a_worker_that_wakes_up_too_late_settles_nothing(receiver: Receiver) -> None:
    endpoint = listen(receiver, "/slow/1.5")
    happen(make_order(), "order.placed")
    with worker(60) as process:
        until(lambda: receiver.heard)
        process.send_signal(signal.SIGSTOP)
        WebhookDelivery.objects.update(lease_until=timezone.now())
        deliver()
        settled = endpoint.deliveries.get().settled_at
        process.send_signal(signal.SIGCONT)
        until(lambda: not WebhookAttempt.objects.filter(milliseconds=None).exists())
        process.kill()
        process.communicate()

    assert states(endpoint) == [("delivered", 2)]
    assert endpoint.deliveries.get().settled_at == settled


def test_two_workers_share_the_work_and_keep_each_order_in_order(receiver: Receiver) -> None:
    listen(receiver, "/slow/0.01")
    orders = [make_order() for _ in range(12)]
    for _ in range(4):
        for order in orders:
            happen(order, "order.changed", "order.shipped", "order.delivered")
    with worker(60) as one, worker(60) as other:
        until(lambda: len(receiver.heard) >= 12 * 12, 60)
        until(lambda: not WebhookDelivery.objects.filter(state="pending").exists())
        for process in (one, other):
            process.kill()
            process.communicate()

    told = defaultdict(list)
    for heard in sorted(receiver.heard, key=lambda heard: heard.began):
        told[heard.message["data"]["order_id"]].append(heard)
    assert {len(one) for one in told.values()} == {12}
    for row in told.values():
        assert [heard.message["data"]["version"] for heard in row] == sorted(
            heard.message["data"]["version"] for heard in row
        )
        assert all(before.ended <= after.began for before, after in pairwise(row))
    assert all(heard.genuine for heard in receiver.heard)


def test_a_run_listens_until_the_next_one_begins(receiver: Receiver) -> None:
    listen(receiver)
    with relay() as first:
        happen(make_order(), "order.placed")
        until(lambda: receiver.heard)
        assert first.poll() is None
        with relay() as second:
            first.communicate(timeout=20)
            assert first.returncode == 0
            happen(make_order(), "order.placed")
            until(lambda: len(receiver.heard) == 2)
            second.kill()
            second.communicate()


def test_a_run_that_is_asked_to_stop_records_what_is_on_its_way_and_begins_nothing_more(receiver: Receiver) -> None:
    endpoint = listen(receiver, "/slow/1")
    happen(make_order(), "order.placed", "order.shipped")
    with relay() as process:
        until(lambda: receiver.heard)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)

    assert process.returncode == -signal.SIGTERM
    assert states(endpoint) == [("delivered", 1), ("pending", 0)]


def test_without_any_endpoint_a_run_ends_at_once(db: None) -> None:
    with relay() as process:
        process.communicate(timeout=20)

    assert process.returncode == 0
