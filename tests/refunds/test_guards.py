"""Do the rules of the domain hold against wrong statements in SQL itself? (rules 1 to 5; 6 and 7 are the intake's)"""

import pytest
from django.db import connection

from orders.models import AttentionItem, Order, OrderItem
from orders.timeline import attention
from tests.builders import make_order
from tests.refunds.people import approved, make_refund
from tests.refunds.raw_sql import (
    add_item_in_sql,
    make_executed,
    propose_in_sql,
    refused,
    set_status,
    sql,
)

pytestmark = pytest.mark.django_db


def item_of(order: Order, position: int = 1) -> OrderItem:
    return OrderItem.objects.get(order=order, position=position)


# Rule 1: never more than was ordered, never more than was paid


def test_units_beyond_the_ordered_ones_are_refused() -> None:
    order = make_order(items=[("TEE", 2, 5998)])
    propose_in_sql(order, (item_of(order), 1, 100))

    with refused("refunded_units_never_exceed_ordered"):
        propose_in_sql(order, (item_of(order), 2, 100), sequence=91)


def test_an_amount_beyond_what_was_paid_for_the_item_is_refused() -> None:
    order = make_order(items=[("TEE", 2, 5998), ("CAP", 1, 2000)])
    propose_in_sql(order, (item_of(order), 1, 5000))

    with refused("item_refunds_never_exceed_what_was_paid"):
        propose_in_sql(order, (item_of(order), 1, 999), sequence=91)


def test_tax_beyond_that_of_the_item_is_refused() -> None:
    order = make_order(items=[("TEE", 2, 5998, 1000)])
    refund = propose_in_sql(order, tax_amount=1001, items_amount=5998, amount=5998)

    with refused("refunded_tax_never_exceeds_tax"):
        add_item_in_sql(refund, item_of(order), 2, 5998, tax=1001)

    sql("UPDATE refunds_refund SET status = 'rejected', items_amount = 0, amount = 0, tax_amount = 0")


def test_an_amount_beyond_what_was_paid_for_the_order_is_refused() -> None:
    order = make_order(items=[("TEE", 2, 5998)], total_paid=5997)

    with refused("order_refunds_never_exceed_what_was_paid"):
        propose_in_sql(order, (item_of(order), 2, 5998))


def test_a_rounding_amount_beyond_what_was_paid_for_the_order_is_refused() -> None:
    order = make_order(items=[("TEE", 2, 5998)])

    with refused("order_refunds_never_exceed_what_was_paid"):
        propose_in_sql(order, (item_of(order), 2, 5998), rounding_amount=1, amount=5999)


def test_shipping_beyond_the_charge_is_refused() -> None:
    order = make_order(items=[("TEE", 2, 5998)], shipping_charge=495)
    propose_in_sql(order, shipping_amount=495)

    with refused("shipping_refunds_never_exceed_the_charge"):
        propose_in_sql(order, shipping_amount=1, sequence=91)


def test_an_executed_refund_still_counts_against_the_limit() -> None:
    refund = approved(make_refund(2, 2))
    make_executed(refund)

    with refused("refunded_units_never_exceed_ordered"):
        propose_in_sql(refund.order, (item_of(refund.order), 1, 0))


def test_a_rejected_refund_frees_what_it_held() -> None:
    refund = make_refund(2, 2)
    set_status(refund, "rejected")

    propose_in_sql(refund.order, (item_of(refund.order), 2, 5998))

    connection.check_constraints()
    assert (item_of(refund.order).committed_quantity, item_of(refund.order).committed_amount) == (2, 5998)


@pytest.mark.parametrize("column", ["committed_quantity", "committed_unshipped", "committed_amount", "committed_tax"])
def test_the_totals_of_an_item_are_written_by_refunds_alone(column: str) -> None:
    make_refund(2, 2)

    with refused("is kept by the refunds alone"):
        sql(f"UPDATE orders_orderitem SET {column} = {column} + 1")


@pytest.mark.parametrize("column", ["committed_amount", "committed_shipping", "refunded_amount"])
def test_the_totals_of_an_order_are_written_by_refunds_alone(column: str) -> None:
    make_refund(2, 2, shipping_charge=500)

    with refused("is kept by the refunds alone"):
        sql(f"UPDATE orders_order SET {column} = {column} - 1")


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE orders_order SET total_paid = 2998", "is the sum of its payments"),
        ("UPDATE orders_paymentshare SET amount = 2998", "has refunds: its payments stay"),
        ("UPDATE orders_orderitem SET paid = 2998", "item_refunds_never_exceed_what_was_paid"),
        ("UPDATE orders_orderitem SET quantity = 1", "cancelled_units_never_exceed_ordered|refunded_units_never"),
    ],
)
def test_what_was_paid_never_falls_below_what_is_refunded(statement: str, constraint: str) -> None:
    make_refund(2, 2)

    with refused(constraint):
        sql(statement)


def test_a_refund_whose_amounts_do_not_add_up_is_refused() -> None:
    order = make_order(items=[("TEE", 2, 5998)])

    with refused("refund_is_the_sum_of_its_parts"):
        propose_in_sql(order, (item_of(order), 1, 2999), amount=3000)


def test_items_that_do_not_add_up_to_their_refund_are_refused() -> None:
    order = make_order(items=[("TEE", 2, 5998)])

    with refused("do not add up"):
        propose_in_sql(order, (item_of(order), 1, 2999), items_amount=2998, amount=2998)


def test_an_item_that_joins_a_proposal_later_must_add_up_too() -> None:
    order = make_order(items=[("TEE", 2, 5998), ("CAP", 1, 1000)])
    refund = make_refund(order=order, units=2)

    with refused("do not add up"):
        add_item_in_sql(refund.pk, item_of(order, 2), 1, 1000)


def test_an_item_that_leaves_a_proposal_is_missed() -> None:
    refund = make_refund()

    with refused("do not add up"):
        sql("DELETE FROM refunds_refunditem WHERE refund_id = %s", refund.pk)


def test_an_item_of_another_order_is_refused() -> None:
    mine, other = make_order(), make_order()

    with refused("do not add up"):
        propose_in_sql(mine, (item_of(other), 1, 2999))


def test_another_currency_than_the_order_s_is_refused() -> None:
    order = make_order()

    with refused("another currency"):
        propose_in_sql(order, (item_of(order), 1, 2999), currency="EUR", approvals_needed=2)


@pytest.mark.parametrize("change", ["quantity = 2", "amount = amount - 1", "tax = 1", "cancelled_upto = 0"])
def test_the_items_of_a_refund_are_never_updated(change: str) -> None:
    make_refund()

    with refused("replaced, not updated"):
        sql(f"UPDATE refunds_refunditem SET {change}")


def test_a_refund_is_never_deleted() -> None:
    make_refund()

    with refused("never deleted"):
        sql("DELETE FROM refunds_refund")


# Rule 2: shipped and refunded as unshipped only with an attention item that says so


def test_shipping_a_refunded_unit_without_attention_is_refused() -> None:
    refund = approved(make_refund(2, 2))
    make_executed(refund)

    with refused("both shipped and refunded"):
        sql("UPDATE orders_orderitem SET shipped_quantity = 1")


def test_refunding_a_shipped_unit_as_unshipped_without_attention_is_refused() -> None:
    order = make_order(items=[("TEE", 2, 5998)])
    sql("UPDATE orders_orderitem SET shipped_quantity = 1")

    with refused("both shipped and refunded"):
        propose_in_sql(order, (item_of(order), 2, 5998))


def test_shipping_a_refunded_unit_with_attention_is_recorded() -> None:
    refund = approved(make_refund(2, 2))
    make_executed(refund)
    kind = AttentionItem.Kind.SHIPPED_AFTER_REFUND
    attention.open_items(
        [attention.AttentionRequest(kind, "x", "x", order_id=refund.order_id, evidence={"units": {"TEE": 1}})]
    )

    sql("UPDATE orders_orderitem SET shipped_quantity = 1")

    connection.check_constraints()
    assert item_of(refund.order).shipped_quantity == 1


def test_attention_to_another_item_does_not_count() -> None:
    refund = approved(make_refund(2, 2))
    make_executed(refund)
    kind = AttentionItem.Kind.SHIPPED_AFTER_REFUND
    attention.open_items(
        [attention.AttentionRequest(kind, "x", "x", order_id=refund.order_id, evidence={"units": {"CAP": 1}})]
    )

    with refused("both shipped and refunded"):
        sql("UPDATE orders_orderitem SET shipped_quantity = 1")


# Rule 5: the timeline


@pytest.mark.parametrize("statement", ["UPDATE orders_orderevent SET actor = 'me'", "DELETE FROM orders_orderevent"])
def test_the_timeline_is_never_changed(statement: str) -> None:
    make_refund()

    with refused("append-only"):
        sql(statement)


def test_attention_is_never_deleted() -> None:
    with refused("append-only"):
        sql("DELETE FROM orders_attentionitem")
