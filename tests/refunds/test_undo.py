"""Can a person take back what they have just decided, and nobody anything that has gone on since?"""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from pytest_django.fixtures import Settings

from refunds.decisions import auto_approve, review
from refunds.decisions.undo import offered, undo
from refunds.execution import execute
from refunds.models import Refund
from tests.builders import make_order, make_seller, make_staff
from tests.integrations.gateways.provider import Sandbox
from tests.refunds.paying import payable
from tests.refunds.people import kinds, make_refund, manager, seen
from tests.refunds.policies import make_limit
from tests.refunds.raw_sql import rows, sql
from tests.refusals import refused
from tests.warehouse import cancelled, despatched, tell

pytestmark = pytest.mark.django_db

Decide = Callable[[Refund, User], Any]
DECISIONS: dict[str, Decide] = {
    "approval": lambda refund, by: review.approve(refund.pk, by=by, seen=seen(refund)),
    "rejection": lambda refund, by: review.reject(refund.pk, by=by, why="no", seen=seen(refund)),
    "hold": lambda refund, by: review.hold(refund.pk, by=by, why="wait"),
}


@pytest.fixture(autouse=True)
def ten_seconds(settings: Settings) -> None:
    settings.UNDO_SECONDS = 10


def let_pass(seconds: int) -> None:
    """What was decided and told lies so much further back, past the guards that keep it as it was."""
    back = f"now() - interval '{seconds} seconds'"
    sql("SET LOCAL session_replication_role = replica")
    sql(f"UPDATE refunds_refund SET decided_at = {back} WHERE decided_at IS NOT NULL")
    sql(f"UPDATE orders_orderevent SET recorded_at = {back}")
    sql("SET LOCAL session_replication_role = origin")


def state(refund: Refund) -> tuple[Any, ...]:
    now = Refund.objects.select_related("order").get(pk=refund.pk)
    item = now.items.get().item
    held = (now.order.committed_amount, item.committed_amount, item.committed_quantity, item.committed_unshipped)
    return (now.status, now.version, now.amount, now.approved_by, now.rejected_by, now.decided_at, held)


@pytest.mark.parametrize("what", DECISIONS)
def test_what_was_just_decided_is_undone_and_all_of_it_is_told(what: str) -> None:
    refund, anna = make_refund(), manager("anna")
    before = state(refund)
    DECISIONS[what](refund, anna)
    assert state(refund) != before

    assert undo(refund.pk, by=anna) == what

    assert state(refund) == before
    fact = refund.order.events.latest("id")
    assert (fact.kind, fact.actor, fact.data) == (f"refund.{what}_undone", "staff:anna", {"refund": "W-1-R1"})
    DECISIONS[what](refund, anna)


@pytest.mark.parametrize("what", DECISIONS)
def test_it_is_undone_once_by_who_decided_and_in_time(what: str) -> None:
    refund, anna, bert = make_refund(), manager("anna"), manager("bert")
    DECISIONS[what](refund, anna)
    before = rows()

    with refused("not_your_decision"):
        undo(refund.pk, by=bert)
    assert rows() == before
    undo(refund.pk, by=anna)
    before = rows()
    with refused("too_late_to_undo"):
        undo(refund.pk, by=anna)
    assert rows() == before


@pytest.mark.parametrize("what", DECISIONS)
def test_after_ten_seconds_or_without_any_nothing_is_undone(what: str, settings: Settings) -> None:
    refund, anna = make_refund(), manager("anna")
    DECISIONS[what](refund, anna)
    assert offered(refund.pk, to=anna) is not None
    settings.UNDO_SECONDS = 0
    assert offered(refund.pk, to=anna) is None
    settings.UNDO_SECONDS = 10
    let_pass(10)
    before = rows()

    with refused("too_late_to_undo"):
        undo(refund.pk, by=anna)

    assert (rows(), offered(refund.pk, to=anna)) == (before, None)


def test_undoing_is_offered_to_who_decided_in_a_word_and_for_some_seconds() -> None:
    refund, anna, bert = make_refund(), manager("anna"), manager("bert")
    assert offered(refund.pk, to=anna) is None
    review.approve(refund.pk, by=anna, seen=seen(refund))

    found = offered(refund.pk, to=anna)

    assert found is not None
    assert (found.refund, found.what) == (refund, "approval")
    assert 8 <= found.seconds <= 10
    assert (offered(refund.pk, to=bert), offered(0, to=anna)) == (None, None)


def test_the_right_to_decide_is_asked_again() -> None:
    refund, anna = make_refund(), manager("anna")
    review.approve(refund.pk, by=anna, seen=seen(refund))
    anna.user_permissions.clear()
    before = rows()

    with refused("not_permitted"):
        undo(refund.pk, by=User.objects.get(pk=anna.pk))

    assert rows() == before


def test_each_of_two_people_undoes_their_own_approval() -> None:
    seller, anna, bert = make_seller(), manager("anna"), manager("bert")
    make_limit(seller, second_approver_above=0)
    refund = make_refund(seller=seller)
    review.approve(refund.pk, by=anna, seen=seen(refund))
    undo(refund.pk, by=anna)
    assert state(refund)[3] is None

    review.approve(refund.pk, by=anna, seen=seen(refund))
    review.approve(refund.pk, by=bert, seen=seen(refund))
    undo(refund.pk, by=bert)

    refund.refresh_from_db()
    assert (refund.status, refund.approved_by, refund.second_approved_by) == ("proposed", anna, None)


def test_what_a_person_undid_no_policy_approves() -> None:
    seller, anna = make_seller(), manager("anna")
    make_limit(seller, unattended_upto=10_000)
    for decide in DECISIONS.values():
        refund = make_refund(reference=f"W-{Refund.objects.count()}", seller=seller)
        decide(refund, anna)
        undo(refund.pk, by=anna)

    assert auto_approve.approve_by_rule() == 0


def test_nothing_is_undone_that_went_on_meanwhile(sandbox: Sandbox) -> None:
    refund = payable(sandbox)
    person = User.objects.get(username=f"approver-{refund.pk}")
    let_pass(10)
    assert execute.execute_approved() == 1
    # Executed in no time, and the decision is recent after all.
    before = rows()

    with refused("too_late_to_undo"):
        undo(refund.pk, by=person)

    assert rows() == before


def test_an_approval_is_not_sent_before_ten_seconds_have_passed(sandbox: Sandbox) -> None:
    refund = payable(sandbox)

    assert execute.execute_approved() == 0
    assert execute.claim_refund(refund.pk, old="approved") is None
    let_pass(9)
    assert execute.execute_approved() == 0
    let_pass(10)
    assert execute.execute_approved() == 1
    assert [amount for _, amount, _ in sandbox.paid_back()] == [2999]


def test_what_a_policy_approved_is_sent_at_once(sandbox: Sandbox) -> None:
    sandbox.pay(5998, "GBP")
    seller = make_seller()
    make_limit(seller, unattended_upto=10_000)
    make_refund(seller=seller, payment_provider="sandbox", payment_reference=sandbox.payment)
    assert auto_approve.approve_by_rule() == 1

    assert execute.execute_approved() == 1


def test_a_rejection_undone_is_brought_in_line_with_what_came_meanwhile() -> None:
    refund, anna = make_refund(lost=2), manager("anna")
    review.reject(refund.pk, by=anna, why="no", seen=seen(refund))
    tell(refund.order, despatched(at=1, TEE=2))

    undo(refund.pk, by=anna)

    assert Refund.objects.get().status == "withdrawn"
    assert kinds(refund.order)[-2:] == ["refund.rejection_undone", "refund.withdrawn"]


@pytest.mark.parametrize("what", ["approval", "rejection"])
def test_nothing_is_undone_where_the_warehouse_has_caused_another_proposal(what: str) -> None:
    order = make_order("W-1", items=[("TEE", 3, 9000)])
    refund, anna = make_refund(lost=1, units=3, order=order), manager("anna")
    DECISIONS[what](refund, anna)
    tell(order, cancelled(of={"TEE": (2, 3)}, order="W-1", at=5))
    assert Refund.objects.filter(status="proposed").exclude(pk=refund.pk).exists()
    before = rows()

    with refused("another_proposal"):
        undo(refund.pk, by=anna)

    assert rows() == before


def test_a_rejection_of_long_ago_never_comes_back_even_in_sql() -> None:
    refund, anna = make_refund(), manager("anna")
    review.reject(refund.pk, by=anna, why="no", seen=seen(refund))
    let_pass(601)

    with pytest.raises(IntegrityError, match="was rejected for good"), transaction.atomic():
        sql("UPDATE refunds_refund SET status = 'proposed'")


def test_who_may_not_decide_is_offered_nothing() -> None:
    refund, anna = make_refund(), manager("anna")
    review.approve(refund.pk, by=anna, seen=seen(refund))

    assert offered(refund.pk, to=make_staff("nobody")) is None
