"""What becomes of Stripe's own news, in whatever order and however often it comes?"""

from itertools import permutations
from typing import Any

import pytest
from django.db.models import F
from pytest_django import Settings

from integrations.gateways.models import ProviderEvent
from integrations.gateways.process_events import process_events
from orders.models import Order
from refunds.execution import execute
from refunds.gateway import Receipt
from refunds.models import Refund
from tests.builders import make_order
from tests.integrations.gateways.events.stripe_post import SECRET, event, post, refund, say
from tests.integrations.gateways.provider import Stripe
from tests.refunds.people import approved, kinds, make_refund, open_attention
from tests.refunds.raw_sql import rows

pytestmark = pytest.mark.django_db

PAID: dict[str, Any] = {"payment_provider": "stripe", "payment_reference": "pi_1"}


@pytest.fixture(autouse=True)
def secret(settings: Settings) -> None:
    settings.STRIPE_WEBHOOK_SECRET = SECRET


def ours(*, paid: bool = True) -> tuple[Refund, str]:
    """A refund of ours that was sent to Stripe, and its key; paid as re_1 unless it is still under way."""
    sent = approved(make_refund(lost=1, units=2, **PAID))
    claim = execute.claim_refund(sent.pk, old="approved")
    assert claim is not None
    if paid:
        execute.record_paid(claim, Receipt("re_1", sent.amount, sent.currency))
    return sent, claim.request.key


def refunds_of(order: Order) -> list[tuple[str, str, int]]:
    return list(order.refunds.order_by("sequence").values_list("origin", "status", "amount"))


def states() -> list[tuple[str, str]]:
    return list(ProviderEvent.objects.order_by("id").values_list("state", "outcome"))


def due_again() -> int:
    ProviderEvent.objects.update(next_at=F("received_at"))
    return process_events()


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": 10**30},
        {"amount": -1},
        {"created": 10**30},
        {"currency": "g\x00p"},
        {"currency": "\ud800" * 3},
        {"currency": "x" * 5000},
        {"status": ["failed"]},
    ],
    ids=ascii,
)
def test_a_refund_with_impossible_fields_is_read_by_people(wrong: dict[str, Any]) -> None:
    order = make_order("W-1", **PAID)

    say("refund.created", refund(1000) | wrong)

    assert states() == [("ignored", "This is not a refund as Stripe describes one.")]
    assert refunds_of(order) == []


def test_why_a_refund_failed_is_stored_without_what_is_no_text() -> None:
    sent, key = ours()

    say("refund.failed", refund(2999, key=key, status="failed", failure_reason="lost\x00\ud800card"))

    assert states() == [("applied", "re_1: W-1-R1 failed later")]
    assert sent.attempts.get().detail == "paid, then failed at stripe: lost\ufffd\ufffdcard"


@pytest.mark.parametrize("payment", ["pi_1", "ch_1"])
def test_a_refund_made_in_the_dashboard_appears_as_external(payment: str) -> None:
    order = make_order("W-1", payment_provider="stripe", payment_reference=payment)

    say("refund.created", refund(1000))

    assert refunds_of(order) == [("external", "executed", 1000)]
    assert states() == [("applied", "re_1: booked as W-1-R1")]
    assert kinds(order) == ["refund.booked"]


def test_what_stripe_says_of_our_own_refund_changes_nothing() -> None:
    sent, key = ours()
    before = rows()

    say("refund.created", refund(2999, key=key))
    say("refund.updated", refund(2999, key=key))

    assert rows() == before
    assert states() == [("ignored", f"re_1: it is {sent.number}")] * 2


@pytest.mark.parametrize("kind", ["refund.failed", "refund.updated", "charge.refund.updated"])
@pytest.mark.parametrize("status", ["failed", "canceled"])
def test_our_refund_that_fails_later_is_owed_again(kind: str, status: str) -> None:
    sent, key = ours()

    say(kind, refund(2999, key=key, status=status, failure_reason="lost_or_stolen_card"))
    say("refund.failed", refund(2999, key=key, status="failed"))

    sent.refresh_from_db()
    assert (sent.status, sent.attempts.get().outcome) == ("failed", "reversed")
    assert open_attention(sent.order) == ["refund_failed"]
    assert "lost_or_stolen_card" in sent.order.attention.get(closed_at=None).summary
    assert kinds(sent.order).count("refund.failed") == 1
    assert [state for state, _ in states()] == ["applied", "ignored"]


def test_the_failure_of_a_refund_that_we_are_sending_is_waited_for() -> None:
    sent, key = ours(paid=False)

    say("refund.failed", refund(2999, key=key, status="failed"))
    assert states() == [("pending", "a payment of ours is under way")]
    attempt = sent.attempts.get()
    lease = Refund.objects.values_list("lease", flat=True).get(pk=sent.pk)
    assert lease is not None
    request = execute.request_of(sent, attempt)
    claim = execute.Claim(sent.pk, attempt.pk, lease, request)
    execute.record_paid(claim, Receipt("re_1", 2999, "GBP"))
    due_again()

    sent.refresh_from_db()
    assert (sent.status, states()[0][0]) == ("failed", "applied")


@pytest.mark.parametrize("sequence", list(permutations(range(3))))
@pytest.mark.parametrize("one_by_one", [True, False])
def test_a_refund_made_elsewhere_that_failed_ends_the_same_in_any_sequence(
    sequence: tuple[int, ...], one_by_one: bool
) -> None:
    order = make_order("W-1", **PAID)
    news = [
        event("refund.created", refund(1000, status="pending"), "evt_0"),
        event("refund.updated", refund(1000, status="succeeded"), "evt_1"),
        event("refund.failed", refund(1000, status="failed"), "evt_2"),
    ]

    for number in sequence * 2:
        assert post(news[number]).status_code == 200
        if one_by_one:
            process_events()
    process_events()

    # Booked and failed, which a person looks at, or never booked; but never counted as paid.
    assert refunds_of(order) in ([], [("external", "failed", 1000)])
    assert open_attention(order) == (["refund_failed"] if refunds_of(order) else [])


def test_a_charge_tells_of_its_refunds() -> None:
    order = make_order("W-1", **PAID)
    listed = [refund(1000), refund(500, "re_2"), refund(1, "re_3", status="failed")]

    say("charge.refunded", {"id": "ch_1", "payment_intent": "pi_1", "refunds": {"data": listed, "has_more": False}})
    say("refund.created", refund(500, "re_2"))

    assert refunds_of(order) == [("external", "executed", 1000), ("external", "executed", 500)]


def test_stripe_is_asked_for_the_refunds_of_a_charge_that_tells_none(stripe_provider: Stripe) -> None:
    stripe_provider.payment = "ch_7"
    stripe_provider.pay(5998, "GBP")
    stripe_provider.server.book("ch_7", 1000, None)
    # The refunds that the server lists name the payment that it was asked for.
    order = make_order("W-1", payment_provider="stripe", payment_reference="ch_7")

    stripe_provider.misbehave("error", on="find")
    say("charge.refunded", {"id": "ch_7", "payment_intent": "pi_7"})
    assert [state for state, _ in states()] == ["pending"]
    due_again()

    assert refunds_of(order) == [("external", "executed", 1000)]


def test_when_stripe_says_already_refunded_it_is_asked_by_whom(stripe_provider: Stripe) -> None:
    stripe_provider.pay(2999, "GBP")
    stripe_provider.server.book(stripe_provider.payment, 2999, None)
    # It was made between our look and our call.
    stripe_provider.server.empty_lists = 1
    fields: dict[str, Any] = {"payment_provider": "stripe", "payment_reference": stripe_provider.payment}
    sent = approved(make_refund(lost=1, units=1, paid=2999, **fields))
    assert execute.execute_approved() == 1
    assert open_attention(sent.order) == ["refund_failed"]

    process_events()
    process_events()

    assert refunds_of(sent.order) == [("warehouse", "withdrawn", 2999), ("external", "executed", 2999)]
    assert open_attention(sent.order) == []
    assert ProviderEvent.objects.count() == 1


def test_news_of_an_unknown_payment_waits_for_its_order() -> None:
    say("refund.created", refund(1000))
    assert states() == [("parked", "no order was paid by this payment")]
    assert process_events() == 0

    order = make_order("W-1", **PAID)
    assert process_events() == 1

    assert refunds_of(order) == [("external", "executed", 1000)]


def test_one_that_cannot_be_read_does_not_stop_the_others() -> None:
    order = make_order("W-1", **PAID)
    for what in ({"id": "re_8"}, refund(-5, "re_9"), refund(1, "re_7", currency="gb")):
        post(event("refund.created", what))

    say("refund.created", refund(1000))

    assert refunds_of(order) == [("external", "executed", 1000)]
    assert [state for state, _ in states()][-1] == "applied"
    assert [state for state, _ in states()][:2] == ["ignored", "ignored"]


def test_another_provider_s_order_is_not_meant() -> None:
    order = make_order("W-1", payment_provider="manual", payment_reference="pi_1")

    say("refund.created", refund(1000))

    assert (refunds_of(order), states()[0][0]) == ([], "parked")
