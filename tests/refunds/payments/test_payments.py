"""To which payment does a refund go back, and how much may be sent against a payment over all orders that it pays?"""

import pytest

from orders.documents import check
from orders.intake.upsert import upsert_orders
from orders.models import Order
from refunds.execution import execute
from refunds.models import Refund
from refunds.rules.payments import OrderPayment, Route, choose
from tests.builders import Paid, make_order
from tests.integrations.gateways.provider import Sandbox
from tests.orders.documents import small_order
from tests.refunds.people import approved, make_refund, open_attention
from tests.refunds.raw_sql import refused, sql
from tests.warehouse import cancelled, tell

pytestmark = pytest.mark.django_db

CARD = OrderPayment(1, "stripe", "pi_1", True, share=9260, left=9260)
GIFT = OrderPayment(2, "gift", "gift 7", False, share=10000, left=10000)
SMALL = OrderPayment(3, "stripe", "pi_3", True, share=500, left=500)


@pytest.mark.parametrize(
    ("amount", "payments", "route"),
    [
        (4000, [SMALL, CARD, GIFT], Route("stripe", 1)),
        (9261, [SMALL, CARD, GIFT], Route("gift", 2)),
        (13260, [SMALL, CARD, GIFT], Route("manual", None)),
        (500, [SMALL, CARD._replace(left=499)], Route("stripe", 3)),
        (1, [], Route("manual", None)),
    ],
)
def test_a_refund_goes_to_the_largest_payment_with_room_for_all_of_it(
    amount: int, payments: list[OrderPayment], route: Route
) -> None:
    assert choose(amount, payments) == route


@pytest.mark.parametrize(
    ("lost", "payments", "provider", "reference"),
    [
        (1, [("stripe", "pi_1", 3998), ("manual", "gift 7", 2000)], "stripe", "pi_1"),
        (2, [("stripe", "pi_1", 3998), ("manual", "gift 7", 2000)], "manual", None),
        (1, [("stripe", "pi_1", 2000), ("manual", "gift 7", 3998)], "manual", "gift 7"),
    ],
)
def test_a_proposal_names_its_payment(lost: int, payments: list[Paid], provider: str, reference: str | None) -> None:
    refund = make_refund(lost, payments=payments)
    assert (refund.provider, refund.payment and refund.payment.reference) == (provider, reference)


def test_a_proposal_that_grows_goes_where_there_is_room_for_it() -> None:
    order = make_order(payments=[("stripe", "pi_1", 3998), ("manual", "gift 7", 2000)])
    refund = make_refund(1, order=order)

    tell(order, cancelled(5, of={"TEE": (2, 2)}, order=order.reference))

    refund.refresh_from_db()
    assert (refund.amount, refund.provider, refund.payment) == (5998, "manual", None)


@pytest.mark.parametrize(
    ("paid", "lost", "amounts"),
    [
        (0, 3, []),
        (3000, 1, []),
        (3000, 2, []),
        (3000, 3, [3000]),
        (7000, 1, [1000]),
        (7000, 3, [7000]),
        (10000, 3, [9000]),
    ],
)
def test_nothing_is_proposed_beyond_what_was_paid_for_what_is_left(paid: int, lost: int, amounts: list[int]) -> None:
    order = make_order(items=[("TEE", 3, 9000)], payments=[("stripe", "pi_1", paid)])
    tell(order, cancelled(of={"TEE": (lost, 3)}, order=order.reference))

    assert list(Refund.objects.values_list("amount", flat=True)) == amounts


def test_the_next_cancellation_counts_what_the_first_refund_holds() -> None:
    order = make_order(items=[("TEE", 3, 9000)], payments=[("stripe", "pi_1", 7000)])
    tell(order, cancelled(of={"TEE": (1, 3)}, order=order.reference))
    approved(Refund.objects.get())
    tell(order, cancelled(5, of={"TEE": (3, 3)}, order=order.reference))

    assert list(Refund.objects.order_by("id").values_list("amount", flat=True)) == [1000, 6000]
    order.refresh_from_db()
    assert order.left_to_refund == 0


def two_orders(sandbox: Sandbox, captured: int) -> tuple[Refund, Refund]:
    """Refunds of two orders of 59.98 that one payment pays, of which so much was captured."""
    sandbox.pay(captured, "GBP")
    big = make_order("W-1", payments=[("sandbox", sandbox.payment, 5998)])
    small = make_order("W-2", seller=big.seller, payments=[("sandbox", sandbox.payment, 5998)])
    return approved(make_refund(2, order=big)), approved(make_refund(2, order=small))


def test_a_payment_of_two_orders_pays_both_back(sandbox: Sandbox) -> None:
    first, second = two_orders(sandbox, 2 * 5998)
    assert execute.execute_approved() == 2
    assert [amount for _, amount, _ in sandbox.paid_back()] == [5998, 5998]
    assert first.payment_id == second.payment_id


def test_what_a_payment_has_too_little_for_is_not_sent(sandbox: Sandbox) -> None:
    _, second = two_orders(sandbox, 2 * 5998)
    sql("SET LOCAL session_replication_role = replica; UPDATE orders_payment SET captured_amount = 7000")
    sql("SET LOCAL session_replication_role = DEFAULT")

    assert execute.execute_approved() == 1

    second.refresh_from_db()
    assert (second.status, open_attention(second.order)) == ("failed", ["refund_failed"])
    detail = second.order.events.get(kind="refund.failed").data["detail"]
    assert detail == f"only 10.02 GBP of {sandbox.payment} is left to refund; nothing was sent"
    assert [amount for _, amount, _ in sandbox.paid_back()] == [5998]
    with refused("is more than is left of its payment"):
        sql(
            """UPDATE refunds_refund SET status = 'approved' WHERE id = %s;
            UPDATE refunds_refund SET status = 'executing', lease_until = now() WHERE id = %s""",
            second.pk,
            second.pk,
        )


def test_a_refund_goes_back_to_a_payment_of_its_own_order() -> None:
    refund, other = make_refund(), make_order("W-2", payments=[("stripe", "pi_9", 5998)])
    share = other.payment_shares.get()
    with refused("goes back to a payment of its own order"):
        sql("UPDATE refunds_refund SET payment_id = %s WHERE id = %s", share.payment_id, refund.pk)


def test_with_a_refund_payments_may_come_but_never_go() -> None:
    upsert_orders([check(small_order(payment={"reference": "a"}))], create_sellers=True, actor="api:test")
    order = Order.objects.get()
    make_refund(order=order)
    raw = small_order()
    raw.pop("total_paid")

    def taken(*payments: tuple[str, str]) -> list[str]:
        listed = [{"reference": name, "amount": amount} for name, amount in payments]
        [result] = upsert_orders([check(raw | {"payments": listed})], actor="api:test")
        return [fault.message for fault in result.faults]

    why = ["payments can no longer change: a refund of this order holds money"]
    assert taken(("b", "59.98")) == taken(("a", "50.00")) == why
    assert taken(("a", "59.98"), ("b", "5.00")) == []
