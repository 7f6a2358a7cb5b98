"""Is what a provider paid back behind our back found, and what it does not have?"""

import time
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from integrations.gateways.compare_refunds import LOOK_BACK, compare, compare_due
from integrations.gateways.stripe.events import StripeEvents
from integrations.heartbeat import Heartbeat
from orders.models import AttentionItem
from refunds.execution import execute
from refunds.gateway import Receipt, Unclear
from refunds.models import Refund, RefundAttempt
from tests.builders import make_order
from tests.integrations.gateways.provider import PayPal, Provider, Sandbox, Stripe
from tests.refunds.people import approved, make_refund

pytestmark = pytest.mark.django_db

LONG_AGO = timezone.now() - timedelta(days=3650)


def name_of(provider: Provider) -> str:
    return {Sandbox: "sandbox", Stripe: "stripe", PayPal: "paypal"}[type(provider)]


def paid(provider: Provider) -> Refund:
    """A refund of ours that the provider has paid, yesterday."""
    provider.pay(5998, "GBP")
    sent = approved(
        make_refund(lost=1, units=2, payment_provider=name_of(provider), payment_reference=provider.payment)
    )
    claim = execute.claim_refund(sent.pk, old="approved")
    assert claim is not None
    receipt = provider.gateway.refund(claim.request)
    execute.record_paid(claim, Receipt(receipt.reference, receipt.amount, receipt.currency))
    yesterday = timezone.now() - timedelta(days=1)
    RefundAttempt.objects.filter(refund=sent).update(started_at=yesterday, finished_at=yesterday)
    return sent


def differences(refund: Refund) -> list[str]:
    found = AttentionItem.objects.filter(kind="provider_difference", closed_at=None, subject=f"refund:{refund.pk}")
    return list(found.values_list("summary", flat=True))


def test_what_both_have_alike_is_in_order(provider: Provider) -> None:
    sent = paid(provider)

    assert compare(name_of(provider), since=LONG_AGO) == 0

    assert differences(sent) == []
    assert sent.order.refunds.count() == 1


def test_a_refund_made_behind_our_back_is_found(provider: Provider) -> None:
    order = make_order("W-1", payment_provider=name_of(provider), payment_reference=provider.payment)
    provider.pay(5998, "GBP")
    provider.refund_elsewhere(1000, "GBP")

    assert compare(name_of(provider), since=LONG_AGO) == 1
    assert compare(name_of(provider), since=LONG_AGO) == 0

    assert list(order.refunds.values_list("origin", "status", "amount")) == [("external", "executed", 1000)]


def test_a_refund_of_somebody_elses_customer_is_none_of_ours(provider: Provider) -> None:
    provider.pay(5998, "GBP")
    provider.refund_elsewhere(1000, "GBP")

    assert compare(name_of(provider), since=LONG_AGO) == 0

    assert not Refund.objects.exists()


def test_a_refund_that_failed_there_without_a_word_is_owed_again(provider: Provider) -> None:
    sent = paid(provider)
    provider.fail_later()

    assert compare(name_of(provider), since=LONG_AGO) == 1
    assert compare(name_of(provider), since=LONG_AGO) == 0

    sent.refresh_from_db()
    assert sent.status == "failed"


def test_a_refund_that_the_provider_does_not_have_asks_for_attention_until_it_has(provider: Provider) -> None:
    sent = paid(provider)
    attempt = RefundAttempt.objects.get(refund=sent)
    RefundAttempt.objects.filter(pk=attempt.pk).update(provider_reference="RE0NEVER")

    compare(name_of(provider), since=LONG_AGO)

    assert differences(sent) == [
        f"{sent.number} is paid here as RE0NEVER, but {name_of(provider)} lists no such refund."
    ]
    RefundAttempt.objects.filter(pk=attempt.pk).update(provider_reference=attempt.provider_reference)
    compare(name_of(provider), since=LONG_AGO)
    assert differences(sent) == []


def test_another_amount_asks_for_attention(stripe_provider: Stripe) -> None:
    sent = paid(stripe_provider)
    stripe_provider.server.refunds[0]["amount"] += 1

    assert compare("stripe", since=LONG_AGO) == 1

    assert differences(sent) == ["W-1-R1 is 29.99 GBP here, but stripe lists 30.00 GBP as re_1."]


def test_what_was_paid_a_moment_ago_may_not_be_listed_yet(stripe_provider: Stripe) -> None:
    sent = paid(stripe_provider)
    RefundAttempt.objects.filter(refund=sent).update(provider_reference="re_new", finished_at=timezone.now())

    assert compare("stripe", since=LONG_AGO) == 0


def test_each_provider_is_compared_once_a_night_from_where_the_last_comparison_began(
    stripe_provider: Stripe, settings: Settings
) -> None:
    settings.REFUND_GATEWAYS = {name: settings.REFUND_GATEWAYS[name] for name in ("manual", "stripe")}
    order = make_order("W-1", payment_provider="stripe", payment_reference=stripe_provider.payment)
    stripe_provider.pay(5998, "GBP")
    stripe_provider.refund_elsewhere(1000, "GBP")
    refund = stripe_provider.server.refunds[0]
    refund["created"] = int((timezone.now() - LOOK_BACK - timedelta(days=1)).timestamp())
    night, ends = timezone.now() - timedelta(hours=1), time.monotonic() + 3600

    assert compare_due(since=night, ends=ends) == 0, "what is older than the first comparison goes back"
    refund["created"] = int(timezone.now().timestamp())
    assert compare_due(since=night, ends=ends) == 0, "it was compared this night"
    Heartbeat.objects.update(beat_at=night - timedelta(days=1))
    assert compare_due(since=night, ends=ends) == 1

    assert order.refunds.count() == 1


def test_a_provider_that_gives_no_list_is_asked_again_and_after_days_people_are_notified(
    stripe_provider: Stripe, settings: Settings
) -> None:
    settings.REFUND_GATEWAYS = {name: settings.REFUND_GATEWAYS[name] for name in ("manual", "stripe")}
    Heartbeat.objects.create(name="compared:stripe", beat_at=timezone.now() - timedelta(days=4))
    stripe_provider.misbehave("error", on="find")
    night, ends = timezone.now() - timedelta(hours=1), time.monotonic() + 3600

    assert compare_due(since=night, ends=ends) == 0
    assert AttentionItem.objects.get(closed_at=None).summary.startswith("Refunds have not been compared with stripe")

    assert compare_due(since=night, ends=ends) == 0
    assert not AttentionItem.objects.filter(closed_at=None).exists()


def test_the_report_is_read_page_by_page_and_month_by_month(paypal_provider: PayPal) -> None:
    order = make_order("W-1", payment_provider="paypal", payment_reference=paypal_provider.payment)
    paypal_provider.pay(5998, "GBP")
    paypal_provider.server.rows_of = 1
    for _ in range(3):
        paypal_provider.refund_elsewhere(500, "GBP")

    compare("paypal", since=timezone.now() - timedelta(days=400))

    assert sum(order.refunds.values_list("amount", flat=True)) == 1500


def test_a_list_that_breaks_off_is_no_list(stripe_provider: Stripe) -> None:
    stripe_provider.misbehave("nonsense", on="find")

    with pytest.raises(Unclear):
        list(StripeEvents().refunds_since(LONG_AGO))
