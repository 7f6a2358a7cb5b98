"""What does an order document look like? One that is right, for tests to change."""

from typing import Any


def line(sku: str = "TEE", quantity: Any = 2, unit_price: Any = "29.99", **fields: Any) -> dict[str, Any]:
    """One item of a document."""
    return {"sku": sku, "quantity": quantity, "unit_price": unit_price, **fields}


def raw_order(**fields: Any) -> dict[str, Any]:
    """A document with every field; two tees at 29.99, a cap at 15.00, 10% off, shipping 4.95."""
    return {
        "reference": "W-1001",
        "seller": "acme",
        "channel": "acme-web",
        "source": "web",
        "placed_at": "2026-03-02T10:30:00+01:00",
        "currency": "GBP",
        "prices_include_tax": True,
        "customer": {"name": "Ada Lovelace", "email": "ada@example.com", "phone": "+44 20 7946 0000"},
        "shipping_address": {"name": "Ada Lovelace", "line1": "12 St James's Square", "city": "London"},
        "billing_address": {},
        "shipping_method": "Standard",
        "shipping_charge": "4.95",
        "items": [line(name="T-shirt", tax="9.00"), line("CAP", 1, "15.00")],
        "discounts": [{"name": "SPRING", "amount": "7.50"}],
        "total_paid": "72.43",
        "payment": {"provider": "stripe", "reference": "pi_1"},
        "notes": "Leave it with the neighbour",
    } | fields


def small_order(reference: Any = "W-1", **fields: Any) -> dict[str, Any]:
    """A document with no more than it needs."""
    return {
        "reference": reference,
        "seller": "acme",
        "channel": "acme-web",
        "placed_at": "2026-03-02T09:30:00Z",
        "currency": "GBP",
        "items": [line()],
        "total_paid": "59.98",
    } | fields
