"""Is an approved refund paid exactly once, and is it known afterwards what happened?"""

import pytest
from django.core import checks
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from pytest_django import Settings

from refunds import tasks
from refunds.decisions import review
from refunds.execution import execute, reconcile
from refunds.models import Refund
from tests.builders import make_seller
from tests.integrations.gateways.provider import Sandbox
from tests.refunds.paying import attempts, in_doubt, pass_time, payable
from tests.refunds.people import approved, kinds, make_refund, manager, open_attention, seen
from tests.refunds.policies import make_limit
from tests.refunds.raw_sql import rows, sql
from tests.warehouse import despatched, tell

pytestmark = pytest.mark.django_db


def test_an_approved_refund_is_paid_once_and_all_of_it_is_on_record(sandbox: Sandbox) -> None:
    refund = payable(sandbox)

    assert execute.execute_approved() == 1
    assert execute.execute_approved() == 0

    refund.refresh_from_db()
    attempt = refund.attempts.get()
    [paid] = sandbox.refunds()
    assert (paid["amount"], paid["currency"], paid["metadata"]["hemi_refund"]) == (2999, "GBP", "W-1-R1")
    assert paid["metadata"]["hemi_key"] == str(attempt.key)
    assert (refund.status, refund.provider_reference, attempt.outcome) == ("executed", paid["id"], "paid")
    assert (refund.lease, refund.lease_until, refund.executed_at is not None) == (None, None, True)
    assert kinds(refund.order)[-3:] == ["refund.approved", "refund.executing", "refund.executed"]
    assert open_attention(refund.order) == []


def test_a_rule_that_fails_does_not_keep_back_what_people_approved(sandbox: Sandbox) -> None:
    refund = payable(sandbox)
    by_rule = make_refund(seller=make_seller("other"), reference="W-9")
    make_limit(by_rule.seller, unattended_upto=2999)
    sql("CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'out of order'; END $$")
    sql("CREATE TRIGGER fail BEFORE UPDATE OF approved_by_rule ON refunds_refund EXECUTE FUNCTION fail()")

    with pytest.raises(DatabaseError, match="out of order"):
        tasks.execute_approved()

    refund.refresh_from_db()
    by_rule.refresh_from_db()
    assert (refund.status, by_rule.status) == ("executed", "proposed")
    assert [amount for _, amount, _ in sandbox.paid_back()] == [2999]


def test_a_refund_that_nobody_approved_is_not_paid(sandbox: Sandbox) -> None:
    sandbox.pay(5998, "GBP")
    make_refund(payment_provider="sandbox", payment_reference=sandbox.payment)

    assert execute.execute_approved() == 0

    assert sandbox.paid_back() == []


def test_timeout_leaves_the_refund_in_doubt_and_unpaid(sandbox: Sandbox) -> None:
    refund = in_doubt(sandbox, "close_before_paying")

    assert attempts(refund) == [(1, "unclear")]
    assert sandbox.paid_back() == []
    assert execute.execute_approved() == 0
    assert kinds(refund.order)[-2:] == ["refund.executing", "refund.in_doubt"]


def test_nobody_is_asked_before_the_answer_had_time_to_arrive(sandbox: Sandbox) -> None:
    refund = in_doubt(sandbox, "close_after_paying")

    assert reconcile.reconcile() == 0

    assert attempts(refund) == [(1, "unclear")]


@pytest.mark.parametrize("do", ["close_after_paying", "error_after_paying", "nonsense", "wrong_amount", "late"])
def test_what_was_paid_without_a_good_answer_is_found_and_not_paid_again(
    sandbox: Sandbox, settings: Settings, do: str
) -> None:
    settings.PAYMENT_TIMEOUT_SECONDS = 2
    refund = in_doubt(sandbox, do)
    pass_time()

    assert reconcile.reconcile() == 1

    refund.refresh_from_db()
    assert (refund.status, attempts(refund)) == ("executed", [(1, "paid")])
    assert [amount for _, amount, _ in sandbox.paid_back()] == [2999]
    assert refund.provider_reference == sandbox.refunds()[0]["id"]
    assert open_attention(refund.order) == []


@pytest.mark.parametrize("do", ["close_before_paying", "error_before_paying"])
def test_what_never_arrived_is_sent_again_with_the_same_key(sandbox: Sandbox, do: str) -> None:
    refund = in_doubt(sandbox, do)
    pass_time()

    assert reconcile.reconcile() == 1

    refund.refresh_from_db()
    assert (refund.status, attempts(refund)) == ("executed", [(1, "absent"), (2, "paid")])
    first, second = refund.attempts.order_by("number")
    assert first.key == second.key
    assert [(key, amount) for key, amount, _ in sandbox.paid_back()] == [(str(first.key), 2999)]
    assert kinds(refund.order)[-4:] == [
        *("refund.executing", "refund.in_doubt", "refund.executing", "refund.executed"),
    ]


@pytest.mark.parametrize("do", ["error", "close", "nonsense", "wrong_amount"])
def test_a_provider_that_cannot_be_asked_leaves_the_refund_in_doubt(sandbox: Sandbox, do: str) -> None:
    refund = in_doubt(sandbox, "close_after_paying")
    sandbox.misbehave(do, on="find")
    pass_time()

    assert reconcile.reconcile() == 1
    assert reconcile.reconcile() == 0

    refund.refresh_from_db()
    assert (refund.status, attempts(refund)) == ("in_doubt", [(1, "unclear")])
    item = refund.order.attention.get(closed_at=None)
    assert item.summary == f"W-1-R1 is in doubt: {item.evidence['answer']}"


def test_a_provider_that_ignores_keys_still_pays_once(sandbox: Sandbox) -> None:
    sandbox.misbehave("ignore_keys", times=None)
    sandbox.misbehave("allow_overpay", times=None)
    refund = in_doubt(sandbox, "error_after_paying")

    for _ in range(3):
        pass_time()
        reconcile.reconcile()
        execute.execute_approved()

    assert Refund.objects.get(pk=refund.pk).status == "executed"
    assert [amount for _, amount, _ in sandbox.paid_back()] == [2999]


def test_a_declined_refund_has_failed_and_somebody_is_told(sandbox: Sandbox) -> None:
    refund = payable(sandbox)
    sandbox.misbehave("decline")

    execute.execute_approved()

    refund.refresh_from_db()
    assert (refund.status, attempts(refund)) == ("failed", [(1, "declined")])
    assert open_attention(refund.order) == ["refund_failed"]
    assert kinds(refund.order)[-1] == "refund.failed"
    assert sandbox.paid_back() == []


@pytest.mark.parametrize("go_on", ["retry", "reject"])
def test_a_payment_in_another_currency_is_said_until_the_refund_goes_on(sandbox: Sandbox, go_on: str) -> None:
    sandbox.pay(5998, "EUR")
    refund = approved(make_refund(payment_provider="sandbox", payment_reference=sandbox.payment))

    execute.execute_approved()

    refund.refresh_from_db()
    assert (refund.status, attempts(refund), sandbox.paid_back()) == ("failed", [(1, "declined")], [])
    assert open_attention(refund.order) == ["currency_mismatch", "refund_failed"]
    if go_on == "retry":
        review.retry(refund.pk, by=manager("anna"))
    else:
        review.reject(refund.pk, by=manager("anna"), why="paid in EUR", seen=seen(refund))
    assert open_attention(refund.order) == []


def test_a_failed_refund_is_tried_again_with_a_new_key(sandbox: Sandbox) -> None:
    refund = payable(sandbox)
    sandbox.misbehave("decline")
    execute.execute_approved()

    review.retry(refund.pk, by=manager("anna"))
    execute.execute_approved()

    refund.refresh_from_db()
    assert (refund.status, attempts(refund)) == ("executed", [(1, "declined"), (2, "paid")])
    first, second = refund.attempts.order_by("number")
    assert first.key != second.key
    assert [key for key, _, _ in sandbox.paid_back()] == [str(second.key)]


def test_one_broken_refund_does_not_stop_the_others(sandbox: Sandbox) -> None:
    refund = payable(sandbox)
    other = approved(make_refund(reference="W-2", payment_provider="sandbox", payment_reference="unknown"))

    assert execute.execute_approved() == 2

    assert [Refund.objects.get(pk=r.pk).status for r in (refund, other)] == ["executed", "failed"]


def test_a_worker_that_died_before_it_settled_is_noticed(sandbox: Sandbox) -> None:
    refund = payable(sandbox)
    claim = execute.claim_refund(refund.pk, old="approved")
    assert claim is not None
    assert reconcile.sweep() == 0
    pass_time()

    assert (reconcile.sweep(), reconcile.sweep()) == (1, 0)

    refund.refresh_from_db()
    assert (refund.status, attempts(refund), open_attention(refund.order)) == (
        *("in_doubt", [(1, "unclear")], ["refund_in_doubt"]),
    )


def test_a_worker_that_was_only_slow_settles_nothing_after_its_lease(sandbox: Sandbox) -> None:
    refund = payable(sandbox)
    claim = execute.claim_refund(refund.pk, old="approved")
    assert claim is not None
    pass_time()
    reconcile.sweep()
    before = rows()

    assert execute.record_declined(claim, "too late") is False

    assert rows() == before


def test_a_worker_that_slept_through_its_lease_sends_nothing(sandbox: Sandbox) -> None:
    refund = payable(sandbox)
    claim = execute.claim_refund(refund.pk, old="approved")
    assert claim is not None
    pass_time()
    before = rows()

    execute.call(claim)

    assert (rows(), sandbox.paid_back()) == (before, [])


def test_nothing_is_sent_again_while_another_attempt_may_have_paid(sandbox: Sandbox) -> None:
    refund = in_doubt(sandbox, "close_before_paying")

    with pytest.raises(IntegrityError, match="nobody knows"), transaction.atomic():
        execute.claim_refund(refund.pk, old="in_doubt")

    assert Refund.objects.get().status == "in_doubt"


def test_a_refund_is_claimed_once(sandbox: Sandbox) -> None:
    refund = payable(sandbox)

    claims = [execute.claim_refund(refund.pk, old="approved") for _ in range(2)]

    assert [claim is not None for claim in claims] == [True, False]


def test_a_refund_under_way_is_not_withdrawn_but_said(sandbox: Sandbox) -> None:
    refund = payable(sandbox)
    execute.claim_refund(refund.pk, old="approved")

    tell(refund.order, despatched(at=1, TEE=2))

    assert Refund.objects.get().status == "executing"
    assert open_attention(refund.order) == ["shipped_after_refund"]


def test_a_provider_that_is_not_set_up_is_never_in_doubt_and_is_paid_once_it_is(
    settings: Settings, sandbox: Sandbox, client: Client
) -> None:
    refund, address = payable(sandbox), settings.PAYMENT_SANDBOX_URL
    other = approved(
        make_refund(seller=make_seller("other"), reference="W-9", payment_provider="stripe", payment_reference="pi_1")
    )
    settings.STRIPE_API_KEY = settings.PAYMENT_SANDBOX_URL = ""

    assert execute.execute_approved() == 0

    for one in (refund, other):
        one.refresh_from_db()
        assert (one.status, one.attempts.count(), open_attention(one.order)) == ("approved", 0, [])
    assert sorted(client.get("/readyz").json()["notes"]) == [
        "Approved refunds wait for sandbox: PAYMENT_SANDBOX_URL is not set.",
        "Approved refunds wait for stripe: STRIPE_API_KEY is not set.",
    ]
    assert [
        message.msg for message in checks.run_checks(include_deployment_checks=True) if "Refunds" in message.msg
    ] == [
        "Refunds at stripe will wait: STRIPE_API_KEY is not set.",
        "Refunds at paypal will wait: PAYPAL_CLIENT_ID and PAYPAL_CLIENT_SECRET are not set.",
    ]
    settings.PAYMENT_SANDBOX_URL = address
    assert execute.execute_approved() == 1
    assert [amount for _, amount, _ in sandbox.paid_back()] == [2999]
