"""What may be edited in a proposal, what is kept of it, and who may approve it then?"""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from orders.models import OrderItem
from refunds.decisions import auto_approve, edit, review
from refunds.models import Refund, RefundRevision
from refunds.proposals.manual import propose_by_hand
from refunds.proposals.overdue import propose_overdue
from refunds.proposals.refund_request import RefundRequest
from tests.builders import make_order
from tests.refunds.people import approved, kinds, make_refund, manager, seen
from tests.refunds.policies import make_limit, make_policy
from tests.refunds.raw_sql import rows, sql
from tests.refusals import refused
from tests.warehouse import cancelled, despatched, reported, tell

pytestmark = pytest.mark.django_db


def tee(refund: Refund) -> int:
    return OrderItem.objects.values_list("pk", flat=True).get(order=refund.order_id, sku="TEE")


def change(refund: Refund, *, by: Any = None, units: int = 0, shipping: bool = False, amount: int = 0) -> None:
    wish = RefundRequest(units={tee(refund): units}, amounts={tee(refund): amount} if amount else {}, shipping=shipping)
    edit.edit(refund.pk, by=by or manager("editor"), wish=wish, why="one was found", seen=seen(refund))
    refund.refresh_from_db()


def refunds_of(refund: Refund) -> list[tuple[str, str, int]]:
    found = Refund.objects.filter(order=refund.order_id).order_by("sequence")
    return list(found.values_list("origin", "status", "amount"))


def is_refused(refund: Refund, code: str, **wish: Any) -> None:
    before, by = rows(), manager(f"editor-{User.objects.count()}")
    with refused(code):
        change(refund, by=by, **wish)
    assert rows() == before


def test_fewer_units_keep_the_original_beside_the_edit() -> None:
    refund = make_refund(lost=3, units=3, paid=3000)

    change(refund, units=1, by=manager("anna"))

    assert (refund.amount, refund.version, refund.status) == (1000, 2, "proposed")
    kept = RefundRevision.objects.get()
    assert (kept.version, kept.amount, kept.edited_by.username, kept.why) == (1, 3000, "anna", "one was found")
    assert kept.items == [{"item": tee(refund), "sku": "TEE", "quantity": 3, "amount": 3000, "tax": 0}]
    assert refund.items.values_list("quantity", "amount", "left_out").get() == (1, 1000, 2)
    assert kinds(refund.order)[-1] == "refund.edited"
    assert refund.order.events.get(kind="refund.edited").data["was"] == "30.00"


def test_shipping_is_left_out_and_not_proposed_again() -> None:
    refund = make_refund(lost=2, shipping_charge=495, total_paid=6500)
    assert (refund.amount, refund.rounding_amount) == (6500, 7)

    change(refund, units=2)
    tell(refund.order, reported("Cancelled", at=5))

    refund.refresh_from_db()
    assert (refund.amount, refund.shipping_amount, refund.rounding_amount) == (5998, 0, 0)
    assert refunds_of(refund) == [("warehouse", "proposed", 5998)]


def test_whoever_edited_last_does_not_approve() -> None:
    anna, bert, refund = manager("anna"), manager("bert"), make_refund(lost=2)
    change(refund, units=1, by=anna)

    with refused("own_edit"):
        review.approve(refund.pk, by=anna, seen=seen(refund))
    with pytest.raises(IntegrityError, match="nobody_approves_what_they_edited"), transaction.atomic():
        sql("UPDATE refunds_refund SET status = 'approved', approved_by_id = %s", anna.pk)

    assert review.approve(refund.pk, by=bert, seen=seen(refund)) == "approved"


def test_an_edit_voids_the_first_approval_and_asks_for_as_many_as_the_amount_needs() -> None:
    refund = make_refund(lost=2)
    make_limit(refund.seller, second_approver_above=3000)
    assert review.approve(refund.pk, by=manager("anna"), seen=seen(refund)) == "first"

    change(refund, units=1)

    assert (refund.approved_by, refund.approvals_needed, refund.amount) == (None, 1, 2999)


def test_what_was_left_out_is_not_proposed_again_until_more_is_cancelled() -> None:
    refund = make_refund(lost=2, units=4, paid=4000)
    change(refund, units=1)

    tell(refund.order, cancelled(5, of={"TEE": (2, 4)}))
    assert refunds_of(refund) == [("warehouse", "proposed", 1000)]
    tell(refund.order, cancelled(6, of={"TEE": (3, 4)}))

    assert refunds_of(refund) == [("warehouse", "proposed", 1000), ("warehouse", "proposed", 1000)]


def test_an_edited_proposal_is_withdrawn_when_its_units_ship_after_all() -> None:
    refund = make_refund(lost=2, units=2)
    change(refund, units=1)

    tell(refund.order, despatched(at=5, TEE=1))
    refund.refresh_from_db()
    assert refunds_of(refund) == [("warehouse", "proposed", 2999)]
    tell(refund.order, despatched("D-2", at=6, TEE=1))

    assert refunds_of(refund) == [("warehouse", "withdrawn", 2999)]


def test_an_edited_proposal_that_is_rejected_is_rejected_as_a_whole() -> None:
    refund = make_refund(lost=2)
    change(refund, units=1)

    review.reject(refund.pk, by=manager("bert"), why="no", seen=seen(refund))
    tell(refund.order, cancelled(5, of={"TEE": (2, 2)}))

    assert refunds_of(refund) == [("warehouse", "rejected", 2999)]


def test_an_edited_approval_is_taken_back_beside_a_new_proposal() -> None:
    refund = make_refund(lost=1, units=3, paid=3000, shipping_charge=100)
    tell(refund.order, cancelled(5, of={"TEE": (2, 3)}))
    refund.refresh_from_db()
    change(refund, units=1)
    approved(refund)
    tell(refund.order, cancelled(6, of={"TEE": (3, 3)}))

    review.revoke_approval(refund.pk, by=manager("bert"), why="look again")

    # Both stand: one as a person edited it, one as the warehouse goes on; now that nothing ships, with shipping.
    assert refunds_of(refund) == [("warehouse", "proposed", 1000), ("warehouse", "proposed", 1100)]


def test_units_that_the_customer_waits_for_again_are_not_overdue_again() -> None:
    order = make_order("W-1", items=[("TEE", 3, 3000)])
    make_policy(order.seller, propose_overdue_after=1)
    tell(order, reported("Processing"))
    propose_overdue()
    refund = Refund.objects.get()
    assert refund.items.values_list("quantity", "overdue_quantity").get() == (3, 3)

    change(refund, units=1)
    propose_overdue()

    assert refunds_of(refund) == [("warehouse", "proposed", 1000)]
    assert refund.items.values_list("overdue_quantity", "left_waiting").get() == (1, 2)
    tell(order, cancelled(6, of={"TEE": (3, 3)}))
    assert refunds_of(refund) == [("warehouse", "proposed", 1000), ("warehouse", "proposed", 2000)]


def test_a_policy_never_approves_what_a_person_edited() -> None:
    refund = make_refund(lost=2)
    make_limit(refund.seller, unattended_upto=4000)

    change(refund, units=1)

    assert auto_approve.approve_by_rule() == 0


def test_staff_change_the_amount_that_staff_proposed() -> None:
    order, anna = make_order("W-1"), manager("anna")
    item = OrderItem.objects.get()
    refund = propose_by_hand(
        order.pk, by=anna, wish=RefundRequest("post_shipment", amounts={item.pk: 500}), reason="damaged", note=""
    )

    change(refund, amount=800)

    assert (refund.amount, refund.version) == (800, 2)
    is_refused(refund, "amount_beyond_what_is_left", amount=5999)


def test_what_is_no_edit_is_refused() -> None:
    refund = make_refund(lost=1)

    is_refused(refund, "nothing_changed", units=1)
    is_refused(refund, "nothing_would_remain")
    is_refused(refund, "edit_adds_units", units=2)
    is_refused(refund, "edit_adds_shipping", units=1, shipping=True)
    is_refused(refund, "amount_not_editable", amount=5)
    approved(refund)
    is_refused(refund, "already_decided", units=1)


def test_an_edit_of_what_changed_meanwhile_is_refused() -> None:
    refund, anna = make_refund(lost=2), manager("anna")
    on_screen, wish = seen(refund), RefundRequest(units={tee(refund): 1})
    tell(refund.order, despatched(at=5, TEE=1))
    before = rows()

    with refused("changed", says="it is 29.99 GBP now, you saw 59.98"):
        edit.edit(refund.pk, by=anna, wish=wish, why="fewer", seen=on_screen)

    assert rows() == before


def test_revisions_are_never_changed() -> None:
    refund = make_refund(lost=2)
    change(refund, units=1)

    for statement in ("UPDATE refunds_refundrevision SET amount = 1", "DELETE FROM refunds_refundrevision"):
        with pytest.raises(IntegrityError), transaction.atomic():
            sql(statement)
