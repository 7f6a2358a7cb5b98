"""Every kind of event: its code, its name, and how an entry of that kind reads on the timeline.

Each app lists its own kinds; the settings name the lists (EVENT_KINDS), so that orders need not know who else
writes to its timeline.
"""

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from django.conf import settings
from django.utils.module_loading import import_string


class EventKind(NamedTuple):
    """`phrase` is the sentence with its facts; what stands in brackets is left out when a fact in it is unknown."""

    code: str
    name: str
    phrase: str = ""


KINDS = (
    EventKind(
        "order.placed",
        "Order placed",
        "Order placed[ at {channel}][: {units}][, {total_paid}][; too long and cut: {cut}]",
    ),
    EventKind("order.changed", "Order changed", "Order changed[: {changes}][; too long and cut: {cut}]"),
    EventKind("order.reopened", "Order reopened", "Order reopened[: warehouse status {word}]"),
    EventKind("order.started", "Warehouse received the order", "Warehouse received the order[ (“{word}”)]"),
    EventKind("order.held", "On hold", "On hold[: warehouse status {word}]"),
    EventKind("order.partially_shipped", "Partially shipped", "Partially shipped[: {shipped} of {ordered} units]"),
    EventKind("order.shipped", "Shipped", "Shipped[: {shipped} of {ordered} units]"),
    EventKind("order.delivered", "Delivered", "Delivered[: warehouse status {word}]"),
    EventKind("order.cancelled", "Cancelled", "Cancelled[: warehouse status {word}]"),
    EventKind(
        "order.units_cancelled", "Units cancelled", "Units cancelled[: {items}][, reason: {reason}][ (“{word}”)]"
    ),
    EventKind("order.units_restored", "Units will ship after all", "Units will ship after all[: {items}]"),
    EventKind("order.sku_mapped", "SKU mapped", "SKU {sku} counts as {meaning}"),
    EventKind("order.sku_unmapped", "SKU mapping switched off", "SKU {sku} no longer counts as {meaning}"),
    EventKind("order.matched", "Matched by hand", "Matched by hand: {name} at the warehouse is this order"),
    EventKind("order.replayed", "Rebuilt from warehouse messages"),
    EventKind("order.compared", "Compared with the warehouse", "Compared with the warehouse[: {detail}]"),
    EventKind(
        "shipment.recorded",
        "Despatched",
        "Despatch {number} shipped[ with {carrier}][, tracking {tracking_number}][: {items}]",
    ),
    EventKind(
        "shipment.changed",
        "Despatch note changed",
        "Despatch {number} changed[: {carrier}][ {tracking_number}][: {items}]",
    ),
    EventKind("shipment.planned", "Despatch planned", "Despatch {number} is planned[ with {carrier}][: {items}]"),
    EventKind("shipment.withdrawn", "Despatch note withdrawn", "Despatch {number} withdrawn[: {items}]"),
)
"""What warehouses and documents cause."""


@cache
def kinds() -> Mapping[str, EventKind]:
    """All kinds of all apps, by code."""
    return {kind.code: kind for path in settings.EVENT_KINDS for kind in import_string(path)}
