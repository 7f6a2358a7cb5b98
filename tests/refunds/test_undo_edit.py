"""Can what an edit left out be added back, and an edit be undone, as long as nobody has decided?"""

import pytest

from refunds.decisions import edit, review
from refunds.models import Refund
from refunds.proposals.manual import propose_by_hand
from refunds.proposals.overdue import propose_overdue
from refunds.proposals.refund_request import RefundRequest
from tests.builders import make_order
from tests.refunds.people import approved, make_refund, manager, seen
from tests.refunds.policies import make_policy
from tests.refunds.raw_sql import rows
from tests.refunds.test_edit import change, is_refused, refunds_of
from tests.refusals import refused
from tests.warehouse import cancelled, despatched, reported, tell

pytestmark = pytest.mark.django_db


def parts(refund: Refund) -> list[tuple[str, int, int]]:
    return list(refund.items.order_by("id").values_list("item__sku", "quantity", "left_out"))


def test_units_that_were_left_out_can_be_added_back_while_nobody_decided() -> None:
    refund = make_refund(lost=3, units=4, paid=4000)
    change(refund, units=1)

    change(refund, units=2, by=manager("anna"))
    assert (refund.amount, parts(refund)) == (2000, [("TEE", 2, 1)])
    change(refund, units=3, by=manager("bert"))

    assert (refund.amount, parts(refund)) == (3000, [("TEE", 3, 0)])
    is_refused(refund, "edit_adds_units", units=4)
    tell(refund.order, cancelled(5, of={"TEE": (3, 4)}))
    assert refunds_of(refund) == [("warehouse", "proposed", 3000)]
    approved(refund)
    is_refused(refund, "already_decided", units=1)


def test_an_item_and_the_shipping_charge_that_were_left_out_come_back() -> None:
    order = make_order("W-1", items=[("TEE", 1, 1000), ("CAP", 1, 500)], shipping_charge=300)
    tell(order, reported("Cancelled"))
    refund = Refund.objects.get()
    change(refund, units=1)
    assert (refund.amount, parts(refund)) == (1000, [("TEE", 1, 0), ("CAP", 0, 1)])

    items = dict(order.items.values_list("sku", "pk"))
    wish = RefundRequest(units={items["TEE"]: 1, items["CAP"]: 1}, shipping=True)
    edit.edit(refund.pk, by=manager("anna"), wish=wish, why="all of it", seen=seen(refund))

    refund.refresh_from_db()
    assert (refund.amount, refund.shipping_amount) == (1800, 300)


def test_an_edit_can_be_undone_and_the_undoing_too() -> None:
    refund, anna = make_refund(lost=3, units=3, paid=3000, shipping_charge=100), manager("anna")
    change(refund, units=1)

    edit.undo_edit(refund.pk, by=anna, seen=seen(refund))
    refund.refresh_from_db()
    assert (refund.amount, parts(refund), refund.version) == (3100, [("TEE", 3, 0)], 3)
    assert refund.order.events.latest("id").data["why"] == "Edit undone"
    with refused("own_edit"):
        review.approve(refund.pk, by=anna, seen=seen(refund))
    edit.undo_edit(refund.pk, by=anna, seen=seen(refund))

    refund.refresh_from_db()
    assert (refund.amount, parts(refund)) == (1000, [("TEE", 1, 2)])


def test_what_staff_left_out_of_their_own_proposal_comes_back() -> None:
    order = make_order("W-1", items=[("TEE", 2, 2000), ("CAP", 1, 500)])
    items = dict(order.items.values_list("sku", "pk"))
    wish = RefundRequest(units={items["TEE"]: 2}, amounts={items["CAP"]: 200})
    refund = propose_by_hand(order.pk, by=manager("anna"), wish=wish, reason="goodwill", note="")
    change(refund, units=1)
    assert parts(refund) == [("TEE", 1, 0)]

    edit.undo_edit(refund.pk, by=manager("bert"), seen=seen(refund))

    refund.refresh_from_db()
    assert refund.amount == 2200
    assert set(refund.items.values_list("item__sku", "quantity", "amount")) == {("TEE", 2, 2000), ("CAP", 0, 200)}


def test_an_edit_is_not_undone_once_its_units_are_elsewhere_or_it_is_decided() -> None:
    refund, bert = make_refund(lost=2, units=2), manager("bert")
    with refused("not_edited"):
        edit.undo_edit(refund.pk, by=bert, seen=seen(refund))
    change(refund, units=1)
    tell(refund.order, despatched(at=5, TEE=1))
    before = rows()

    with refused("too_many_units"):
        edit.undo_edit(refund.pk, by=bert, seen=seen(refund))

    assert rows() == before
    approved(refund)
    with refused("already_decided"):
        edit.undo_edit(refund.pk, by=bert, seen=seen(refund))


def test_units_that_another_refund_proposes_by_now_are_not_added_back() -> None:
    order = make_order("W-1", items=[("TEE", 3, 3000)])
    make_policy(order.seller, propose_overdue_after=1)
    tell(order, reported("Processing"))
    propose_overdue()
    refund = Refund.objects.get()
    change(refund, units=1)
    tell(order, cancelled(6, of={"TEE": (3, 3)}))
    assert refunds_of(refund) == [("warehouse", "proposed", 1000), ("warehouse", "proposed", 2000)]

    is_refused(refund, "in_another_refund", units=3)
