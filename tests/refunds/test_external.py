"""What becomes of refunds that somebody made at the provider, and of those that fell through there?"""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from orders.models import Order, OrderItem
from refunds.decisions import review
from refunds.execution import execute, external, failed_later
from refunds.gateway import Receipt
from refunds.models import Refund, RefundItem
from refunds.proposals.manual import propose_by_hand
from refunds.proposals.refund_request import RefundRequest, Scope
from tests.builders import make_order
from tests.refunds.people import approved, kinds, make_refund, manager, open_attention, seen
from tests.refunds.raw_sql import add_item_in_sql, rows, sql
from tests.refusals import refused
from tests.warehouse import cancelled, despatched, tell

pytestmark = pytest.mark.django_db

MADE_AT = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)


def outside(amount: int, reference: str = "re_1", currency: str = "GBP") -> external.Outside:
    return external.Outside("stripe", reference, amount, currency, MADE_AT)


def refunds_of(order: Order) -> list[tuple[str, str, int]]:
    return list(order.refunds.order_by("sequence").values_list("origin", "status", "amount"))


def parts(refund: Refund | None) -> list[tuple[str, int, int, int]]:
    items = RefundItem.objects.filter(refund=refund).order_by("item__position")
    return list(items.values_list("item__sku", "quantity", "amount", "tax"))


def executed(refund: Refund, reference: str = "re_9") -> Refund:
    """A refund of ours that the provider has paid."""
    claim = execute.claim_refund(refund.pk, old="approved")
    assert claim is not None
    execute.record_paid(claim, Receipt(reference, refund.amount, refund.currency))
    return Refund.objects.get(pk=refund.pk)


def test_a_refund_made_elsewhere_counts_against_what_is_left() -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998, 1000), ("CAP", 1, 1000)], shipping_charge=495)

    refund = external.book(order.pk, outside(6500))

    assert refund is not None
    assert (refund.origin, refund.status, refund.number, refund.amount) == ("external", "executed", "W-1-R1", 6500)
    assert (refund.provider, refund.provider_reference, refund.executed_at) == ("stripe", "re_1", MADE_AT)
    assert parts(refund) == [("TEE", 0, 5998, 1000), ("CAP", 0, 502, 0)]
    assert refund.attempts.values_list("outcome", "amount", "provider_reference").get() == ("paid", 6500, "re_1")
    order.refresh_from_db()
    assert (order.committed_amount, kinds(order), open_attention(order)) == (6500, ["refund.booked"], [])


def test_the_same_refund_is_booked_once() -> None:
    order = make_order("W-1")
    first = external.book(order.pk, outside(1000))
    before = rows()

    assert external.book(order.pk, outside(1000)) == first

    assert rows() == before


def test_the_same_amount_as_a_proposal_takes_its_units_and_withdraws_it() -> None:
    proposal = make_refund(lost=1, units=3, paid=3000)

    booked = external.book(proposal.order_id, outside(1000))

    assert refunds_of(proposal.order) == [("warehouse", "withdrawn", 1000), ("external", "executed", 1000)]
    assert parts(booked) == [("TEE", 1, 1000, 0)]
    withdrawn = proposal.order.events.get(kind="refund.withdrawn")
    assert (withdrawn.actor, withdrawn.data["why"]) == ("provider:stripe", "it was refunded at stripe: re_1")
    tell(proposal.order, cancelled(5, of={"TEE": (2, 3)}))
    assert refunds_of(proposal.order)[2:] == [("warehouse", "proposed", 1000)]


def test_another_amount_shrinks_the_proposal() -> None:
    proposal = make_refund(lost=1, units=2)

    external.book(proposal.order_id, outside(1000))

    assert refunds_of(proposal.order) == [("warehouse", "proposed", 1999), ("external", "executed", 1000)]
    proposal.refresh_from_db()
    assert proposal.version == 2


def test_more_than_the_proposal_withdraws_it_and_counts_for_the_next_units() -> None:
    proposal = make_refund(lost=1, units=2)

    external.book(proposal.order_id, outside(4000))
    assert refunds_of(proposal.order) == [("warehouse", "withdrawn", 2999), ("external", "executed", 4000)]
    tell(proposal.order, cancelled(5, of={"TEE": (2, 2)}))

    assert refunds_of(proposal.order)[2:] == [("warehouse", "proposed", 1998)]


@pytest.mark.parametrize("amount", [2999, 2000, 5998])
def test_what_is_approved_and_not_sent_yet_is_withdrawn(amount: int) -> None:
    refund = approved(make_refund(lost=1, units=2))

    external.book(refund.order_id, outside(amount))

    refund.refresh_from_db()
    assert refund.status == "withdrawn"
    left = {2999: [], 2000: [("warehouse", "proposed", 999)], 5998: []}[amount]
    assert refunds_of(refund.order)[2:] == left


def test_a_proposal_by_hand_for_the_same_units_is_withdrawn() -> None:
    order = make_order("W-1", items=[("TEE", 1, 1000), ("CAP", 1, 500)])
    tee, cap = OrderItem.objects.order_by("position")
    for item in (tee, cap):
        propose_by_hand(
            order.pk, by=manager(item.sku), wish=RefundRequest(units={item.pk: 1}), reason="goodwill", note=""
        )

    external.book(order.pk, outside(600))

    assert refunds_of(order) == [
        ("staff", "withdrawn", 1000),
        ("staff", "proposed", 500),
        ("external", "executed", 600),
    ]


def test_what_exceeds_the_order_is_said_and_what_fits_is_booked() -> None:
    order = make_order("W-1")
    executed(approved(make_refund(lost=1, units=2, order=order)))

    booked = external.book(order.pk, outside(5000))

    assert booked is not None
    assert (booked.amount, open_attention(order)) == (2999, ["external_over_limit"])
    item = order.attention.get()
    assert item.evidence == {"reference": "re_1", "amount": "50.00", "over": "20.01", "refund": "W-1-R2"}
    order.refresh_from_db()
    assert order.committed_amount == order.total_paid
    again = external.book(order.pk, outside(100, "re_2"))
    assert again is not None
    assert (again.amount, order.attention.count()) == (0, 2)


def test_a_refund_that_failed_here_and_was_paid_there_is_withdrawn() -> None:
    refund = approved(make_refund(lost=1))
    claim = execute.claim_refund(refund.pk, old="approved")
    assert claim is not None
    execute.record_declined(claim, "already refunded")
    assert open_attention(refund.order) == ["refund_failed"]

    external.book(refund.order_id, outside(2999))

    assert refunds_of(refund.order) == [("warehouse", "withdrawn", 2999), ("external", "executed", 2999)]
    assert open_attention(refund.order) == []


def test_what_may_be_paid_by_us_just_now_is_waited_for() -> None:
    refund = approved(make_refund(lost=2))
    assert execute.claim_refund(refund.pk, old="approved") is not None
    before = rows()

    with pytest.raises(external.NotYet):
        external.book(refund.order_id, outside(2999))

    assert rows() == before


def test_another_currency_is_not_counted_but_said() -> None:
    order = make_order("W-1")

    assert external.book(order.pk, outside(100, currency="EUR")) is None

    assert (order.refunds.count(), open_attention(order)) == (0, ["currency_mismatch"])


def test_units_that_ship_after_they_were_refunded_elsewhere_are_said() -> None:
    proposal = make_refund(lost=2)
    external.book(proposal.order_id, outside(5998))

    tell(proposal.order, despatched(at=5, TEE=2))

    assert open_attention(proposal.order) == ["shipped_after_refund"]


def test_a_full_order_refunded_elsewhere_leaves_nothing_to_refund_by_hand() -> None:
    order = make_order("W-1", shipping_charge=495, total_paid=6500)

    booked = external.book(order.pk, outside(6500))

    assert booked is not None
    assert (booked.items_amount, booked.shipping_amount, booked.rounding_amount) == (5998, 495, 7)
    with refused("refunded_already"):
        propose_by_hand(order.pk, by=manager("anna"), wish=RefundRequest(scope=Scope.ITEMS), reason="goodwill", note="")


def test_what_was_paid_and_failed_later_is_owed_again() -> None:
    refund = executed(approved(make_refund(lost=1)))

    assert failed_later.take_back(refund.pk, reference="re_9", detail="expired_or_canceled_card")

    refund.refresh_from_db()
    assert (refund.status, refund.attempts.get().outcome) == ("failed", "reversed")
    assert (kinds(refund.order)[-1], open_attention(refund.order)) == ("refund.failed", ["refund_failed"])
    before = rows()
    assert not failed_later.take_back(refund.pk, reference="re_9", detail="again")
    assert rows() == before
    review.retry(refund.pk, by=manager("bert"))
    again = executed(refund, "re_10")
    assert (again.status, [a.outcome for a in again.attempts.all()]) == ("executed", ["reversed", "paid"])
    assert not failed_later.take_back(refund.pk, reference="re_9", detail="old news")


def test_a_failure_is_waited_for_until_our_payment_is_settled() -> None:
    refund = approved(make_refund(lost=1))
    assert execute.claim_refund(refund.pk, old="approved") is not None

    with pytest.raises(external.NotYet):
        failed_later.take_back(refund.pk, reference="re_9", detail="lost")


def test_a_refund_made_elsewhere_that_failed_is_not_tried_again_from_here() -> None:
    order = make_order("W-1")
    booked = external.book(order.pk, outside(2000))
    assert booked is not None

    assert failed_later.take_back(booked.pk, reference="re_1", detail="lost")

    booked.refresh_from_db()
    assert (booked.status, open_attention(order)) == ("failed", ["refund_failed"])
    with refused("paid_elsewhere"):
        review.retry(booked.pk, by=manager("anna"))
    review.reject(booked.pk, by=manager("bert"), why="it came back", seen=seen(booked))
    order.refresh_from_db()
    assert (order.committed_amount, open_attention(order)) == (0, [])


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE refunds_refund SET provider_reference = 're_2'", "stays what the provider calls it"),
        ("UPDATE refunds_refund SET provider_reference = ''", "stays what the provider calls it"),
        ("UPDATE refunds_refund SET amount = 1, rounding_amount = -999", "are decided"),
        ("UPDATE refunds_refund SET status = 'failed'; UPDATE refunds_refund SET status = 'approved'", "elsewhere"),
        ("DELETE FROM refunds_refunditem", "never change"),
        ("DELETE FROM refunds_refund", "never deleted"),
        ("INSERT INTO refunds_refundattempt (refund_id, number, key, gateway, amount, currency, outcome, finished_at,"
         " provider_reference, detail) SELECT id, 2, gen_random_uuid(), 'stripe', 1, 'GBP', 'paid', now(), '', ''"
         " FROM refunds_refund", "earlier attempt was paid"),
    ],
)  # fmt: skip
def test_the_database_keeps_what_was_booked(statement: str, sentence: str) -> None:
    external.book(make_order("W-1").pk, outside(1000))
    before = rows()

    with pytest.raises(IntegrityError, match=sentence), transaction.atomic():  # noqa: PT012
        sql(statement)
        connection.check_constraints()

    assert rows() == before


def test_the_database_takes_the_items_of_such_a_refund_once() -> None:
    order = make_order("W-1", items=[("TEE", 1, 1000), ("CAP", 1, 500)])
    booked = external.book(order.pk, outside(1000))
    assert booked is not None

    with pytest.raises(IntegrityError, match="never change"), transaction.atomic():
        add_item_in_sql(booked.pk, OrderItem.objects.get(sku="CAP"), 1, 0)


@pytest.mark.parametrize(
    "changes",
    [{"status": "proposed"}, {"status": "approved"}, {"provider_reference": ""}],
)
def test_the_database_takes_only_what_was_executed_under_a_reference(changes: dict[str, Any]) -> None:
    order = make_order("W-1")
    values = {"status": "executed", "provider_reference": "re_1"} | changes
    refund = Refund(
        order=order, seller=order.seller, sequence=1, number="X-R1", origin="external", kind="post_shipment",
        reason="other", currency="GBP", items_amount=0, amount=0, provider="stripe", **values,
    )  # fmt: skip

    with pytest.raises(IntegrityError), transaction.atomic():
        refund.save()
