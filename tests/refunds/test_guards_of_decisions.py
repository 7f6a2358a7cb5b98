"""Do the rules about deciding and executing hold against wrong statements in SQL itself? (rules 3 and 4)"""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection

from refunds.models import MOVES, Refund, RefundAttempt, RefundStatus
from tests.builders import make_order, make_seller
from tests.refunds.people import approved, make_refund, manager
from tests.refunds.policies import make_limit
from tests.refunds.raw_sql import (
    attempt_in_sql,
    make_executing,
    propose_in_sql,
    refused,
    set_status,
    sql,
)

pytestmark = pytest.mark.django_db

PAIRS = [(old, new) for old in RefundStatus.values for new in RefundStatus.values if old != new]


# Every pair of states


def in_state(status: str) -> Refund:
    """A refund that came to this state by the ways that are listed, in SQL."""
    refund = make_refund()
    if status in ("rejected", "withdrawn", "on_hold"):
        set_status(refund, status)
    elif status != "proposed":
        refund = approved(refund)
    if status in ("executing", "pending", "executed", "failed", "in_doubt"):
        make_executing(refund)
        outcome = {
            "executing": "",
            "executed": "paid",
            "failed": "absent",
            "pending": "pending",
            "in_doubt": "unclear",
        }[status]
        attempt_in_sql(refund, 1, outcome)
        set_status(refund, status)
    connection.check_constraints()
    refund.refresh_from_db()
    assert refund.status == status
    return refund


def prepared(refund: Refund, new: str) -> str:
    """What must be there for the move to `new`, besides that it is listed."""
    if new == "executed" and refund.attempts.exists():
        sql("UPDATE refunds_refundattempt SET outcome = 'paid', finished_at = now() WHERE refund_id = %s", refund.pk)
    if new == "approved" and refund.status == "proposed":
        return f", approved_by_id = {manager('anna').pk}"
    if new == "pending":
        sql("UPDATE refunds_refundattempt SET outcome = 'pending', finished_at = now() WHERE refund_id = %s", refund.pk)
    if new == "approved" and refund.status == "executing":
        sql("UPDATE refunds_refundattempt SET outcome = 'absent', finished_at = now() WHERE refund_id = %s", refund.pk)
    if new == "executing" and refund.status == "in_doubt":
        sql("UPDATE refunds_refundattempt SET outcome = 'absent' WHERE refund_id = %s", refund.pk)
    return ", lease_until = now()" if new == "executing" else ""


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_the_database_makes_exactly_the_listed_moves(old: str, new: str) -> None:
    refund = in_state(old)

    if new in MOVES[old]:
        set_status(refund, new, prepared(refund, new))
        if new == "executing":
            attempt_in_sql(refund, 2, "")
        connection.check_constraints()
        assert Refund.objects.get(pk=refund.pk).status == new
    else:
        with refused(f"never goes from {old} to {new}|refund_reviewed_by_someone|executing_refund_has_a_lease"):
            set_status(refund, new)


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_the_model_makes_exactly_the_listed_moves(old: str, new: str) -> None:
    refund = in_state(old)

    if new in MOVES[old]:
        more = prepared(refund, new)
        changes: dict[str, Any] = {}
        if new == "executing":
            changes = {"lease_until": refund.proposed_at}
        elif more:
            changes = {"approved_by": User.objects.get(username="anna")}
        assert Refund.objects.move(refund.pk, old, new, **changes) is True
        if new == "executing":
            attempt_in_sql(refund, 2, "")
        assert Refund.objects.move(refund.pk, old, new, **changes) is False
    else:
        with pytest.raises(ValueError, match=f"never goes from {old} to {new}"):
            Refund.objects.move(refund.pk, old, new)
        assert Refund.objects.get(pk=refund.pk).status == old


def test_the_trigger_lists_the_same_moves_as_the_model() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'refunds_guard'")
        (text,) = cursor.fetchone()
    listed = text[text.index("('proposed', 'approved')") : text.index("never goes from")]

    assert set(re.findall(r"\('(\w+)', '(\w+)'\)", listed)) == {(old, new) for old in MOVES for new in MOVES[old]}


def test_a_refund_begins_as_proposed() -> None:
    order = make_order()

    with refused("must begin as proposed"):
        propose_in_sql(order, status="approved", approved_by_id=manager("anna").pk)


# Rule 3: executed at most once, every attempt on record first


def test_executing_without_an_attempt_is_refused() -> None:
    refund = approved(make_refund())

    with refused("executing without an attempt"):
        make_executing(refund)


def test_executing_without_a_lease_is_refused() -> None:
    refund = approved(make_refund())

    with refused("executing_refund_has_a_lease"):
        set_status(refund, "executing")


def test_executed_without_a_paid_attempt_is_refused() -> None:
    refund = in_state("executing")

    with refused("executed without a paid attempt"):
        set_status(refund, "executed")


@pytest.mark.parametrize("change", [{"amount": 1}, {"currency": "EUR"}])
def test_executed_with_an_attempt_of_another_amount_is_refused(change: dict[str, object]) -> None:
    refund = approved(make_refund())

    with refused("executed without a paid attempt"):
        make_executing(refund)
        attempt_in_sql(refund, 1, "paid", **change)
        set_status(refund, "executed")


@pytest.mark.parametrize("status", ["executed", "executing", "in_doubt", "proposed", "approved", "failed"])
def test_no_attempt_is_begun_beside_one_that_may_have_paid_or_without_a_claim(status: str) -> None:
    refund = in_state(status)

    with refused("an attempt belongs to a refund that is executing|an earlier attempt was paid, or nobody knows"):
        attempt_in_sql(refund, 2, "")


def test_nothing_is_sent_again_while_nobody_knows_whether_it_was_paid() -> None:
    refund = in_state("in_doubt")

    with refused("nobody knows"):
        make_executing(refund)
        attempt_in_sql(refund, 2, "")


def test_a_second_paid_attempt_is_refused() -> None:
    refund = in_state("failed")

    with refused("refund_is_paid_at_most_once|stays what it was"):
        set_status(refund, "approved")
        make_executing(refund)
        attempt_in_sql(refund, 2, "paid")
        sql("UPDATE refunds_refundattempt SET outcome = 'paid' WHERE number = 1")


@pytest.mark.parametrize(
    "change",
    [
        *("outcome = 'declined'", "outcome = 'absent'", "outcome = '', finished_at = NULL", "amount = 1"),
        *("currency = 'EUR'", "key = gen_random_uuid()", "number = 9", "gateway = 'stripe'"),
    ],
)
def test_a_paid_attempt_stays_what_it_was(change: str) -> None:
    in_state("executed")

    with refused("stays what it was"):
        sql(f"UPDATE refunds_refundattempt SET {change}")


def test_attempts_are_never_deleted() -> None:
    in_state("executed")

    with refused("never deleted"):
        sql("DELETE FROM refunds_refundattempt")


# Rule 4: who approves


def test_nobody_approves_what_they_proposed() -> None:
    order, anna = make_order(), manager("anna")
    refund = Refund.objects.get(pk=propose_in_sql(order, proposed_by_id=anna.pk))

    with refused("nobody_approves_what_they_proposed"):
        set_status(refund, "approved", f", approved_by_id = {anna.pk}")
    with refused("nobody_approves_what_they_proposed"):
        set_status(refund, "approved", f", approved_by_id = {manager('bert').pk}, second_approved_by_id = {anna.pk}")
    with refused("stays what it was proposed as"):
        sql("UPDATE refunds_refund SET proposed_by_id = NULL")


def test_approved_by_nobody_is_refused() -> None:
    refund = make_refund()

    with refused("refund_reviewed_by_someone"):
        set_status(refund, "approved")


def test_above_the_limit_one_person_is_not_enough() -> None:
    seller = make_seller()
    make_limit(seller, second_approver_above=2998)
    refund = make_refund(seller=seller)
    anna = manager("anna")
    assert refund.approvals_needed == 2

    with refused("above_the_limit_two_people_approve"):
        set_status(refund, "approved", f", approved_by_id = {anna.pk}")
    with refused("two_approvals_are_by_two_people"):
        set_status(refund, "approved", f", approved_by_id = {anna.pk}, second_approved_by_id = {anna.pk}")
    with refused("above the limit: two people"):
        sql("UPDATE refunds_refund SET approvals_needed = 1")
    with refused("above the limit: two people"):
        propose_in_sql(refund.order, items_amount=2999, amount=2999)


@pytest.mark.parametrize("column", ["amount = amount - 1, items_amount", "rounding_amount = -1, amount", "tax_amount"])
@pytest.mark.parametrize("status", ["approved", "executing", "executed", "failed", "in_doubt", "rejected"])
def test_decided_amounts_never_change(status: str, column: str) -> None:
    in_state(status)

    with refused("are decided"):
        sql(f"UPDATE refunds_refund SET {column} = {column.rpartition(' ')[2]} - 1")


def test_the_items_of_a_decided_refund_never_change() -> None:
    in_state("approved")

    with refused("items of a decided refund never change"):
        sql("DELETE FROM refunds_refunditem")


def test_the_amount_behind_a_first_approval_never_changes() -> None:
    seller = make_seller()
    make_limit(seller, second_approver_above=0)
    refund = make_refund(seller=seller)
    sql("UPDATE refunds_refund SET approved_by_id = %s", manager("anna").pk)

    with refused("are decided"):
        sql("UPDATE refunds_refund SET items_amount = 1, amount = 1 WHERE id = %s", refund.pk)


def test_who_approved_is_never_rewritten() -> None:
    in_state("executed")

    with refused("who approved"):
        sql("UPDATE refunds_refund SET approved_by_id = %s", manager("zoe").pk)


@pytest.mark.parametrize("change", ["kind = 'post_shipment'", "origin = 'staff'", "sequence = 7", "number = 'X'"])
def test_a_refund_stays_what_it_was_proposed_as(change: str) -> None:
    make_refund()

    with refused("stays what it was proposed as"):
        sql(f"UPDATE refunds_refund SET {change}")


def test_a_paid_attempt_may_turn_out_reversed_and_then_be_paid_again() -> None:
    refund = in_state("executed")

    sql("UPDATE refunds_refundattempt SET outcome = 'reversed'")
    set_status(refund, "failed")
    set_status(refund, "approved")
    make_executing(refund)
    attempt_in_sql(refund, 2, "paid")
    set_status(refund, "executed")

    connection.check_constraints()
    assert list(RefundAttempt.objects.values_list("outcome", flat=True)) == ["reversed", "paid"]
