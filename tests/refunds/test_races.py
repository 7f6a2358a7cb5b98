"""Who wins when people, workers and the warehouse act at the same moment? (real threads, real connections)"""

import os
import time
from collections import Counter
from functools import partial
from itertools import count
from typing import Any

import pytest
from django.test import override_settings
from pytest_django.fixtures import Settings

from orders.models import Order
from refunds import errors
from refunds.decisions import review
from refunds.decisions.undo import undo
from refunds.execution import execute
from refunds.models import Refund
from tests.builders import make_channel, make_order, make_seller
from tests.integrations.gateways.provider import Sandbox
from tests.refunds.people import approved, kinds, make_refund, manager, seen
from tests.refunds.policies import make_limit
from tests.refunds.racing import race, rounds
from tests.warehouse import cancelled, despatched, tell

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = int(os.environ.get("RACE_ROUNDS", "20"))
numbers = count(1)


def fresh(lost: int = 2, units: int = 2, **fields: Any) -> Refund:
    return make_refund(lost, units, reference=f"W-{next(numbers)}", **fields)


def test_of_thirty_two_approvals_at_once_one_wins_and_the_others_are_told_so() -> None:
    people = [manager(f"person-{n}") for n in range(32)]
    for _ in rounds(max(1, ROUNDS // 10)):
        refund = fresh()
        on_screen = seen(refund)

        ends = race(
            *(partial(review.approve, refund.pk, by=person, seen=on_screen) for person in people),
            expect=(errors.AlreadyDecided,),
        )

        assert [end for end in ends if isinstance(end, str)] == ["approved"]
        told = [str(end) for end in ends if isinstance(end, errors.AlreadyDecided)]
        winner = Refund.objects.get(pk=refund.pk).approved_by
        assert winner is not None
        assert len(told) == 31
        assert all(f"cannot be approved: already approved by {winner.username} at" in one for one in told)
        assert kinds(refund.order).count("refund.approved") == 1


def test_approval_against_withdrawal_by_the_warehouse() -> None:
    anna, ends = manager("anna"), Counter[str]()
    for _ in rounds(ROUNDS):
        refund = fresh()
        on_screen, note = seen(refund), despatched(f"D-{refund.pk}", at=1, order=refund.order.reference, TEE=2)

        result, _ = race(
            partial(review.approve, refund.pk, by=anna, seen=on_screen),
            partial(tell, refund.order, note),
            expect=(errors.DecisionRefused,),
        )

        assert Refund.objects.get(pk=refund.pk).status == "withdrawn"
        assert ("refund.approved" in kinds(refund.order)) is (result == "approved")
        ends[type(result).__name__] += 1
    assert sum(ends.values()) == ROUNDS


def test_approval_against_a_proposal_that_shrinks() -> None:
    anna = manager("anna")
    for _ in rounds(ROUNDS):
        refund = fresh()
        on_screen, note = seen(refund), despatched(f"D-{refund.pk}", at=1, order=refund.order.reference, TEE=1)

        result, _ = race(
            partial(review.approve, refund.pk, by=anna, seen=on_screen),
            partial(tell, refund.order, note),
            expect=(errors.DecisionRefused,),
        )

        # Approved at 59.98 and overtaken by the note, or changed first and refused: never 59.98 approved.
        now = list(refund.order.refunds.order_by("sequence").values_list("status", "amount"))
        if result == "approved":
            assert now == [("withdrawn", 5998), ("proposed", 2999)]
        else:
            assert (now, type(result)) == ([("proposed", 2999)], errors.Changed)


def test_approval_against_rejection() -> None:
    anna, bert = manager("anna"), manager("bert")
    for _ in rounds(ROUNDS):
        refund = fresh()
        on_screen = seen(refund)

        ends = race(
            partial(review.approve, refund.pk, by=anna, seen=on_screen),
            partial(review.reject, refund.pk, by=bert, why="no", seen=on_screen),
            expect=(errors.AlreadyDecided,),
        )

        status = Refund.objects.get(pk=refund.pk).status
        assert [isinstance(end, errors.AlreadyDecided) for end in ends] == [status == "rejected", status == "approved"]


def test_two_first_approvals_are_two_people() -> None:
    seller, anna = make_seller(), manager("anna")
    make_limit(seller, second_approver_above=0)
    for _ in rounds(ROUNDS):
        refund = fresh(seller=seller)
        on_screen = seen(refund)

        ends = race(
            *(partial(review.approve, refund.pk, by=anna, seen=on_screen) for _ in range(2)), expect=(errors.NotYours,)
        )

        assert sorted(end if isinstance(end, str) else "refused" for end in ends) == ["first", "refused"]
        assert Refund.objects.get(pk=refund.pk).status == "proposed"


def test_taking_an_approval_back_against_a_worker() -> None:
    anna = manager("anna")
    for _ in rounds(ROUNDS):
        refund = approved(fresh())

        taken, claim = race(
            partial(review.revoke_approval, refund.pk, by=anna, why="mistake"),
            partial(execute.claim_refund, refund.pk, old="approved"),
            expect=(errors.AlreadyDecided,),
        )

        refund.refresh_from_db()
        assert (taken is None) is (claim is None)
        assert refund.status == ("proposed" if claim is None else "executing")


def test_a_worker_against_the_warehouse() -> None:
    for _ in rounds(ROUNDS):
        refund = approved(fresh())
        note = despatched(f"D-{refund.pk}", at=1, order=refund.order.reference, TEE=2)

        claim, _ = race(partial(execute.claim_refund, refund.pk, old="approved"), partial(tell, refund.order, note))

        refund.refresh_from_db()
        assert refund.status == ("withdrawn" if claim is None else "executing")


def test_two_workers_pay_each_refund_once(sandbox: Sandbox) -> None:
    sandbox.pay(10**9, "GBP")
    seller = make_seller()
    paid_by: dict[str, Any] = {"payment_provider": "sandbox", "payment_reference": sandbox.payment}
    for _ in rounds(ROUNDS):
        refunds = [approved(fresh(seller=seller, **paid_by)) for _ in range(2)]

        done = race(execute.execute_approved, execute.execute_approved)

        assert sum(done) == 2
        assert {Refund.objects.get(pk=refund.pk).status for refund in refunds} == {"executed"}
    paid = sorted(refund["metadata"]["hemi_refund"] for refund in sandbox.refunds())
    assert paid == sorted(Refund.objects.values_list("number", flat=True))


def test_two_syncs_with_the_same_messages_in_opposite_sequence() -> None:
    seller, channel = make_seller(), make_channel()
    for _ in rounds(ROUNDS):
        orders = [make_order(f"W-{next(numbers)}", seller=seller, channel=channel) for _ in range(4)]
        page = [cancelled(of={"TEE": (1, 2)}, order=order.reference) for order in orders]

        race(partial(tell, orders[0], *page), partial(tell, orders[0], *page[::-1]))

        for order in orders:
            assert kinds(order) == ["order.units_cancelled", "order.started", "refund.proposed"]
    assert Order.objects.filter(committed_amount=2999).count() == 4 * ROUNDS


def test_undoing_an_approval_against_a_worker(settings: Settings) -> None:
    # So short that the approval ripens while both are at it: at times one wins, at times the other.
    settings.UNDO_SECONDS = 1
    anna = manager("anna")
    wins: Counter[str] = Counter()
    for _ in rounds(ROUNDS):
        refund = fresh()
        review.approve(refund.pk, by=anna, seen=seen(refund))
        time.sleep(0.96)

        undone, claim = race(
            partial(undo, refund.pk, by=anna),
            partial(execute.claim_refund, refund.pk, old="approved"),
            expect=(errors.DecisionRefused,),
        )

        refund.refresh_from_db()
        if claim is not None:
            assert (refund.status, isinstance(undone, errors.DecisionRefused)) == ("executing", True)
        else:
            assert refund.status == ("proposed" if undone == "approval" else "approved")
        wins[refund.status] += 1
    assert sum(wins.values()) == ROUNDS


def test_two_undos_of_one_decision() -> None:
    anna = manager("anna")
    for _ in rounds(ROUNDS):
        refund = fresh()
        review.reject(refund.pk, by=anna, why="no", seen=seen(refund))
        with override_settings(UNDO_SECONDS=10):
            ends = race(*(partial(undo, refund.pk, by=anna) for _ in range(2)), expect=(errors.DecisionRefused,))

        assert sorted(end if isinstance(end, str) else "refused" for end in ends) == ["refused", "rejection"]
        assert kinds(refund.order)[-2:] == ["refund.rejected", "refund.rejection_undone"]
