"""Which seller and which channel does each document name?"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from orders.documents import Document, Fault
from orders.models import SalesChannel, Seller


@dataclass(frozen=True, slots=True)
class Places:
    """The sellers and channels that a batch of documents names, by their codes."""

    sellers: dict[str, Seller]
    channels: dict[str, SalesChannel]

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
        return unfit + _provider_faults(document.payment_provider)


def _provider_faults(name: str) -> tuple[Fault, ...]:
    """Why nobody could pay back what this provider took: a name that is only nearly right is never paid by hand."""
    known = [*settings.REFUND_GATEWAYS, *settings.PAID_BY_HAND]
    if name in known:
        return ()
    return (Fault("payment.provider", f"payment provider {name!r} is not known here; known are {', '.join(known)}"),)


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
    sellers = Seller.objects.filter(code__in={document.seller for document in documents})
    channels = SalesChannel.objects.filter(code__in={document.channel for document in documents})
    return Places({seller.code: seller for seller in sellers}, {channel.code: channel for channel in channels})
