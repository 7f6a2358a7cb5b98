"""Are the demo's orders realistic, the same every time, and such that everything can be shown with them?"""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hemi_intake.demo import catalogue, data, warehouse
from hemi_intake.demo.prosku_server.state import State
from orders.documents import check

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
KEYS = {brand.code: f"key of {brand.code}" for brand in catalogue.BRANDS}


def test_the_same_seed_and_moment_give_the_same_orders() -> None:
    first, again, other = (data.orders(NOW, seed=seed) for seed in (7, 7, 8))

    assert [order.document for order in first] == [order.document for order in again]
    assert [order.document for order in first] != [order.document for order in other]


def test_six_hundred_orders_of_thirty_days_have_references_of_their_own() -> None:
    orders = data.orders(NOW, seed=7)

    assert len(orders) == len({order.reference for order in orders}) == 600
    assert all(NOW - timedelta(days=30) <= order.placed_at < NOW for order in orders)
    assert [order.placed_at for order in orders] == sorted(order.placed_at for order in orders)


def test_every_order_document_is_one_that_can_be_taken_in() -> None:
    for seed in range(5):
        for order in data.orders(NOW, seed=seed):
            assert check(order.document).reference == order.reference


def test_three_sellers_three_channels_and_two_currencies_occur() -> None:
    documents = [check(order.document) for order in data.orders(NOW, seed=7)]

    assert {document.seller for document in documents} == {"northfold", "maison-linette", "thistle-rye"}
    assert {document.channel for document in documents} == {"web-shop", "style-scouts", "market-hall"}
    assert {document.currency for document in documents} == {"GBP", "EUR"}


def test_what_makes_refunds_hard_occurs_among_the_orders() -> None:
    documents = [check(order.document) for order in data.orders(NOW, seed=7)]

    assert {document.rounding for document in documents} == {-1, 0, 1}
    assert {document.prices_include_tax for document in documents} == {True, False}
    assert {document.payments[0].provider for document in documents} == {"sandbox", "manual"}
    assert any(document.discounts for document in documents)
    assert any(document.shipping_charge for document in documents)
    assert any(item.discount for document in documents for item in document.items)
    assert any(item.quantity > 2 for document in documents for item in document.items)
    assert any(item.unit_price == 0 for document in documents for item in document.items)


def test_every_twenty_fifth_order_is_two_of_one_thing_of_which_one_is_found() -> None:
    order = data.orders(NOW, seed=7)[24]

    assert [quantity for _sku, quantity in order.lines] == [2]
    assert order.plan == "short"


def test_the_warehouse_begins_with_a_mixed_past_and_with_orders_on_their_way(tmp_path: Path) -> None:
    orders = data.orders(NOW, seed=7)

    warehouse.furnish(tmp_path / "prosku.json", orders, KEYS, now=NOW, seed=7)

    accounts = State(file=tmp_path / "prosku.json").accounts
    planned = {order.reference: order for account in accounts.values() for order in account.orders.values()}
    assert set(accounts) == set(KEYS.values())
    assert set(planned) == {order.reference for order in orders}
    assert {order.reference for order in orders if not planned[order.reference].finished} == {
        order.reference for order in orders if order.live
    }
    statuses = Counter(order.status for order in planned.values())
    assert statuses["despatched"] > 300
    assert all(statuses[word] for word in ("completed", "cancelled", "part_despatched", "awaiting_stock", "on_hold"))


def test_nothing_in_the_warehouse_happened_before_the_order_or_after_now(tmp_path: Path) -> None:
    orders = {order.reference: order for order in data.orders(NOW, seed=7)}

    warehouse.furnish(tmp_path / "prosku.json", orders.values(), KEYS, now=NOW, seed=7)

    for account in State(file=tmp_path / "prosku.json").accounts.values():
        for entry in account.records["orders"].values():
            assert orders[str(entry.record["order_reference"])].placed_at < entry.modified < NOW
