"""Which orders does the demo start with? The same ones for the same seed and moment, as order documents."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from hemi_intake.demo import catalogue
from hemi_intake.demo.catalogue import Brand, Product
from orders import money

COUNT = 600
DAYS = 30
# The last two days of a sale: so many orders are on their way through the warehouse while one watches.
LIVE_COUNT = 200
LIVE_HOURS = 44

# What the warehouse does with an order, in parts of a hundred; `plans.FOR_ONE_UNIT` are those that one unit can follow.
MIX = {"whole": 80, "short": 4, "part_then_rest": 6, "part_then_short": 4, "cancelled": 3, "waiting": 2, "on_hold": 1}
ONE_UNIT = ("whole", "cancelled", "waiting", "on_hold")


@dataclass(frozen=True, slots=True)
class DemoOrder:
    """An order document, what will become of it, and whether that happens while one watches."""

    document: dict[str, Any]
    plan: str
    live: bool

    @property
    def reference(self) -> str:
        return str(self.document["reference"])

    @property
    def placed_at(self) -> datetime:
        return datetime.fromisoformat(self.document["placed_at"])

    @property
    def lines(self) -> list[tuple[str, int]]:
        """SKU and quantity of each item."""
        return [(item["sku"], item["quantity"]) for item in self.document["items"]]

    @property
    def payment(self) -> tuple[str, int, str] | None:
        """Reference, amount in minor units and currency of what was paid at the sandbox provider, if it was."""
        if self.document["payment"]["provider"] != "sandbox":
            return None
        currency = self.document["currency"]
        return self.document["payment"]["reference"], money.parse(self.document["total_paid"], currency), currency


@dataclass(slots=True)
class _Line:
    product: Product
    quantity: int
    discount: int = 0
    share: int = 0

    @property
    def value(self) -> int:
        return self.product[2] * self.quantity - self.discount


def orders(now: datetime, *, seed: int, count: int = COUNT) -> list[DemoOrder]:
    """So many orders of the days before `now`, oldest first."""
    return [order(seed, number, at, live=live) for number, (at, live) in enumerate(_moments(now, seed, count), start=1)]


def order(seed: int, number: int, placed_at: datetime, *, live: bool) -> DemoOrder:
    """The order of this number, placed at this moment."""
    rng = Random(f"{seed}/{number}")  # noqa: S311 - a story, no secret
    brand = rng.choices(catalogue.BRANDS, (5, 3, 4))[0]
    channel, _name, kind = rng.choices(catalogue.CHANNELS, (6, 2, 3))[0]
    # Affiliates' shops give net prices and round the tax once, for the whole order.
    included = kind != "affiliate"
    lines = _lines(rng, brand, included=included)
    # Every twenty-fifth is what a guide can point at: two of one thing, of which the warehouse finds one.
    plain = number % 25 == 0
    if plain:
        lines = lines[:1]
        lines[0].quantity, lines[0].discount = 2, 0
    units = sum(line.quantity for line in lines)
    names = tuple(MIX) if units > 1 else ONE_UNIT
    plan = "short" if plain else rng.choices(names, [MIX[name] for name in names])[0]
    document = {
        "reference": _reference(rng, brand, kind, number),
        "seller": brand.code,
        "channel": channel,
        "source": kind,
        "placed_at": placed_at.isoformat(timespec="seconds"),
        "currency": brand.currency,
        **_customer(rng, brand),
        **_prices(rng, brand, lines, kind, included=included),
        "payment": _payment(rng, number),
        "notes": "Gift: please put no invoice in the box" if number % 19 == 0 else "",
    }
    return DemoOrder(document, plan, live)


def _moments(now: datetime, seed: int, count: int) -> Iterator[tuple[datetime, bool]]:
    rng = Random(f"{seed}/moments")  # noqa: S311 - a story, no secret
    live = count * LIVE_COUNT // COUNT
    live_from = now - timedelta(hours=LIVE_HOURS)
    first = now - timedelta(days=DAYS)
    past = live_from - timedelta(hours=12) - first
    for moment in sorted(first + past * rng.random() for _ in range(count - live)):
        yield moment, False
    for moment in sorted(live_from + (now - live_from) * rng.random() for _ in range(live)):
        yield moment - timedelta(minutes=10), True


def _reference(rng: Random, brand: Brand, kind: str, number: int) -> str:
    if kind == "marketplace":
        return f"{rng.randrange(200, 310)}-{rng.randrange(10**6, 10**7)}-{number:07d}"
    return f"{brand.prefix}-{'A' if kind == 'affiliate' else ''}{20_000 + number}"


def _lines(rng: Random, brand: Brand, *, included: bool) -> list[_Line]:
    kinds = rng.choices((1, 2, 3, 4, 6), (40, 28, 18, 10, 4))[0]
    lines = []
    for sku, name, gross in rng.sample(brand.products, kinds):
        price = gross if included else money.share(gross, 100, 100 + brand.tax)
        lines.append(_Line((sku, name, price), rng.choices((1, 2, 3, 6), (66, 22, 9, 3))[0]))
    for line in lines:
        if rng.random() < 0.15:
            line.discount = money.share(line.value, rng.choice((10, 15, 20)), 100)
    if rng.random() < 0.1:
        lines.append(_Line(brand.gift, 1))
    return lines


def _prices(rng: Random, brand: Brand, lines: list[_Line], kind: str, *, included: bool) -> dict[str, Any]:
    """Prices, discounts, tax and the total."""
    goods = sum(line.value for line in lines)
    off = money.share(goods, 10, 100) if rng.random() < 0.18 else 0
    for line, share in zip(lines, money.split(off, [line.value for line in lines]), strict=True):
        line.share = share
    method, charge = rng.choices(brand.delivery, (3, 1))[0]
    if goods - off >= brand.free_from and charge == brand.delivery[0][1]:
        charge = 0
    values = [line.value - line.share for line in lines]
    if included:
        taxes = [money.share(value, brand.tax, 100 + brand.tax) for value in values]
        total = sum(values) + charge
    else:
        taxes = [money.share(value, brand.tax, 100) for value in values]
        total = sum(values) + money.share(sum(values), brand.tax, 100) + charge
    name = {"affiliate": "Style Scouts 10%", "web": "WELCOME10"}.get(kind, "Market Hall days")
    write = brand.currency
    return {
        "prices_include_tax": included,
        "shipping_method": method,
        "shipping_charge": money.text(charge, write),
        "discounts": [{"name": name, "amount": money.text(off, write)}] if off else [],
        "items": [
            {
                "sku": line.product[0],
                "name": line.product[1],
                "quantity": line.quantity,
                "unit_price": money.text(line.product[2], write),
                "discount": money.text(line.discount, write),
                "tax": money.text(tax, write),
            }
            for line, tax in zip(lines, taxes, strict=True)
        ],
        "total_paid": money.text(total, write),
    }


def _customer(rng: Random, brand: Brand) -> dict[str, Any]:
    first, last = rng.choice(catalogue.FIRST_NAMES), rng.choice(catalogue.LAST_NAMES)
    house = rng.randrange(1, 180)
    if brand.currency == "EUR":
        town, postcode = rng.choice(catalogue.FRENCH_TOWNS)
        line, country = f"{house} {rng.choice(catalogue.RUES)}", "FR"
    else:
        town, area = rng.choice(catalogue.BRITISH_TOWNS)
        postcode = f"{area} {rng.randrange(1, 10)}{rng.choice('ABDEFGHJLN')}{rng.choice('PQRSTUWXYZ')}"
        line, country = f"{house} {rng.choice(catalogue.STREETS)}", "GB"
    name = f"{first} {last}"
    address = {"name": name, "line1": line, "city": town, "postcode": postcode, "country": country}
    mailbox = "".join(letter for letter in f"{first}.{last}".lower() if letter.isascii() and letter not in "' ")
    # Numbers that the British regulator keeps free for stories.
    phone = f"+44 7700 900{rng.randrange(1000):03d}"
    return {
        "customer": {"name": name, "email": f"{mailbox}{rng.randrange(10, 99)}@example.com", "phone": phone},
        "shipping_address": address,
        "billing_address": address,
    }


def _payment(rng: Random, number: int) -> dict[str, str]:
    # Of those that a guide can point at some are paid back by hand.
    if number % 29 == 0 or number % 150 == 0:
        return {"provider": "manual", "reference": f"Bank transfer {rng.randrange(10**5, 10**6)}"}
    return {"provider": "sandbox", "reference": f"pay_{number:05d}_{rng.getrandbits(48):012x}"}
