"""How does a test let the warehouse say something, in one readable line?

`tell(order, despatched("D-1", TEE=1), reported("Cancelled", TEE=(2, 0, 2)))` does what the intake does with a page:
apply, then propose, in one transaction. Times are minutes after `BEGIN`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from typing import Any

from django.db import transaction

from orders.fulfilment.apply import Applied, apply
from orders.fulfilment.messages import (
    DespatchLine,
    DespatchNote,
    LineReport,
    OrderReport,
    ReportedStatus,
    WarehouseMessage,
)
from orders.models import FulfilmentOrder, Order, SellerWarehouse, Warehouse
from refunds.proposals.propose import propose

BEGIN = datetime(2026, 3, 3, 8, 0, tzinfo=UTC)
ACTOR = "prosku:main"

Figures = tuple[int | None, int | None, int | None]
"""What the warehouse says of one SKU: ordered, despatched, cancelled."""

_WORDS: dict[str, tuple[ReportedStatus, str]] = {
    "Processing": (ReportedStatus.PROCESSING, ""),
    "Picking": (ReportedStatus.PROCESSING, "picking"),
    "Packed": (ReportedStatus.PROCESSING, "packed"),
    "On Hold": (ReportedStatus.ON_HOLD, ""),
    "Part Despatched": (ReportedStatus.PART_DESPATCHED, ""),
    "Despatched": (ReportedStatus.DESPATCHED, ""),
    "Cancelled": (ReportedStatus.CANCELLED, ""),
}
_messages = count(1)


def minute(number: int) -> datetime:
    """That many minutes after the beginning."""
    return BEGIN + timedelta(minutes=number)


def despatched(
    number: str = "D-1",
    *,
    at: int = 0,
    changed: int | None = None,
    withdrawn: bool = False,
    tracking: str = "",
    order: str = "W-1",
    warehouse_number: str = "",
    message: int | None = None,
    **units: int,
) -> WarehouseMessage:
    """A despatch note with these units per SKU."""
    note = DespatchNote(
        number=number,
        despatched_at=minute(at),
        changed_at=minute(at if changed is None else changed),
        lines=tuple(DespatchLine(sku, quantity) for sku, quantity in units.items()),
        tracking_number=tracking,
        withdrawn=withdrawn,
    )
    return _snapshot(order, warehouse_number, message, note=note)


def reported(
    word: str,
    *,
    at: int = 0,
    cancel_reason: str = "",
    order: str = "W-1",
    warehouse_number: str = "",
    message: int | None = None,
    **figures: Figures,
) -> WarehouseMessage:
    """The warehouse's view of an order, with its figures per SKU; a word that nobody mapped has no meaning."""
    meaning, detail = _WORDS.get(word, (None, ""))
    lines = tuple(LineReport(sku, *told) for sku, told in figures.items())
    report = OrderReport(word, minute(at), lines, meaning, detail, cancel_reason)
    return _snapshot(order, warehouse_number, message, report=report)


def warehouse_of(seller_id: int, code: str = "") -> Warehouse:
    """The warehouse of this code that the seller uses, or its default one; made when there is none yet."""
    used = SellerWarehouse.objects.filter(seller=seller_id).order_by("position").select_related("warehouse")
    first = used.filter(warehouse__code=code).first() if code else used.first()
    if first is not None:
        return first.warehouse
    warehouse, _ = Warehouse.objects.get_or_create(code=code or "main", defaults={"name": code or "Main"})
    SellerWarehouse.add(seller_id, warehouse.pk)
    return warehouse


def make_part(order: Order, code: str = "", **fields: Any) -> FulfilmentOrder:
    """The part of the order that this warehouse, or the default one, ships, with these fields."""
    warehouse = warehouse_of(order.seller_id, code)
    part, _ = FulfilmentOrder.objects.update_or_create(order=order, warehouse=warehouse, defaults=fields)
    return part


def tell(order: Order, *snapshots: WarehouseMessage, warehouse: str = "") -> Applied:
    """What the intake does with a page of messages that one warehouse, or the default one, sends of the seller."""
    with transaction.atomic():
        applied = apply(order.seller_id, snapshots, actor=ACTOR, warehouse=warehouse_of(order.seller_id, warehouse).pk)
        propose(applied.touched, actor=ACTOR)
    return applied


def cancelled(at: int = 0, *, of: Mapping[str, tuple[int, int]], **about: str) -> WarehouseMessage:
    """The order goes on, but of each SKU so many of so many units were cancelled: `of={"TEE": (1, 2)}`."""
    figures: Any = {sku: (ordered, None, lost) for sku, (lost, ordered) in of.items()}
    return reported("Processing", at=at, order=about.get("order", "W-1"), message=None, **figures)


def _snapshot(
    order: str,
    warehouse_number: str,
    message: int | None,
    *,
    note: DespatchNote | None = None,
    report: OrderReport | None = None,
) -> WarehouseMessage:
    notes = () if note is None else (note,)
    version = sha256(repr((order, warehouse_number, notes, report)).encode()).hexdigest()
    return WarehouseMessage(
        next(_messages) if message is None else message, version, order, warehouse_number, notes, report
    )
