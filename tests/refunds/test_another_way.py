"""Does a failed refund that was paid another way count as refunded, and is it never paid a second time?"""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from refunds.decisions import review
from refunds.errors import AlreadyDecided
from refunds.execution import another_way, execute, outside
from refunds.execution.another_way import Payment
from refunds.models import OtherPayment, Refund, RefundStatus
from refunds.proposals.manual import propose_by_hand
from refunds.proposals.refund_request import RefundRequest, Scope
from tests.builders import PASSWORD, make_staff
from tests.refunds.elsewhere import PAYMENT, hear, somebody
from tests.refunds.people import approved, kinds, make_refund, open_attention, seen
from tests.refunds.policies import make_limit
from tests.refunds.racing import race
from tests.refunds.raw_sql import refused as refused_by_the_database
from tests.refunds.raw_sql import rows, set_status
from tests.refunds.rules_hold import check_rules
from tests.refusals import refused

pytestmark = pytest.mark.django_db
TRANSFER = Payment("bank_transfer", "BACS 77", "the card is closed")


def failed(*, limit: int = 10_000) -> Refund:
    """A refund of 29.99 that its provider declined; above the limit two people say what became of it."""
    refund = make_refund(2, 2, paid=2_999, **PAYMENT)
    make_limit(refund.seller, second_approver_above=10_000)
    claim = execute.claim_refund(approved(refund).pk, old=RefundStatus.APPROVED)
    assert claim is not None
    execute.record_declined(claim, "card expired")
    make_limit(refund.seller, second_approver_above=limit)
    return Refund.objects.get(pk=refund.pk)


def test_it_counts_as_refunded_and_nothing_is_left_to_refund() -> None:
    refund, anna = failed(), somebody()

    assert another_way.record_paid_another_way(refund.pk, TRANSFER, by=anna) == "executed"

    refund.refresh_from_db()
    assert (refund.status, refund.provider_reference) == ("executed", "BACS 77")
    assert list(refund.attempts.values_list("gateway", "outcome")) == [
        ("sandbox", "declined"),
        ("bank_transfer", "paid"),
    ]
    order = refund.order
    order.refresh_from_db()
    assert (order.refunded_amount, order.left_to_refund, open_attention(order)) == (2_999, 0, [])
    fact = order.events.latest("id")
    assert (fact.kind, fact.actor) == ("refund.executed", f"staff:{anna.username}")
    assert fact.data["detail"] == "Paid another way (bank transfer): the card is closed"
    with refused("already_decided"):
        review.retry(refund.pk, by=somebody())
    with refused("nothing_chosen"):
        propose_by_hand(order.pk, by=somebody(), wish=RefundRequest(scope=Scope.ITEMS), reason="goodwill", note="")
    check_rules()


def test_above_the_limit_a_second_person_confirms_it() -> None:
    refund, anna = failed(limit=1_000), somebody()

    assert another_way.record_paid_another_way(refund.pk, TRANSFER, by=anna) == "first"

    assert Refund.objects.get(pk=refund.pk).status == "failed"
    before = rows()
    with refused("second_person_needed"):
        another_way.confirm(refund.pk, by=anna)
    with refused("already_recorded"):
        another_way.record_paid_another_way(refund.pk, TRANSFER, by=somebody())
    assert rows() == before
    another_way.confirm(refund.pk, by=somebody())
    assert Refund.objects.get(pk=refund.pk).status == "executed"
    assert kinds(refund.order)[-2:] == ["refund.another_way_recorded", "refund.executed"]
    check_rules()


def test_while_nobody_has_confirmed_it_nothing_else_is_done_with_it() -> None:
    refund, anna = failed(limit=1_000), somebody()
    another_way.record_paid_another_way(refund.pk, TRANSFER, by=anna)

    with refused("paid_another_way"):
        review.retry(refund.pk, by=somebody())
    with refused("paid_another_way"):
        review.reject(refund.pk, by=somebody(), why="no", seen=seen(refund))
    for status in ("rejected", "executed"):
        with refused_by_the_database("may have been paid another way|two people say so|without a paid attempt"):
            set_status(refund, status)

    another_way.withdraw(refund.pk, by=anna, why="the bank sent it back")
    review.reject(refund.pk, by=somebody(), why="no", seen=seen(refund))
    assert OtherPayment.objects.get().withdrawn_at is not None


@pytest.mark.parametrize(
    ("payment", "code"),
    [
        (Payment("bank_transfer", " ", "closed"), "reference_required"),
        (Payment("barter", "X", "closed"), "method_required"),
        (Payment("cash", "X", " "), "reason_required"),
    ],
)
def test_without_reference_method_or_reason_nothing_is_recorded(payment: Payment, code: str) -> None:
    refund = failed()
    before = rows()

    with refused(code):
        another_way.record_paid_another_way(refund.pk, payment, by=somebody())
    with refused("not_permitted"):
        another_way.record_paid_another_way(refund.pk, TRANSFER, by=User.objects.create(username="nobody"))

    assert rows() == before


def test_only_what_failed_here_is_paid_another_way() -> None:
    refund = approved(make_refund(**PAYMENT))

    with refused("already_decided"):
        another_way.record_paid_another_way(refund.pk, TRANSFER, by=somebody())


def test_what_the_provider_paid_after_all_is_not_counted_here_too() -> None:
    refund = failed()
    key = str(refund.attempts.get().key)
    another_way.record_paid_another_way(refund.pk, TRANSFER, by=somebody())

    hear(2_999, key=key)

    assert open_attention(refund.order) == ["external_over_limit"]
    assert Refund.objects.get(pk=refund.pk).provider_reference == "BACS 77"
    assert outside.unexplained(refund.order_id) is None


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_retry_and_record_at_once_one_wins() -> None:
    refund = failed()
    anna, bert = somebody(), somebody()

    outcomes = race(
        lambda: review.retry(refund.pk, by=anna),
        lambda: another_way.record_paid_another_way(refund.pk, TRANSFER, by=bert),
        expect=(AlreadyDecided,),
    )

    assert sorted(type(one).__name__ for one in outcomes) == ["AlreadyDecided", "str"]
    assert Refund.objects.get(pk=refund.pk).status in ("approved", "executed")


def test_the_page_takes_it_down_and_asks_for_a_second_person(client: Client) -> None:
    refund = failed(limit=1_000)
    zoe = make_staff("zoe", permissions=["refunds.view_refund", "refunds.settle_refund"])
    client.force_login(zoe)
    address = f"/admin/refunds/refund/{refund.pk}"
    said = {"method": "cash", "reference": "till 4", "why": "she came to the shop"}

    assert "Paid another way" in client.get(f"{address}/change/").content.decode()
    client.post(f"{address}/do/paid-another-way/", said)

    page = " ".join(client.get(f"{address}/change/").content.decode().split())
    assert "recorded on" in page
    assert "she came to the shop" in page
    assert "Confirm payment" not in page
    make_staff("yves", permissions=["refunds.view_refund", "refunds.settle_refund"])
    client.force_login(User.objects.get(username="yves"))
    client.post(f"{address}/do/confirm-another-way/")
    assert Refund.objects.get(pk=refund.pk).status == "failed", "without a proof of the last ten minutes"
    client.logout()
    client.post("/admin/login/", {"username": "yves", "password": PASSWORD})
    client.post(f"{address}/do/confirm-another-way/")
    assert Refund.objects.get(pk=refund.pk).status == "executed"
