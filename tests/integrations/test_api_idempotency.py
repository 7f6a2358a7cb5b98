"""Is a write done exactly once, whoever sends it at the same moment and whatever is killed in the middle of it?"""

import json
import os
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from django.db import connection, transaction

from integrations.api import keys as api_keys
from integrations.api import responses
from integrations.models import IdempotentResponse, Scope
from orders.models import Order, OrderEvent, Seller
from refunds.models import Refund
from tests.builders import make_channel, make_order, make_seller
from tests.integrations.api_server import Web, web
from tests.waiting import WITHIN, until

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = int(os.environ.get("RACE_ROUNDS", "10"))
KILLS = int(os.environ.get("KILL_POINTS", "5"))
ORDERS = "/api/v1/orders/"


def key_for_everything() -> str:
    return api_keys.create("core", scopes=Scope.values, per_minute=1_000_000)[1]


def batch(token: str, size: int) -> dict[str, Any]:
    line = {"sku": "TEE", "quantity": 2, "unit_price": "29.99"}
    fields = {"seller": "acme", "channel": "shop", "placed_at": "2026-03-02T09:30:00Z", "currency": "GBP"}
    return {
        "orders": [{"reference": f"{token}-{n}", **fields, "items": [line], "total_paid": "59.98"} for n in range(size)]
    }


def insist(server: Web, *request: Any, **options: Any) -> requests.Response:
    """Send again as long as the first request is under way, as a caller does."""

    def final() -> list[requests.Response]:
        answer = server.send(*request, **options)
        return [] if answer.status_code == 409 else [answer]

    return until(final, "the end of the first request", every=0.05)[0]


def test_of_many_who_send_the_same_at_once_one_does_it_and_all_get_its_answer() -> None:
    order, plain = make_order("W-1", items=(("TEE", 1000, 100_000),)), key_for_everything()
    body = {"order_id": order.pk, "reason": "goodwill", "items": [{"sku": "TEE", "quantity": 1}]}
    statuses: set[int] = set()
    with web() as server, ThreadPoolExecutor(6) as pool:
        for number in range(ROUNDS):
            wanted = ("post", "/api/v1/refunds/", body)
            options = {"bearer": plain, "key": f"round-{number}"}
            together = threading.Barrier(6)

            def send(wanted: Any = wanted, options: Any = options, together: Any = together) -> requests.Response:
                together.wait()
                return server.send(*wanted, **options)

            answers = [one.result() for one in [pool.submit(send) for _ in range(6)]]
            statuses |= {answer.status_code for answer in answers}
            last = insist(server, *wanted, **options)

            assert {answer.content for answer in answers if answer.status_code == 201} == {last.content}
            assert last.headers["Idempotent-Replayed"] == "true"
            assert [answer.status_code for answer in answers].count(201) >= 1
            assert sum("Idempotent-Replayed" not in a.headers for a in answers if a.status_code == 201) == 1

    assert statuses <= {201, 409}
    assert Refund.objects.count() == IdempotentResponse.objects.count() == ROUNDS
    assert OrderEvent.objects.filter(kind="refund.proposed").count() == ROUNDS


def test_the_second_is_told_to_wait_while_the_first_is_running_and_a_killed_first_leaves_nothing() -> None:
    order, plain = make_order("W-1"), key_for_everything()
    wanted = ("post", f"{ORDERS}{order.pk}/hold/", {"why": "fraud check"})
    options = {"bearer": plain, "key": "k-1"}
    with web() as server, ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            # The request stands in the middle of its work for as long as we keep this.
            Order.objects.select_for_update().get(pk=order.pk)
            first = pool.submit(server.send, *wanted, **options)
            until_somebody_waits_for_a_lock()

            second = server.send(*wanted, **options)
            assert (second.status_code, second.headers["Content-Type"]) == (409, "application/problem+json")
            assert second.json()["type"] == "urn:hemi-intake:problem:conflict"
            server.kill()
            assert isinstance(first.exception(WITHIN), requests.ConnectionError)
        until_nobody_else_is_connected()
    order.refresh_from_db()
    assert (order.held_because, OrderEvent.objects.count(), IdempotentResponse.objects.count()) == ("", 0, 0)

    with web() as server:
        done, again = (insist(server, *wanted, **options) for _ in range(2))

    assert (done.status_code, again.status_code, done.content) == (200, 200, again.content)
    assert ("Idempotent-Replayed" in done.headers, "Idempotent-Replayed" in again.headers) == (False, True)
    assert list(OrderEvent.objects.values_list("kind", flat=True)) == ["order.hold_placed", "order.held"]


def test_whenever_the_server_is_killed_the_same_batch_sent_again_is_taken_in_once() -> None:
    make_seller("acme")
    make_channel("shop")
    plain, chance, cut = key_for_everything(), random.Random(6), 0  # noqa: S311 - a test's choice
    for number in range(KILLS + 1):
        with web() as server, ThreadPoolExecutor(1) as pool:
            if number:
                answer = insist(server, *asked(number - 1), bearer=plain, key=f"batch-{number - 1}")
                assert {result["outcome"] for result in answer.json()["results"]} == {"created"}
                stored = responses.unpack(bytes(IdempotentResponse.objects.get(key=f"batch-{number - 1}").body))
                assert json.loads(stored) == answer.json()
            if number == KILLS:
                break
            with transaction.atomic():
                if not number:
                    # The first one cannot end before it is killed: we keep its seller for as long.
                    Seller.objects.select_for_update().get()
                first = pool.submit(server.send, *asked(number), bearer=plain, key=f"batch-{number}")
                if number:
                    time.sleep(chance.uniform(0, 0.4))
                else:
                    until_somebody_waits_for_a_lock()
                server.kill()
                cut += first.exception(WITHIN) is not None
        until_nobody_else_is_connected()
        left = Order.objects.filter(reference__startswith=f"B{number}-").count()
        assert left == 300 * IdempotentResponse.objects.filter(key=f"batch-{number}").count()
    assert cut > 0
    assert Order.objects.count() == OrderEvent.objects.filter(kind="order.placed").count() == 300 * KILLS


def asked(number: int) -> tuple[str, str, Any]:
    return "post", f"{ORDERS}batch/", batch(f"B{number}", 300)


def until_somebody_waits_for_a_lock() -> None:
    until(lambda: sessions("wait_event_type = 'Lock'"), "somebody who waits for a lock")


def until_nobody_else_is_connected() -> None:
    until(lambda: not sessions("pid <> pg_backend_pid()"), "the end of everybody else's connection")


def sessions(which: str) -> int:
    """How many there are of these on the test's database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(f"SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND {which}")
        return int(cursor.fetchone()[0])
