"""Which approvals does a failed refund need to be sent again, after its seller's limits were lowered?"""

from collections.abc import Callable

import pytest
from django.test import Client

from refunds.decisions import auto_approve, review
from refunds.execution import execute
from refunds.models import Refund, RefundStatus
from tests.builders import make_staff
from tests.refunds.people import approved, kinds, make_refund, manager
from tests.refunds.policies import make_limit
from tests.refunds.raw_sql import refused as refused_by_the_database
from tests.refunds.raw_sql import rows, set_status
from tests.refusals import refused

pytestmark = pytest.mark.django_db


def declined(refund: Refund) -> Refund:
    claim = execute.claim_refund(refund.pk, old=RefundStatus.APPROVED)
    assert claim is not None
    execute.record_declined(claim, "card expired")
    refund.refresh_from_db()
    return refund


def approved_by_anna() -> Refund:
    """Approved by anna alone, failed, and above what one person may approve by now."""
    refund = make_refund()
    make_limit(refund.seller, second_approver_above=10_000)
    declined(approved(refund, manager("anna")))
    make_limit(refund.seller, second_approver_above=1_000)
    return Refund.objects.get(pk=refund.pk)


def approved_by_policy() -> Refund:
    refund = make_refund()
    make_limit(refund.seller, unattended_upto=5_000, second_approver_above=10_000)
    assert auto_approve.approve_by_rule() == 1
    refund.refresh_from_db()
    return declined(refund)


def test_within_todays_limits_whoever_may_settle_tries_it_again() -> None:
    refund = declined(approved(make_refund()))

    assert review.retry(refund.pk, by=make_staff("zoe", permissions=["refunds.settle_refund"])) == "approved"


def test_above_todays_limit_a_second_person_tries_it_again_and_that_is_their_approval() -> None:
    refund = approved_by_anna()
    assert refund.approved_by is not None
    before = rows()
    for person in (refund.approved_by, make_staff("zoe", permissions=["refunds.settle_refund"])):
        with refused("second_person_needed"):
            review.retry(refund.pk, by=person)
    assert rows() == before

    assert review.retry(refund.pk, by=manager("bert")) == "approved"

    refund.refresh_from_db()
    people = [one.username for one in (refund.approved_by, refund.second_approved_by) if one]
    assert (refund.status, refund.approvals_needed, people) == ("approved", 2, ["anna", "bert"])
    assert kinds(refund.order)[-2:] == ["refund.approved_again", "refund.retried"]


def test_what_a_policy_approved_that_is_stricter_today_needs_people() -> None:
    refund = approved_by_policy()
    make_limit(refund.seller, unattended_upto=None, second_approver_above=1_000)

    anna = manager("anna")
    assert review.retry(refund.pk, by=anna) == "first"
    refund.refresh_from_db()
    assert (refund.status, refund.approved_by_rule) == ("failed", "")
    with refused("second_person_needed"):
        review.retry(refund.pk, by=anna)
    assert review.retry(refund.pk, by=manager("bert")) == "approved"


def test_what_a_policy_would_approve_today_is_tried_again_by_whoever_may_settle() -> None:
    refund = approved_by_policy()

    assert review.retry(refund.pk, by=make_staff("zoe", permissions=["refunds.settle_refund"])) == "approved"

    refund.refresh_from_db()
    assert refund.approved_by_rule


@pytest.mark.parametrize("made", [approved_by_anna, approved_by_policy])
def test_the_database_sends_nothing_again_with_too_few_approvals(made: Callable[[], Refund]) -> None:
    refund = made()
    make_limit(refund.seller, unattended_upto=None, second_approver_above=1_000)

    with refused_by_the_database("more people approve it"):
        set_status(refund, "approved")


@pytest.mark.parametrize(
    "change",
    ["approved_by_id = NULL", "second_approved_by_id = approved_by_id", "approvals_needed = 0", "amount = amount + 1"],
)
def test_the_database_lets_a_failed_refund_gain_approvals_only(change: str) -> None:
    refund = approved_by_anna()

    with refused_by_the_database("on record|two_approvals_are_by|are decided|reviewed_by_someone|sum_of_its_parts"):
        set_status(refund, "failed", f", {change}")


def test_the_page_says_that_an_approval_is_missing(client: Client) -> None:
    refund = approved_by_anna()
    client.force_login(make_staff("zoe", permissions=["refunds.view_refund", "refunds.settle_refund"]))

    page = client.get(f"/admin/refunds/refund/{refund.pk}/change/").content.decode()

    assert "trying again needs another approval" in " ".join(page.split())
