"""Ask ProSKU for all open orders, keep where it and we disagree, and take its side when a person says so."""

import logging
import time
import zlib
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, Min, OuterRef, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from integrations.connections.models import Account
from integrations.http import Patience
from integrations.secrets import Undecryptable
from integrations.warehouses import archive, differences, replay
from integrations.warehouses.apply_messages import apply_messages
from integrations.warehouses.differences import Difference
from integrations.warehouses.models import ArchivedMessage, Discrepancy
from integrations.warehouses.prosku.client import KeyRefused, ProSkuClient, Unavailable, UnreadableAnswer, WrongAddress
from integrations.warehouses.prosku.protocol import Record, decode_record
from orders.errors import ActionRefused
from orders.models import AttentionItem, Order
from orders.timeline import attention, events

log = logging.getLogger(__name__)
Kind = Discrepancy.Kind
BEFORE = timedelta(days=1)
"""ProSKU is asked for what changed since so long before the oldest open order was placed, lest a clock be off."""
GRACE = timedelta(hours=1)
"""So long an order may take to reach the warehouse."""
WORTH_A_LOOK = timedelta(days=3)
"""So long an account may go without a comparison before people are told."""


class NotCompared(Exception):
    """ProSKU could not be asked; the message says why."""


class NotTaken(ActionRefused):
    """ProSKU's side was not taken; the message says why."""


def compare_due(*, since: datetime, ends: float) -> int:
    """Compare the active accounts that were not compared since then; answer how many discrepancies they have.

    Those that waited longest come first. Once the monotonic clock shows `ends` the others are left to the next call.
    What could not be compared is tried again by the next call; after some days people are told.
    """
    active = Account.objects.filter(active=True, connection__active=True, seller__active=True, paused_because="")
    found = 0
    due = active.filter(compared_at__lt=since).select_related("connection", "seller")
    for account in due.order_by("compared_at"):
        if time.monotonic() >= ends:
            break
        try:
            found += compare(account, ends=ends)
        except NotCompared as error:
            log.warning("not compared", extra={"account": str(account), "why": str(error)})
            if timezone.now() - account.compared_at > WORTH_A_LOOK:
                text = f"{account} has not been compared with ProSKU for days: {error}"
                subject = _subject(account)
                attention.open_items(
                    [attention.AttentionRequest(AttentionItem.Kind.SYNC_FAILING, subject, text, account.seller_id)]
                )
    return found


def compare(account: Account, *, patience: Patience | None = None, ends: float | None = None) -> int:
    """Compare all open orders of an account, and say how many discrepancies there are. Nothing of an order changes.

    ProSKU can only be asked by time: an order that is open here was given to it after it was placed, so everything
    since the oldest one holds them all. What changed since the last sync is news, no discrepancy. Those of earlier
    comparisons that are no longer found are settled. Raises NotCompared, also once the monotonic clock shows `ends`.
    """
    began = timezone.now()
    oldest = _open(account).aggregate(oldest=Min("placed_at"))["oldest"]
    if account.orders_cursor is None:
        raise NotCompared("this ProSKU seller has not been read to the end yet")
    known: set[int] = set()
    if oldest is not None:
        try:
            known = _ask(account, oldest - BEFORE, began, patience, ends)
        except (KeyRefused, WrongAddress, Unavailable, UnreadableAnswer, Undecryptable) as error:
            raise NotCompared(str(error)) from None
        _keep(account, _unknown_there(account, known, began), began)
    _standing(account).filter(seen_at__lt=began).update(resolved_at=Now())
    Account.objects.filter(pk=account.pk).update(compared_at=Now())
    attention.resolve(AttentionItem.Kind.SYNC_FAILING, [_subject(account)])
    return _say(account)


def accept_discrepancy(discrepancy: Discrepancy, *, by: User) -> str:
    """Archive and apply ProSKU's record; where that changes nothing, make the order anew from all its messages.

    Says in words what came of it; the discrepancy is settled when none is left. A second call is refused.
    """
    if not by.has_perm("integrations.accept_discrepancy"):
        raise NotTaken("You may not take ProSKU's side.", code="not_permitted")
    with transaction.atomic():
        row = Discrepancy.objects.select_for_update().get(pk=discrepancy.pk)
        if row.resolved_at is not None:
            raise NotTaken("This has been settled meanwhile.", code="already_settled")
        if row.kind == Kind.UNKNOWN_THERE:
            raise NotTaken("ProSKU does not know this order: there is nothing to take.", code="order_not_found")
        account = Account.objects.select_related("connection", "seller").get(pk=row.account_id)
        record = decode_record(archive.text_of(bytes(row.raw)), "orders")
        apply_messages(account, _kept(account, record))
        left = _left(account, record, row.kind)
        if left and row.order_id is not None:
            replay.rebuild_one(account.seller, row.order_id)
            left = _left(account, record, row.kind)
        if row.order_id is not None:
            data = {"about": row.get_kind_display(), "ours": row.ours, "theirs": row.theirs}
            actor = f"staff:{by.get_username()}"
            events.record([events.Event(row.order_id, account.seller_id, "order.compared", None, actor, data)])
        if left:
            return f"ProSKU's record of {row.reference} was applied, but other messages still say otherwise."
        Discrepancy.objects.filter(pk=row.pk).update(resolved_at=Now(), accepted_by=by)
        _say(account)
        return f"{row.reference} is now as ProSKU says."


def _ask(account: Account, since: datetime, began: datetime, patience: Patience | None, ends: float | None) -> set[int]:
    """Keep the differences page by page; answer which of our orders ProSKU knows."""
    known: set[int] = set()
    key, form = account.key.reveal(), account.connection.format
    with ProSkuClient(account.connection.base_url, key, form=form, patience=patience) as client:
        for fetched in client.pages("orders", since, account.connection.zone, settings.PROSKU_PAGE_SIZE):
            compared = differences.find(account, fetched.page.records, read_up_to=account.orders_cursor)
            known |= compared.known
            _keep(account, compared.differences, began)
            if ends is not None and time.monotonic() >= ends:
                raise NotCompared(
                    "it takes too long: compare it once with manage.py compare_prosku, or at a quiet hour"
                )
    return known


def _open(account: Account) -> QuerySet[Order]:
    orders = Order.objects.filter(seller=account.seller_id, outstanding_units__gt=0)
    if Account.objects.filter(seller=account.seller_id).count() > 1:
        # The seller's orders are spread over several warehouses: only those that this one has spoken of are its own.
        orders = orders.filter(Exists(ArchivedMessage.objects.filter(order=OuterRef("pk"), account=account)))
    return orders


def _unknown_there(account: Account, known: Collection[int], began: datetime) -> list[Difference]:
    old_enough = _open(account).filter(placed_at__lt=began - GRACE).values_list("pk", "reference", "status")
    return [
        Difference(reference, Kind.UNKNOWN_THERE, pk, {"status": status})
        for pk, reference, status in old_enough.iterator()
        if pk not in known
    ]


def _keep(account: Account, found: Sequence[Difference], began: datetime) -> None:
    for one in found:
        values = {
            "order_id": one.order_id,
            "ours": one.ours,
            "theirs": one.theirs,
            "raw": zlib.compress(one.raw.encode()),
            "seen_at": began,
        }
        _standing(account).update_or_create(
            reference=one.reference,
            kind=one.kind,
            defaults=values,
            create_defaults={**values, "account": account},
        )


def _subject(account: Account) -> str:
    # The first part says which page the item leads to.
    return f"account:{account.pk}:compared"


def _standing(account: Account) -> QuerySet[Discrepancy]:
    return Discrepancy.objects.filter(account=account, resolved_at__isnull=True)


def _say(account: Account) -> int:
    """Tell people how many discrepancies stand, and answer that."""
    standing = _standing(account).count()
    subject = f"account:{account.pk}"
    if standing:
        orders = _standing(account).values("reference").distinct().count()
        text = f"{account} and we disagree about {orders} {'order' if orders == 1 else 'orders'}"
        newest = _standing(account).latest("id").pk
        concern = attention.AttentionRequest(
            AttentionItem.Kind.DISCREPANCY, subject, text, account.seller_id, evidence={"newest": newest}
        )
        attention.open_items([concern])
    else:
        attention.resolve(AttentionItem.Kind.DISCREPANCY, [subject])
    return standing


def _kept(account: Account, record: Record) -> list[archive.StoredMessage]:
    archive.keep(account, None, "orders", [record])
    return archive.read_again(archive.find(account, "orders", [record.digest]))[account.pk]


def _left(account: Account, record: Record, kind: str) -> bool:
    compared = differences.find(account, [record], read_up_to=None)
    return any(one.kind == kind for one in compared.differences)
