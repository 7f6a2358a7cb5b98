"""Can all of the demo's orders be made again from the archive alone?"""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from hemi_intake.demo import catalogue, data, load, warehouse
from hemi_intake.demo.prosku_server import Sandbox
from integrations.warehouses.replay import replay
from orders.models import Order, Seller
from refunds.models import Refund
from tests.builders import make_staff
from tests.integrations.warehouses.world import know_words, picture, wipe

pytestmark = pytest.mark.django_db(transaction=True)
KEYS = {brand.code: f"key-of-{brand.code}" for brand in catalogue.BRANDS}
NOW = datetime.now(UTC)


def test_what_was_wiped_comes_back_and_what_was_decided_stays(tmp_path: Path) -> None:
    orders = data.orders(NOW, seed=7, count=200)
    warehouse.furnish(tmp_path / "prosku.json", orders, KEYS, now=NOW, seed=7)
    know_words()
    with Sandbox(file=tmp_path / "prosku.json") as prosku:
        load.load(orders, KEYS, prosku.url)
        assert {run.state for run in load.sync_once()} == {"succeeded"}
    make_staff("approver", permissions=["refunds.approve_refund", "refunds.reject_refund"])
    assert load.decide_the_past() > 0
    sellers = list(Seller.objects.order_by("pk"))
    before = [picture(seller) for seller in sellers]
    refunds = list(Refund.objects.order_by("pk").values("pk", "status", "amount", "version", "messages"))
    shipped = Order.objects.filter(status="shipped").count()
    assert shipped > 50
    wipe()
    assert not Order.objects.filter(status="shipped").exists()

    replay(sellers)

    assert [picture(seller) for seller in sellers] == before
    assert list(Refund.objects.order_by("pk").values("pk", "status", "amount", "version", "messages")) == refunds
