"""Bring about, once each, the states that matter and that an ordinary month may not show.

An order that two warehouses ship, one that the warehouse does not know, an endpoint that does not answer, a refund that
its provider refuses, one that it leaves pending, one whose outcome nobody knows, and one that somebody made there.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hemi_intake.demo import catalogue, data, load
from hemi_intake.demo.sandboxes import Sandboxes
from integrations.models import Account, Connection
from integrations.warehouses import compare
from integrations.warehouses.files.import_file import import_file
from integrations.webhooks import endpoints
from orders.models import PaymentShare, Seller
from refunds.models import Refund, RefundStatus

WEST = "west"
ELSEWHERE = 500
FIRST_NUMBER = 900_001
"""Orders of the showcase are numbered apart from those of the month."""


def show(sandboxes: Sandboxes, folder: Path, seed: int) -> None:
    """Bring all of it about, before the background work starts. Called once, for a new demo.

    `folder` is where the second warehouse puts its files.
    """
    now = datetime.now(UTC)
    _two_warehouses(sandboxes, folder, seed, now)
    _unknown_there(seed, now)
    _silent_endpoint()
    _unusual_answers(sandboxes)


def show_provider_event(sandboxes: Sandboxes, web_url: str) -> None:
    """Somebody refunds 5.00 of an order at the provider, which says so. Called once the web server answers."""
    paid = PaymentShare.objects.filter(
        payment__provider="sandbox", order__committed_amount=0, order__total_paid__gte=ELSEWHERE
    )
    share = paid.select_related("order", "payment").order_by("-order__placed_at").first()
    if share is not None:
        sandboxes.refund_elsewhere(share.payment.reference, ELSEWHERE, share.payment.currency, web_url=web_url)


def _two_warehouses(sandboxes: Sandboxes, folder: Path, seed: int, now: datetime) -> None:
    """One seller's accessories are shipped by a second warehouse, which sends files; ProSKU ships the rest."""
    brand = catalogue.BRANDS[2]
    (folder / brand.code).mkdir(parents=True, exist_ok=True)
    west = Connection.objects.create(name=WEST, kind="files", time_zone=brand.time_zone)
    account = Account.objects.create(connection=west, seller=Seller.objects.get(code=brand.code), key=brand.code)
    order = _order(
        seed, now - timedelta(hours=20), lambda one: one.document["seller"] == brand.code and len(one.lines) > 1
    )
    (first, *others) = order.document["items"]
    parts = [
        {"warehouse": code, "items": _units(items)} for code, items in ((load.CONNECTION, [first]), (WEST, others))
    ]
    load.take([data.DemoOrder({**order.document, "fulfilment_orders": parts}, "whole", live=True)])
    sandboxes.place_order(data.DemoOrder({**order.document, "items": [first]}, "whole", live=True))
    sku, quantity = others[0]["sku"], others[0]["quantity"]
    despatch = f"{order.reference},{sku},{quantity},DPD,15503980{seed % 10**6:06d},{now:%d/%m/%Y %H:%M:%S},W-000101"
    header = "Order reference,SKU,Quantity,Carrier,Tracking number,Despatch time,Despatch number"
    import_file(account, f"west-{now:%Y-%m-%d}.csv", f"{header}\n{despatch}\n".encode(), written_at=now)


def _unknown_there(seed: int, now: datetime) -> None:
    """An order that never reached the warehouse: the comparison of both sides finds it."""
    brand = catalogue.BRANDS[1]
    lost = _order(seed, now - timedelta(days=3), lambda one: one.document["seller"] == brand.code)
    load.take([lost])
    compare.compare(Account.objects.get(connection__name=load.CONNECTION, seller__code=brand.code))


def _silent_endpoint() -> None:
    """Another system that is told of everything, at an address that leads nowhere."""
    spec = endpoints.EndpointSpec("stock-system", "https://stock.example/hemi", ["order.*", "refund.*"], None)
    endpoints.create(spec, looked_up=True)


def _unusual_answers(sandboxes: Sandboxes) -> None:
    """Of the approved refunds the provider declines one; of another it breaks off after paying, and cannot say.

    A third is accepted, and stays pending.
    """
    sent = Refund.objects.filter(status=RefundStatus.APPROVED, provider="sandbox").order_by("id")
    refused, in_doubt, pending = sent.values_list("payment__reference", flat=True)[:3]
    sandboxes.misbehave(on="refund", do="decline", payment=refused)
    sandboxes.misbehave(on="refund", do="close_after_paying", payment=in_doubt)
    sandboxes.misbehave(on="find", do="error", payment=in_doubt)
    sandboxes.misbehave(on="refund", do="pending", payment=pending)


def _order(seed: int, placed_at: datetime, fits: Callable[[data.DemoOrder], bool]) -> data.DemoOrder:
    numbers = range(FIRST_NUMBER, FIRST_NUMBER + 1000)
    made = (data.order(seed, number, placed_at, live=False) for number in numbers)
    return next(one for one in made if fits(one))


def _units(items: list[dict[str, object]]) -> list[dict[str, object]]:
    return [{"sku": item["sku"], "quantity": item["quantity"]} for item in items]
