"""From a despatch that is one unit short to money on its way: every process real, driven by the clock alone."""

from collections.abc import Mapping

import pytest
import requests
from django.db.models.functions import Now

from integrations import schedules
from integrations.models import Account, Connection, StatusMapping, SyncRun
from integrations.warehouses.prosku.parse import DEFAULT_STATUSES
from orders.models import AttentionItem, Order, OrderEvent, Shipment
from refunds import transitions
from refunds.decisions import review
from refunds.models import Refund
from tests.builders import make_order, make_seller, make_staff
from tests.journeys.processes import cluster, server
from tests.waiting import WITHIN, until

pytestmark = pytest.mark.django_db(transaction=True)
TOKEN = "journey-token"
STORY = [
    "order.started",
    "shipment.recorded",
    "order.partially_shipped",
    "order.units_cancelled",
    "order.shipped",
    "refund.proposed",
    "refund.approved",
    "refund.executing",
    "refund.executed",
]


def prepare(prosku: Mapping[str, str], payments: Mapping[str, str], form: str) -> Order:
    """A seller whose ProSKU speaks this form, with one order of two units that is going to be one short."""
    seller = make_seller(f"lumen-{form}")
    connection = Connection.objects.create(name=form, base_url=prosku["url"], format=form)
    key = f"key-{form}"
    Account.objects.create(connection=connection, seller=seller, key=key, poll_seconds=1)
    order = make_order(
        "W-1",
        seller=seller,
        items=[("LAMP", 2, 5997)],
        shipping_charge=495,
        payment_provider="sandbox",
        payment_reference=f"pay-{form}",
    )
    lines = [{"product_code": "LAMP", "quantity": 2}]
    told = {"key": key, "order_reference": "W-1", "plan": "part_then_short", "lines": lines}
    command(prosku, "restore", key=key)
    command(prosku, "orders", orders=[told])
    payment = {"reference": f"pay-{form}", "amount": order.total_paid, "currency": "GBP"}
    bearer = {"Authorization": f"Bearer {payments['key']}"}
    requests.post(f"{payments['url']}/payments", json=payment, headers=bearer, timeout=WITHIN).raise_for_status()
    return order


def command(prosku: Mapping[str, str], name: str, **content: object) -> None:
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    requests.post(f"{prosku['url']}/_sandbox/{name}", json=content, headers=bearer, timeout=WITHIN).raise_for_status()


def sync_now() -> None:
    """What the button does: every seller is due, and the clock is nudged."""
    Account.objects.update(next_poll_at=Now())
    schedules.trigger_soon("poll ProSKU")


def paid(payments: Mapping[str, str]) -> list[tuple[str, int]]:
    bearer = {"Authorization": f"Bearer {payments['control_token']}"}
    answer = requests.get(f"{payments['url']}/_sandbox/ledger", headers=bearer, timeout=WITHIN).json()
    return sorted((refund["payment"], refund["amount"]) for refund in answer["refunds"])


def picture() -> list[object]:
    return [
        list(Order.objects.order_by("seller__code").values_list("status", "shipped_units", "cancelled_units")),
        list(Shipment.objects.order_by("seller__code", "number").values_list("number", "items__quantity")),
        list(OrderEvent.objects.order_by("order__seller__code", "id").values_list("kind", flat=True)),
        list(Refund.objects.order_by("seller__code").values_list("number", "status", "amount")),
    ]


def test_a_short_despatch_becomes_an_executed_refund_in_xml_and_in_json() -> None:
    words = [
        StatusMapping(external_status=word, status=means.value, detail=detail)
        for word, (means, detail) in DEFAULT_STATUSES.items()
    ]
    StatusMapping.objects.bulk_create(words, ignore_conflicts=True)
    approver = make_staff("approver", permissions=["refunds.approve_refund"])
    with (
        server("hemi_intake.demo.prosku_server", PROSKU_SANDBOX_TOKEN=TOKEN) as prosku,
        server("hemi_intake.demo.payment_server") as payments,
    ):
        orders = [prepare(prosku, payments, form) for form in ("xml", "json")]
        command(prosku, "advance", steps=3)
        schedules.ensure()
        with cluster(PAYMENT_SANDBOX_URL=payments["url"], PAYMENT_SANDBOX_KEY=payments["key"], UNDO_SECONDS="2"):
            # The clock alone brings what is packed; later polls are nudged, as staff do with "Sync now".
            until(lambda: Order.objects.filter(status="processing", status_detail="packed").count() == 2, "both packed")
            command(prosku, "advance")
            sync_now()
            until(lambda: Order.objects.filter(status="partially_shipped").count() == 2, "both partially shipped")
            command(prosku, "advance")
            sync_now()
            until(lambda: Refund.objects.filter(status="proposed").count() == 2, "two proposals")

            for refund in Refund.objects.all():
                assert (refund.number, refund.amount, refund.shipping_amount) == ("W-1-R1", 2999, 0)
                seen = transitions.ExpectedVersion(refund.version, refund.amount)
                assert review.approve(refund.pk, by=approver, seen=seen) == "approved"
            # As the button does; until then the approval can be undone, and nothing is sent.
            schedules.trigger_soon("execute approved refunds", after=3)
            until(lambda: Refund.objects.filter(status="executed").count() == 2, "both executed")

            assert paid(payments) == [("pay-json", 2999), ("pay-xml", 2999)]
            for order in orders:
                kinds = order.events.order_by("id").values_list("kind", flat=True)
                assert [kind for kind in kinds if kind != "order.progressed"] == STORY
                assert order.refunds.get().provider_reference
            before = picture()

            Account.objects.update(despatches_cursor=None, orders_cursor=None)
            last = SyncRun.objects.latest("id").pk
            sync_now()
            until(lambda: SyncRun.objects.filter(pk__gt=last, state="succeeded").count() >= 2, "two more runs")
            assert picture() == before
            assert paid(payments) == [("pay-json", 2999), ("pay-xml", 2999)]
            assert not AttentionItem.objects.filter(closed_at__isnull=True).exists()
