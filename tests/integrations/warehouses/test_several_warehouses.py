"""One seller whose orders two warehouses ship, each behind a ProSKU of its own, over the real wire."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models.functions import Now

from hemi_intake.demo.prosku_server import Sandbox
from integrations.models import Account
from integrations.warehouses.compare import compare
from integrations.warehouses.sync import sync
from orders.fulfilment import apply
from orders.fulfilment.unassigned import AFTER, detect_unassigned
from orders.intake import routing
from orders.models import AttentionItem, FulfilmentOrder, Order, Shipment
from refunds.models import Refund
from tests.builders import make_order, make_seller
from tests.integrations.warehouses.world import QUICK, fresh, know_words, make_connection, note, report

pytestmark = pytest.mark.django_db(transaction=True)
KEY = "lumen-key"
LAMP_AND_SOFA = (("LAMP", 1, 4000), ("SOFA", 1, 40000))
EAST_AND_WEST = {"east": {"LAMP": 1}, "west": {"SOFA": 1}}
Routing = dict[str, dict[str, int]]


@dataclass
class Site:
    """A warehouse, and our access to it."""

    prosku: Sandbox
    account: Account

    def sends(self, *records: dict[str, object]) -> None:
        """Have it serve these records, and read them."""
        for record in records:
            resource = "despatches" if "despatch_number" in record else "orders"
            self.prosku.state.put(KEY, resource, [record])
            run = sync(fresh(self.account), patience=QUICK)
            assert run is not None
            assert run.state == "succeeded"

    def report_scope(self, scope: str) -> None:
        self.account.report_scope = scope
        self.account.save()


@dataclass
class Two:
    east: Site
    west: Site

    def order(self, routed: Routing | None, *, items: tuple[tuple[str, int, int], ...] = LAMP_AND_SOFA) -> Order:
        """An order of the seller, with its parts asked for at the warehouses, if it is routed."""
        seller = self.east.account.seller
        order = make_order(f"W-{seller.orders.count() + 1}", seller=seller, items=items, shipping_charge=1000)
        if routed is not None:
            ids = {site.account.connection.warehouse.code: site.account.connection.warehouse_id for site in self.sites}
            with transaction.atomic():
                routing.route([(order.pk, {ids[code]: units for code, units in routed.items()})])
                apply.rederive(seller.pk, [order.pk], actor="import")
        return order

    @property
    def sites(self) -> tuple[Site, Site]:
        return self.east, self.west


@pytest.fixture
def two() -> Iterator[Two]:
    know_words()
    seller = make_seller("lumen")
    with Sandbox(keys=(KEY,)) as east, Sandbox(keys=(KEY,)) as west:
        accounts = [
            Account.objects.create(connection=make_connection(prosku, name=name), seller=seller, key=KEY)
            for name, prosku in (("east", east), ("west", west))
        ]
        yield Two(Site(east, accounts[0]), Site(west, accounts[1]))


def items(order: Order) -> list[tuple[str, int, int, int]]:
    """SKU, shipped, cancelled, outstanding."""
    fields = ("sku", "shipped_quantity", "cancelled_quantity", "outstanding_quantity")
    return list(order.items.order_by("position").values_list(*fields))


def proposed(order: Order) -> list[tuple[int, int]]:
    """Of each refund that stands: the amount, and what of it is shipping."""
    standing = Refund.objects.filter(order=order).exclude(status="withdrawn")
    return list(standing.values_list("amount", "shipping_amount"))


def attention() -> list[str]:
    return list(AttentionItem.objects.filter(closed_at=None).order_by("kind").values_list("kind", flat=True))


@pytest.mark.parametrize("routed", [None, EAST_AND_WEST], ids=["unrouted", "routed"])
def test_one_warehouse_closing_never_refunds_what_the_other_is_to_ship(two: Two, routed: Routing | None) -> None:
    order = two.order(routed)

    two.east.sends(note("E1", "W-1", LAMP=1), report("W-1", "despatched", LAMP=(1, 1, 0)))

    assert items(order) == [("LAMP", 1, 0, 0), ("SOFA", 0, 0, 1)]
    assert proposed(order) == []

    two.west.sends(report("W-1", "cancelled", SOFA=(1, 0, 1)))

    assert items(order) == [("LAMP", 1, 0, 0), ("SOFA", 0, 1, 0)]
    assert proposed(order) == [(40000, 0)]
    assert attention() == []


@pytest.mark.parametrize("routed", [None, EAST_AND_WEST], ids=["unrouted", "routed"])
def test_shipping_is_refunded_once_both_have_cancelled_everything(two: Two, routed: Routing | None) -> None:
    order = two.order(routed)

    two.east.sends(report("W-1", "picking", LAMP=(1, 0, 0)))
    two.west.sends(report("W-1", "cancelled", SOFA=(1, 0, 1)))
    assert proposed(order) == [(40000, 0)]
    two.east.sends(report("W-1", "cancelled", "03/03/2026 11:00:00", LAMP=(1, 0, 1)))

    assert proposed(order) == [(45000, 1000)]


def test_a_closing_without_lines_releases_nothing_that_nobody_routed_there(two: Two) -> None:
    order = two.order(None)

    two.east.sends(note("E1", "W-1", LAMP=1), report("W-1", "despatched"))

    assert items(order) == [("LAMP", 1, 0, 0), ("SOFA", 0, 0, 1)]
    assert (proposed(order), attention()) == ([], ["unknown_request"])


@pytest.mark.parametrize("routed", [None, EAST_AND_WEST], ids=["unrouted", "routed"])
def test_one_despatch_number_at_two_warehouses_and_for_two_orders_is_kept_apart(
    two: Two, routed: Routing | None
) -> None:
    first, second = two.order(routed), two.order(routed)

    two.east.sends(note("000777", "W-1", LAMP=1))
    two.west.sends(note("000777", "W-1", SOFA=1))
    two.east.sends(note("000777", "W-2", LAMP=1))

    assert items(first) == [("LAMP", 1, 0, 0), ("SOFA", 1, 0, 0)]
    assert items(second) == [("LAMP", 1, 0, 0), ("SOFA", 0, 0, 1)]
    rows = Shipment.objects.order_by("id").values_list("order__reference", "fulfilment_order__warehouse__code")
    assert list(rows) == [("W-1", "east"), ("W-1", "west"), ("W-2", "east")]
    shared = AttentionItem.objects.get(kind="shared_despatch_number")
    assert shared.summary == "east: despatch 000777 stands on W-1, W-2"


@pytest.mark.parametrize("routed", [None, {"east": {"LAMP": 1}, "west": {"LAMP": 1}}], ids=["unrouted", "routed"])
def test_of_two_units_that_were_split_the_one_that_was_cancelled_is_refunded(two: Two, routed: Routing | None) -> None:
    order = two.order(routed, items=(("LAMP", 2, 8000),))

    two.east.sends(report("W-1", "picking", LAMP=(1, 0, 0)))
    two.west.sends(report("W-1", "cancelled", LAMP=(1, 0, 1)))

    assert items(order) == [("LAMP", 0, 1, 1)]
    assert proposed(order) == [(4000, 0)]
    assert attention() == []


def test_units_cancelled_while_the_other_warehouse_is_silent_are_left_to_a_person(two: Two) -> None:
    order = two.order(None, items=(("LAMP", 2, 8000),))

    two.west.sends(report("W-1", "cancelled", LAMP=(1, 0, 1)))

    order.refresh_from_db()
    assert (items(order), proposed(order)) == ([("LAMP", 0, 1, 1)], [(4000, 0)])
    assert (order.refund_blocks, attention()) == (["other_warehouse_silent"], ["other_warehouse_silent"])


@pytest.mark.parametrize("routed", [None, EAST_AND_WEST], ids=["unrouted", "routed"])
@pytest.mark.parametrize(("scope", "shipped"), [("order", 1), ("part", 2)])
def test_the_account_says_whether_reports_speak_for_the_whole_order(
    two: Two, routed: Routing | None, *, scope: str, shipped: int
) -> None:
    order = two.order(routed)
    for site in two.sites:
        site.report_scope(scope)

    two.east.sends(note("E1", "W-1", LAMP=1))
    two.west.sends(note("W1", "W-1", SOFA=1))
    for site in two.sites:
        site.sends(report("W-1", "despatched", "03/03/2026 11:00:00", LAMP=(1, 1, 0), SOFA=(1, 1, 0)))

    assert items(order) == [("LAMP", shipped, 0, 0), ("SOFA", shipped, 0, 0)]
    assert ("over_shipment" in attention()) == (scope == "part")


def test_a_planned_despatch_ships_nothing_until_it_is_confirmed(two: Two) -> None:
    order = two.order(None, items=(("LAMP", 1, 4000),))
    planned = note("E1", "W-1", "", LAMP=1) | {"delivery_date": "01/01/2099 10:00"}

    two.east.sends(planned)

    assert (items(order), Shipment.objects.get().planned) == ([("LAMP", 0, 0, 1)], True)
    # The confirmed form wins, although its dates are earlier.
    two.east.sends(note("E1", "W-1", LAMP=1))
    assert (items(order), Shipment.objects.get().planned) == ([("LAMP", 1, 0, 0)], False)
    assert list(order.events.order_by("id").values_list("kind", flat=True)) == [
        "shipment.planned",
        "order.started",
        "shipment.recorded",
        "order.shipped",
    ]


def test_units_that_nobody_is_to_ship_ask_for_attention_after_a_day(two: Two) -> None:
    order = two.order({"east": {"LAMP": 1}})
    assert detect_unassigned() == 0
    Order.objects.update(updated_at=Now() - AFTER - timedelta(hours=1))

    assert detect_unassigned() == 1

    text = AttentionItem.objects.get(closed_at=None).summary
    assert text == "W-1: no warehouse has been asked for 1 outstanding unit"
    two.west.sends(report("W-1", "picking", SOFA=(1, 0, 0)))
    assert items(order)[1] == ("SOFA", 0, 0, 1)
    # Nobody asked West for it, which is a mismatch; but West has it on order, and may ship it.
    assert (detect_unassigned(), attention()) == (0, ["quantity_mismatch"])


def test_a_connection_speaks_for_a_warehouse_that_its_sellers_use_the_first_one_by_default(two: Two) -> None:
    used = two.east.account.seller.warehouses.values_list("warehouse__code", "position")

    assert list(used) == [("east", 1), ("west", 2)]
    assert not FulfilmentOrder.objects.exists()


def test_a_comparison_is_about_the_part_that_the_warehouse_ships(two: Two) -> None:
    two.order(None)
    two.east.sends(note("E1", "W-1", LAMP=1), report("W-1", "despatched", LAMP=(1, 1, 0)))
    two.west.sends(report("W-1", "picking", SOFA=(1, 0, 0)))

    assert [compare(fresh(site.account), patience=QUICK) for site in two.sites] == [0, 0]
