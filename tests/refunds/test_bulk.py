"""Is what a person decides in bulk decided one by one: as it was seen, with the rights of the moment, and once?"""

import os
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders.models import Person
from refunds import transitions
from refunds.decisions import bulk, review
from refunds.models import Batch, BatchItem, Refund
from tests.builders import make_seller, make_staff
from tests.refunds.killing import workers
from tests.refunds.people import approved, kinds, make_refund, manager, seen
from tests.refunds.policies import make_limit
from tests.refunds.racing import race
from tests.refunds.raw_sql import rows
from tests.refusals import refused
from tests.warehouse import despatched, tell

pytestmark = pytest.mark.django_db
KILLS = int(os.environ.get("KILL_POINTS", "10"))


def refunds(count: int, **fields: Any) -> list[Refund]:
    return [make_refund(reference=f"B-{Refund.objects.count()}", **fields) for _ in range(count)]


def begun(act: str, chosen: Sequence[Refund], *, by: User, why: str = "") -> Batch:
    return bulk.begin(act, [(refund.pk, seen(refund)) for refund in chosen], by=by, why=why)


def became(batch: Batch) -> list[tuple[str, str, str]]:
    found = batch.items.order_by("id").values_list("refund__status", "state", "said")
    return [(str(status), str(state), str(said)) for status, state, said in found]


def test_a_batch_decides_nothing_until_its_turn_and_then_each_refund_once() -> None:
    anna, chosen = manager("anna"), refunds(3)

    batch = begun("approve", chosen, by=anna)

    assert {refund.status for refund in Refund.objects.all()} == {"proposed"}
    assert bulk.progress(batch) == bulk.Progress(3, 0, 0)
    assert (bulk.decide(), bulk.decide()) == (3, 0)
    assert became(batch) == [("approved", "done", "")] * 3
    assert all(kinds(refund.order)[-1] == "refund.approved" for refund in chosen)
    assert {refund.approved_by for refund in Refund.objects.all()} == {anna}
    assert bulk.progress(batch) == bulk.Progress(3, 3, 0)


def test_a_refund_that_may_be_wrong_is_left_out_of_bulk_and_decided_on_its_own_page() -> None:
    anna, (plain, blocked) = manager("anna"), refunds(2)
    batch = begun("approve", [plain, blocked], by=anna)
    tell(blocked.order, despatched("D-9", order=blocked.order.reference, at=1, UFO=1))

    found = Refund.objects.select_related("seller", "order").order_by("id")
    plan = bulk.plan(list(found), "approve", by=anna)

    why = "It may be wrong (Unknown SKU): decide it on its own page."
    assert (plan.included, plan.left_out) == ([plain], [(blocked, why)])
    bulk.decide()
    said = f"{blocked.number} may now be wrong: open it on its own page."
    assert became(batch) == [("approved", "done", ""), ("proposed", "refused", said)]
    review.approve(blocked.pk, by=anna, seen=seen(Refund.objects.get(pk=blocked.pk)))
    assert Refund.objects.get(pk=blocked.pk).status == "approved"


def test_a_batch_goes_long_after_it_was_decided_and_the_refund_still_says_by_whom() -> None:
    anna, chosen = manager("anna"), refunds(3)
    old, young = begun("approve", chosen[:1], by=anna), begun("approve", chosen[1:2], by=anna)
    bulk.decide()
    waiting = begun("approve", chosen[2:], by=anna)
    Batch.objects.exclude(pk=young.pk).update(made_at=timezone.now() - timedelta(days=91))

    assert (bulk.forget(), bulk.forget()) == (1, 0)

    assert set(Batch.objects.all()) == {young, waiting}
    assert not BatchItem.objects.filter(batch=old.pk).exists()
    assert Refund.objects.get(pk=chosen[0].pk).approved_by == anna


def test_rejecting_in_bulk_gives_each_the_reason() -> None:
    anna, chosen = manager("anna"), refunds(2)

    batch = begun("reject", chosen, by=anna, why="Refunded another way")
    bulk.decide()

    assert became(batch) == [("rejected", "done", "")] * 2
    assert set(Refund.objects.values_list("why", flat=True)) == {"Refunded another way"}


def test_what_changed_since_it_was_seen_is_left_alone_and_named() -> None:
    anna, (first, second) = manager("anna"), refunds(2, lost=2)
    batch = begun("approve", [first, second], by=anna)
    tell(first.order, despatched(at=1, order=first.order.reference, TEE=1))

    bulk.decide()

    changed, fine = became(batch)
    assert (changed[:2], fine) == (("proposed", "refused"), ("approved", "done", ""))
    assert changed[2].startswith(f"{first.number} has changed since you opened it: it is 29.99 GBP now, you saw 59.98")


@pytest.mark.parametrize("lost", ["role", "sellers", "account"])
def test_rights_are_those_of_the_moment_of_each_decision(lost: str) -> None:
    anna, chosen = manager("anna"), refunds(2)
    batch = begun("approve", chosen, by=anna)
    if lost == "role":
        anna.user_permissions.clear()
    elif lost == "sellers":
        Person.objects.create(user=anna).sellers.add(chosen[1].seller)
    else:
        User.objects.filter(pk=anna.pk).update(is_active=False)

    bulk.decide()

    ended = [(status, state) for status, state, _ in became(batch)]
    still_mine = ("approved", "done") if lost == "sellers" else ("proposed", "refused")
    assert ended == [("proposed", "refused"), still_mine]


def test_a_limit_that_came_meanwhile_leaves_the_refund_to_two_people() -> None:
    anna, [refund] = manager("anna"), refunds(1)
    batch = begun("approve", [refund], by=anna)
    make_limit(refund.seller, second_approver_above=0)

    bulk.decide()

    assert became(batch) == [
        ("proposed", "refused", f"{refund.number} now needs two approvals: open it on its own page.")
    ]
    assert Refund.objects.get().approved_by is None


def test_what_may_not_be_decided_together_is_said_one_by_one() -> None:
    anna, seller = manager("anna"), make_seller(name="Brand")
    fine = make_refund(reference="A-0", seller=seller)
    held, done, doubt, big, own = (make_refund(reference=f"A-{n}") for n in range(1, 6))
    review.hold(held.pk, by=anna, why="wait")
    approved(done, by=anna)
    make_limit(big.seller, second_approver_above=0)
    Refund.objects.filter(pk=own.pk).update(edited_by=anna)
    approved(doubt, by=anna)
    everything = list(Refund.objects.select_related("seller").order_by("pk"))

    plan = bulk.plan(everything, "approve", by=anna)

    assert plan.included == [fine]
    assert plan.totals == [bulk.Total("Brand", "GBP", 1, 2999)]
    assert [(refund.number, why) for refund, why in plan.left_out] == [
        ("A-1-R1", "It is on hold: release it first."),
        ("A-2-R1", "It is approved, not proposed."),
        ("A-3-R1", "It is approved, not proposed."),
        ("A-4-R1", "Above the limit: two people must approve it, each on its own page."),
        ("A-5-R1", "You edited A-5-R1, so someone else must approve it."),
    ]
    assert bulk.plan(everything, "reject", by=anna).included == [fine, held, big, own]


def test_totals_never_add_up_across_currencies() -> None:
    anna, seller = manager("anna"), make_seller(name="Brand")
    for n, currency in enumerate(("GBP", "JPY", "GBP")):
        make_refund(reference=f"C-{n}", seller=seller, currency=currency)

    plan = bulk.plan(list(Refund.objects.select_related("seller")), "approve", by=anna)

    assert plan.totals == [bulk.Total("Brand", "GBP", 2, 5998), bulk.Total("Brand", "JPY", 1, 2999)]
    assert plan.sums == []


def test_several_sellers_are_summed_up_by_currency() -> None:
    anna = manager("anna")
    for n, (name, currency) in enumerate((("A", "GBP"), ("B", "GBP"), ("C", "JPY"))):
        make_refund(reference=f"C-{n}", seller=make_seller(f"s-{n}", name=name), currency=currency)

    plan = bulk.plan(list(Refund.objects.select_related("seller")), "approve", by=anna)

    assert plan.sums == [bulk.Total("All in GBP", "GBP", 2, 5998), bulk.Total("All in JPY", "JPY", 1, 2999)]


def test_a_batch_without_right_reason_or_refunds_is_refused() -> None:
    anna, [refund] = manager("anna"), refunds(1)
    before = rows()

    with refused("not_permitted"):
        begun("approve", [refund], by=make_staff("nobody"))
    with refused("reason_required"):
        begun("reject", [refund], by=anna, why=" ")
    with refused("nothing_chosen"):
        begun("approve", [], by=anna)
    many = [(pk, transitions.ExpectedVersion(1, 1)) for pk in range(1, bulk.MOST + 2)]
    with refused("too_many_chosen"):
        bulk.begin("approve", many, by=anna)

    assert (rows(), Batch.objects.count()) == (before, 0)


def test_beginning_costs_the_same_however_many_there_are() -> None:
    anna, chosen = manager("anna"), refunds(6)

    def cost(some: list[Refund]) -> int:
        on_screen = [(refund.pk, seen(refund)) for refund in some]
        with CaptureQueriesContext(connection) as queries:
            bulk.begin("approve", on_screen, by=anna)
        return len(queries)

    assert cost(chosen[:1]) == cost(chosen)


@pytest.mark.django_db(transaction=True)
def test_four_workers_decide_each_refund_once() -> None:
    anna, chosen = manager("anna"), refunds(12)
    batch = begun("approve", chosen, by=anna)

    done = race(*(partial(bulk.decide) for _ in range(4)))

    assert sum(done) == 12
    assert became(batch) == [("approved", "done", "")] * 12
    assert [kinds(refund.order).count("refund.approved") for refund in chosen] == [1] * 12


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_anywhere_loses_nothing_and_decides_nothing_twice() -> None:
    anna = manager("anna")
    with workers() as crew:
        begun("approve", refunds(2), by=anna)
        whole = int(crew.round().split()[0])
        for n in range(KILLS):
            batch = begun("approve", refunds(2), by=anna)
            crew.round(kill_at=1 + whole * n // KILLS)
            # Whoever was killed has decided on a refund and said so, or neither.
            assert set(became(batch)) <= {("approved", "done", ""), ("proposed", "waiting", "")}
            crew.round()
            assert became(batch) == [("approved", "done", "")] * 2
    assert {kinds(refund.order).count("refund.approved") for refund in Refund.objects.all()} == {1}
    assert not BatchItem.objects.filter(state="waiting").exists()


def test_a_batch_keeps_only_refunds_that_there_are() -> None:
    anna, [refund] = manager("anna"), refunds(1)

    batch = bulk.begin("approve", [(refund.pk, seen(refund)), (0, transitions.ExpectedVersion(1, 1))], by=anna)

    assert list(batch.items.values_list("refund_id", flat=True)) == [refund.pk]
