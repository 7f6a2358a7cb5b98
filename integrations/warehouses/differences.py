"""Where does what ProSKU says of an order differ from what we have? (nothing is written here)"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Prefetch, Q
from django.db.models.functions import Upper

from integrations.connections.models import Account
from integrations.warehouses.apply_messages import mapped_statuses
from integrations.warehouses.models import Discrepancy
from integrations.warehouses.port import Record, Unreadable
from integrations.warehouses.systems import system_of
from orders.fulfilment.components import Components
from orders.fulfilment.facts import Facts, Item
from orders.fulfilment.messages import OrderReport, ReportedStatus
from orders.fulfilment.sku_rules import load_sku_rules
from orders.models import FulfilmentOrder, Order, OrderItem, SellerWarehouse

Kind = Discrepancy.Kind


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing about one order: what we have, and what ProSKU says in which record."""

    reference: str
    kind: str
    order_id: int | None = None
    ours: dict[str, Any] = field(default_factory=dict)
    theirs: dict[str, Any] = field(default_factory=dict)
    raw: str = ""


@dataclass(slots=True)
class Compared:
    """What was found in some records: the differences, and which of our orders ProSKU knows."""

    differences: list[Difference] = field(default_factory=list)
    known: set[int] = field(default_factory=set)


def find(account: Account, records: Sequence[Record], *, read_up_to: datetime | None) -> Compared:
    """Compare records of the open orders with ours; what changed after `read_up_to` is left to the next sync."""
    reports = _reports(account, records)
    ours = _Ours(account, [reference for _, reference, _, _ in reports], [number for _, _, number, _ in reports])
    compared = Compared()
    for record, reference, number, report in reports:
        orders = ours.named(reference, number)
        compared.known |= {order.pk for order in orders}
        if len(orders) > 1 or (read_up_to is not None and report.changed_at > read_up_to):
            continue
        name = reference or number
        if not orders:
            theirs = {"status": report.word}
            compared.differences.append(Difference(name, Kind.UNKNOWN_HERE, theirs=theirs, raw=record.raw))
        for kind, mine, yours in _between(orders[0], *ours.units(orders[0], report)) if orders else ():
            compared.differences.append(Difference(name, kind, orders[0].pk, mine, yours, record.raw))
    return compared


def _reports(account: Account, records: Sequence[Record]) -> list[tuple[Record, str, str, OrderReport]]:
    """What can be read of the records: the order's reference, the warehouse's number for it, and the report."""
    system, statuses = system_of(account), mapped_statuses(account)
    found: list[tuple[Record, str, str, OrderReport]] = []
    for record in records:
        try:
            message = system.message(record, number=0, zone=account.connection.zone, statuses=statuses)
        except Unreadable:
            continue
        if message.report is not None:
            found.append((record, message.reference, message.warehouse_number, message.report))
    return found


class _Units(NamedTuple):
    """Units by SKU, and whether any is still to ship."""

    ordered: dict[str, int]
    shipped: dict[str, int]
    cancelled: dict[str, int]
    is_open: bool


class _Ours:
    """Our orders that some records may speak of."""

    def __init__(self, account: Account, references: Sequence[str], numbers: Sequence[str]) -> None:
        parts = FulfilmentOrder.objects.filter(warehouse=account.connection.warehouse_id)
        numbered = (
            parts.exclude(number="")
            .alias(upper=Upper("number"))
            .filter(upper__in={number.upper() for number in numbers if number}, number__in=numbers)
        )
        named = Q(reference__in={*references, *numbers} - {""}) | Q(
            pk__in=list(numbered.values_list("order", flat=True))
        )
        items = Prefetch("items", OrderItem.objects.order_by("position"))
        self.orders = list(Order.objects.filter(named, seller=account.seller_id).prefetch_related(items))
        self._parts: dict[int, list[FulfilmentOrder]] = {}
        for part in parts.filter(order__in=[order.pk for order in self.orders]):
            self._parts.setdefault(part.order_id, []).append(part)
        self._rules = load_sku_rules([account.seller_id], [order.pk for order in self.orders])[account.seller_id]
        self._warehouse = account.connection.warehouse.code
        self._several = SellerWarehouse.objects.filter(seller=account.seller_id).count() > 1

    def named(self, reference: str, number: str) -> list[Order]:
        """The orders that these names mean: by the reference first, then by the warehouse's own number."""
        found = [order for order in self.orders if reference and order.reference == reference]
        if not found and number:
            found = [
                order for order in self.orders if any(part.number == number for part in self._parts.get(order.pk, ()))
            ]
        return found

    def units(self, order: Order, report: OrderReport) -> tuple[_Units, OrderReport]:
        """Units by SKU that this warehouse was asked for, shipped and gave up; of a seller that uses no other, all.

        And the report in the same SKUs, whatever the warehouse calls them.
        """
        items = list(order.items.all())
        aliases, kits = self._rules.of(order.pk)
        known = tuple(Item(item.sku, item.quantity) for item in items)
        components = Components(Facts(known, (), aliases=aliases, kits=kits, fold=self._rules.fold))
        report = report._replace(lines=components.respelled(self._warehouse, report.lines))
        parts = self._parts.get(order.pk)
        if not parts or not self._several:
            ordered, shipped, cancelled = (
                components.count("", ((item.sku, getattr(item, name)) for item in items))[0]
                for name in ("quantity", "shipped_quantity", "cancelled_quantity")
            )
            return _Units(ordered, shipped, cancelled, is_open=order.outstanding_units > 0), report
        asked, shipped, released, to_ship = (
            {sku: sum(part.units.get(sku, [0] * 4)[n] for part in parts) for part in parts for sku in part.units}
            for n in range(4)
        )
        return _Units(asked, shipped, released, is_open=any(to_ship.values())), report


def _between(order: Order, ours: _Units, report: OrderReport) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    ordered, shipped, cancelled = ours.ordered, ours.shipped, ours.cancelled
    despatched = {line.sku: line.despatched for line in report.lines if line.despatched is not None}
    lost = {line.sku: line.cancelled for line in report.lines if line.cancelled is not None}
    if report.meaning and report.meaning.closes:
        lost = {sku: ordered[sku] - despatched[sku] for sku in ordered if sku in despatched}
    lost = {sku: max(min(units, ordered.get(sku, 0) - despatched.get(sku, 0)), 0) for sku, units in lost.items()}
    yield from _units(Kind.SHIPPED, shipped, despatched)
    yield from _units(Kind.CANCELLED, cancelled, lost)
    if report.meaning:
        accounted = sum(despatched.values()) + sum(lost.values()) >= sum(ordered.values())
        theirs_open = not report.meaning.closes and not accounted
        if theirs_open != ours.is_open and not _just_words(report.meaning, accounted):
            yield Kind.STATUS, {"status": order.status}, {"status": report.word}


def _just_words(meaning: ReportedStatus, accounted: bool) -> bool:
    # Every unit is accounted for on both sides, only the word has not followed yet.
    return not meaning.closes and accounted


def _units(
    kind: str, ours: dict[str, int], theirs: dict[str, int]
) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    other = [sku for sku, units in theirs.items() if units != ours.get(sku, 0)]
    if other:
        yield kind, {sku: ours.get(sku, 0) for sku in other}, {sku: theirs[sku] for sku in other}
