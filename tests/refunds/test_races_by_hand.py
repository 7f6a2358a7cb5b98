"""Who wins when people propose and edit by hand, and providers pay past us, at the very same moment?"""

import os
from collections import Counter
from datetime import UTC, datetime
from functools import partial
from itertools import count
from typing import Any

import pytest
from pytest_django import Settings

from integrations.gateways.process_events import process_events
from orders.models import OrderItem
from refunds import errors, transitions
from refunds.decisions import edit, review
from refunds.execution import execute, external, failed_later
from refunds.models import Refund
from refunds.proposals.manual import left_of, propose_by_hand
from refunds.proposals.refund_request import RefundRequest, Scope
from tests.builders import make_order, make_seller
from tests.integrations.gateways.events.stripe_post import SECRET, event, post, refund
from tests.integrations.gateways.provider import Sandbox
from tests.refunds.people import approved, kinds, make_refund, manager, seen
from tests.refunds.racing import race, rounds
from tests.warehouse import cancelled, despatched, tell

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = int(os.environ.get("RACE_ROUNDS", "20"))
MADE_AT = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
numbers = count(1)


def fresh(lost: int = 2, units: int = 2, **fields: Any) -> Refund:
    return make_refund(lost, units, reference=f"H-{next(numbers)}", **fields)


def tee(order_id: int) -> int:
    return OrderItem.objects.values_list("pk", flat=True).get(order=order_id, sku="TEE")


def outside(amount: int, reference: str) -> external.Outside:
    return external.Outside("sandbox", reference, amount, "GBP", MADE_AT)


def test_edit_against_approval() -> None:
    anna, bert, won = manager("anna"), manager("bert"), Counter[str]()
    for _ in rounds(ROUNDS):
        proposal = fresh()
        on_screen, fewer = seen(proposal), RefundRequest(units={tee(proposal.order_id): 1})

        edited, decided = race(
            partial(edit.edit, proposal.pk, by=anna, wish=fewer, why="fewer", seen=on_screen),
            partial(review.approve, proposal.pk, by=bert, seen=on_screen),
            expect=(errors.Changed, errors.AlreadyDecided),
        )

        proposal.refresh_from_db()
        # Approved as it was seen, or edited first and refused: never approved at another amount.
        if decided == "approved":
            assert (proposal.status, proposal.amount, type(edited)) == ("approved", 5998, errors.AlreadyDecided)
        else:
            assert (proposal.status, proposal.amount, type(decided)) == ("proposed", 2999, errors.Changed)
        won[proposal.status] += 1
    assert won.total() == ROUNDS


def test_two_edits() -> None:
    anna, bert = manager("anna"), manager("bert")
    for _ in rounds(ROUNDS):
        proposal = fresh(lost=3, units=3, paid=3000)
        on_screen, item = seen(proposal), tee(proposal.order_id)

        ends = race(
            *(
                partial(
                    edit.edit, proposal.pk, by=by, wish=RefundRequest(units={item: units}), why="fewer", seen=on_screen
                )
                for by, units in ((anna, 1), (bert, 2))
            ),
            expect=(errors.Changed,),
        )

        proposal.refresh_from_db()
        assert sorted(end is None for end in ends) == [False, True]
        assert proposal.amount == (1000 if ends[0] is None else 2000)
        assert proposal.revisions.count() == 1


def test_edit_against_the_warehouse() -> None:
    anna = manager("anna")
    for _ in rounds(ROUNDS):
        proposal = fresh(lost=2, units=2)
        fewer, note = (
            RefundRequest(units={tee(proposal.order_id): 1}),
            despatched("D-1", at=1, TEE=2, order=str(proposal.order)),
        )

        race(
            partial(edit.edit, proposal.pk, by=anna, wish=fewer, why="fewer", seen=seen(proposal)),
            partial(tell, proposal.order, note),
            expect=(errors.Changed, errors.AlreadyDecided),
        )

        assert Refund.objects.filter(order=proposal.order_id).exclude(status="withdrawn").count() == 0


def test_two_people_propose_the_same_by_hand() -> None:
    anna, bert = manager("anna"), manager("bert")
    for _ in rounds(ROUNDS):
        order = make_order(f"H-{next(numbers)}")
        on_screen, whole = transitions.ExpectedVersion(left_of(order.pk)[1], 5998), RefundRequest(scope=Scope.ITEMS)

        ends = race(
            *(
                partial(propose_by_hand, order.pk, by=by, wish=whole, reason="goodwill", note="", seen=on_screen)
                for by in (anna, bert)
            ),
            expect=(errors.DecisionRefused,),
        )

        assert sorted(isinstance(end, errors.DecisionRefused) for end in ends) == [False, True]
        assert list(order.refunds.values_list("amount", flat=True)) == [5998]


def test_a_proposal_by_hand_against_the_warehouse_that_cancels_the_same_units() -> None:
    anna = manager("anna")
    for _ in rounds(ROUNDS):
        order = make_order(f"H-{next(numbers)}")
        whole = RefundRequest(scope=Scope.ITEMS)

        mine, _ = race(
            partial(propose_by_hand, order.pk, by=anna, wish=whole, reason="goodwill", note=""),
            partial(tell, order, cancelled(of={"TEE": (2, 2)}, order=order.reference)),
        )

        live = order.refunds.exclude(status="withdrawn")
        assert list(live.values_list("pk", "origin", "amount")) == [(mine.pk, "staff", 5998)]


def test_a_proposal_by_hand_against_approval_of_the_automatic_one() -> None:
    anna, bert = manager("anna"), manager("bert")
    for _ in rounds(ROUNDS):
        proposal = fresh()
        whole = RefundRequest(scope=Scope.ITEMS)

        mine, decided = race(
            partial(propose_by_hand, proposal.order_id, by=anna, wish=whole, reason="goodwill", note=""),
            partial(review.approve, proposal.pk, by=bert, seen=seen(proposal)),
            expect=(errors.DecisionRefused,),
        )

        assert isinstance(mine, Refund) is isinstance(decided, errors.AlreadyDecided)
        live = Refund.objects.filter(order=proposal.order_id).exclude(status="withdrawn")
        assert live.values_list("status", "amount").get() == (
            "proposed" if isinstance(mine, Refund) else "approved",
            5998,
        )


def test_execution_against_a_refund_made_elsewhere(sandbox: Sandbox) -> None:
    sandbox.pay(10**9, "GBP")
    seller, won = make_seller(), Counter[str]()
    for number in rounds(ROUNDS):
        by: dict[str, Any] = {"payment_provider": "sandbox", "payment_reference": sandbox.payment}
        refund_here = approved(fresh(seller=seller, **by))
        there = outside(5998, f"there-{number}")

        _, booked = race(
            execute.execute_approved,
            partial(external.book, refund_here.order_id, there),
            expect=(external.NotYet,),
        )
        if isinstance(booked, external.NotYet):
            # As the clock does: once ours is settled, what exceeds the order is said.
            booked = external.book(refund_here.order_id, there)

        refund_here.refresh_from_db()
        order = refund_here.order
        order.refresh_from_db()
        assert order.committed_amount == order.total_paid
        said = order.attention.filter(kind="external_over_limit", closed_at=None).count()
        assert (refund_here.status, booked.amount, said) in (("withdrawn", 5998, 0), ("executed", 0, 1))
        paid = [one for one in sandbox.refunds() if one["metadata"]["hemi_refund"] == refund_here.number]
        assert len(paid) == (refund_here.status == "executed")
        won[refund_here.status] += 1
    assert won.total() == ROUNDS


@pytest.mark.parametrize("amount", [5998, 2000])
def test_approval_against_a_refund_made_elsewhere(amount: int) -> None:
    bert = manager("bert")
    for number in rounds(ROUNDS):
        proposal = fresh()

        decided, _ = race(
            partial(review.approve, proposal.pk, by=bert, seen=seen(proposal)),
            partial(external.book, proposal.order_id, outside(amount, f"there-{amount}-{number}")),
            expect=(errors.DecisionRefused,),
        )

        # Whatever was approved first was withdrawn again; what is left to approve is less.
        now = list(
            proposal.order.refunds.exclude(status="withdrawn").order_by("amount").values_list("status", "amount")
        )
        assert now == ([("executed", 5998)] if amount == 5998 else [("executed", 2000), ("proposed", 3998)])
        assert decided == "approved" or isinstance(decided, (errors.Changed, errors.AlreadyDecided))


def test_two_workers_take_in_the_same_news(settings: Settings) -> None:
    settings.STRIPE_WEBHOOK_SECRET = SECRET
    for number in rounds(ROUNDS):
        order = make_order(f"H-{next(numbers)}", payment_provider="stripe", payment_reference=f"pi_{number}")
        about = {"payment_intent": f"pi_{number}", "charge": f"ch_{number}"}
        for kind in ("refund.created", "refund.updated"):
            post(event(kind, refund(1000, f"re_{number}", **about)))

        race(process_events, process_events)
        process_events()

        assert list(order.refunds.values_list("origin", "amount")) == [("external", 1000)]
        assert kinds(order) == ["refund.booked"]


def test_a_failure_later_against_a_retry_of_another_refund_of_the_order(sandbox: Sandbox) -> None:
    sandbox.pay(10**9, "GBP")
    bert, seller = manager("bert"), make_seller()
    for _ in rounds(ROUNDS):
        by: dict[str, Any] = {"payment_provider": "sandbox", "payment_reference": sandbox.payment}
        paid = approved(fresh(lost=1, seller=seller, **by))
        assert execute.execute_approved() == 1
        paid.refresh_from_db()
        tell(paid.order, cancelled(5, of={"TEE": (2, 2)}, order=paid.order.reference))
        second = Refund.objects.get(order=paid.order_id, status="proposed")

        failed, decided = race(
            partial(failed_later.take_back, paid.pk, reference=paid.provider_reference, detail="lost"),
            partial(review.approve, second.pk, by=bert, seen=seen(second)),
        )

        paid.refresh_from_db()
        assert (failed, decided, paid.status) == (True, "approved", "failed")
        assert execute.execute_approved() == 1
