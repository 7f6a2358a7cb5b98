"""Does each fact become exactly one delivery, however transactions overlap?"""

import threading
from typing import Any

import pytest
from django.db import connection, connections, transaction

from integrations.outbox.publish import publish
from integrations.webhooks.models import WebhookDelivery
from integrations.webhooks.outbox import WEBHOOKS
from tests.builders import make_order
from tests.integrations.webhooks.events import happen, listen
from tests.integrations.webhooks.receiver import Receiver
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)


def in_a_thread(work: Any) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_a_fact_whose_transaction_commits_late_is_not_skipped(receiver: Receiver) -> None:
    listen(receiver)
    early, late = make_order("W-1"), make_order("W-2")
    written, published = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            happen(late, "order.placed")
            written.set()
            until(published.is_set, "the other publication")

    thread = in_a_thread(slow)
    until(written.is_set, "the slow transaction")
    happen(early, "order.placed")
    assert publish(WEBHOOKS) == 0
    published.set()
    thread.join()

    assert (publish(WEBHOOKS), publish(WEBHOOKS)) == (2, 0)
    assert list(WebhookDelivery.objects.order_by("event").values_list("order__reference", flat=True)) == ["W-2", "W-1"]


def test_while_many_write_and_two_publish_each_fact_is_published_once(receiver: Receiver) -> None:
    listen(receiver)
    orders = [make_order() for _ in range(4)]
    over = threading.Event()

    def write(order: Any) -> None:
        for n in range(60):
            with transaction.atomic():
                happen(order, "order.changed")
                if n % 7 == 0:
                    transaction.set_rollback(True)

    def keep_publishing() -> None:
        while not over.is_set():
            publish(WEBHOOKS)

    publishers = [in_a_thread(keep_publishing) for _ in range(2)]
    writers = [in_a_thread(lambda order=order: write(order)) for order in orders]
    for thread in writers:
        thread.join()
    over.set()
    for thread in publishers:
        thread.join()
    publish(WEBHOOKS)

    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM orders_orderevent ORDER BY id")
        events = [row[0] for row in cursor.fetchall()]
    assert list(WebhookDelivery.objects.order_by("event").values_list("event_id", flat=True)) == events
    assert len(events) == 4 * 51
