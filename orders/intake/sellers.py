"""Which seller and which channel does each document name?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.conf import settings
from django.db.models import F, Func, IntegerField, TextField, Value
from django.db.models.functions import Cast

from orders.documents import Document, Fault, Routing
from orders.fulfilment.sku_rules import IN_USE
from orders.intake.non_shipping import matcher
from orders.intake.routing import Wanted
from orders.models import NonShippingSku, SalesChannel, Seller, SellerWarehouse


@dataclass(frozen=True, slots=True)
class Places:
    """The sellers and channels that a batch of documents names, and the warehouses of these sellers, by their codes."""

    sellers: Mapping[str, Seller]
    channels: dict[str, SalesChannel]
    warehouses: dict[str, dict[str, int]]
    """By seller, the ids of the warehouses that it uses."""
    non_shipping: dict[str, Callable[[str], bool]]
    """By seller that has any, whether a SKU is one that no warehouse ships."""

    def faults(self, document: Document) -> tuple[Fault, ...]:
        """Why the document's seller or channel takes no orders."""
        named: tuple[tuple[str, str, Seller | SalesChannel | None], ...] = (
            ("seller", document.seller, self.sellers.get(document.seller)),
            ("channel", document.channel, self.channels.get(document.channel)),
        )
        unfit = tuple(
            Fault(kind, f"{kind} {code} is not known here" if place is None else f"{kind} {code} is not active")
            for kind, code, place in named
            if place is None or not place.active
        )
        return unfit + self._unknown_warehouses(document) + _provider_faults(document)

    def wanted(self, seller: str, routing: Routing) -> Wanted:
        """The routing of an order of this seller, by the ids of its warehouses."""
        return {self.warehouses[seller][code]: units for code, units in routing.items()}

    def marked(self, document: Document) -> Document:
        """The document with those of its lines marked that no warehouse ships."""
        matches = self.non_shipping.get(document.seller)
        if matches is None or not any(item.ships and matches(item.sku) for item in document.items):
            return document
        return replace(document, items=tuple(replace(i, ships=i.ships and not matches(i.sku)) for i in document.items))

    def _unknown_warehouses(self, document: Document) -> tuple[Fault, ...]:
        known = self.warehouses.get(document.seller, {})
        return tuple(
            Fault(
                f"fulfilment_orders[{n}].warehouse",
                f"fulfilment_orders[{n}].warehouse {code} is no warehouse of the seller {document.seller}",
            )
            for n, code in enumerate(document.routing or ())
            if code not in known
        )


def _provider_faults(document: Document) -> tuple[Fault, ...]:
    """Why nobody could pay back what a provider took: a name that is only nearly right is never paid by hand."""
    known = [*settings.REFUND_GATEWAYS, *settings.PAID_BY_HAND]
    return tuple(
        Fault(
            f"{paid.field}.provider",
            f"payment provider {paid.provider!r} is not known here; known are {', '.join(known)}",
        )
        for paid in document.payments
        if paid.provider not in known
    )


def find(documents: Sequence[Document], *, create: bool) -> Places:
    """Load the sellers and channels that are named; with `create`, make those that are not known yet."""
    places = _load(documents)
    if not create:
        return places
    # The first document that names a seller or channel says what it is like.
    sellers = {d.seller: d.currency for d in reversed(documents) if d.seller not in places.sellers}
    channels = {d.channel: d.source for d in reversed(documents) if d.channel not in places.channels}
    if sellers:
        # In one fixed sequence, and whoever else is making the same ones at this moment wins.
        Seller.objects.bulk_create(
            [Seller(code=code, name=code, currency=sellers[code]) for code in sorted(sellers)], ignore_conflicts=True
        )
    if channels:
        kinds = {code: source or SalesChannel.Kind.WEB for code, source in channels.items()}
        SalesChannel.objects.bulk_create(
            [SalesChannel(code=code, name=code, kind=kinds[code]) for code in sorted(kinds)], ignore_conflicts=True
        )
    return _load(documents) if sellers or channels else places


def _load(documents: Sequence[Document]) -> Places:
    # The patterns below are rules for SKUs too: see fulfilment/sku_rules.py.
    lock = Func(Value(IN_USE), Cast(F("pk"), IntegerField()), function="pg_advisory_xact_lock_shared")
    sellers = Seller.objects.filter(code__in={document.seller for document in documents})
    named = {each.code: each for each in sellers.annotate(in_use=Cast(lock, TextField()))}
    channels = SalesChannel.objects.filter(code__in={document.channel for document in documents})
    routed = {document.seller for document in documents if document.routing is not None}
    warehouses: dict[str, dict[str, int]] = {}
    used = SellerWarehouse.objects.filter(seller__code__in=routed) if routed else SellerWarehouse.objects.none()
    for seller, code, pk in used.values_list("seller__code", "warehouse__code", "warehouse"):
        warehouses.setdefault(seller, {})[code] = pk
    patterns: dict[str, list[str]] = {}
    for seller, pattern in NonShippingSku.objects.filter(seller__in=named.values()).values_list(
        "seller__code", "pattern"
    ):
        patterns.setdefault(seller, []).append(pattern)
    non_shipping = {code: matcher(found, fold=named[code].ignore_sku_case) for code, found in patterns.items()}
    return Places(named, {each.code: each for each in channels}, warehouses, non_shipping)
