"""Which lines does an export have? Orders are read page by page, by key: constant memory, constant queries per page."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from orders.backoffice.export.columns import ITEM, OF_LIST, ORDER, PER_ITEM
from orders.backoffice.spreadsheets import Value
from orders.models import AttentionItem, FulfilmentOrder, OrderItem, PaymentShare, Shipment

AT_ONCE = 2_000
_ORDER_FIELDS = (
    *("id", "reference", "seller__name", "channel__name", "source", "placed_at", "updated_at", "status"),
    "shipped_short",
    *("status_detail", "held_because", "customer_name", "customer_email", "customer_phone", "shipping_address"),
    *("shipping_method", "currency", "total", "total_paid", "shipping_charge", "committed_amount", "left_to_refund"),
    *("refunded_amount", "payment_status"),
    *("ordered_units", "shipped_units", "cancelled_units", "outstanding_units", "wants_attention"),
)
_ITEM_FIELDS = (
    *(
        "order_id",
        "position",
        "sku",
        "name",
        "status",
        "shipped_short",
        "quantity",
        "shipped_quantity",
        "cancelled_quantity",
    ),
    *("outstanding_quantity", "unit_price", "paid", "tax", "committed_amount"),
)


@dataclass(frozen=True, slots=True)
class Part:
    """The lines of some orders: how many orders, and the key of the last one."""

    lines: list[list[Value]]
    orders: int
    after: list[Any]


def head(columns: Sequence[str]) -> list[str]:
    """The heads of the file's columns, for these columns of the list."""
    if PER_ITEM in columns:
        return [*(name for name in ORDER if name != "items"), *ITEM]
    return list(dict.fromkeys(name for column in columns for name in OF_LIST.get(column, ())))


def parts(orders: QuerySet[Any], columns: Sequence[str], after: Sequence[Any] = ()) -> Iterator[Part]:
    """The lines of these orders, the newest order first, from behind a key on."""
    heads, key = head(columns), list(after)
    open_items = AttentionItem.objects.filter(order=OuterRef("pk"), closed_at__isnull=True)
    rows = orders.order_by("-placed_at", "-id").annotate(wants_attention=Exists(open_items))
    while True:
        beyond = Q(placed_at__lte=key[0]) & (Q(placed_at__lt=key[0]) | Q(pk__lt=key[1])) if key else Q()
        found = list(rows.filter(beyond).values(*_ORDER_FIELDS)[:AT_ONCE])
        if not found:
            return
        _complete(found, heads, every_item=PER_ITEM in columns)
        key = [found[-1]["placed_at"], found[-1]["id"]]
        yield Part(list(_lines(found, heads, every_item=PER_ITEM in columns)), len(found), key)
        if len(found) < AT_ONCE:
            return


def _complete(found: list[dict[str, Any]], heads: Sequence[str], *, every_item: bool) -> None:
    ids = [row["id"] for row in found]
    items, tracking, numbers, references = (defaultdict(list) for _ in range(4))
    if every_item or "items" in heads:
        for item in OrderItem.objects.filter(order__in=ids).order_by("order_id", "position").values(*_ITEM_FIELDS):
            items[item["order_id"]].append(item)
    if "tracking_numbers" in heads:
        sent = (
            Shipment.objects.filter(order__in=ids, withdrawn=False, planned=False)
            .exclude(tracking_number="")
            .order_by("id")
        )
        for order_id, number in sent.values_list("order_id", "tracking_number"):
            tracking[order_id].append(number)
    if "payment_references" in heads:
        shares = PaymentShare.objects.filter(order__in=ids).exclude(payment__reference="").order_by("id")
        for order_id, reference in shares.values_list("order_id", "payment__reference"):
            references[order_id].append(reference)
    if "warehouse_number" in heads:
        parts = FulfilmentOrder.objects.filter(order__in=ids).exclude(number="").order_by("warehouse__code", "part")
        for order_id, number in parts.values_list("order_id", "number"):
            numbers[order_id].append(number)
    for row in found:
        row["items"], row["tracking"], row["numbers"], row["references"] = (
            of[row["id"]] for of in (items, tracking, numbers, references)
        )


def _lines(found: list[dict[str, Any]], heads: Sequence[str], *, every_item: bool) -> Iterator[list[Value]]:
    of_order = [ORDER[name].value for name in heads if name in ORDER]
    of_item = [column.value for column in ITEM.values()]
    for row in found:
        line = [value(row) for value in of_order]
        if not every_item:
            yield line
            continue
        for item in row["items"]:
            item["currency"] = row["currency"]
            yield [*line, *(value(item) for value in of_item)]
