"""May a person do this with this refund, and is it done in one step or not at all?"""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User

from orders.models import Order
from refunds import errors, transitions
from refunds.decisions import review
from refunds.execution import execute
from refunds.models import Refund
from tests.builders import make_seller, make_staff
from tests.refunds.people import approved, kinds, make_refund, manager, open_attention, seen
from tests.refunds.policies import make_limit
from tests.refunds.raw_sql import propose_in_sql, rows, set_status
from tests.refusals import refused
from tests.warehouse import cancelled, despatched, tell

pytestmark = pytest.mark.django_db

VERBS: dict[str, tuple[str, Callable[[Refund, User], Any]]] = {
    "approve": ("approve_refund", lambda refund, by: review.approve(refund.pk, by=by, seen=seen(refund))),
    "reject": ("reject_refund", lambda refund, by: review.reject(refund.pk, by=by, why="no", seen=seen(refund))),
    "hold": ("reject_refund", lambda refund, by: review.hold(refund.pk, by=by, why="wait")),
    "release": ("reject_refund", lambda refund, by: review.release(refund.pk, by=by)),
    "revoke_approval": ("approve_refund", lambda refund, by: review.revoke_approval(refund.pk, by=by, why="mistake")),
    "retry": ("settle_refund", lambda refund, by: review.retry(refund.pk, by=by)),
}


def failed(refund: Refund) -> Refund:
    claim = execute.claim_refund(approved(refund).pk, old="approved")
    assert claim is not None
    execute.record_declined(claim, "card expired")
    refund.refresh_from_db()
    return refund


def test_approving_what_was_seen_approves_it() -> None:
    refund, anna = make_refund(), manager("anna")

    assert review.approve(refund.pk, by=anna, seen=transitions.ExpectedVersion(1, 2999)) == "approved"

    refund.refresh_from_db()
    assert (refund.status, refund.approved_by, refund.decided_at is not None) == ("approved", anna, True)
    fact = refund.order.events.latest("id")
    assert (fact.kind, fact.actor, fact.data) == (
        *("refund.approved", "staff:anna", {"refund": "W-1-R1", "amount": "29.99"}),
    )


@pytest.mark.parametrize("wrong", [transitions.ExpectedVersion(2, 2999), transitions.ExpectedVersion(1, 2998)])
def test_what_has_changed_since_it_was_seen_is_not_approved_or_rejected(wrong: transitions.ExpectedVersion) -> None:
    refund, anna = make_refund(), manager("anna")
    before = rows()

    with refused("changed"):
        review.approve(refund.pk, by=anna, seen=wrong)
    with refused("changed"):
        review.reject(refund.pk, by=anna, why="no", seen=wrong)

    assert rows() == before


def test_a_proposal_that_shrank_after_the_page_was_opened_is_not_approved() -> None:
    refund, anna = make_refund(2, 2), manager("anna")
    on_screen = seen(refund)
    tell(refund.order, despatched(at=1, TEE=1))

    with refused("changed", says="it is 29.99 GBP now, you saw 59.98"):
        review.approve(refund.pk, by=anna, seen=on_screen)


@pytest.mark.parametrize("verb", VERBS)
def test_without_the_right_nothing_happens(verb: str) -> None:
    right, act = VERBS[verb]
    others = {"propose_refund", "reject_refund", "approve_refund", "settle_refund"} - {right}
    refund = make_refund()
    anna = make_staff("anna", permissions=[f"refunds.{other}" for other in others])
    before = rows()

    with refused("not_permitted"):
        act(refund, anna)

    assert rows() == before


def test_a_right_that_was_withdrawn_after_the_page_was_opened_is_gone() -> None:
    refund, anna = make_refund(), manager("anna")
    assert anna.has_perm("refunds.approve_refund")
    User.objects.get(pk=anna.pk).user_permissions.clear()

    with refused("not_permitted"):
        review.approve(refund.pk, by=anna, seen=seen(refund))


def test_somebody_who_has_left_approves_nothing() -> None:
    refund, anna = make_refund(), manager("anna")
    User.objects.filter(pk=anna.pk).update(is_active=False)

    with refused("not_permitted"):
        review.approve(refund.pk, by=anna, seen=seen(refund))


def test_nobody_approves_what_they_proposed_themselves() -> None:
    anna = manager("anna")
    order = make_refund().order
    mine = Refund.objects.get(pk=propose_in_sql(order, proposed_by_id=anna.pk))

    with refused("own_proposal"):
        review.approve(mine.pk, by=anna, seen=seen(mine))

    assert Refund.objects.get(pk=mine.pk).status == "proposed"


def test_above_the_limit_two_different_people_approve() -> None:
    seller = make_seller()
    make_limit(seller, second_approver_above=1000)
    refund, anna, bert = make_refund(seller=seller), manager("anna"), manager("bert")

    assert review.approve(refund.pk, by=anna, seen=seen(refund)) == "first"
    assert Refund.objects.get().status == "proposed"
    with refused("second_person_needed"):
        review.approve(refund.pk, by=anna, seen=seen(refund))
    assert review.approve(refund.pk, by=bert, seen=seen(refund)) == "approved"

    refund.refresh_from_db()
    assert (refund.status, refund.approved_by, refund.second_approved_by) == ("approved", anna, bert)
    assert kinds(refund.order)[-2:] == ["refund.first_approved", "refund.approved"]


def test_the_second_click_is_told_who_decided() -> None:
    refund = make_refund()
    approved(refund, by=manager("anna"))
    before = rows()

    with pytest.raises(
        errors.AlreadyDecided, match=r"W-1-R1 cannot be approved: already approved by anna at \d\d:\d\d"
    ):
        review.approve(refund.pk, by=manager("bert"), seen=seen(refund))

    assert rows()["refunds_refund"] == before["refunds_refund"]


def test_rejecting_frees_units_and_money_and_keeps_the_reason() -> None:
    refund, anna = make_refund(), manager("anna")

    review.reject(refund.pk, by=anna, why=" sent a voucher ", seen=seen(refund))

    refund.refresh_from_db()
    assert (refund.status, refund.rejected_by, refund.why) == ("rejected", anna, "sent a voucher")
    assert Order.objects.get().committed_amount == 0
    assert kinds(refund.order)[-1] == "refund.rejected"


def test_a_rejected_refund_by_hand_leaves_what_the_warehouse_caused_to_be_proposed() -> None:
    refund = make_refund()
    set_status(refund, "withdrawn")
    item = refund.order.items.get()
    by_hand = Refund.objects.get(pk=propose_in_sql(refund.order, (item, 1, 2999)))
    tell(refund.order, cancelled(1, of={"TEE": (1, 2)}))

    review.reject(by_hand.pk, by=manager("anna"), why="not by hand", seen=seen(by_hand))

    assert [(r.origin, r.status) for r in Refund.objects.order_by("id")] == [
        *(("warehouse", "withdrawn"), ("staff", "rejected"), ("warehouse", "proposed")),
    ]


@pytest.mark.parametrize("verb", ["reject", "hold", "revoke_approval"])
def test_the_row_and_the_timeline_hold_the_same_trimmed_reason(verb: str) -> None:
    refund, anna = make_refund(), manager("anna")
    if verb == "revoke_approval":
        approved(refund)
    on_screen: dict[str, Any] = {"seen": seen(refund)} if verb == "reject" else {}

    getattr(review, verb)(refund.pk, by=anna, why="  wrong amount \n", **on_screen)

    event = refund.order.events.latest("id")
    assert (Refund.objects.get(pk=refund.pk).why, event.data["why"]) == ("wrong amount", "wrong amount")


@pytest.mark.parametrize("verb", ["reject", "hold", "revoke_approval"])
def test_a_reason_is_asked_for(verb: str) -> None:
    refund, anna = make_refund(), manager("anna")
    if verb == "revoke_approval":
        approved(refund)
    before = rows()
    on_screen: dict[str, Any] = {"seen": seen(refund)} if verb == "reject" else {}

    with refused("reason_required"):
        getattr(review, verb)(refund.pk, by=anna, why="  ", **on_screen)

    assert rows() == before


def test_what_is_on_hold_is_not_approved_until_it_is_released() -> None:
    refund, anna = make_refund(), manager("anna")
    review.hold(refund.pk, by=anna, why="asking the warehouse")

    with refused("already_decided"):
        review.approve(refund.pk, by=anna, seen=seen(refund))
    review.release(refund.pk, by=anna)

    assert review.approve(refund.pk, by=anna, seen=seen(refund)) == "approved"
    assert kinds(refund.order)[-3:] == ["refund.held", "refund.released", "refund.approved"]


def test_an_approval_taken_back_is_up_for_decision_again_and_shows_as_changed() -> None:
    refund = make_refund()
    on_screen = seen(refund)
    approved(refund)

    review.revoke_approval(refund.pk, by=manager("bert"), why="wrong order")

    refund.refresh_from_db()
    assert (refund.status, refund.approved_by, refund.decided_at, refund.version) == ("proposed", None, None, 2)
    with refused("changed"):
        review.approve(refund.pk, by=manager("carl"), seen=on_screen)


def test_an_approval_taken_back_beside_another_proposal_becomes_part_of_it() -> None:
    refund = make_refund(1, 3, paid=3000)
    approved(refund)
    tell(refund.order, cancelled(1, of={"TEE": (2, 3)}))

    review.revoke_approval(refund.pk, by=manager("bert"), why="one decision is enough")

    assert list(Refund.objects.order_by("sequence").values_list("status", "amount")) == [
        *(("withdrawn", 1000), ("proposed", 2000)),
    ]


def test_a_failed_refund_is_tried_again_or_given_up_and_its_attention_goes() -> None:
    refund, anna = failed(make_refund()), manager("anna")
    assert open_attention(refund.order) == ["refund_failed"]

    review.retry(refund.pk, by=anna)
    assert (Refund.objects.get().status, open_attention(refund.order)) == ("approved", [])


def test_giving_up_on_a_failed_refund_closes_its_attention() -> None:
    refund, anna = failed(make_refund(2, 2)), manager("anna")
    tell(refund.order, despatched(at=1, TEE=2))
    assert open_attention(refund.order) == ["refund_failed", "shipped_after_refund"]

    review.reject(refund.pk, by=anna, why="shipped", seen=seen(refund))

    assert (Refund.objects.get().status, open_attention(refund.order)) == ("rejected", [])


@pytest.mark.parametrize(
    ("verb", "possible"),
    [
        ("approve", {"proposed"}),
        ("reject", {"proposed", "on_hold", "failed"}),
        ("hold", {"proposed"}),
        ("release", {"on_hold"}),
        ("revoke_approval", {"approved"}),
        ("retry", {"failed"}),
    ],
)
@pytest.mark.parametrize("status", ["proposed", "on_hold", "approved", "failed", "rejected", "withdrawn"])
def test_each_verb_works_in_its_states_and_refuses_in_all_others(status: str, verb: str, possible: set[str]) -> None:
    refund = make_refund()
    if status == "approved":
        approved(refund)
    elif status == "failed":
        failed(refund)
    elif status != "proposed":
        set_status(refund, status)
    before = rows()

    if status in possible:
        VERBS[verb][1](refund, manager("anna"))
        assert Refund.objects.get(pk=refund.pk).status != status
    else:
        with refused("already_decided"):
            VERBS[verb][1](refund, manager("anna"))
        assert rows() == before


def test_a_refund_that_does_not_exist_is_no_server_fault() -> None:
    with refused("refund_not_found"):
        review.release(1, by=manager("anna"))
