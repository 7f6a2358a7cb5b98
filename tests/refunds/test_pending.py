"""What becomes of a refund that its provider has accepted and not paid yet?"""

from datetime import UTC, datetime

import pytest
from django.test import Client

from refunds.decisions import review
from refunds.execution import execute, outside, reconcile
from refunds.models import Refund
from refunds.reports import payments_csv
from tests.builders import make_staff
from tests.integrations.gateways.provider import Sandbox
from tests.refunds.elsewhere import listed
from tests.refunds.paying import attempts, pass_time, payable
from tests.refunds.people import kinds, manager, open_attention, seen
from tests.refunds.raw_sql import refused as refused_by_the_database
from tests.refunds.raw_sql import set_status, sql
from tests.refunds.rules_hold import check_rules
from tests.refusals import refused

pytestmark = pytest.mark.django_db


def pending(sandbox: Sandbox) -> Refund:
    """A refund of 29.99 that the provider has accepted."""
    refund = payable(sandbox)
    sandbox.misbehave("pending")
    assert execute.execute_approved() == 1
    refund.refresh_from_db()
    return refund


def test_it_is_not_refunded_yet_and_not_sent_again(sandbox: Sandbox) -> None:
    refund = pending(sandbox)

    assert (refund.status, refund.executed_at, attempts(refund)) == ("pending", None, [(1, "pending")])
    assert refund.provider_reference == sandbox.refunds()[0]["id"]
    order = refund.order
    order.refresh_from_db()
    assert (order.committed_amount, order.refunded_amount, open_attention(order)) == (2_999, 0, [])
    assert kinds(order)[-1] == "refund.pending"
    assert execute.execute_approved() == 0
    with refused("already_decided"):
        review.reject(refund.pk, by=manager("anna"), why="no", seen=seen(refund))
    check_rules()


@pytest.mark.parametrize("by_event", [True, False])
def test_once_the_provider_has_paid_it_is_refunded(sandbox: Sandbox, by_event: bool) -> None:
    refund = pending(sandbox)
    sandbox.succeed()

    if by_event:
        assert outside.hear("sandbox", listed(sandbox)) == (True, "W-1-R1 was paid")
    else:
        pass_time()
        assert reconcile.reconcile() == 1

    refund.refresh_from_db()
    assert (refund.status, refund.executed_at is not None, attempts(refund)) == ("executed", True, [(1, "paid")])
    check_rules()


@pytest.mark.parametrize("by_event", [True, False])
def test_when_the_provider_cannot_pay_it_is_owed_again_under_a_new_key(sandbox: Sandbox, by_event: bool) -> None:
    refund = pending(sandbox)
    sandbox.fail_later()

    if by_event:
        assert outside.hear("sandbox", listed(sandbox)) == (True, "W-1-R1 failed later")
    else:
        pass_time()
        reconcile.reconcile()

    refund.refresh_from_db()
    assert (refund.status, attempts(refund)) == ("failed", [(1, "declined")])
    assert open_attention(refund.order) == ["refund_failed"]
    review.retry(refund.pk, by=manager("anna"))
    execute.execute_approved()
    assert attempts(refund) == [(1, "declined"), (2, "paid")]
    assert refund.attempts.values("key").distinct().count() == 2
    check_rules()


def test_while_it_is_pending_it_is_asked_about_seldom_and_reminded_of_after_days(sandbox: Sandbox) -> None:
    refund = pending(sandbox)

    assert reconcile.reconcile() == 0
    pass_time()
    assert [reconcile.reconcile(), reconcile.reconcile()] == [1, 0]
    assert open_attention(refund.order) == []
    sql("UPDATE refunds_refund SET status_since = now() - interval '6 days'")
    reconcile.reconcile()

    assert open_attention(refund.order) == ["refund_pending"]
    sandbox.succeed()
    outside.hear("sandbox", listed(sandbox))
    assert open_attention(refund.order) == []


def test_a_provider_that_cannot_be_asked_or_does_not_list_it_leaves_it_pending(sandbox: Sandbox) -> None:
    refund = pending(sandbox)
    pass_time()
    sandbox.misbehave("error", on="find")

    assert reconcile.reconcile() == 1

    refund.refresh_from_db()
    assert (refund.status, open_attention(refund.order)) == ("pending", [])


def test_what_is_in_doubt_is_found_pending(sandbox: Sandbox) -> None:
    refund = payable(sandbox)
    sandbox.misbehave("pending")
    sandbox.misbehave("close_after_paying")
    execute.execute_approved()
    pass_time()

    reconcile.reconcile()

    refund.refresh_from_db()
    assert (refund.status, attempts(refund), open_attention(refund.order)) == ("pending", [(1, "pending")], [])


def test_the_database_has_it_on_record_first(sandbox: Sandbox) -> None:
    refund = pending(sandbox)

    with refused_by_the_database("never goes from pending to approved"):
        set_status(refund, "approved")
    with refused_by_the_database("executed without a paid attempt"):
        set_status(refund, "executed")


def test_its_tab_its_page_and_the_file_of_payments_say_so(sandbox: Sandbox, client: Client) -> None:
    refund = pending(sandbox)
    client.force_login(make_staff("zoe", permissions=["refunds.view_refund"]))

    assert "W-1-R1" in client.get("/admin/refunds/refund/?status=pending").content.decode()
    page = client.get(f"/admin/refunds/refund/{refund.pk}/change/").content.decode()
    assert "has accepted this refund" in " ".join(page.split())
    today = datetime.now(UTC).date()
    assert "W-1-R1" not in "".join(payments_csv.lines(today, today))
