"""Which fields does an order document have, and what may stand in them? (pure)

The lengths are those of the columns that keep them. What does not fit is refused; only titles and names are cut.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from orders import money
from orders.documents import sums
from orders.documents.fields import Fault, Fields
from orders.documents.sums import Item

SOURCES = ("web", "affiliate", "marketplace", "manual")
ADDRESS = ("name", "company", "line1", "line2", "city", "region", "postcode", "country", "phone")
CUSTOMER = ("name", "email", "phone")
PAYMENT = ("provider", "reference")
SHARE = (*PAYMENT, "amount", "captured_amount")
DISCOUNT = ("name", "amount")
ITEM = (
    *("sku", "name", "quantity", "unit_price", "discount", "tax", "paid"),
    *("channel_line", "ships", "properties"),
)
PART = ("warehouse", "items")
PART_ITEM = ("sku", "quantity")
ORDER = (
    "reference",
    "channel_id",
    "seller",
    "channel",
    "source",
    "placed_at",
    "currency",
    "prices_include_tax",
    "customer",
    "shipping_address",
    "billing_address",
    "shipping_method",
    "shipping_charge",
    "items",
    "discounts",
    "total_paid",
    "payment",
    "payments",
    "notes",
    "language",
    "fulfilment_orders",
)

MOST_UNITS = 1_000_000
# The units of a whole order must fit into 32 bits.
MOST_ITEMS = 2_000
MOST_DISCOUNTS = 100
MOST_PAYMENTS = 20
MOST_PARTS = 50
MOST_PROPERTIES = 50

Routing = dict[str, dict[str, int]]
"""Units by SKU that each warehouse is to ship, by its code."""


@dataclass(frozen=True, slots=True)
class Discount:
    name: str
    amount: int


@dataclass(frozen=True, slots=True)
class PaidBy:
    """A payment, and how much of it pays the order."""

    provider: str
    reference: str
    amount: int
    captured: int | None = None
    """What was captured in all, where the document says it: the payment may pay other orders too."""
    field: str = "payment"
    """Where it stands in the document."""


@dataclass(frozen=True, slots=True)
class Document:
    """A checked order document. Amounts are minor units; `source` is "" where the channel's kind is meant."""

    reference: str
    seller: str
    channel: str
    source: str
    placed_at: datetime
    currency: str
    prices_include_tax: bool
    customer_name: str
    customer_email: str
    customer_phone: str
    shipping_address: dict[str, str]
    billing_address: dict[str, str]
    shipping_method: str
    shipping_charge: int
    items: tuple[Item, ...]
    discounts: tuple[Discount, ...]
    rounding: int
    total: int
    payments: tuple[PaidBy, ...]
    notes: str
    language: str = ""
    channel_id: str = ""
    cut: tuple[str, ...] = ()
    """The fields whose texts were too long."""
    routing: Routing | None = None
    """None where the document leaves it to others which warehouse ships what."""

    @property
    def total_paid(self) -> int:
        """What was paid, by all payments."""
        return sum(payment.amount for payment in self.payments)

    @property
    def units_to_ship(self) -> int:
        """How many units of the order a warehouse is to ship."""
        return sum(item.quantity for item in self.items if item.ships)

    @property
    def units(self) -> int:
        """How many units were ordered in all."""
        return sum(item.quantity for item in self.items)


class Faulty(ValueError):
    """A document that cannot be taken in, with everything that is wrong with it."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(fault.message for fault in faults))
        self.faults = tuple(faults)


def check(raw: object) -> Document:
    """Check one order document as it came out of JSON. Raises Faulty; says the same about the same document."""
    faults: list[Fault] = []
    order = Fields(raw, "", ORDER, faults)
    currency = order.currency("currency")
    customer = order.inner("customer", CUSTOMER)
    lines = [_item(line, currency) for line in order.listed("items", ITEM, least=1, most=MOST_ITEMS)]
    discounts = [_discount(d, currency) for d in order.listed("discounts", DISCOUNT, least=0, most=MOST_DISCOUNTS)]
    tax_included = order.flag("prices_include_tax", default=True)
    shipping_charge = order.amount("shipping_charge", currency) or 0
    payments = _payments(order, currency)
    document = Document(
        reference=order.identifier("reference", 80, required=True),
        seller=order.code("seller", 40),
        channel=order.code("channel", 40),
        source=order.one_of("source", SOURCES),
        placed_at=order.moment("placed_at"),
        currency=currency or "",
        prices_include_tax=tax_included,
        customer_name=customer.caption("name", 200),
        customer_email=customer.identifier("email", 254),
        customer_phone=customer.identifier("phone", 40),
        shipping_address=_address(order.inner("shipping_address", ADDRESS)),
        billing_address=_address(order.inner("billing_address", ADDRESS)),
        shipping_method=order.caption("shipping_method", 120),
        shipping_charge=shipping_charge,
        items=(),
        discounts=tuple(discounts),
        rounding=0,
        total=0,
        payments=payments,
        notes=order.text("notes", 10_000),
        language=order.identifier("language", 35),
        channel_id=order.identifier("channel_id", 100),
        routing=_routing(order, lines),
    )
    if faults:
        raise Faulty(faults)
    return _add_up(replace(document, cut=tuple(order.cut)), lines, listed=order.given("payments"))


def _add_up(document: Document, lines: list[Item], *, listed: bool) -> Document:
    off = sum(discount.amount for discount in document.discounts)
    items, faults = sums.price(lines, off, tax_included=document.prices_include_tax, currency=document.currency)
    if faults:
        raise Faulty(faults)
    rounding, faults = sums.rounding(items, document.shipping_charge, document.total_paid, document.currency)
    if faults and not listed:
        # Who lists payments says what was paid so far; who gives a total alone has got a sum wrong.
        raise Faulty(faults)
    total = sum(item.amount for item in items) + document.shipping_charge + rounding
    return replace(document, items=tuple(items), rounding=rounding, total=total)


def _payments(order: Fields, currency: str | None) -> tuple[PaidBy, ...]:
    """The payments as listed; or, in the older form, the one that paid the whole total."""
    total_paid = order.amount("total_paid", currency, required=not order.given("payments"))
    if not order.given("payments"):
        one = order.inner("payment", PAYMENT)
        return (PaidBy(one.identifier("provider", 40) or "manual", one.identifier("reference", 200), total_paid or 0),)
    if order.given("payment"):
        order.fault("payment", "must be left out where payments are listed")
    payments: dict[tuple[str, str], PaidBy] = {}
    for n, share in enumerate(order.listed("payments", SHARE, least=0, most=MOST_PAYMENTS)):
        paid = PaidBy(
            share.identifier("provider", 40) or "manual",
            share.identifier("reference", 200),
            share.amount("amount", currency, required=True) or 0,
            share.amount("captured_amount", currency),
            f"payments[{n}]",
        )
        if (paid.provider, paid.reference) in payments:
            share.fault("reference", "stands in an earlier entry of this provider already")
        if paid.captured is not None and paid.captured < paid.amount:
            share.fault("captured_amount", "is less than the amount that pays this order")
        payments[paid.provider, paid.reference] = paid
    paid_in_all = sum(paid.amount for paid in payments.values())
    if total_paid is not None and currency and total_paid != paid_in_all:
        sums_up = f"{money.text(total_paid, currency)}, but the payments come to {money.text(paid_in_all, currency)}"
        order.fault("total_paid", f"is {sums_up}")
    if paid_in_all > money.LARGEST:
        order.fault("payments", "come to more than any amount this system keeps")
    return tuple(payments.values())


def _item(line: Fields, currency: str | None) -> Item:
    sku, name = line.identifier("sku", 80, required=True), line.caption("name", 250)
    quantity = line.whole("quantity", 1, MOST_UNITS)
    unit_price, exact = line.price("unit_price", currency)
    return Item(
        sku=sku,
        name=name,
        quantity=quantity,
        unit_price=unit_price,
        exact_unit_price=exact,
        cost=money.line_cost(unit_price, exact, quantity, currency or ""),
        discount=line.amount("discount", currency) or 0,
        tax=line.amount("tax", currency) or 0,
        paid=line.amount("paid", currency),
        channel_line=line.identifier("channel_line", 100),
        ships=line.flag("ships", default=True),
        properties=line.texts("properties", MOST_PROPERTIES),
    )


def _routing(order: Fields, lines: list[Item]) -> Routing | None:
    """What each warehouse is to ship: of each SKU no more in all than the order has to ship."""
    if "fulfilment_orders" not in order:
        return None
    left: dict[str, int] = {}
    for line in lines:
        left[line.sku] = left.get(line.sku, 0) + line.quantity * line.ships
    routing: Routing = {}
    for part in order.listed("fulfilment_orders", PART, least=0, most=MOST_PARTS):
        warehouse = part.code("warehouse", 60)
        if warehouse in routing:
            part.fault("warehouse", f"stands in an earlier entry already: {warehouse}")
        requested = routing.setdefault(warehouse, {})
        for asked in part.listed("items", PART_ITEM, least=1, most=MOST_ITEMS):
            sku, quantity = asked.identifier("sku", 80, required=True), asked.whole("quantity", 1, MOST_UNITS)
            if sku and sku not in left:
                asked.fault("sku", f"is not on the order: {sku}")
            elif sku and quantity > left[sku]:
                asked.fault("quantity", f"is more than the {left[sku]} of {sku} that are left to be shipped")
            else:
                left[sku] = left.get(sku, 0) - quantity
                requested[sku] = requested.get(sku, 0) + quantity
    return routing or None


def _discount(discount: Fields, currency: str | None) -> Discount:
    return Discount(name=discount.caption("name", 120), amount=discount.amount("amount", currency, required=True) or 0)


def _address(address: Fields) -> dict[str, str]:
    # A street that was cut would send the parcel astray.
    read = {"name": address.caption, "company": address.caption}
    found = {name: read.get(name, address.text)(name, 200) for name in ADDRESS if name in address}
    return {name: value for name, value in found.items() if value}
