"""Are a warehouse's SKUs matched as the seller's rules and people's mappings say?"""

from typing import Any

import pytest
from django.urls import reverse

from integrations.warehouses.apply_mappings import apply_mappings
from orders.models import AttentionItem, Order, OrderEvent, Seller, SkuMapping
from tests.builders import make_order, make_staff
from tests.warehouse import despatched, reported, tell

pytestmark = pytest.mark.django_db


def shipped(order: Order) -> dict[str, tuple[int, int]]:
    """Shipped and cancelled units by SKU."""
    rows = order.items.values_list("sku", "shipped_quantity", "cancelled_quantity")
    return {sku: (sent, lost) for sku, sent, lost in rows}


def refunds(order: Order) -> list[tuple[str, int]]:
    return list(order.refunds.values_list("status", "amount"))


def unknown(order: Order) -> list[str]:
    """The SKUs that stand open on the order as unknown."""
    return [item.evidence["sku"] for item in order.attention.filter(kind="unknown_sku", closed_at=None)]


def map_sku(order: Order, sku: str, counts_as: dict[str, int], *, alone: bool = False, **fields: Any) -> SkuMapping:
    """A mapping of the order's seller, or for this order alone, and all that follows from it."""
    mapping, _ = SkuMapping.objects.update_or_create(
        seller=order.seller,
        sku=sku,
        order=order if alone else None,
        defaults={"counts_as": counts_as, "mapped_by": make_staff(), "applied_at": None, **fields},
    )
    apply_mappings()
    return mapping


def test_another_case_of_a_sku_is_the_same_goods() -> None:
    order = make_order("W-1", items=[("TEE-RED-M", 1, 2000), ("SOCKS", 1, 500)])

    units: Any = {"tee-red-m": 1, "SOCKS": 1}
    tell(order, despatched(**units), reported("Despatched", at=1))

    assert (shipped(order), refunds(order), unknown(order)) == ({"TEE-RED-M": (1, 0), "SOCKS": (1, 0)}, [], [])


def test_a_seller_may_have_skus_that_differ_in_case_alone() -> None:
    order = make_order("W-1", items=[("TEE", 1, 2000), ("SOCKS", 1, 500)])
    Seller.objects.update(ignore_sku_case=False)

    tell(order, despatched(tee=1, SOCKS=1), reported("Despatched", at=1))

    assert (shipped(order), unknown(order)) == ({"TEE": (0, 1), "SOCKS": (1, 0)}, ["tee"])


def test_a_spelling_of_two_skus_of_the_order_is_a_question() -> None:
    order = make_order("W-1", items=[("TEE", 1, 2000), ("tee", 1, 500)])

    tell(order, despatched(tee=1, Tee=1), reported("Despatched", at=1))

    assert (shipped(order), unknown(order)) == ({"TEE": (0, 1), "tee": (1, 0)}, ["Tee"])


def test_the_figures_of_another_case_name_what_was_cancelled() -> None:
    order = make_order("W-1", items=[("TEE", 2, 2000)])
    policy = order.seller.refund_policy
    policy.propose_closed_short = False
    policy.save()

    tell(order, despatched(tee=1), reported("Despatched", at=1, tee=(2, 1, 1)))

    assert refunds(order) == [("proposed", 1000)]


def test_a_mapping_applies_what_waited() -> None:
    order = make_order("W-1", items=[("TEE", 1, 2000), ("CAP", 1, 500), ("SOCKS", 1, 100)])
    tell(order, despatched(BLUE=1, SOCKS=1), reported("Despatched", at=1))
    before = (shipped(order), refunds(order), unknown(order))

    mapping = map_sku(order, "blue", {"TEE": 1})

    assert before == (*({"TEE": (0, 1), "CAP": (0, 1), "SOCKS": (1, 0)}, [("proposed", 2500)], ["BLUE"]),)
    assert (shipped(order), refunds(order), unknown(order)) == (
        *({"TEE": (1, 0), "CAP": (0, 1), "SOCKS": (1, 0)}, [("proposed", 500)], []),
    )
    assert Order.objects.get(pk=order.pk).refund_blocks == []
    event = OrderEvent.objects.get(order=order, kind="order.sku_mapped")
    assert (event.actor, event.data) == (f"staff:{mapping.mapped_by.username}", {"sku": "blue", "meaning": "TEE"})


def test_a_substitute_for_one_order_counts_on_no_other() -> None:
    order = make_order("W-1", items=[("TEE", 1, 2000)])
    other = make_order("W-2", items=[("TEE", 1, 2000)], seller=order.seller)
    tell(order, despatched(BLUE=1), despatched("D-2", order="W-2", BLUE=1))

    map_sku(order, "BLUE", {"TEE": 1}, alone=True)

    assert (shipped(order), shipped(other)) == ({"TEE": (1, 0)}, {"TEE": (0, 0)})
    assert (unknown(order), unknown(other)) == ([], ["BLUE"])


def test_a_kit_that_is_sent_as_its_parts_has_shipped() -> None:
    order = make_order("W-1", items=[("SET", 1, 2000), ("HAT", 1, 500)])
    tell(order, despatched(CUP=2, POT=1, HAT=1), reported("Despatched", at=1))

    map_sku(order, "SET", {"CUP": 2, "POT": 1})

    assert (shipped(order), unknown(order), refunds(order)) == (
        *({"SET": (1, 0), "HAT": (1, 0)}, [], [("withdrawn", 2000)]),
    )


def test_one_sku_of_the_warehouse_may_be_several_of_the_order() -> None:
    order = make_order("W-1", items=[("CUP", 2, 2000), ("POT", 1, 900)])
    tell(order, despatched(BOX=1), reported("Despatched", at=1))

    map_sku(order, "BOX", {"CUP": 2, "POT": 1})

    assert (shipped(order), unknown(order)) == ({"CUP": (2, 0), "POT": (1, 0)}, [])


def test_a_leaflet_is_no_goods() -> None:
    order = make_order("W-1", items=[("TEE", 1, 2000)])
    tell(order, despatched(TEE=1, LEAFLET=1))

    map_sku(order, "LEAFLET", {})

    assert (shipped(order), unknown(order)) == ({"TEE": (1, 0)}, [])


def test_a_mapping_that_is_switched_off_no_longer_counts() -> None:
    order = make_order("W-1", items=[("TEE", 1, 2000)])
    tell(order, despatched(BLUE=1))
    map_sku(order, "BLUE", {"TEE": 1})

    map_sku(order, "BLUE", {"TEE": 1}, active=False)

    assert (shipped(order), unknown(order)) == ({"TEE": (0, 0)}, ["BLUE"])
    assert OrderEvent.objects.filter(kind="order.sku_unmapped").count() == 1


def test_a_person_comes_from_the_attention_item_to_the_mapping(client: Any) -> None:
    order = make_order("W-1", items=[("TEE", 1, 2000)])
    tell(order, despatched(BLUE=1))
    client.force_login(make_staff("anna", "Approver"))
    item = AttentionItem.objects.get(kind="unknown_sku")

    way = reverse("admin:orders_skumapping_add") + f"?seller={order.seller_id}&sku=BLUE&reference=W-1"
    page = client.get(reverse("admin:orders_attentionitem_change", args=[item.pk])).content.decode()
    form = client.get(way)
    fields = {"seller": order.seller_id, "sku": "BLUE\u200b", "counts_as": "TEE", "reference": "W-1", "active": "on"}
    answer = client.post(way, fields)

    assert way.replace("&", "&amp;") in page
    assert "&lt;time" not in client.get(reverse("admin:orders_skumapping_changelist")).content.decode()
    assert 'value="BLUE"' in form.content.decode()
    assert answer.status_code == 302
    mapping = SkuMapping.objects.get()
    assert (mapping.sku, mapping.counts_as, mapping.order, mapping.mapped_by.username) == (
        *("BLUE", {"TEE": 1}, order, "anna"),
    )
    apply_mappings()
    assert shipped(order) == {"TEE": (1, 0)}


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "Enter what it counts as"),
        ({"counts_as": "TEE", "no_goods": "on"}, "Enter what it counts as"),
        ({"counts_as": "0 × TEE"}, "Enter one SKU per line"),
        ({"counts_as": "TEE", "reference": "W-9"}, "No order of this seller has this reference"),
    ],
)
def test_a_mapping_that_says_nothing_is_refused(client: Any, fields: dict[str, str], sentence: str) -> None:
    order = make_order("W-1")
    client.force_login(make_staff("anna", "Approver"))

    sent = {"seller": order.seller_id, "sku": "BLUE", "active": "on", **fields}
    answer = client.post(reverse("admin:orders_skumapping_add"), sent)

    assert sentence in answer.content.decode()
    assert not SkuMapping.objects.exists()


def test_a_batch_of_messages_asks_once_for_the_rules(django_assert_max_num_queries: Any) -> None:
    orders = [make_order(f"W-{n}", items=[("TEE", 1, 2000)]) for n in range(1)]
    for n in range(2, 20):
        make_order(f"W-{n}", items=[("TEE", 1, 2000)], seller=orders[0].seller)
    notes = [despatched(f"D-{n}", order=f"W-{n}", tee=1) for n in range(2, 20)]
    tell(orders[0], despatched("D-0", order="W-0", tee=1))

    with django_assert_max_num_queries(20):
        tell(orders[0], *notes)
