"""Does every reader of the change feed get every event exactly once, whatever commits when?"""

import json
import math
import random
import threading
from collections import Counter
from time import monotonic
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from orders.models import OrderEvent
from orders.timeline import events
from tests.api import make_reader, rows
from tests.builders import make_order, make_seller
from tests.waiting import WITHIN, until

WRITERS, READERS, EVENTS = 8, 3, 20_000
FEED = "/api/v1/events/"


def page(reader: Client, after: str, limit: int = 1000) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(reader.get(f"{FEED}?limit={limit}&after={after}").content)
    return found


def settled(reader: Client, after: str, wanted: int, limit: int = 1000) -> dict[str, Any]:
    """The page, once it holds so many events: whoever else works on this server may hold the feed back for a while."""

    def whole() -> dict[str, Any]:
        found = page(reader, after, limit)
        return found if len(found["results"]) >= wanted else {}

    return until(whole, f"{wanted} events in the feed")


def write(order_id: int, seller_id: int, number: int, amount: int) -> None:
    """Events in transactions of all sizes, some of which are rolled back, some of which stay open for a moment."""
    chance = random.Random(number)  # noqa: S311 - a test's choice
    written = 0
    while written < amount:
        size = min(chance.choice((1, 3, 20, 100)), amount - written)
        facts = [events.Event(order_id, seller_id, "order.noted", None, "test", {}) for _ in range(size)]
        with transaction.atomic():
            events.record(facts)
            if chance.random() < 0.1:
                transaction.set_rollback(True)
                continue
            if chance.random() < 0.2:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_sleep(0.005)")
        written += size
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_each_reader_gets_each_event_once_while_eight_write() -> None:
    order = make_order("W-1")
    readers = [make_reader(f"reader-{n}", per_minute=1_000_000) for n in range(READERS)]
    done = threading.Event()
    seen: list[Counter[int]] = [Counter() for _ in readers]

    def read(reader: Client, mine: Counter[int]) -> None:
        after, deadline = "0.0", math.inf
        # Whoever else works on this server may hold the feed back for a while.
        while monotonic() < deadline and not (done.is_set() and mine.total() >= EVENTS):
            if done.is_set():
                deadline = min(deadline, monotonic() + WITHIN)
            found = page(reader, after)
            mine.update(event["id"] for event in found["results"])
            after = found["after"]
        mine.update(event["id"] for event in page(reader, after)["results"])
        connection.close()

    writing = [
        threading.Thread(target=write, args=(order.pk, order.seller_id, n, EVENTS // WRITERS)) for n in range(WRITERS)
    ]
    reading = [threading.Thread(target=read, args=pair) for pair in zip(readers, seen, strict=True)]
    for thread in writing + reading:
        thread.start()
    for thread in writing:
        thread.join()
    done.set()
    for thread in reading:
        thread.join()

    written = Counter(OrderEvent.objects.values_list("id", flat=True))
    assert len(written) == EVENTS
    assert all(mine == written for mine in seen)


@pytest.mark.django_db(transaction=True)
def test_nothing_behind_an_open_transaction_is_told_before_it_ends() -> None:
    order = make_order("W-1")
    reader = make_reader()
    begun, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            events.record([events.Event(order.pk, order.seller_id, "order.held", None, "slow", {})])
            begun.set()
            until(go_on.is_set, "the word to go on")
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    until(begun.is_set, "the slow transaction")
    events.record([events.Event(order.pk, order.seller_id, "order.noted", None, "quick", {})])
    early = page(reader, "0.0")
    go_on.set()
    thread.join()
    late = settled(reader, early["after"], 2)

    assert (early["results"], early["after"], early["more"]) == ([], "0.0", False)
    assert [event["actor"] for event in late["results"]] == ["slow", "quick"]
    assert page(reader, late["after"])["results"] == []


@pytest.mark.django_db(transaction=True)
def test_the_feed_comes_in_pages_and_shows_a_key_its_sellers_alone() -> None:
    mine, theirs = make_order("W-1", seller=make_seller("mine")), make_order("W-2", seller=make_seller("theirs"))
    for order in (mine, theirs, mine):
        events.record([events.Event(order.pk, order.seller_id, "order.noted", None, "staff:anna", {"note": "x"})])
    reader, limited = make_reader("all"), make_reader("limited", sellers=[mine.seller])

    assert len(settled(reader, "0.0", 3)["results"]) == 3
    first = page(reader, "0.0", 2)
    second = page(reader, first["after"], 2)

    assert [event["order"] for event in first["results"] + second["results"]] == ["W-1", "W-2", "W-1"]
    assert (first["more"], second["more"]) == (True, False)
    assert [event["order"] for event in rows(limited, FEED)] == ["W-1", "W-1"]


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["after=1", "after=x.1", "limit=0", "limit=1001", "order=W-1", "limit=1&limit=2"])
def test_a_wrong_place_in_the_feed_is_refused_by_name(query: str) -> None:
    response = make_reader().get(f"{FEED}?{query}")

    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [query.partition("=")[0]]
