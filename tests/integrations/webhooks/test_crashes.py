"""Is nothing lost when a worker dies, and do two workers never send news of one order at the same time?"""

import signal
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import pytest
from django.utils import timezone

from integrations.webhooks.models import WebhookAttempt, WebhookDelivery
from tests.builders import make_order
from tests.integrations.webhooks.events import deliver, happen, listen, states, tries
from tests.integrations.webhooks.receiver import Receiver
from tests.integrations.webhooks.worker import worker
from tests.waiting import until, until_ended

pytestmark = pytest.mark.django_db(transaction=True)

ONE_RUN = "one run"


def is_pending(pid: int, number: signal.Signals) -> bool:
    """Whether a process was sent this signal and has not yet heard of it."""
    status = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return bool(int(status["ShdPnd"], 16) >> (number - 1) & 1)


def test_a_worker_killed_between_sending_and_recording_sends_again_under_the_same_id(receiver: Receiver) -> None:
    endpoint = listen(receiver, "/held")
    happen(make_order(), "order.placed", "order.shipped")
    with worker() as process:
        until(lambda: receiver.heard, "the first message")
        process.send_signal(signal.SIGKILL)
        until_ended(process)
    receiver.released.set()
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
    endpoint = listen(receiver, "/held")
    happen(make_order(), "order.placed")
    with worker() as process:
        until(lambda: receiver.heard, "the first message")
        process.send_signal(signal.SIGSTOP)
        WebhookDelivery.objects.update(lease_until=timezone.now())
        deliver()
        settled = endpoint.deliveries.get().finished_at
        receiver.released.set()
        process.send_signal(signal.SIGCONT)
        until(lambda: not WebhookAttempt.objects.filter(milliseconds=None).exists(), "the record of both tries")

    assert states(endpoint) == [("delivered", 2)]
    assert endpoint.deliveries.get().finished_at == settled


def test_two_workers_share_the_work_and_keep_each_order_in_order(receiver: Receiver) -> None:
    listen(receiver, "/slow/0.01")
    orders = [make_order() for _ in range(12)]
    for _ in range(4):
        for order in orders:
            happen(order, "order.changed", "order.shipped", "order.delivered")
    with worker(), worker():
        until(lambda: len(receiver.heard) >= 12 * 12, "all messages")
        until(lambda: not WebhookDelivery.objects.filter(state="pending").exists(), "the record of all deliveries")

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
    with worker(ONE_RUN) as first:
        happen(make_order(), "order.placed")
        until(lambda: receiver.heard, "the first message")
        assert first.poll() is None
        with worker(ONE_RUN):
            assert until_ended(first) == 0
            happen(make_order(), "order.placed")
            until(lambda: len(receiver.heard) == 2, "the second message")


def test_a_run_that_is_asked_to_stop_records_what_is_on_its_way_and_begins_nothing_more(receiver: Receiver) -> None:
    endpoint = listen(receiver, "/held")
    happen(make_order(), "order.placed", "order.shipped")
    with worker(ONE_RUN) as process:
        until(lambda: receiver.heard, "the first message")
        process.send_signal(signal.SIGTERM)
        until(lambda: not is_pending(process.pid, signal.SIGTERM), "the signal is heard")
        receiver.released.set()
        assert until_ended(process) == -signal.SIGTERM

    assert states(endpoint) == [("delivered", 1), ("pending", 0)]


def test_without_any_endpoint_a_run_ends_at_once(db: None) -> None:
    with worker(ONE_RUN) as process:
        assert until_ended(process) == 0
