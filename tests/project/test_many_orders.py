"""Do the orders that the benchmarks are measured on hold what real ones must hold?"""

from datetime import UTC, datetime

import pytest
from django.db import connection

from orders.models import Order, OrderEvent, OrderItem
from refunds.models import Refund, RefundStatus
from tests.benchmarks.many import check
from tests.benchmarks.many.make import Broken, fill

pytestmark = pytest.mark.django_db
UNTIL = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_made_orders_hold_what_triggers_and_keys_would_have_held() -> None:
    fill(2_000, seed=7, until=UNTIL)

    assert check.broken() == {}
    assert (Order.objects.count(), OrderItem.objects.count()) == (2_000, 5_000)
    assert OrderEvent.objects.count() > 20_000
    assert set(Refund.objects.values_list("status", flat=True)) >= {RefundStatus.EXECUTED, RefundStatus.REJECTED}


def test_orders_are_made_in_an_empty_database_only() -> None:
    fill(100, seed=7, until=UNTIL)

    with pytest.raises(Broken, match="empty database"):
        fill(100, seed=7, until=UNTIL)

    assert Order.objects.count() == 100


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("UPDATE orders_order SET committed_amount = 0, refunded_amount = 0 WHERE id = %s", "an order holds"),
        ("UPDATE orders_orderitem SET committed_tax = 0, committed_amount = 0 WHERE order_id = %s", "an item holds"),
        ("UPDATE orders_orderitem SET shipped_quantity = 0 WHERE order_id = %s", "an order is the sum"),
        ("DELETE FROM orders_shipment WHERE order_id = %s", "orders_shipmentitem_shipment_id"),
    ],
)
def test_whatever_is_broken_is_found(damage: str, said: str) -> None:
    fill(1_000, seed=7, until=UNTIL)
    order = Order.objects.filter(refunds__status="executed", shipped_units__gt=0).order_by("total_paid").first()
    assert order is not None

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(damage, [order.pk])

    assert [rule for rule in check.broken() if rule.startswith(said)]
