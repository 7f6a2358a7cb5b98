"""What becomes of refunds whose provider does not let our key pay them?"""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from integrations.gateways.response_mapping import failure
from orders.models import Seller
from refunds.decisions import review
from refunds.execution import execute, reconcile
from refunds.gateway import Declined, NotSetUp, Unclear
from refunds.models import Refund
from tests.builders import make_seller, make_staff
from tests.integrations.gateways.conftest import stripe_provider, stripe_server
from tests.integrations.gateways.provider import Stripe
from tests.refunds.paying import attempts, pass_time
from tests.refunds.people import approved, make_refund, manager, open_attention
from tests.refunds.raw_sql import sql

__all__ = ["stripe_provider", "stripe_server"]

pytestmark = pytest.mark.django_db


def payable(stripe: Stripe, reference: str = "W-1") -> Refund:
    stripe.pay(100_000, "GBP")
    seller = Seller.objects.filter(code="north").first() or make_seller("north")
    paid: Any = {"payment_provider": "stripe", "payment_reference": stripe.payment}
    return approved(make_refund(reference=reference, seller=seller, **paid))


@pytest.mark.parametrize(
    ("forbidden", "right"),
    [
        ("POST /v1/refunds", "write refunds"),
        ("GET /v1/refunds", "read refunds"),
        ("GET /v1/payment_intents", "read charges and payment intents"),
    ],
)
def test_a_key_without_a_right_fails_the_refund_once_and_names_the_right(
    stripe_provider: Stripe, forbidden: str, right: str
) -> None:
    refund = payable(stripe_provider)
    stripe_provider.server.forbidden = {forbidden}

    for _ in range(3):
        execute.execute_approved()
        pass_time()
        reconcile.reconcile()

    refund.refresh_from_db()
    assert (refund.status, attempts(refund)) == ("failed", [(1, "not_set_up")])
    assert refund.attempts.get().detail == (
        f"Stripe does not let our key {right} (HTTP 403). Nothing was sent: give the key that right, then retry."
    )
    assert open_attention(refund.order) == ["refund_failed"]
    assert stripe_provider.paid_back() == []


def states(refunds: list[Refund]) -> list[str]:
    return [Refund.objects.get(pk=refund.pk).status for refund in refunds]


def test_the_others_of_the_provider_wait_until_the_key_is_mended_and_a_person_tries_again(
    stripe_provider: Stripe,
) -> None:
    refunds = [payable(stripe_provider, f"W-{n}") for n in range(3)]
    stripe_provider.server.forbidden = {"POST /v1/refunds"}

    assert [execute.execute_approved() for _ in range(3)] == [1, 0, 0]
    assert states(refunds) == ["failed", "approved", "approved"]
    assert "refused our key" in execute.unready_providers()["stripe"]

    stripe_provider.server.forbidden = set()
    review.retry(refunds[0].pk, by=manager("ada"))
    assert execute.execute_approved() == 3
    assert (states(refunds), execute.unready_providers()) == (["executed"] * 3, {})


def test_the_page_of_a_refund_that_waits_says_for_what(stripe_provider: Stripe, settings: Settings) -> None:
    refunds = [payable(stripe_provider, f"W-{n}") for n in range(2)]
    client = Client()
    client.force_login(make_staff("ada", is_superuser=True))
    page = reverse("admin:refunds_refund_change", args=[refunds[1].pk])
    assert "Not sent yet" not in client.get(page).content.decode()

    stripe_provider.server.forbidden = {"POST /v1/refunds"}
    execute.execute_approved()
    assert "Not sent yet. It waits for stripe: it refused our key." in client.get(page).content.decode()

    settings.STRIPE_API_KEY = ""
    assert "Not sent yet. It waits for stripe: STRIPE_API_KEY is not set." in client.get(page).content.decode()


def test_an_hour_later_one_refund_asks_whether_the_key_is_mended(stripe_provider: Stripe) -> None:
    refunds = [payable(stripe_provider, f"W-{n}") for n in range(3)]
    stripe_provider.server.forbidden = {"POST /v1/refunds"}
    execute.execute_approved()
    sql("UPDATE refunds_refund SET status_since = now() - interval '61 minutes' WHERE status = 'failed'")

    assert [execute.execute_approved() for _ in range(3)] == [1, 0, 0]
    assert states(refunds) == ["failed", "failed", "approved"]


def test_a_doubt_that_may_not_be_looked_up_stays_one_and_nothing_is_sent(stripe_provider: Stripe) -> None:
    refund = payable(stripe_provider)
    stripe_provider.misbehave("close_after_paying")
    execute.execute_approved()
    stripe_provider.server.forbidden = {"GET /v1/refunds"}

    for _ in range(3):
        pass_time()
        reconcile.reconcile()

    refund.refresh_from_db()
    assert (refund.status, attempts(refund)) == ("in_doubt", [(1, "unclear")])
    [item] = refund.order.attention.filter(closed_at=None)
    assert "does not let our key read refunds" in item.summary


def test_what_is_never_answered_is_sent_again_less_and_less_often(stripe_provider: Stripe, settings: Settings) -> None:
    refund = payable(stripe_provider)
    stripe_provider.misbehave("close_before_paying", times=None)
    execute.execute_approved()
    waits = []
    for _ in range(9):
        refund.refresh_from_db()
        assert refund.lease_until is not None
        waits.append(round((refund.lease_until - refund.updated_at).total_seconds()))
        pass_time()
        reconcile.reconcile()

    quiet = settings.REFUND_QUIET_SECONDS
    assert waits == [quiet * 2**n for n in (0, 1, 2, 3, 4, 5, 6, 6, 6)]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Declined),
        (401, NotSetUp),
        (402, Declined),
        (403, NotSetUp),
        (404, Declined),
        (409, Unclear),
        (429, Unclear),
        (500, Unclear),
        (503, Unclear),
        (418, Unclear),
        (None, Unclear),
    ],
)
def test_each_error_means_one_thing_for_all_providers(status: int | None, kind: type[Exception]) -> None:
    assert type(failure("Stripe", status)) is kind
