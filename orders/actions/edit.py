"""Change what is said of an order: the fields that were sent, and no others."""

from typing import Any

from django.db import transaction

from orders import money
from orders.documents import check
from orders.documents.shape import ADDRESS
from orders.intake.upsert import IntakeResult, upsert_orders
from orders.models import Order, OrderItem, PaymentShare

FIXED = ("reference", "seller", "channel")
"""What makes an order the same order; the other fields of a document may be sent."""

_MERGED = ("customer", "shipping_address", "billing_address", "payment")


def change(order_id: int, changes: dict[str, Any], *, actor: str) -> IntakeResult:
    """Take the order in again with these fields of a document in place of what is here. Raises Faulty.

    Of the customer, an address and the payment only the keys that were sent change; null empties a field. Items,
    discounts and payments are sent as whole lists. A second call changes nothing.
    """
    with transaction.atomic():
        order = Order.objects.select_for_update(no_key=True, of=("self",)).select_related("seller", "channel")
        here = written(order.get(pk=order_id), listed=changes.get("payments") is not None)
        merged = here | changes
        for name in _MERGED:
            if name in here and isinstance(changes.get(name), dict):
                merged[name] = here[name] | changes[name]
        return upsert_orders([check(merged)], actor=actor)[0]


def written(order: Order, *, listed: bool = True) -> dict[str, Any]:
    """The order as the document that would make it; unless `listed`, with one payment of all as a total alone."""
    currency = order.currency
    shares = list(order.payment_shares.select_related("payment"))
    return {
        "reference": order.reference,
        "seller": order.seller.code,
        "channel": order.channel.code,
        "channel_id": order.channel_order_id,
        "source": order.source,
        "placed_at": order.placed_at.isoformat(),
        "currency": currency,
        "prices_include_tax": order.prices_include_tax,
        "customer": {"name": order.customer_name, "email": order.customer_email, "phone": order.customer_phone},
        "shipping_address": {name: order.shipping_address.get(name) for name in ADDRESS},
        "billing_address": {name: order.billing_address.get(name) for name in ADDRESS},
        "shipping_method": order.shipping_method,
        "shipping_charge": money.text(order.shipping_charge, currency),
        "items": [_line(item, currency) for item in order.items.order_by("position")],
        "discounts": [
            {"name": discount["name"], "amount": money.text(discount["amount"], currency)}
            for discount in order.discounts
        ],
        "notes": order.notes,
        "language": order.language,
        **_paid(order, shares, listed=listed),
    }


def _paid(order: Order, shares: list[PaymentShare], *, listed: bool) -> dict[str, Any]:
    if len(shares) == 1 and order.total_paid == order.total and not listed:
        one = shares[0].payment
        payment = {"provider": one.provider, "reference": one.reference}
        return {"total_paid": money.text(order.total_paid, order.currency), "payment": payment}
    return {"payments": [_share(share, order.currency) for share in shares]}


def _share(share: PaymentShare, currency: str) -> dict[str, Any]:
    captured = share.payment.captured_amount
    return {
        "provider": share.payment.provider,
        "reference": share.payment.reference,
        "amount": money.text(share.amount, currency),
        "captured_amount": None if captured is None else money.text(captured, currency),
    }


def _line(item: OrderItem, currency: str) -> dict[str, Any]:
    amounts = {name: money.text(getattr(item, name), currency) for name in ("unit_price", "discount", "tax", "paid")}
    if item.exact_unit_price:
        amounts["unit_price"] = item.exact_unit_price
    described = {"channel_line": item.channel_line, "ships": item.ships, "properties": item.properties}
    return {"sku": item.sku, "name": item.name, "quantity": item.quantity, **amounts, **described}
