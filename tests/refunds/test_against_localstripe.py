"""Does our own care hold alone, against a Stripe that ignores keys and pays more than was charged? (localstripe)

It pays 59.97 back four times when it is asked four times, under one key or four.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from pytest_django import Settings

from orders.models import Order
from refunds.errors import DecisionRefused
from refunds.execution import execute, reconcile
from refunds.gateway import gateway_for
from refunds.models import Refund
from refunds.proposals.manual import propose_by_hand
from refunds.proposals.refund_request import RefundRequest
from tests.builders import make_order
from tests.refunds.killing import workers
from tests.refunds.localstripe import KEY, LocalStripe, localstripe
from tests.refunds.paying import attempts, pass_time
from tests.refunds.people import approved, make_refund, manager, open_attention
from tests.refunds.racing import assert_the_rules_hold, race

pytestmark = pytest.mark.django_db(transaction=True)

PAID = 5997
KILLS = 6


@pytest.fixture(scope="module")
def server() -> Iterator[LocalStripe]:
    with localstripe() as running:
        yield running


@pytest.fixture
def stripe(server: LocalStripe, settings: Settings) -> LocalStripe:
    settings.STRIPE_API_BASE, settings.STRIPE_API_KEY = server.url, KEY
    return server


def paid_order(stripe: LocalStripe, *, total: int = PAID, **fields: Any) -> Order:
    """Three tees for 59.97 that a customer has paid by card; `total` is what the order says was paid."""
    payment = stripe.paid(PAID)
    return make_order(
        items=[("TEE", 3, total)],
        payment_provider="stripe",
        payment_reference=payment,
        **{"reference": "W-1", **fields},
    )


def payment_of(order: Order) -> str:
    return order.payment_shares.get().payment.reference


def told_to_refund(stripe: LocalStripe, **fields: Any) -> Refund:
    """An approved refund of the whole order."""
    return approved(make_refund(3, 3, order=paid_order(stripe, **fields)))


def test_it_is_the_adversary_that_we_take_it_for(stripe: LocalStripe) -> None:
    payment = stripe.paid(PAID)

    for _ in range(4):
        stripe.pay_back(payment, PAID, key="one key")

    assert stripe.paid_back(payment) == [PAID] * 4


def test_a_refund_is_paid_once_however_often_the_tasks_run(stripe: LocalStripe) -> None:
    refund = told_to_refund(stripe)

    assert execute.execute_approved() == 1
    for _ in range(3):
        pass_time()
        assert (execute.execute_approved(), reconcile.reconcile()) == (0, 0)

    [paid] = stripe.refunds(payment_of(refund.order))
    refund.refresh_from_db()
    assert (paid["amount"], paid["metadata"]["hemi_key"]) == (PAID, str(refund.attempts.get().key))
    assert (refund.status, refund.provider_reference) == ("executed", paid["id"])


def test_the_same_attempt_called_twice_pays_once(stripe: LocalStripe) -> None:
    refund = told_to_refund(stripe)
    claim = execute.claim_refund(refund.pk, old="approved")
    assert claim is not None

    first, second = (gateway_for("stripe").refund(claim.request) for _ in range(2))

    assert first == second
    assert stripe.paid_back(payment_of(refund.order)) == [PAID]


def test_wherever_a_worker_is_killed_its_refund_is_found_by_our_key_and_not_sent_again(stripe: LocalStripe) -> None:
    with workers(STRIPE_API_BASE=stripe.url, STRIPE_API_KEY=KEY) as team:
        told_to_refund(stripe, reference="W-0")
        _, claimed, settled = map(int, team.round().split())
        killed_after_paying = 0
        for step in range(KILLS):
            refund = told_to_refund(stripe, reference=f"W-{step + 1}")
            payment = payment_of(refund.order)
            assert team.round(kill_at=claimed + (settled - claimed) * (step + 1) // (KILLS + 1)) == "killed"
            refund.refresh_from_db()
            before = stripe.paid_back(payment)
            killed_after_paying += (refund.status, before) == ("executing", [PAID])

            for _ in range(2):
                pass_time()
                team.round()

            refund.refresh_from_db()
            assert stripe.paid_back(payment) == [PAID]
            assert (refund.status, open_attention(refund.order)) == ("executed", [])
            if before:
                assert attempts(refund) == [(1, "paid")]
    assert_the_rules_hold()
    assert killed_after_paying > 0


def test_four_refunds_at_once_pay_exactly_the_payment(stripe: LocalStripe) -> None:
    order, anna = paid_order(stripe), manager("anna")
    tee = order.items.get()
    for amount in (1000, 1500, 1500, 1997):
        wish = RefundRequest(kind=Refund.Kind.POST_SHIPMENT.value, amounts={tee.pk: amount})
        approved(propose_by_hand(order.pk, by=anna, wish=wish, reason=Refund.Reason.DAMAGED, note=""))

    race(*(partial(execute.execute_approved, at_most=1) for _ in range(4)))
    for _ in range(4):
        pass_time()
        execute.execute_approved()
        reconcile.reconcile()

    assert sorted(stripe.paid_back(payment_of(order))) == [1000, 1500, 1500, 1997]
    assert list(order.refunds.values_list("status", flat=True)) == ["executed"] * 4
    assert_the_rules_hold()


def test_four_refunds_of_everything_at_once_are_one(stripe: LocalStripe) -> None:
    order, people = paid_order(stripe), [manager(f"person-{n}") for n in range(4)]
    wish = RefundRequest(scope="order")

    ends = race(
        *(
            partial(propose_by_hand, order.pk, by=by, wish=wish, reason=Refund.Reason.DUPLICATE, note="")
            for by in people
        ),
        expect=(DecisionRefused,),
    )
    for refund in order.refunds.all():
        approved(refund)
    race(*(partial(execute.execute_approved) for _ in range(4)))

    assert sorted(type(end).__name__ for end in ends) == 3 * ["DecisionRefused"] + ["Refund"], ends
    assert stripe.paid_back(payment_of(order)) == [PAID]


def test_more_than_was_charged_is_never_asked_for(stripe: LocalStripe) -> None:
    refund = told_to_refund(stripe, total=9999)

    assert execute.execute_approved() == 1

    refund.refresh_from_db()
    detail = refund.attempts.get().detail
    assert detail == f"Only 59.97 GBP of {payment_of(refund.order)} is left to refund."
    assert (refund.status, open_attention(refund.order)) == ("failed", ["refund_failed"])
    assert stripe.paid_back(payment_of(refund.order)) == []


@pytest.mark.parametrize("elsewhere", [PAID, 1])
def test_what_was_paid_back_elsewhere_is_not_paid_back_again(stripe: LocalStripe, elsewhere: int) -> None:
    refund = told_to_refund(stripe)
    stripe.pay_back(payment_of(refund.order), elsewhere)

    assert execute.execute_approved() == 1

    refund.refresh_from_db()
    assert (refund.status, attempts(refund)) == ("withdrawn", [(1, "absent")])
    counted = refund.order.refunds.get(origin="external")
    assert (counted.status, counted.amount) == ("executed", elsewhere)
    assert stripe.paid_back(payment_of(refund.order)) == [elsewhere]
