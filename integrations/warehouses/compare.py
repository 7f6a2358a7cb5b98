"""Compare all open orders of an account with the warehouse's, and store where the two differ."""

import logging
import time
import zlib
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db.models import Exists, Min, OuterRef, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from integrations.connections.models import Account
from integrations.http import Patience
from integrations.secrets import Undecryptable
from integrations.warehouses import differences
from integrations.warehouses.differences import Difference
from integrations.warehouses.models import ArchivedMessage, Discrepancy
from integrations.warehouses.port import KeyRefused, Unavailable, UnreadableAnswer, WrongAddress
from integrations.warehouses.systems import comparable_kinds, system_of
from orders.errors import ActionRefused
from orders.models import AttentionItem, Order
from orders.timeline import attention

log = logging.getLogger(__name__)
Kind = Discrepancy.Kind
BEFORE = timedelta(days=1)
"""ProSKU is asked for what changed since so long before the oldest open order was placed, lest a clock be off."""
GRACE = timedelta(hours=1)
"""So long an order may take to reach the warehouse."""
WORTH_A_LOOK = timedelta(days=3)
"""So long an account may go without a comparison before people are notified."""


class NotCompared(ActionRefused):
    """The warehouse could not be asked; the message says why."""


def compare_due(*, since: datetime, ends: float) -> int:
    """Compare the active accounts that were not compared since then; answer how many discrepancies they have.

    Those that waited longest come first. Once the monotonic clock shows `ends` the others are left to the next call.
    What could not be compared is tried again by the next call; after some days attention is opened.
    """
    active = Account.objects.switched_on().filter(connection__kind__in=comparable_kinds(), paused_because="")
    found = 0
    due = active.filter(compared_at__lt=since).select_related("connection", "seller")
    for account in due.order_by("compared_at"):
        if time.monotonic() >= ends:
            break
        try:
            found += compare(account, ends=ends)
        except ActionRefused as error:
            log.warning("not compared", extra={"account": str(account), "why": str(error)})
            if timezone.now() - account.compared_at > WORTH_A_LOOK:
                text = f"{account} has not been compared with {system_of(account).label} for days: {error}"
                subject = _subject(account)
                attention.open_items(
                    [attention.AttentionRequest(AttentionItem.Kind.SYNC_FAILING, subject, text, account.seller_id)]
                )
    return found


def compare(account: Account, *, patience: Patience | None = None, ends: float | None = None) -> int:
    """Compare all open orders of an account, and say how many discrepancies there are. Nothing of an order changes.

    ProSKU can only be asked by time: an order that is open here was given to it after it was placed, so everything
    since the oldest one holds them all. What changed since the last sync is no discrepancy. Those of earlier
    comparisons that are no longer found are resolved. Raises NotCompared, also once the monotonic clock shows `ends`.
    """
    began = timezone.now()
    oldest = _open(account).aggregate(oldest=Min("placed_at"))["oldest"]
    account.require_switched_on()
    if not system_of(account).open_orders:
        raise NotCompared(f"{account.connection.get_kind_display()} list no open orders", code="not_comparable")
    if account.orders_cursor is None:
        raise NotCompared("this account has not been read to the end yet", code="not_read_yet")
    known: set[int] = set()
    if oldest is not None:
        try:
            known = _ask(account, oldest - BEFORE, began, patience, ends)
        except (KeyRefused, WrongAddress, Unavailable, UnreadableAnswer, Undecryptable) as error:
            raise NotCompared(str(error), code="not_connected") from None
        _store(account, _unknown_there(account, known, began), began)
    open_discrepancies(account).filter(seen_at__lt=began).update(resolved_at=Now())
    Account.objects.filter(pk=account.pk).update(compared_at=Now())
    attention.resolve(AttentionItem.Kind.SYNC_FAILING, [_subject(account)])
    return report_open(account)


def _ask(account: Account, since: datetime, began: datetime, patience: Patience | None, ends: float | None) -> set[int]:
    """Store the differences page by page; return which of our orders the warehouse knows."""
    known: set[int] = set()
    system = system_of(account)
    with system.connect(account, patience) as client:
        for page in client.pages(system.open_orders, since, system.page_size):
            compared = differences.find(account, page.records, read_up_to=account.orders_cursor)
            known |= compared.known
            _store(account, compared.differences, began)
            if ends is not None and time.monotonic() >= ends:
                raise NotCompared(
                    "it takes too long: compare it once with manage.py compare_prosku, or at a quiet hour",
                    code="too_slow",
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


def _store(account: Account, found: Sequence[Difference], began: datetime) -> None:
    for one in found:
        values = {
            "order_id": one.order_id,
            "ours": one.ours,
            "theirs": one.theirs,
            "raw": zlib.compress(one.raw.encode()),
            "seen_at": began,
        }
        open_discrepancies(account).update_or_create(
            reference=one.reference,
            kind=one.kind,
            defaults=values,
            create_defaults={**values, "account": account},
        )


def _subject(account: Account) -> str:
    # The first part says which page the item leads to.
    return f"account:{account.pk}:compared"


def open_discrepancies(account: Account) -> QuerySet[Discrepancy]:
    """The discrepancies of an account that nobody resolved yet."""
    return Discrepancy.objects.filter(account=account, resolved_at__isnull=True)


def report_open(account: Account) -> int:
    """Tell people how many discrepancies stand, and answer that."""
    standing = open_discrepancies(account).count()
    subject = f"account:{account.pk}"
    if standing:
        orders = open_discrepancies(account).values("reference").distinct().count()
        text = f"{account}: data mismatch on {orders} {'order' if orders == 1 else 'orders'}"
        newest = open_discrepancies(account).latest("id").pk
        concern = attention.AttentionRequest(
            AttentionItem.Kind.DISCREPANCY, subject, text, account.seller_id, evidence={"newest": newest}
        )
        attention.open_items([concern])
    else:
        attention.resolve(AttentionItem.Kind.DISCREPANCY, [subject])
    return standing
