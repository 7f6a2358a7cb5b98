"""Is all that a person decided in bulk undone, each refund as on its own page, and nothing that has gone on since?"""

import os
import time
from collections import Counter
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from refunds import errors
from refunds.decisions import bulk, review, undo, undo_bulk
from refunds.execution import execute
from refunds.models import Batch, BatchItem, Refund
from tests.builders import make_staff
from tests.refunds.people import kinds, make_refund, manager, seen
from tests.refunds.racing import race, rounds
from tests.refunds.raw_sql import rows, sql
from tests.refusals import refused

pytestmark = pytest.mark.django_db
ROUNDS = max(1, int(os.environ.get("RACE_ROUNDS", "20")) // 2)


@pytest.fixture(autouse=True)
def ten_seconds(settings: Settings) -> None:
    settings.UNDO_SECONDS = 10


def begun(count: int, *, by: User, act: str = "approve") -> Batch:
    chosen = [make_refund(reference=f"U-{Refund.objects.count()}") for _ in range(count)]
    return bulk.begin(act, [(refund.pk, seen(refund)) for refund in chosen], by=by, why="no")


def became(batch: Batch) -> list[tuple[Any, Any]]:
    return list(batch.items.order_by("id").values_list("refund__status", "state"))


@pytest.mark.parametrize(("act", "what"), [("approve", "approval"), ("reject", "rejection")])
def test_what_was_decided_and_what_waits_is_undone_and_told(act: str, what: str) -> None:
    anna = manager("anna")
    batch = begun(3, by=anna, act=act)
    assert bulk.decide(at_most=2) == 2

    assert undo_bulk.undo_all(batch.pk, by=anna) == undo_bulk.Undone(3, 0)

    assert became(batch) == [("proposed", "undone")] * 3
    assert bulk.progress(batch) == bulk.Progress(3, 0, 0, 3)
    last = [kinds(item.refund.order)[-1] for item in batch.items.select_related("refund__order").order_by("id")]
    assert last == [f"refund.{what}_undone", f"refund.{what}_undone", "refund.proposed"]
    assert bulk.decide() == 0


def test_only_who_decided_undoes_it_in_time_and_once() -> None:
    anna, bert = manager("anna"), manager("bert")
    batch = begun(2, by=anna)
    bulk.decide()
    assert (undo_bulk.offered(batch, to=anna), undo_bulk.offered(batch, to=bert)) == (True, False)
    before = rows(), became(batch)

    with refused("not_your_decision"):
        undo_bulk.undo_all(batch.pk, by=bert)
    assert (rows(), became(batch)) == before

    undo_bulk.undo_all(batch.pk, by=anna)
    before = rows(), became(batch)
    with refused("too_late_to_undo"):
        undo_bulk.undo_all(batch.pk, by=anna)
    assert (rows(), became(batch)) == before


def test_after_ten_seconds_nothing_is_undone() -> None:
    anna = manager("anna")
    batch = begun(2, by=anna)
    bulk.decide()
    sql("UPDATE refunds_batchitem SET settled_at = now() - interval '10 seconds'")
    before = rows(), became(batch)

    with refused("too_late_to_undo"):
        undo_bulk.undo_all(batch.pk, by=anna)

    assert (rows(), became(batch), undo_bulk.offered(batch, to=anna)) == (before[0], before[1], False)


def test_what_has_gone_on_stays_and_says_why() -> None:
    anna, bert = manager("anna"), manager("bert")
    batch = begun(3, by=anna)
    bulk.decide()
    first, second, _ = batch.items.order_by("id")
    review.revoke_approval(first.refund_id, by=bert, why="wait")
    # Anna decides anew on her own: that is no longer the decision of the batch.
    review.revoke_approval(second.refund_id, by=bert, why="wait")
    review.reject(second.refund_id, by=anna, why="no", seen=seen(second.refund))

    assert undo_bulk.undo_all(batch.pk, by=anna) == undo_bulk.Undone(1, 2)

    assert became(batch) == [("proposed", "done"), ("rejected", "done"), ("proposed", "undone")]
    said = list(batch.items.order_by("id").values_list("said", flat=True))
    assert said == ["Too late to undo this."] * 2 + [""]


def test_what_the_person_decided_anew_is_no_longer_the_decision_of_the_batch() -> None:
    anna = manager("anna")
    batch = begun(2, by=anna)
    bulk.decide()
    first = batch.items.select_related("refund").earliest("id").refund
    undo.undo(first.pk, by=anna)
    review.approve(first.pk, by=anna, seen=seen(first))

    assert undo_bulk.undo_all(batch.pk, by=anna) == undo_bulk.Undone(1, 1)

    assert became(batch) == [("approved", "done"), ("proposed", "undone")]


def test_who_lost_the_right_undoes_nothing_that_was_decided() -> None:
    anna = manager("anna")
    batch = begun(2, by=anna)
    bulk.decide()
    anna.user_permissions.clear()

    assert undo_bulk.undo_all(batch.pk, by=User.objects.get(pk=anna.pk)) == undo_bulk.Undone(0, 2)

    assert became(batch) == [("approved", "done")] * 2


@pytest.mark.django_db(transaction=True)
def test_undoing_all_against_the_worker_that_decides() -> None:
    anna = manager("anna")
    for _ in rounds(ROUNDS):
        batch = begun(4, by=anna)

        race(partial(undo_bulk.undo_all, batch.pk, by=anna), bulk.decide)

        assert became(batch) == [("proposed", "undone")] * 4


@pytest.mark.django_db(transaction=True)
def test_undoing_all_against_the_worker_that_pays(settings: Settings) -> None:
    # So short that the approvals ripen while both are at it: at times one wins, at times the other.
    settings.UNDO_SECONDS = 1
    anna = manager("anna")
    wins: Counter[str] = Counter()
    for _ in rounds(ROUNDS):
        batch = begun(3, by=anna)
        bulk.decide()
        time.sleep(0.9)

        def claim(batch: Batch = batch) -> list[bool]:
            chosen = batch.items.values_list("refund", flat=True)
            return [execute.claim_refund(pk, old="approved") is not None for pk in chosen]

        race(partial(undo_bulk.undo_all, batch.pk, by=anna), claim, expect=(errors.DecisionRefused,))

        ended = became(batch)
        assert {state for status, state in ended if status == "executing"} <= {"done"}
        assert {status for status, state in ended if state == "undone"} <= {"proposed"}
        wins.update(status for status, _ in ended)
    assert sum(wins.values()) == 3 * ROUNDS


def test_the_page_offers_it_as_long_as_it_can_be_done_and_the_button_does_it() -> None:
    client = Client()
    anna = make_staff("anna", permissions=["refunds.view_refund", "refunds.approve_refund"])
    client.force_login(anna)
    batch = begun(2, by=anna)
    bulk.decide()
    page = reverse("admin:refunds_batch_change", args=[batch.pk])
    offered = client.get(page).content.decode()
    assert ("data-may-undo" in offered, "data-running" in offered) == (True, True)

    told = client.post(reverse("admin:refunds_batch_do", args=[batch.pk, "undo"]), follow=True).content.decode()

    assert "2 undone." in told
    assert "2 of 2 undone" in told
    assert ("data-may-undo" in told, "data-running" in told) == (False, False)
    assert not BatchItem.objects.exclude(state="undone").exists()
