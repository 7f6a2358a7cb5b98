"""Whose orders are made, where were they placed, who decided on refunds, and what do messages look like?"""

import zlib
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import Group, User

from hemi_intake.demo import catalogue
from integrations.models import Account, Connection
from orders.models import Person, SalesChannel, Seller
from refunds.models import RefundLimit, RefundPolicy

# Code, name, currency, zone, country, and how many of a thousand orders are theirs: large ones, and tiny ones.
_BRANDS = (
    ("alder", "Alder & Ash", "GBP", "Europe/London", "GB", 340),
    ("birch", "Birch Kitchen", "GBP", "Europe/London", "GB", 190),
    ("cedre", "Maison Cèdre", "EUR", "Europe/Paris", "FR", 130),
    ("dune", "Dune Sports", "EUR", "Europe/Berlin", "DE", 100),
    ("elm", "Elm Street Toys", "USD", "America/New_York", "US", 80),
    ("fjord", "Fjord Wool", "NOK", "Europe/Oslo", "NO", 60),
    ("ginkgo", "Ginkgo Paper", "JPY", "Asia/Tokyo", "JP", 40),
    ("heron", "Heron Optics", "GBP", "Europe/London", "GB", 30),
    ("iris", "Iris Perfume", "KWD", "Asia/Kuwait", "KW", 15),
    ("juniper", "Juniper Tea", "GBP", "Europe/London", "IE", 10),
    ("kelp", "Kelp Surf", "EUR", "Europe/Lisbon", "PT", 4),
    ("lark", "Lark Books", "GBP", "Europe/London", "GB", 1),
)
_CHANNELS = (
    ("web", "Web shops", "web", 5),
    ("app", "Shopping app", "web", 2),
    ("market", "Market Hall", "marketplace", 4),
    ("bazaar", "Bazaar", "marketplace", 2),
    ("scouts", "Style Scouts", "affiliate", 2),
    ("phone", "On the phone", "manual", 1),
)
_ENDINGS = (
    *("", "berg", "court", "dale", "den", "field", "ford", "gate", "ham", "house", "ley", "man", "more", "ridge"),
    *("son", "stead", "stone", "ton", "well", "wick", "wood"),
)
LAST_NAMES = tuple(f"{name}{ending}" for ending in _ENDINGS for name in catalogue.LAST_NAMES)
FIRST_NAMES = tuple(f"{name}{more}" for more in ("", "-May", "-Lee", "-Jo", "-Ann") for name in catalogue.FIRST_NAMES)
SMALLEST = "lark"
"""The seller of one order in a thousand."""
PEOPLE = ("many-ann", "many-ben", "many-cy")
LIMITED = "many-dee"
"""Somebody who sees the orders of the smallest seller alone."""
SECOND_APPROVER_ABOVE = 30_000


@dataclass(frozen=True, slots=True)
class Ground:
    """Ids that the rows refer to. `brands` and `channels` repeat an id as often as it is to be chosen."""

    brands: list[int]
    channels: list[int]
    countries: dict[int, str]
    accounts: list[int]
    people: list[int]
    payloads: list[bytes]


def lay() -> Ground:
    """Make the sellers, channels, accounts and people that orders need. Only once in a database."""
    connection = Connection.objects.create(name="many", base_url="http://127.0.0.1:9")
    brands, countries, accounts = [], {}, []
    for code, name, currency, zone, country, weight in _BRANDS:
        seller = Seller.objects.create(code=code, name=name, currency=currency, time_zone=zone)
        policy = RefundPolicy.objects.get(seller=seller)
        wanted = {"second_approver_above": SECOND_APPROVER_ABOVE, "daily_ceiling": None}
        RefundLimit.objects.update_or_create(policy=policy, currency=currency, defaults=wanted)
        account = Account.objects.create(connection=connection, seller=seller, key="key", active=False)
        brands += [seller.pk] * weight
        countries[seller.pk] = country
        accounts.append(account.pk)
    limited = Person.objects.create(user_id=_person(LIMITED))
    limited.sellers.set(Seller.objects.filter(code=SMALLEST))
    channels = []
    for code, name, kind, weight in _CHANNELS:
        channels += [SalesChannel.objects.create(code=f"many-{code}", name=name, kind=kind).pk] * weight
    return Ground(brands, channels, countries, accounts, [_person(name) for name in PEOPLE], _payloads())


def _person(name: str) -> int:
    person = User.objects.create_user(name, is_staff=True)
    person.groups.set(Group.objects.filter(name="Manager"))
    return int(person.pk)


def _payloads() -> list[bytes]:
    made: list[Any] = []
    for number in range(50):
        lines = "".join(
            f"<line><product_code>SKU-{number * 31 + line:04d}</product_code><quantity>2</quantity></line>"
            for line in range(1 + number % 4)
        )
        made.append(zlib.compress(f"<order><order_number>N-{number}</order_number>{lines}</order>".encode()))
    return made
