"""What does a document change about the order that is here, and may that still change?"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from orders import money
from orders.documents import Document, Fault, Item, Routing
from orders.intake.payment_changes import PaymentChanges, Share, compare
from orders.models import Order, OrderItem

PRIVATE = frozenset(
    {"customer_name", "customer_email", "customer_phone", "shipping_address", "billing_address", "notes"}
)
"""Fields that belong to a person: the timeline names them and leaves their values out."""

_SUMS = frozenset({"rounding", "total"})
"""What follows from items, shipping and payments, which are compared themselves."""
_ALWAYS = PRIVATE | {"shipping_method", "language", "channel_order_id"}
_DELIVERY = frozenset({"shipping_address", "shipping_method"})
_GONE = (
    "can no longer change: everything has left the warehouse. Ask the carrier, or refund the order and place it again"
)
_DESCRIPTION = ("name", "channel_line", "properties", "ships")
"""What describes a line and is no part of what was bought and paid for."""
_LINE = (
    *("sku", *_DESCRIPTION, "quantity", "unit_price", "discount", "tax", "paid", "discount_share"),
    "exact_unit_price",
)


@dataclass(slots=True)
class Changes:
    """The new values of an order's columns, and what becomes of its items."""

    values: dict[str, Any] = field(default_factory=dict)
    items_differ: bool = False
    kept: list[tuple[OrderItem, int, Item]] = field(default_factory=list)
    """Items that stay, each with its position and its new content."""
    added: list[tuple[int, Item]] = field(default_factory=list)
    removed: list[OrderItem] = field(default_factory=list)
    routing: Routing | None = None
    """Which warehouse is to ship what, where that changes."""
    payments: PaymentChanges = field(default_factory=PaymentChanges)

    def __bool__(self) -> bool:
        return bool(self.values) or self.items_differ or self.routing is not None or bool(self.payments)


def values(document: Document) -> dict[str, Any]:
    """What the document says of the order's own columns. A source that it leaves out is not among them."""
    said = {
        "placed_at": document.placed_at,
        "currency": document.currency,
        "prices_include_tax": document.prices_include_tax,
        "customer_name": document.customer_name,
        "customer_email": document.customer_email,
        "customer_phone": document.customer_phone,
        "shipping_address": document.shipping_address,
        "billing_address": document.billing_address,
        "shipping_method": document.shipping_method,
        "notes": document.notes,
        "language": document.language,
        "channel_order_id": document.channel_id,
        "shipping_charge": document.shipping_charge,
        "discounts": [{"name": discount.name, "amount": discount.amount} for discount in document.discounts],
        "rounding": document.rounding,
        "total": document.total,
    }
    return said | ({"source": document.source} if document.source else {})


def find(
    order: Order, items: Sequence[OrderItem], document: Document, routing: Routing, shares: Sequence[Share]
) -> Changes:
    """Compare the order, routed and paid so, with the document. An item stays the same item as long as its SKU does."""
    changes = Changes(
        {name: new for name, new in values(document).items() if new != getattr(order, name)},
        payments=compare(shares, document),
    )
    if document.routing is not None and document.routing != routing:
        changes.routing = document.routing
    if _lines(items) == _lines(document.items):
        return changes
    changes.items_differ = True
    free: dict[str, list[OrderItem]] = {}
    for item in items:
        free.setdefault(item.sku, []).append(item)
    for position, line in enumerate(document.items, start=1):
        if same := free.get(line.sku):
            changes.kept.append((same.pop(0), position, line))
        else:
            changes.added.append((position, line))
    changes.removed = [item for left in free.values() for item in left]
    return changes


def faults(order: Order, items: Sequence[OrderItem], document: Document, changes: Changes) -> list[Fault]:
    """Why these changes come too late."""
    refunded = bool(order.committed_amount) or any(item.committed_quantity for item in items)
    decided = bool(order.shipped_units or order.cancelled_units)
    if not refunded and not decided:
        return []
    bought = [_bought(line) for line in _lines(items)] != [_bought(line) for line in _lines(document.items)]
    late = sorted(changes.values.keys() - _ALWAYS - _SUMS)
    if refunded and changes.payments.lose:
        late.append("payments")
    why = "a refund of this order holds money" if refunded else "the warehouse has shipped or cancelled units"
    found = [Fault(name, f"{name} can no longer change: {why}") for name in (["items"] if bought else []) + late]
    if order.shipped_units and not order.outstanding_units:
        found += [Fault(name, f"{name} {_GONE}") for name in sorted(changes.values.keys() & _DELIVERY)]
    return found


def told(
    order: Order, items: Sequence[OrderItem], document: Document, changes: Changes, routing: Routing
) -> list[dict[str, Any]]:
    """The changes as the timeline keeps them: field, from, to; amounts as decimal strings."""
    found: list[dict[str, Any]] = []
    for name, new in changes.values.items():
        if name in PRIVATE:
            found.append({"field": name})
        elif name not in _SUMS:
            old = _shown(name, getattr(order, name), order.currency)
            found.append({"field": name, "from": old, "to": _shown(name, new, document.currency)})
    if changes.payments:
        found += changes.payments.told(order.currency, document)
    if changes.routing is not None:
        found.append({"field": "fulfilment_orders", "from": routing, "to": changes.routing})
    if changes.items_differ:
        before, after = Counter(_lines(items)), Counter(_lines(document.items))
        found.append(
            {
                "field": "items",
                "from": [_line_shown(line, order.currency) for line in (before - after).elements()],
                "to": [_line_shown(line, document.currency) for line in (after - before).elements()],
            }
        )
    return found


def _lines(items: Sequence[OrderItem] | Sequence[Item]) -> list[tuple[Any, ...]]:
    return [tuple(_content(item, name) for name in _LINE) for item in items]


def _content(item: OrderItem | Item, name: str) -> Any:
    value = getattr(item, name)
    return tuple(sorted(value.items())) if isinstance(value, dict) else value


def _bought(line: tuple[Any, ...]) -> tuple[Any, ...]:
    return line[0], *line[1 + len(_DESCRIPTION) :]


def _shown(name: str, value: Any, currency: str) -> Any:
    if name == "shipping_charge":
        return money.text(value, currency)
    if name == "placed_at":
        return value.isoformat()
    if name == "discounts":
        return [{"name": each["name"], "amount": money.text(each["amount"], currency)} for each in value]
    return value


def _line_shown(line: tuple[Any, ...], currency: str) -> dict[str, Any]:
    said = dict(zip(_LINE, line, strict=True))
    shown = {name: said[name] for name in ("sku", "name", "quantity")}
    return shown | {name: money.text(said[name], currency) for name in ("unit_price", "discount", "tax", "paid")}
