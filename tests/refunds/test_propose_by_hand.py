"""What may staff propose by hand, for how much, and what becomes of the automatic proposal?"""

from typing import Any

import pytest
from django.contrib.auth.models import User

from orders.models import Order, OrderItem
from refunds import transitions
from refunds.decisions import review
from refunds.models import Refund
from refunds.proposals.manual import left_of, propose_by_hand
from refunds.proposals.refund_request import RefundRequest, Scope
from tests.builders import make_order, make_staff
from tests.refunds.people import approved, kinds, make_refund, manager, seen
from tests.refunds.policies import make_limit
from tests.refunds.raw_sql import rows
from tests.refusals import refused
from tests.warehouse import cancelled, despatched, tell

pytestmark = pytest.mark.django_db

PRE, POST = "pre_shipment", "post_shipment"


def item(order: Order, sku: str = "TEE") -> int:
    return OrderItem.objects.values_list("pk", flat=True).get(order=order, sku=sku)


def by_hand(order: Order, wish: RefundRequest, **said: Any) -> Refund:
    said = {"by": said.pop("by", None) or manager(f"clerk-{User.objects.count()}")} | said
    return propose_by_hand(order.pk, wish=wish, **({"reason": "goodwill", "note": ""} | said))


def parts(refund: Refund) -> list[tuple[str, int, int, int]]:
    return list(refund.items.order_by("id").values_list("item__sku", "quantity", "amount", "tax"))


def is_refused(order: Order, code: str, wish: RefundRequest, *, says: str = "", **said: Any) -> None:
    before = rows()
    with refused(code, says=says):
        by_hand(order, wish, **({"by": make_staff(permissions=["refunds.propose_refund"])} | said))
    assert rows() == before


def test_full_order_before_anything_ships_is_exactly_what_was_paid() -> None:
    order = make_order("W-1", items=[("TEE", 3, 1000, 167), ("CAP", 1, 999)], shipping_charge=495, total_paid=2495)

    refund = by_hand(order, RefundRequest(PRE, Scope.ORDER), reason="duplicate_order", note="ordered twice at 9:00")

    assert (refund.origin, refund.kind, refund.status, refund.number) == ("staff", PRE, "proposed", "W-1-R1")
    assert (refund.items_amount, refund.shipping_amount, refund.rounding_amount) == (1999, 495, 1)
    assert (refund.amount, refund.tax_amount, refund.reason_note) == (2495, 167, "ordered twice at 9:00")
    assert parts(refund) == [("TEE", 3, 1000, 167), ("CAP", 1, 999, 0)]
    assert kinds(order) == ["refund.proposed"]


def test_all_items_leave_the_shipping_charge_and_shipping_alone_takes_only_it() -> None:
    order = make_order("W-1", shipping_charge=495)

    assert by_hand(order, RefundRequest(PRE, Scope.ITEMS)).amount == 5998
    shipping = by_hand(order, RefundRequest(PRE, Scope.SHIPPING))

    assert (shipping.amount, shipping.shipping_amount, parts(shipping)) == (495, 495, [])
    is_refused(order, "no_shipping_left", RefundRequest(PRE, Scope.SHIPPING))
    is_refused(order, "nothing_chosen", RefundRequest(PRE, Scope.ORDER))


def test_units_in_steps_pay_by_the_rounding_rule() -> None:
    order = make_order("W-1", items=[("TEE", 3, 1000)])
    one = RefundRequest(PRE, units={item(order): 1})

    assert [by_hand(order, one).amount for _ in range(3)] == [333, 334, 333]
    is_refused(order, "too_many_units", one, says="TEE: 0 can be refunded as pre-shipment, not 1")


def test_an_amount_for_a_damaged_item_is_limited_to_what_is_left_of_it() -> None:
    order = make_order("W-1", items=[("TEE", 2, 1000, 200), ("CAP", 1, 500)])
    tee = item(order)

    refund = by_hand(order, RefundRequest(POST, amounts={tee: 300}), reason="damaged")

    assert parts(refund) == [("TEE", 0, 300, 60)]
    is_refused(order, "amount_beyond_what_is_left", RefundRequest(POST, amounts={tee: 701}), says="7.00 GBP is left")
    is_refused(order, "amount_beyond_what_is_left", RefundRequest(POST, amounts={tee: -1}))
    is_refused(order, "units_or_amount", RefundRequest(PRE, units={tee: 1}, amounts={tee: 1}))
    assert parts(by_hand(order, RefundRequest(PRE, units={tee: 1}))) == [("TEE", 1, 500, 100)]
    assert parts(by_hand(order, RefundRequest(PRE, units={tee: 1}))) == [("TEE", 1, 200, 40)]


def test_post_shipment_is_for_shipped_units_and_pre_shipment_for_the_others() -> None:
    order = make_order("W-1", items=[("TEE", 3, 3000)])
    tell(order, despatched(TEE=2))
    tee = item(order)

    is_refused(
        order,
        "too_many_units",
        RefundRequest(PRE, units={tee: 2}),
        says="TEE: 1 can be refunded as pre-shipment, not 2 (2 of 3 shipped",
    )
    is_refused(order, "too_many_units", RefundRequest(POST, units={tee: 3}))
    is_refused(order, "partly_shipped", RefundRequest(POST, Scope.ORDER))
    assert by_hand(order, RefundRequest(POST, Scope.ITEMS), reason="returned").amount == 2000
    assert by_hand(order, RefundRequest(PRE, Scope.ITEMS)).amount == 1000


def test_what_is_no_choice_is_refused() -> None:
    order, other = make_order("W-1"), make_order("W-2")

    is_refused(order, "nothing_chosen", RefundRequest(PRE))
    is_refused(order, "unknown_item", RefundRequest(PRE, units={item(other): 1}))
    is_refused(order, "too_many_units", RefundRequest(PRE, units={item(order): -1}))
    is_refused(order, "unknown_reason", RefundRequest(PRE, Scope.ITEMS), reason="closed_short")
    is_refused(order, "not_permitted", RefundRequest(PRE, Scope.ITEMS), by=make_staff("viewer"))


def test_the_same_form_sent_twice_is_refused_the_second_time() -> None:
    order, anna = make_order("W-1"), manager("anna")
    wish = RefundRequest(PRE, units={item(order): 1})
    on_screen = transitions.ExpectedVersion(left_of(order.pk)[1], 2999)

    by_hand(order, wish, by=anna, seen=on_screen)

    is_refused(order, "changed", wish, seen=on_screen)


def test_who_proposed_by_hand_does_not_approve_it() -> None:
    anna, bert = manager("anna"), manager("bert")
    refund = by_hand(make_order("W-1"), RefundRequest(PRE, Scope.ITEMS), by=anna)

    with refused("own_proposal"):
        review.approve(refund.pk, by=anna, seen=seen(refund))

    assert review.approve(refund.pk, by=bert, seen=seen(refund)) == "approved"


def test_two_people_approve_by_hand_what_is_above_the_limit() -> None:
    order = make_order("W-1")
    make_limit(order.seller, second_approver_above=2999)

    assert by_hand(order, RefundRequest(PRE, units={item(order): 1})).approvals_needed == 1
    assert by_hand(order, RefundRequest(PRE, shipping=False, units={item(order): 1})).approvals_needed == 1
    assert by_hand(make_order("W-2", seller=order.seller), RefundRequest(PRE, Scope.ITEMS)).approvals_needed == 2


def test_the_automatic_proposal_of_the_same_units_is_withdrawn() -> None:
    automatic = make_refund(lost=2)

    refund = by_hand(automatic.order, RefundRequest(PRE, Scope.ITEMS), by=manager("anna"))

    automatic.refresh_from_db()
    assert (automatic.status, refund.number, refund.amount) == ("withdrawn", "W-1-R2", 5998)
    withdrawn = automatic.order.events.get(kind="refund.withdrawn")
    assert withdrawn.data["why"] == "another refund pays for these units"
    assert kinds(automatic.order)[-2:] == ["refund.withdrawn", "refund.proposed"]


def test_the_automatic_proposal_shrinks_by_what_is_proposed_by_hand_and_grows_back_when_that_is_rejected() -> None:
    automatic = make_refund(lost=2)
    mine = by_hand(automatic.order, RefundRequest(PRE, units={item(automatic.order): 1}), by=manager("anna"))
    automatic.refresh_from_db()
    assert (automatic.status, automatic.amount) == ("proposed", 2999)

    review.reject(mine.pk, by=manager("bert"), why="no", seen=seen(mine))

    automatic.refresh_from_db()
    assert (automatic.status, automatic.amount) == ("proposed", 5998)


def test_what_was_decided_is_not_refunded_again_by_hand() -> None:
    refund = approved(make_refund(lost=2))

    is_refused(refund.order, "nothing_chosen", RefundRequest(PRE, Scope.ITEMS))


def test_a_proposal_by_hand_is_withdrawn_when_the_units_ship() -> None:
    order = make_order("W-1")
    refund = by_hand(order, RefundRequest(PRE, Scope.ITEMS))

    tell(order, despatched(TEE=1))

    refund.refresh_from_db()
    assert refund.status == "withdrawn"


def test_units_cancelled_after_a_proposal_by_hand_are_not_proposed_twice() -> None:
    order = make_order("W-1", items=[("TEE", 3, 3000)])
    by_hand(order, RefundRequest(PRE, units={item(order): 1}))

    tell(order, cancelled(of={"TEE": (2, 3)}))

    assert list(order.refunds.order_by("sequence").values_list("origin", "amount")) == [
        ("staff", 1000),
        ("warehouse", 1000),
    ]


def test_limits_say_what_is_left_beside_the_automatic_proposal() -> None:
    refund = make_refund(lost=1, units=2, shipping_charge=495)

    left, refunds = left_of(refund.order_id)

    assert (refunds, left.most, left.gives_way, left.shipping_left) == (1, 6493, 2999, 495)
    assert [(one.sku, one.unshipped_left, one.shipped_left, one.amount_left) for one in left.items] == [
        ("TEE", 2, 0, 5998)
    ]
