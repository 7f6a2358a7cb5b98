"""How do payments come in with an order document, and what does the database guarantee about them?"""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from orders.actions.edit import change
from orders.documents import Faulty, check
from orders.intake.upsert import IntakeResult, upsert_orders
from orders.models import AttentionItem, Order, OrderEvent, Payment, PaymentShare
from tests.builders import make_order, make_seller, pay
from tests.orders.documents import small_order

pytestmark = pytest.mark.django_db

GIFT = {"provider": "manual", "reference": "gift 7", "amount": "20.00"}
CARD = {"provider": "stripe", "reference": "pi_1", "amount": "39.98"}


def listed(*payments: dict[str, Any], reference: str = "W-1", **fields: Any) -> dict[str, Any]:
    """An order of 59.98 with these payments."""
    raw = small_order(reference, payments=list(payments), **fields)
    raw.pop("total_paid")
    return raw


def take(*raw: dict[str, Any], seller: str = "") -> list[IntakeResult]:
    documents = [check({**one, "seller": seller or one["seller"]}) for one in raw]
    return upsert_orders(documents, create_sellers=True, actor="api:test")


def faults(result: IntakeResult) -> list[str]:
    return [fault.message for fault in result.faults]


def shares(order: Order | None = None) -> list[tuple[str, str, int]]:
    rows = PaymentShare.objects.filter(order=order or Order.objects.get()).order_by("id")
    return [(row.payment.provider, row.payment.reference, row.amount) for row in rows.select_related("payment")]


def test_the_older_form_is_one_payment_of_the_whole_total() -> None:
    take(small_order(payment={"provider": "stripe", "reference": "pi_1"}))

    order = Order.objects.get()
    assert shares() == [("stripe", "pi_1", 5998)]
    assert (order.total, order.total_paid, order.payment_status) == (5998, 5998, "paid")


def test_an_order_may_be_paid_by_several_payments() -> None:
    take(listed(CARD, GIFT))

    order = Order.objects.get()
    assert sorted(shares()) == [("manual", "gift 7", 2000), ("stripe", "pi_1", 3998)]
    assert (order.total, order.total_paid, order.payment_status) == (5998, 5998, "paid")


@pytest.mark.parametrize(
    ("amounts", "paid", "status", "unpaid", "overpaid"),
    [
        ([], 0, "unpaid", 5998, 0),
        (["0.00"], 0, "unpaid", 5998, 0),
        (["10.00"], 1000, "part_paid", 4998, 0),
        (["59.98"], 5998, "paid", 0, 0),
        (["100.00"], 10000, "paid", 0, 4002),
    ],
)
def test_an_order_is_taken_in_with_what_was_paid(
    amounts: list[str], paid: int, status: str, unpaid: int, overpaid: int
) -> None:
    assert take(listed(*({"amount": amount} for amount in amounts)))[0].outcome == "created"

    order = Order.objects.get()
    assert (order.total_paid, order.payment_status, order.unpaid, order.overpaid) == (paid, status, unpaid, overpaid)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"payments": [CARD], "total_paid": "59.98"}, "total_paid is 59.98, but the payments come to 39.98"),
        ({"payments": [CARD, CARD]}, "payments[1].reference stands in an earlier entry of this provider already"),
        ({"payments": [CARD], "payment": {}}, "payment must be left out where payments are listed"),
        ({"payments": [{"provider": "stripe"}]}, "payments[0].amount is required"),
        ({"payments": [CARD | {"captured_amount": "1.00"}]}, "payments[0].captured_amount is less than the amount"),
        ({"payments": [{"amount": "1.00", "reference": str(n)} for n in range(21)]}, "must have 0 to 20 entries"),
        ({}, "total_paid is required"),
    ],
)
def test_payments_that_are_no_payments_are_refused(fields: dict[str, Any], message: str) -> None:
    raw = small_order()
    raw.pop("total_paid")
    with pytest.raises(Faulty) as refused:
        check(raw | fields)
    assert message in str(refused.value)


def test_an_unknown_provider_is_refused_where_it_stands() -> None:
    [refused] = take(listed(CARD, GIFT | {"provider": "paypall"}))
    assert [fault.field for fault in refused.faults] == ["payments[1].provider"]


def test_taking_payments_in_again_writes_nothing() -> None:
    raw = [listed(CARD | {"captured_amount": "50.00"}, GIFT), listed({"amount": "1.00"}, reference="W-2")]
    take(*raw)
    events, rows = OrderEvent.objects.count(), list(PaymentShare.objects.values())

    assert [one.outcome for one in take(*raw)] == ["unchanged", "unchanged"]
    assert (OrderEvent.objects.count(), list(PaymentShare.objects.values())) == (events, rows)


def test_one_payment_may_pay_several_orders_up_to_what_was_captured() -> None:
    big, small = CARD | {"amount": "39.98", "captured_amount": "59.98"}, CARD | {"amount": "20.00"}
    more = CARD | {"amount": "0.01"}
    taken = take(listed(big), listed(small, reference="W-2"), listed(more, reference="W-3"))

    assert [one.outcome for one in taken] == ["created", "created", "refused"]
    assert faults(taken[2]) == ["payments[0].amount is more than is left of pi_1: 0.00"]
    assert Payment.objects.get().shares.count() == 2
    assert faults(take(listed(more, reference="W-3"))[0]) == ["payments[0].amount is more than is left of pi_1: 0.00"]
    assert take(listed(more | {"captured_amount": "60.00"}, reference="W-3"))[0].outcome == "created"
    less = take(listed(more | {"captured_amount": "1.00"}, reference="W-3"))
    assert faults(less[0]) == ["payments[0].captured_amount is less than before: 60.00"]


@pytest.mark.parametrize("together", [True, False])
def test_a_payment_of_another_seller_is_refused_and_both_are_alarmed(together: bool) -> None:
    theirs, ours = listed(CARD), listed(CARD, reference="S-1", seller="south", channel="south-web")
    taken = take(theirs, ours) if together else [*take(theirs), *take(ours)]

    assert [one.outcome for one in taken] == ["created", "refused"]
    assert faults(taken[1]) == ["payments[0].reference pi_1 is a payment of another seller"]
    items = AttentionItem.objects.filter(kind="foreign_payment", closed_at__isnull=True)
    assert sorted(items.values_list("seller__code", flat=True)) == ["acme", "south"]
    assert not Order.objects.filter(reference="S-1").exists()


def test_by_hand_two_sellers_may_use_the_same_reference() -> None:
    taken = take(listed(GIFT), listed(GIFT, reference="S-1", seller="south", channel="south-web"))
    assert [one.outcome for one in taken] == ["created", "created"]


def test_a_payment_that_pays_nothing_any_more_is_free_for_others() -> None:
    take(listed(CARD))
    take(listed(CARD | {"reference": "pi_2"}))

    [taken] = take(listed(CARD, reference="S-1", seller="south", channel="south-web"))
    assert taken.outcome == "created"
    assert sorted(Payment.objects.values_list("reference", flat=True)) == ["pi_1", "pi_2"]


def test_an_order_is_paid_later_in_parts() -> None:
    take(listed(CARD))
    assert Order.objects.get().payment_status == "part_paid"

    take(listed(CARD, GIFT))

    order = Order.objects.get()
    assert (order.total_paid, order.payment_status) == (5998, "paid")
    changes = OrderEvent.objects.order_by("id").last().data["changes"]  # type: ignore[union-attr]
    assert changes[0] == {"field": "total_paid", "from": "39.98", "to": "59.98"}
    assert [one["reference"] for one in changes[1]["to"]] == ["pi_1", "gift 7"]


def test_single_fields_change_without_the_payments_being_sent() -> None:
    take(listed(CARD, GIFT))
    order = Order.objects.get()

    assert change(order.pk, {"notes": "ring twice"}, actor="api:test").outcome == "updated"
    assert sorted(shares()) == [("manual", "gift 7", 2000), ("stripe", "pi_1", 3998)]
    assert change(order.pk, {"payments": [CARD]}, actor="api:test").outcome == "updated"
    assert shares() == [("stripe", "pi_1", 3998)]


def test_a_batch_costs_the_same_statements_whatever_pays_its_orders(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    def batch(prefix: str, many: int) -> list[dict[str, Any]]:
        return [
            listed(
                CARD | {"reference": f"pi_{prefix}{n}"}, GIFT | {"reference": f"{prefix}{n}"}, reference=f"{prefix}{n}"
            )
            for n in range(many)
        ]

    take(listed(reference="W-0"))
    with CaptureQueriesContext(
        connection,
    ) as one:
        take(*batch("A", 1))
    with django_assert_num_queries(len(one)):
        take(*batch("B", 20))
    assert sum("orders_payment" in query["sql"] for query in one) == 2


def test_what_was_paid_is_the_sum_of_the_payments_and_nothing_else() -> None:
    order = make_order(payments=[("stripe", "pi_1", 3000), ("manual", "", 1000)])
    assert order.total_paid == 4000

    pay(order, "manual", "later", 500)
    order.refresh_from_db()
    assert order.total_paid == 4500
    PaymentShare.objects.filter(payment__reference="later").delete()
    order.refresh_from_db()
    assert order.total_paid == 4000
    with pytest.raises(IntegrityError, match="is the sum of its payments"), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(total_paid=1)


@pytest.mark.django_db(transaction=True)
def test_an_order_without_payments_was_not_paid() -> None:
    order = make_order()
    copy = {name: getattr(order, name) for name in ("seller", "channel", "source", "placed_at", "currency")}
    with pytest.raises(IntegrityError, match="is the sum of its payments"):
        Order.objects.create(**copy, reference="X", total=5, total_paid=5, ordered_units=1, outstanding_units=1)
    with pytest.raises(IntegrityError, match="of another seller or currency"):
        Order.objects.filter(pk=order.pk).update(currency="EUR")


def test_a_payment_never_pays_more_or_others_than_it_may() -> None:
    order, other = make_order(payments=[("stripe", "pi_1", 3000, 4000)]), make_order(seller=make_seller())
    payment = Payment.objects.get(reference="pi_1")
    sibling = make_order(seller=order.seller, payments=[])
    for bad, why in (
        ({"order": other, "amount": 1}, "of the seller and the currency"),
        ({"order": sibling, "amount": 1001}, "shares stay within the payment"),
    ):
        with pytest.raises(IntegrityError, match=why), transaction.atomic():
            PaymentShare.objects.create(payment=payment, **bad)
    for changed in ({"reference": "pi_2"}, {"currency": "EUR"}, {"captured_amount": 3999}):
        with pytest.raises(IntegrityError, match="stays what it was"), transaction.atomic():
            Payment.objects.filter(pk=payment.pk).update(**changed)
    with pytest.raises(IntegrityError, match="payment_reference_belongs_to_one_seller"), transaction.atomic():
        pay(other, "stripe", "pi_1", 1)
