"""Is an order document read exactly, and refused with a sentence when something is wrong with it?"""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders import money
from orders.documents import Fault, Faulty, check
from tests.orders.documents import line, raw_order, small_order


def faults_of(raw: object) -> list[tuple[str, str]]:
    with pytest.raises(Faulty) as refused:
        check(raw)
    return [(fault.field, fault.message) for fault in refused.value.faults]


def test_what_was_paid_is_worked_out_from_prices_and_shared_discounts() -> None:
    document = check(raw_order())

    assert [(i.sku, i.quantity, i.unit_price, i.discount_share, i.tax, i.paid) for i in document.items] == [
        ("TEE", 2, 2999, 600, 900, 5398),
        ("CAP", 1, 1500, 150, 0, 1350),
    ]
    assert (document.shipping_charge, document.total_paid, document.rounding) == (495, 7243, 0)
    assert document.placed_at == datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def test_what_may_be_left_out_has_a_default() -> None:
    document = check(small_order(customer=None))

    assert (document.source, document.payments[0].provider, document.prices_include_tax) == ("", "manual", True)
    assert (document.shipping_charge, document.discounts, document.customer_name) == (0, (), "")
    assert (document.items[0].discount, document.items[0].tax, document.items[0].paid) == (0, 0, 5998)


def test_tax_comes_on_top_when_prices_exclude_it() -> None:
    document = check(small_order(prices_include_tax=False, items=[line(tax="12.00")], total_paid="71.98"))

    assert document.items[0].paid == 7198


def test_a_given_paid_wins() -> None:
    document = check(small_order(items=[line(paid="50.00")], total_paid="50.00"))

    assert (document.items[0].paid, document.rounding) == (5000, 0)


@pytest.mark.parametrize(("total", "rounding"), [("64.91", -2), ("64.92", -1), ("64.93", 0), ("64.95", 2)])
def test_a_unit_per_item_and_one_for_shipping_is_kept_as_rounding(total: str, rounding: int) -> None:
    assert check(small_order(shipping_charge="4.95", total_paid=total)).rounding == rounding


@pytest.mark.parametrize("fields", [{"total_paid": "59.96"}, {"total_paid": "60.00"}])
def test_a_larger_difference_is_refused_with_both_sums(fields: dict[str, Any]) -> None:
    total = fields["total_paid"]

    assert faults_of(small_order(**fields)) == [
        (
            "total_paid",
            f"total_paid is {total}, but items and shipping come to 59.98 (59.98 + 0.00): "
            "rounding explains at most 0.01 GBP",
        )
    ]


def test_discounts_beyond_the_goods_are_refused() -> None:
    raw = small_order(discounts=[{"name": "A", "amount": "40.00"}, {"name": "B", "amount": "20.00"}])

    assert faults_of(raw) == [
        ("discounts", "discounts are more than the goods: 60.00 in all, the goods cost 59.98"),
    ]


def test_every_fault_is_named_at_once() -> None:
    raw = small_order(colour="red", items=[line(quantity=0, unit_price=29.99)], currency="gbp")
    del raw["reference"]

    assert [field for field, _ in faults_of(raw)] == [
        "colour",
        "currency",
        "items[0].quantity",
        "items[0].unit_price",
        "reference",
    ]


@pytest.mark.parametrize("name", ["reference", "seller", "channel", "placed_at", "currency", "items", "total_paid"])
def test_what_is_required_is_refused_when_missing_null_or_empty(name: str) -> None:
    absent: Any = None
    empty: Any = [] if name == "items" else ""
    without = small_order()
    del without[name]

    assert faults_of(without) == [(name, f"{name} is required")]
    assert faults_of(small_order(**{name: absent})) == [(name, f"{name} is required")]
    assert [field for field, _ in faults_of(small_order(**{name: empty}))] == [name]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"reference": 7}, "reference"),
        ({"reference": "W" * 81}, "reference"),
        ({"reference": "W\x00"}, "reference"),
        ({"notes": "\ud800"}, "notes"),
        ({"notes": "n" * 10_001}, "notes"),
        ({"seller": "acme & co"}, "seller"),
        ({"source": "carrier pigeon"}, "source"),
        ({"placed_at": "yesterday"}, "placed_at"),
        ({"placed_at": "2026-03-02"}, "placed_at"),
        ({"placed_at": "2026-03-02T09:30:00"}, "placed_at"),
        ({"placed_at": "0001-01-01T00:00:00+14:00"}, "placed_at"),
        ({"placed_at": "9999-12-31T23:59:59-14:00"}, "placed_at"),
        ({"placed_at": 1772443800}, "placed_at"),
        ({"currency": "POUND"}, "currency"),
        ({"currency": "GPB"}, "currency"),
        ({"prices_include_tax": "yes"}, "prices_include_tax"),
        ({"customer": "Ada"}, "customer"),
        ({"customer": {"age": 36}}, "customer.age"),
        ({"customer": {"email": "a" * 255}}, "customer.email"),
        ({"shipping_address": {"planet": "Earth"}}, "shipping_address.planet"),
        ({"shipping_address": [1]}, "shipping_address"),
        ({"shipping_charge": 4}, "shipping_charge"),
        ({"shipping_charge": "-1.00"}, "shipping_charge"),
        ({"total_paid": "59.980001"}, "total_paid"),
        ({"total_paid": "1e2"}, "total_paid"),
        ({"items": {}}, "items"),
        ({"items": ["TEE"]}, "items[0]"),
        ({"items": [line()] * 2001}, "items"),
        ({"items": [line(quantity=1_000_001)]}, "items[0].quantity"),
        ({"items": [line(quantity=True)]}, "items[0].quantity"),
        ({"items": [line(quantity="2")]}, "items[0].quantity"),
        ({"items": [line(quantity=2.0)]}, "items[0].quantity"),
        ({"items": [line(sku="")]}, "items[0].sku"),
        ({"items": [line(discount="59.99")]}, "items[0].discount"),
        ({"items": [line(tax="59.99")]}, "items[0].tax"),
        ({"items": [line(quantity=1_000_000, unit_price="10000000000.00")]}, "items[0]"),
        ({"discounts": [{"name": "A"}]}, "discounts[0].amount"),
        ({"payment": {"reference": "r" * 201}}, "payment.reference"),
    ],
)
def test_what_cannot_be_kept_is_refused_at_its_field(fields: dict[str, Any], field: str) -> None:
    faults = faults_of(small_order(**fields))

    assert [name for name, _ in faults] == [field]
    assert faults[0][1].startswith(field)


@pytest.mark.parametrize("raw", [None, 7, "order", [], True])
def test_what_is_no_object_is_no_order(raw: object) -> None:
    assert faults_of(raw)[0][1].startswith("an order document must be an object")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@given(st.sampled_from(sorted(raw_order())), JSON)
def test_whatever_stands_in_a_field_it_is_read_or_refused_with_sentences(name: str, value: Any) -> None:
    raw = raw_order(**{name: value})
    faults: tuple[Fault, ...] = ()

    try:
        assert check(raw).units >= 1
    except Faulty as refused:
        faults = refused.faults

    assert all(fault.message.encode() and len(fault.message) < 600 for fault in faults)


@st.composite
def priced_orders(draw: st.DrawFn) -> tuple[dict[str, Any], int]:
    """A document whose shop rounded, and by how much."""
    currency = draw(st.sampled_from(["GBP", "JPY", "KWD"]))
    included = draw(st.booleans())
    lines, goods, tax_on_top = [], 0, 0
    for n in range(draw(st.integers(1, 6))):
        quantity, unit = draw(st.integers(1, 10_000)), draw(st.integers(0, 100_000))
        off = draw(st.integers(0, quantity * unit))
        goods += quantity * unit - off
        tax = 0 if included else draw(st.integers(0, 10_000))
        tax_on_top += tax
        texts = {"unit_price": unit, "discount": off, "tax": tax}
        lines.append(line(f"SKU-{n}", quantity, **{k: money.text(v, currency) for k, v in texts.items()}))
    discounts = draw(st.lists(st.integers(0, goods // 3), max_size=3))
    shipping = draw(st.integers(0, 2_000))
    parts = goods + tax_on_top - sum(discounts) + shipping
    most = len(lines) + (1 if shipping else 0)
    rounding = draw(st.integers(-min(most, parts), most))
    raw = small_order(
        currency=currency,
        prices_include_tax=included,
        items=lines,
        discounts=[{"name": "D", "amount": money.text(amount, currency)} for amount in discounts],
        shipping_charge=money.text(shipping, currency),
        total_paid=money.text(parts + rounding, currency),
    )
    return raw, rounding


@settings(deadline=None)
@given(priced_orders())
def test_items_shipping_and_rounding_always_add_up_to_what_was_paid(case: tuple[dict[str, Any], int]) -> None:
    raw, rounding = case

    document = check(raw)

    assert document.rounding == rounding
    assert sum(item.amount for item in document.items) + document.shipping_charge + rounding == document.total_paid
    assert sum(item.discount_share for item in document.items) == sum(off.amount for off in document.discounts)
    assert all(0 <= item.discount_share <= item.value and item.amount >= 0 for item in document.items)
