"""Take a batch of order documents in: the same few statements for one document or for a thousand."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from orders import money
from orders.documents import Document, Fault, Routing
from orders.fulfilment import apply
from orders.intake import changes, payments, routing, sellers, store
from orders.intake.payment_changes import PaymentChanges
from orders.intake.removed_items import removed_items
from orders.models import Order, OrderItem, SalesChannel, Seller
from orders.timeline import attention, events

CHUNK = 1_000
AHEAD = timedelta(days=1)
"""So far an order's date may lie ahead of our clock."""


class Outcome(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class IntakeResult:
    """What became of one document: its order, or why it was refused."""

    outcome: Outcome
    order_id: int | None = None
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class _Change:
    place: int
    order: Order
    items: list[OrderItem]
    document: Document
    changes: changes.Changes
    routing: Routing
    """How the order is routed so far."""


@dataclass(frozen=True, slots=True)
class _New:
    place: int
    document: Document
    seller: Seller
    channel: SalesChannel
    paid: PaymentChanges


def upsert_orders(documents: Sequence[Document], *, create_sellers: bool = False, actor: str) -> list[IntakeResult]:
    """Create the orders that are new, change those that say something else, and leave the rest alone.

    Answers for each document, in their sequence. An order is taken in whole or refused; a refused one harms no other.
    Taking a document in again writes nothing. Each chunk of a thousand commits by itself, unless the caller holds a
    transaction. Documents of the same order are taken in one after the other. `create_sellers` also makes the sellers
    and channels that are not known yet.
    """
    taken: list[IntakeResult] = []
    for start in range(0, len(documents), CHUNK):
        with transaction.atomic():
            taken += _take_chunk(documents[start : start + CHUNK], create_sellers, actor)
    return taken


def _take_chunk(documents: Sequence[Document], create_sellers: bool, actor: str) -> list[IntakeResult]:
    named = sellers.find(documents, create=create_sellers)
    documents = [named.marked(document) for document in documents]
    taken: dict[int, IntakeResult] = {}
    rounds: list[dict[store.Key, int]] = []
    met: dict[store.Key, int] = {}
    for place, document in enumerate(documents):
        if faults := named.faults(document) + _date_faults(document):
            taken[place] = IntakeResult(Outcome.REFUSED, faults=faults)
            continue
        key = (named.sellers[document.seller].pk, named.channels[document.channel].pk, document.reference)
        met[key] = met.get(key, 0) + 1
        if met[key] > len(rounds):
            rounds.append({})
        rounds[met[key] - 1][key] = place
    for round_ in rounds:
        taken |= _take_round(documents, round_, named, actor)
    return [taken[place] for place in range(len(documents))]


def _date_faults(document: Document) -> tuple[Fault, ...]:
    """Why the order's date cannot be believed: one from the future would never be late."""
    if document.placed_at <= timezone.now() + AHEAD:
        return ()
    return (Fault("placed_at", f"placed_at lies more than a day ahead: {document.placed_at:%Y-%m-%d}"),)


def _take_round(
    documents: Sequence[Document],
    round_: dict[store.Key, int],
    named: sellers.Places,
    actor: str,
    *,
    again: bool = False,
) -> dict[int, IntakeResult]:
    """Take in documents that are each of another order."""
    here = store.lock(round_)
    # In one fixed sequence, so that two who take in the same new orders wait for each other in turn.
    new = [round_[key] for key in sorted(round_.keys() - here.keys())]
    found = _compare(here, {key: documents[round_[key]] for key in here}, round_)
    register = payments.Register(
        [(named.sellers[documents[n].seller], paid) for n in new for paid in documents[n].payments]
        + [
            (named.sellers[c.document.seller], paid)
            for c in found
            if c.changes.payments
            for paid in c.document.payments
        ]
    )
    taken: dict[int, IntakeResult] = {}
    unseen: list[_New] = []
    for place in new:
        document, paid = documents[place], PaymentChanges(added=list(documents[place].payments))
        seller = named.sellers[document.seller]
        if faults := register.claim(document, seller, paid):
            taken[place] = IntakeResult(Outcome.REFUSED, faults=tuple(faults))
        else:
            unseen.append(_New(place, document, seller, named.channels[document.channel], paid))
    if unseen:
        try:
            with transaction.atomic():
                ids = _create(unseen, register, named, actor)
        except IntegrityError:
            if again:
                raise
            # Somebody else took one of these new orders, or of their payments, in at this moment: now it is here.
            return _take_round(documents, round_, named, actor, again=True)
        events.record([_placed(pk, one, actor) for pk, one in zip(ids, unseen, strict=True)])
        taken |= {one.place: IntakeResult(Outcome.CREATED, pk) for pk, one in zip(ids, unseen, strict=True)}
    taken |= _take_changes(found, register, named, actor)
    attention.open_items(register.concerns)
    return taken


def _compare(
    here: dict[store.Key, Order], documents: dict[store.Key, Document], round_: dict[store.Key, int]
) -> list[_Change]:
    """What the documents change about the orders that are here."""
    ids = [order.pk for order in here.values()]
    items, shares = store.items_of(here.values()), payments.of_orders(ids)
    routed = any(document.routing is not None for document in documents.values())
    routings = routing.routings(ids) if routed else {}
    found = []
    for key, order in here.items():
        so_far, mine = routings.get(order.pk, {}), items[order.pk]
        change = changes.find(order, mine, documents[key], so_far, shares[order.pk])
        found.append(_Change(round_[key], order, mine, documents[key], change, so_far))
    return found


def _create(unseen: Sequence[_New], register: payments.Register, named: sellers.Places, actor: str) -> list[int]:
    """Write new orders with their items, payments and routing, and answer their ids."""
    ids = store.create([(one.document, one.seller, one.channel) for one in unseen])
    payments.change([one.paid for one in unseen])
    payments.pay(
        [
            payments.Paying(pk, one.seller, one.document.currency, one.paid.added)
            for pk, one in zip(ids, unseen, strict=True)
        ],
        register,
    )
    _route([(pk, one.document, one.seller) for pk, one in zip(ids, unseen, strict=True)], named, actor)
    return ids


def _route(made: Sequence[tuple[int, Document, Seller]], named: sellers.Places, actor: str) -> None:
    """Ask warehouses for new orders, where the document says which ships what."""
    by_seller: dict[int, list[int]] = {}
    wanted = []
    for order_id, document, seller in made:
        if document.routing is not None:
            wanted.append((order_id, named.wanted(seller.code, document.routing)))
            by_seller.setdefault(seller.pk, []).append(order_id)
    routing.route(wanted)
    for seller_id, order_ids in sorted(by_seller.items()):
        apply.rederive(seller_id, order_ids, actor=actor)


def _take_changes(
    found: Iterable[_Change], register: payments.Register, named: sellers.Places, actor: str
) -> dict[int, IntakeResult]:
    taken: dict[int, IntakeResult] = {}
    wanted: list[_Change] = []
    for change in found:
        faults = changes.faults(change.order, change.items, change.document, change.changes)
        if not change.changes:
            taken[change.place] = IntakeResult(Outcome.UNCHANGED, change.order.pk)
        elif faults := faults or _payment_faults(change, register, named):
            taken[change.place] = IntakeResult(Outcome.REFUSED, change.order.pk, tuple(faults))
        else:
            wanted.append(change)
    stuck = store.pointed_at(OrderItem, [item.pk for change in wanted for item in change.changes.removed])
    for change in wanted:
        skus = [item.sku for item in change.changes.removed if item.pk in stuck]
        if skus:
            fault = Fault("items", f"{', '.join(skus)} can no longer leave the order: other records name it")
            taken[change.place] = IntakeResult(Outcome.REFUSED, change.order.pk, (fault,))
        else:
            taken[change.place] = IntakeResult(Outcome.UPDATED, change.order.pk)
    _write([change for change in wanted if taken[change.place].outcome == Outcome.UPDATED], register, named, actor)
    return taken


def _payment_faults(change: _Change, register: payments.Register, named: sellers.Places) -> list[Fault]:
    if not change.changes.payments:
        return []
    return register.claim(change.document, named.sellers[change.document.seller], change.changes.payments)


def _write(changed: Sequence[_Change], register: payments.Register, named: sellers.Places, actor: str) -> None:
    # What the timeline says is worked out first: `from` is what stands there now.
    facts = [
        events.Event(
            change.order.pk,
            change.order.seller_id,
            "order.changed",
            None,
            actor,
            {"changes": changes.told(change.order, change.items, change.document, change.changes, change.routing)}
            | _cut(change.document),
        )
        for change in changed
    ]
    store.update([(change.order, change.changes) for change in changed])
    paid = [change for change in changed if change.changes.payments]
    payments.change([change.changes.payments for change in paid])
    payments.pay(
        [
            payments.Paying(
                change.order.pk,
                named.sellers[change.document.seller],
                change.document.currency,
                change.changes.payments.added,
            )
            for change in paid
        ],
        register,
    )
    routing.route(
        [
            (change.order.pk, named.wanted(change.document.seller, change.changes.routing))
            for change in changed
            if change.changes.routing is not None
        ]
    )
    events.record(facts)
    lost = (removed_items(one.order, one.items, one.document) for one in changed if one.changes.items_differ)
    attention.open_items([request for requests in lost for request in requests])
    moved: dict[int, list[int]] = {}
    for change in changed:
        if change.changes.items_differ or change.changes.routing is not None:
            moved.setdefault(change.order.seller_id, []).append(change.order.pk)
    for seller_id in sorted(moved):
        apply.rederive(seller_id, moved[seller_id], actor=actor)


def _cut(document: Document) -> dict[str, Any]:
    """The note on what was too long to be kept whole, if anything was."""
    return {"cut": ", ".join(document.cut)[:500]} if document.cut else {}


def _placed(order_id: int, new: _New, actor: str) -> events.Event:
    document = new.document
    data = {
        "channel": new.channel.code,
        "source": document.source or new.channel.kind,
        "currency": document.currency,
        "total_paid": money.text(document.total_paid, document.currency),
        "units": document.units,
    } | _cut(document)
    return events.Event(order_id, new.seller.pk, "order.placed", document.placed_at, actor, data)
