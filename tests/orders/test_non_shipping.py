"""Are lines that no warehouse ships known by the seller's patterns, and unlisted ones left to a person?"""

from typing import Any

import pytest
from django.urls import reverse

from integrations.warehouses.apply_mappings import apply_mappings
from orders.documents import check
from orders.intake.non_shipping import matcher
from orders.intake.upsert import upsert_orders
from orders.models import NonShippingSku, Order, Seller
from refunds.decisions.auto_approve import approve_by_rule
from refunds.decisions.blocked import blocks
from refunds.models import Refund
from tests.builders import make_channel, make_order, make_seller, make_staff
from tests.orders.documents import line, small_order
from tests.refunds.policies import make_limit
from tests.stale import opened
from tests.warehouse import despatched, reported, tell

pytestmark = pytest.mark.django_db


def put(seller: Seller, *patterns: str) -> None:
    for pattern in patterns:
        NonShippingSku.objects.create(seller=seller, pattern=pattern)


def ships(order: Order) -> list[tuple[str, bool]]:
    return list(order.items.values_list("sku", "ships"))


@pytest.mark.parametrize(
    ("pattern", "sku", "found"),
    [
        ("TIP", "tip", True),
        ("TIP", "TIPS", False),
        ("GIFT-*", "gift-wrap-red", True),
        ("*-WRAP", "GIFT-WRAP", True),
        ("TIP-?", "TIP-1", True),
        ("TIP-?", "TIP-10", False),
        ("A.B", "AXB", False),
        ("[AB]", "A", False),
        ("[AB]", "[ab]", True),
    ],
)
def test_a_pattern_matches_the_whole_sku(pattern: str, sku: str, found: bool) -> None:
    assert matcher([pattern], fold=True)(sku) is found


def test_a_new_order_has_its_lines_marked_and_sending_it_again_changes_nothing() -> None:
    seller = make_seller("acme")
    make_channel("acme-web")
    put(seller, "TIP-*")
    document = check(small_order(items=[line("TEE"), line("tip-5", 1, "5.00")], total_paid="64.98"))

    outcomes = [upsert_orders([document], actor="api:main")[0].outcome.value for _ in range(2)]

    assert outcomes == ["created", "unchanged"]
    assert ships(Order.objects.get()) == [("TEE", True), ("tip-5", False)]


def test_a_new_pattern_marks_what_is_not_decided_yet() -> None:
    order = make_order("W-1", items=[("TEE", 1, 2000), ("TIP_5", 1, 500), ("TIPX5", 1, 100)])
    tell(order, despatched(TEE=1, TIPX5=1), reported("Despatched", at=1))
    before = Refund.objects.values_list("status", "amount").get()

    put(order.seller, "tip_*")
    apply_mappings()

    assert before == ("proposed", 500)
    assert ships(order) == [("TEE", True), ("TIP_5", False), ("TIPX5", True)]
    assert Refund.objects.get().status == "withdrawn"
    assert Order.objects.get().cancelled_units == 0


def test_a_sku_that_no_warehouse_ever_listed_is_a_question_to_a_person() -> None:
    order = make_order("W-1", items=[("TEE", 1, 2000), ("WRAP", 1, 500)])
    make_limit(order.seller, unattended_upto=10_000)
    tell(order, despatched(TEE=1), reported("Despatched", at=1))

    approved = approve_by_rule()

    assert (approved, blocks(Refund.objects.select_related("order").get())) == (
        0,
        ["The warehouse has never listed WRAP for this seller: does it ship at all?"],
    )


def test_it_is_none_once_the_warehouse_has_listed_it_whichever_came_first() -> None:
    order = make_order("W-1", items=[("TEE", 1, 2000), ("CAP", 1, 500)])
    make_order("W-2", items=[("CAP", 1, 500)], seller=order.seller)
    make_limit(order.seller, unattended_upto=10_000)
    tell(order, despatched(TEE=1), reported("Despatched", at=1))

    tell(order, reported("Picking", order="W-2", cap=(1, 0, 0)))

    assert blocks(Refund.objects.select_related("order").get()) == []
    assert approve_by_rule() == 1


def test_what_another_seller_has_listed_does_not_count() -> None:
    order = make_order("W-1", items=[("TEE", 1, 2000), ("CAP", 1, 500)])
    other = make_order("W-2", items=[("CAP", 1, 500)])
    tell(other, despatched(order="W-2", CAP=1))

    tell(order, despatched(TEE=1), reported("Despatched", at=1))

    assert len(blocks(Refund.objects.select_related("order").get())) == 1


def test_a_manager_keeps_the_patterns_on_the_sellers_page(client: Any) -> None:
    seller = make_seller("acme")
    client.force_login(make_staff("ben", "Manager"))
    url = reverse("admin:orders_seller_change", args=[seller.pk])
    fields = {
        "code": "acme",
        "name": "Acme",
        "currency": "GBP",
        "time_zone": "Europe/London",
        "promise_days": "5",
        "active": "on",
        "ignore_sku_case": "on",
        "non_shipping_skus-TOTAL_FORMS": "1",
        "non_shipping_skus-INITIAL_FORMS": "0",
    }

    refused = client.post(url, fields | opened(client, url) | {"non_shipping_skus-0-pattern": "***"})
    answer = client.post(url, fields | opened(client, url) | {"non_shipping_skus-0-pattern": "TIP-*"})

    assert "something beside" in refused.content.decode()
    assert answer.status_code == 302
    assert [row.pattern for row in seller.non_shipping_skus.all()] == ["TIP-*"]
