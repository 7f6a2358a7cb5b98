"""What stands in each column of an export? Amounts beside their currency, moments in the person's zone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from orders import money
from orders.backoffice.spreadsheets import Value
from orders.documents.shape import ADDRESS
from orders.statuses import detail

Row = Mapping[str, Any]
PER_ITEM = "every_item"
"""Stands among the columns where each item has a line of its own, with all columns there are."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file: its head, and how a row's value reads."""

    head: str
    value: Callable[[Row], Value]


def _plain(name: str, head: str = "") -> Column:
    return Column(head or name, lambda row: row[name] if row[name] is not None else "")


def _amount(name: str, head: str = "", currency: str = "currency") -> Column:
    return Column(head or name, lambda row: Decimal(money.text(row[name], row[currency])))


def _yes_no(name: str, head: str = "") -> Column:
    return Column(head or name, lambda row: "yes" if row[name] else "no")


def _moment(name: str) -> Column:
    return Column(name, lambda row: _iso(row[name]))


def _iso(moment: datetime) -> str:
    return timezone.localtime(moment).isoformat(timespec="seconds")


def _address(part: str) -> Column:
    return Column(f"ship_to_{part}", lambda row: str(row["shipping_address"].get(part) or ""))


ORDER = {
    column.head: column
    for column in (
        _plain("reference"),
        _plain("seller__name", "seller"),
        _plain("channel__name", "channel"),
        _plain("source"),
        _moment("placed_at"),
        _moment("updated_at"),
        _plain("status"),
        _yes_no("shipped_short"),
        Column("status_detail", lambda row: detail(row["status"], row["status_detail"])),
        _plain("held_because"),
        _yes_no("wants_attention", "needs_attention"),
        _plain("customer_name"),
        _plain("customer_email"),
        _plain("customer_phone"),
        *(_address(part) for part in ADDRESS),
        _plain("shipping_method"),
        Column("warehouse_number", lambda row: "; ".join(row["numbers"])),
        _plain("currency"),
        _amount("total"),
        _amount("total_paid"),
        _amount("shipping_charge"),
        _amount("committed_amount", "refunds"),
        _amount("left_to_refund"),
        _amount("refunded_amount", "refunded"),
        _plain("payment_status"),
        Column("payment_references", lambda row: "; ".join(row["references"])),
        _plain("ordered_units"),
        _plain("shipped_units"),
        _plain("cancelled_units"),
        _plain("outstanding_units"),
        Column("items", lambda row: "; ".join(f"{item['quantity']} × {item['sku']}" for item in row["items"])),
        Column("tracking_numbers", lambda row: "; ".join(row["tracking"])),
    )
}
ITEM = {
    column.head: column
    for column in (
        _plain("position", "item_position"),
        _plain("sku", "item_sku"),
        _plain("name", "item_name"),
        _plain("status", "item_status"),
        _yes_no("shipped_short", "item_shipped_short"),
        _plain("quantity", "item_ordered"),
        _plain("shipped_quantity", "item_shipped"),
        _plain("cancelled_quantity", "item_cancelled"),
        _plain("outstanding_quantity", "item_outstanding"),
        _amount("unit_price", "item_unit_price"),
        _amount("paid", "item_paid"),
        _amount("tax", "item_tax"),
        _amount("committed_amount", "item_refunds"),
    )
}

# What a column of the list stands for.
OF_LIST = {
    "reference": ("reference",),
    "placed": ("placed_at",),
    "customer": ("customer_name",),
    "seller": ("seller",),
    "channel": ("channel",),
    "state": ("status", "shipped_short", "status_detail"),
    "units": ("ordered_units", "shipped_units"),
    "paid": ("currency", "total_paid"),
    "payment": ("payment_status", "currency", "refunded"),
    "attention_mark": ("needs_attention",),
    "email": ("customer_email",),
    "country": ("ship_to_country",),
    "postcode": ("ship_to_postcode",),
    "source_shown": ("source",),
    "outstanding": ("outstanding_units",),
    "short": ("cancelled_units",),
    "refunded": ("currency", "refunds", "left_to_refund"),
    "items_shown": ("items",),
    "tracking": ("tracking_numbers",),
    "warehouse_number": ("warehouse_number",),
    "shipping_method": ("shipping_method",),
    "held_because": ("held_because",),
    "updated": ("updated_at",),
}
