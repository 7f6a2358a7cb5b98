"""Is nothing sent that somebody has refunded at the provider, whoever told of it, or nobody?"""

import pytest

from refunds.decisions import review
from refunds.execution import execute, outside, reconcile
from refunds.models import Refund
from refunds.tasks import reconcile_doubts
from tests.integrations.gateways.provider import Sandbox
from tests.refunds.elsewhere import listed, refunds, somebody
from tests.refunds.paying import attempts, in_doubt, pass_time, payable
from tests.refunds.people import approved, kinds, open_attention, seen
from tests.refunds.rules_hold import check_rules
from tests.warehouse import cancelled, tell

pytestmark = pytest.mark.django_db


def test_while_ours_of_that_amount_is_in_doubt_it_waits_and_is_then_matched(sandbox: Sandbox) -> None:
    refund = in_doubt(sandbox, "close_before_paying")
    sandbox.refund_elsewhere(2_999, "GBP")
    assert outside.hear("sandbox", listed(sandbox))[1] == "it waits until our own payment of this amount is settled"

    pass_time()
    reconcile_doubts()

    assert refunds(refund.order) == [("W-1-R1", "withdrawn", 2_999), ("W-1-R2", "executed", 2_999)]
    assert [amount for _, amount, _ in sandbox.paid_back()] == [2_999]
    check_rules()


def test_a_refund_that_the_provider_lists_and_nobody_told_of_is_counted_and_ours_not_sent(sandbox: Sandbox) -> None:
    refund = payable(sandbox)
    sandbox.refund_elsewhere(2_999, "GBP")

    execute.execute_approved()

    assert [amount for _, amount, _ in sandbox.paid_back()] == [2_999]
    assert refunds(refund.order) == [("W-1-R1", "withdrawn", 2_999), ("W-1-R2", "executed", 2_999)]
    assert attempts(refund) == [(1, "absent")]
    assert "refund.not_sent" in kinds(refund.order)
    check_rules()


def test_a_listed_refund_of_another_amount_comes_off_what_is_sent(sandbox: Sandbox) -> None:
    refund = payable(sandbox)
    sandbox.refund_elsewhere(1_000, "GBP")

    execute.execute_approved()

    assert [amount for _, amount, _ in sandbox.paid_back()] == [1_000]
    assert [row[1:] for row in refunds(refund.order)] == [
        ("withdrawn", 2_999),
        ("executed", 1_000),
        ("proposed", 1_999),
    ]


def test_what_a_person_took_for_unpaid_and_gave_up_is_found_before_the_next_refund(sandbox: Sandbox) -> None:
    refund = in_doubt(sandbox, "close_after_paying")
    reconcile.settle_by_hand(refund.pk, by=somebody(), reference="", why="I did not see it")
    review.reject(refund.pk, by=somebody(), why="pay by bank", seen=seen(refund))
    tell(refund.order, cancelled(5, of={"TEE": (2, 2)}))
    again = approved(Refund.objects.get(status="proposed"))

    execute.execute_approved()

    assert len(sandbox.refunds()) == 1
    assert Refund.objects.get(pk=again.pk).status == "withdrawn"
    check_rules()


def test_what_a_person_took_for_unpaid_is_paid_once_its_provider_says_so(sandbox: Sandbox) -> None:
    refund = in_doubt(sandbox, "close_after_paying")
    reconcile.settle_by_hand(refund.pk, by=somebody(), reference="", why="I did not see it")
    assert outside.hear("sandbox", listed(sandbox)) == (True, "it is W-1-R1, which was paid after all")

    refund.refresh_from_db()
    assert (refund.status, attempts(refund), open_attention(refund.order)) == ("executed", [(1, "paid")], [])
    check_rules()
