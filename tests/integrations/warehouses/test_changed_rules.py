"""Does a rule for SKUs reach an order that is being written at the moment in which the rule is saved?"""

import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from integrations.warehouses.apply_mappings import apply_mappings
from orders.documents import check
from orders.intake.upsert import upsert_orders
from orders.models import NonShippingSku, OrderItem, SkuMapping
from tests.builders import make_channel, make_order, make_seller, make_staff
from tests.orders.documents import line, small_order
from tests.waiting import WITHIN, until
from tests.warehouse import despatched, tell

pytestmark = pytest.mark.django_db(transaction=True)


def meanwhile(act: Callable[[], object]) -> threading.Thread:
    """Do something in a connection of its own, which by now has ended or waits for our transaction."""
    mine = connection.connection.info.backend_pid

    def run() -> None:
        try:
            act()
        finally:
            connection.close()

    def waits() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND %s = ANY(pg_blocking_pids(pid))", [mine]
            )
            return bool(cursor.fetchone()[0])

    thread = threading.Thread(target=run)
    thread.start()
    until(lambda: not thread.is_alive() or waits(), "the rule is applied, or waits")
    return thread


def test_a_mapping_reaches_an_order_whose_despatch_is_being_applied() -> None:
    order, clerk = make_order("W-1", items=[("TEE", 1, 2000)]), make_staff("mia")
    mapping = SkuMapping(seller=order.seller, sku="TOLD", counts_as={"TEE": 1}, mapped_by=clerk)

    def save() -> None:
        mapping.save()
        apply_mappings()

    with transaction.atomic():
        tell(order, despatched(TOLD=1))
        thread = meanwhile(save)
    thread.join(WITHIN)

    assert order.items.get().shipped_quantity == 1


def test_a_pattern_reaches_an_order_that_is_being_imported() -> None:
    seller, channel = make_seller(), make_channel()
    raw = small_order("W-1", seller=seller.code, channel=channel.code, items=[line("TIP-5")])

    def save() -> None:
        NonShippingSku.objects.create(seller=seller, pattern="TIP*")
        apply_mappings()

    with transaction.atomic():
        upsert_orders([check(raw)], actor="test")
        thread = meanwhile(save)
    thread.join(WITHIN)

    assert list(OrderItem.objects.filter(sku="TIP-5").values_list("ships", flat=True)) == [False]
