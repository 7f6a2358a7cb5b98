"""What may a person say that a provider did, and who may say it?"""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from refunds.decisions import review
from refunds.execution import execute, manual_payment, reconcile
from refunds.models import Refund
from tests.builders import make_staff
from tests.integrations.gateways.provider import Sandbox
from tests.refunds.paying import attempts, in_doubt, pass_time
from tests.refunds.people import approved, make_refund, manager, open_attention
from tests.refunds.raw_sql import rows
from tests.refusals import refused

pytestmark = pytest.mark.django_db
SETTLERS = ["refunds.view_refund", "refunds.settle_refund"]


def by_hand(provider: str = "manual") -> Refund:
    return approved(make_refund(payment_provider=provider))


def test_what_a_person_paid_elsewhere_is_executed_under_its_reference() -> None:
    refund, anna = by_hand(), manager("anna")
    assert execute.execute_approved() == 0

    manual_payment.record_payment(refund.pk, by=anna, reference=" BACS 77 ")

    refund.refresh_from_db()
    assert (refund.status, refund.provider_reference, attempts(refund)) == ("executed", "BACS 77", [(1, "paid")])
    fact = refund.order.events.latest("id")
    assert (fact.kind, fact.actor, fact.data) == (
        *("refund.executed", "staff:anna", {"refund": "W-1-R1", "reference": "BACS 77"}),
    )


def test_a_payment_is_recorded_once() -> None:
    refund, anna = by_hand(), manager("anna")
    manual_payment.record_payment(refund.pk, by=anna, reference="BACS 77")
    before = rows()

    with refused("already_decided"):
        manual_payment.record_payment(refund.pk, by=anna, reference="BACS 78")

    assert rows() == before


@pytest.mark.parametrize(
    ("provider", "reference", "code"),
    [("manual", "  ", "reference_required"), ("sandbox", "X", "paid_by_provider")],
)
def test_a_payment_without_reference_or_beside_the_provider_is_refused(
    provider: str, reference: str, code: str
) -> None:
    refund = by_hand(provider)
    before = rows()

    with refused(code):
        manual_payment.record_payment(refund.pk, by=manager("anna"), reference=reference)

    assert rows() == before


@pytest.mark.parametrize(
    ("reference", "status", "outcome", "left"),
    [("rf_7", "executed", "paid", []), ("", "failed", "absent", ["refund_failed"])],
)
def test_a_person_who_looked_at_the_provider_settles_a_doubt(
    sandbox: Sandbox, reference: str, status: str, outcome: str, left: list[str]
) -> None:
    refund, anna = in_doubt(sandbox, "close_after_paying"), manager("anna")

    reconcile.settle_by_hand(refund.pk, by=anna, reference=reference)

    refund.refresh_from_db()
    assert (refund.status, attempts(refund), open_attention(refund.order)) == (status, [(1, outcome)], left)
    assert refund.order.events.latest("id").actor == "staff:anna"
    pass_time()
    assert reconcile.reconcile() == 0


def test_the_page_of_a_doubt_says_what_to_look_for_and_offers_both_answers(sandbox: Sandbox, client: Client) -> None:
    refund = in_doubt(sandbox, "close_after_paying")
    client.force_login(make_staff("zoe", permissions=SETTLERS))

    page = client.get(f"/admin/refunds/refund/{refund.pk}/change/").content.decode().replace("\xa0", " ")

    assert "29.99 GBP</b> on payment" in page
    assert str(refund.attempts.get().key) in page
    assert "It was paid…" in page
    assert "It was not paid…" in page


def test_it_was_not_paid_asks_how_the_person_knows(sandbox: Sandbox, client: Client) -> None:
    refund = in_doubt(sandbox, "close_before_paying")
    client.force_login(make_staff("zoe", permissions=SETTLERS))
    address = f"/admin/refunds/refund/{refund.pk}/do/was-not-paid/"

    client.post(address, {"why": ""})
    refund.refresh_from_db()
    assert refund.status == "in_doubt"

    client.post(address, {"why": "nothing under this payment"})
    refund.refresh_from_db()
    assert refund.status == "failed"
    assert refund.attempts.get().detail == "zoe looked, it was not paid: nothing under this payment"


def test_what_a_person_took_for_unpaid_is_sent_again_under_the_same_key_and_paid_once(sandbox: Sandbox) -> None:
    refund, anna = in_doubt(sandbox, "close_after_paying"), manager("anna")
    reconcile.settle_by_hand(refund.pk, by=anna, reference="", why="I did not see it")

    review.retry(refund.pk, by=anna)
    assert execute.execute_approved() == 1

    refund.refresh_from_db()
    assert (refund.status, attempts(refund)) == ("executed", [(1, "absent"), (2, "paid")])
    assert refund.attempts.values("key").distinct().count() == 1
    assert len(sandbox.refunds()) == 1


def test_only_a_doubt_is_settled_by_hand_and_only_by_whom_it_may() -> None:
    refund, nobody = by_hand(), User.objects.create(username="nobody")
    before = rows()

    with refused("already_decided"):
        reconcile.settle_by_hand(refund.pk, by=manager("anna"), reference="X")
    with refused("not_permitted"):
        reconcile.settle_by_hand(refund.pk, by=nobody, reference="X")
    with refused("not_permitted"):
        manual_payment.record_payment(refund.pk, by=nobody, reference="X")

    assert rows() == before


def test_a_provider_that_nobody_set_up_is_paid_by_hand(settings: Settings) -> None:
    refund = by_hand("shopify")

    assert execute.execute_approved() == 0
    manual_payment.record_payment(refund.pk, by=manager("anna"), reference="sh-1")

    assert Refund.objects.get().status == "executed"
