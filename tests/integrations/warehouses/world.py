"""Two sellers with the same orders at one warehouse: one is disturbed, the other one shows how it must end."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection

from hemi_intake.demo.prosku_server import Sandbox
from integrations import http
from integrations.models import Account, ArchivedMessage, Connection, StatusMapping, SyncRun
from integrations.warehouses.prosku.parse import DEFAULT_STATUSES
from integrations.warehouses.sync import sync
from orders.models import AttentionItem, FulfilmentOrder, Order, SalesChannel, Seller, Shipment
from refunds.models import Refund
from tests.builders import make_channel, make_order, make_seller

DISTURBED, CALM = "disturbed-key", "calm-key"
NAMED = ((DISTURBED, "lumen"), (CALM, "calm"))
QUICK = http.Patience(connect=20, read=20, in_all=60, tries=3, backoff=0.01, longest_wait=1)
BEGAN = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)

PLANS = ("whole", "short", "part_then_rest", "part_then_short", "cancelled", "waiting", "on_hold")
ITEMS = (("TEE", 3, 8997), ("MUG", 2, 1999), ("CAP", 1, 1250))


@dataclass
class World:
    prosku: Sandbox
    disturbed: Account
    calm: Account

    def run(self, account: Account | None = None, *, since: datetime | None = None) -> SyncRun:
        """One run over the disturbed account, or the one that is named."""
        account = fresh(account or self.disturbed)
        run = sync(account, since=since, patience=QUICK)
        assert run is not None
        return run

    def ends_like_the_calm_one(self) -> None:
        """Read the calm account and compare."""
        assert self.run(self.calm).state == "succeeded"
        assert picture(self.disturbed.seller) == picture(self.calm.seller)


def make_world(prosku: Sandbox, *, form: str = "xml", orders: int = 14) -> World:
    """Orders of every plan, all of them at the end of their way through the warehouse."""
    know_words()
    connection = make_connection(prosku, form=form)
    channel = make_channel("shop")
    accounts = [_account(prosku, connection, channel, key=key, code=code, orders=orders) for key, code in NAMED]
    _to_the_end(prosku)
    return World(prosku, *accounts)


def add_twin(world: World, code: str) -> Account:
    """Another seller with the same orders as the calm one."""
    orders = world.calm.seller.orders.count()
    channel = SalesChannel.objects.get()
    account = _account(world.prosku, world.calm.connection, channel, key=f"{code}-key", code=code, orders=orders)
    _to_the_end(world.prosku)
    return account


def _account(
    prosku: Sandbox, connection: Connection, channel: SalesChannel, *, key: str, code: str, orders: int
) -> Account:
    seller = make_seller(code)
    for number in range(orders):
        reference, items = f"W-{number:03d}", ITEMS[: 1 + number % 3]
        make_order(reference, seller=seller, channel=channel, items=items, shipping_charge=495)
        document = {
            "key": key,
            "order_reference": reference,
            "order_date": "01/06/2026 09:00:00",
            "plan": PLANS[number % len(PLANS)],
            "lines": [{"product_code": sku, "quantity": units} for sku, units, _ in items],
        }
        prosku.state.load([document], at=BEGAN)
    return Account.objects.create(connection=connection, seller=seller, key=key)


def _to_the_end(prosku: Sandbox) -> None:
    at = BEGAN
    while prosku.state.advance(at=at):
        at += timedelta(minutes=7)


def make_connection(prosku: Sandbox, *, name: str = "main", form: str = "xml") -> Connection:
    return Connection.objects.create(name=name, base_url=prosku.url, format=form)


def know_words() -> None:
    # A test that commits empties the tables that migrations filled.
    words = [
        StatusMapping(external_status=word, status=means.value, detail=detail)
        for word, (means, detail) in DEFAULT_STATUSES.items()
    ]
    StatusMapping.objects.bulk_create(words, ignore_conflicts=True)


def fresh(account: Account) -> Account:
    return Account.objects.select_related("connection", "seller").get(pk=account.pk)


def picture(seller: Seller) -> dict[str, list[object]]:
    """Everything that applying messages may change for a seller, without ids and without our own times."""
    orders = Order.objects.filter(seller=seller).order_by("reference")
    fields = ("reference", "status", "status_detail", "refund_blocks")
    parts = ("number", "external_status", "status", "closed_as", "closed_at", "listed", "figures", "state", "units")
    units = ("shipped_units", "cancelled_units", "outstanding_units", "committed_amount", "committed_shipping")
    items = ("sku", "status", "shipped_quantity", "cancelled_quantity", "outstanding_quantity", "committed_quantity")
    notes = ("number", "order__reference", "carrier", "tracking_number", "despatched_at", "withdrawn", "planned")
    refunds = ("number", "status", "reason", "amount", "shipping_amount", "tax_amount")
    archive = ArchivedMessage.objects.filter(seller=seller).exclude(state="rejected")
    return {
        "orders": list(orders.values_list(*fields, *units)),
        "items": list(orders.order_by("reference", "items__position").values_list(*(f"items__{f}" for f in items))),
        "parts": list(
            FulfilmentOrder.objects.filter(order__seller=seller)
            .order_by("order__reference", "part")
            .values_list("order__reference", *parts)
        ),
        "shipments": list(
            Shipment.objects.filter(seller=seller)
            .order_by("number", "order__reference", "fulfilment_order__warehouse", "items__sku")
            .values_list(*notes, "items__sku", "items__quantity")
        ),
        "attention": list(
            AttentionItem.objects.filter(order__seller=seller, closed_at__isnull=True)
            .order_by("order__reference", "kind")
            .values_list("order__reference", "kind", "summary")
        ),
        "refunds": list(Refund.objects.filter(seller=seller).order_by("number").values_list(*refunds)),
        "archive": list(archive.order_by("resource", "reference", "digest").values_list("resource", "digest", "state")),
    }


def wipe() -> None:
    """Lose everything that the warehouse said, as a wrong UPDATE at the console would."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM orders_shipmentitem")
        cursor.execute("DELETE FROM orders_shipment")
        cursor.execute("DELETE FROM orders_fulfilmentorder")
        cursor.execute(
            """UPDATE orders_orderitem
            SET shipped_quantity = 0, cancelled_quantity = 0, started = false, on_hold = false"""
        )
        cursor.execute(
            """UPDATE orders_order SET started = false, on_hold = false, status_detail = '', refund_blocks = '{}',
            shipped_units = 0, cancelled_units = 0, outstanding_units = ordered_units"""
        )


def open_attention(kind: str = "") -> list[str]:
    """The kinds of what waits for a person; with a kind, the sentences of that kind."""
    items = AttentionItem.objects.filter(closed_at__isnull=True).order_by("kind", "id")
    return list(
        items.filter(kind=kind).values_list("summary", flat=True) if kind else items.values_list("kind", flat=True)
    )


def note(
    number: str, reference: str, confirmed_at: str = "03/03/2026 10:00:00", /, **units: object
) -> dict[str, object]:
    """A despatch note as ProSKU writes it."""
    return {
        "despatch_number": number,
        "order_number": "",
        "additional_ref": reference,
        "confirmed_at": confirmed_at,
        "carrier_data": f"DPD|Next Day|T{number}",
        "despatch_lines": [{"product_code": sku, "quantity": quantity} for sku, quantity in units.items()],
    }


def report(
    reference: str, status: str, updated_at: str = "03/03/2026 10:00:00", /, **lines: object
) -> dict[str, object]:
    """An order as ProSKU writes it; each line is (quantity, despatched, cancelled), as many as are known."""
    names = ("quantity", "despatched_quantity", "cancelled_quantity")
    return {
        "order_reference": reference,
        "order_number": "",
        "status": status,
        "updated_at": updated_at,
        "order_lines": [
            {
                "product_code": sku,
                **dict(zip(names, figures if isinstance(figures, tuple) else (figures,), strict=False)),
            }
            for sku, figures in lines.items()
        ],
    }
