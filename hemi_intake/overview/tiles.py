"""How much waits of each kind? (each number with the address of exactly the rows that it counts)"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.db.models import Case, Count, F, Min, Sum, When
from django.urls import reverse

from integrations.models import ArchivedMessage
from orders.backoffice import seller_scope
from orders.backoffice.overdue import past_promise, ship_by
from orders.models import AttentionItem, Order
from refunds.execution.execute import automatic_providers
from refunds.models import Refund, RefundStatus

Kind = AttentionItem.Kind


@dataclass(slots=True)
class Tile:
    """One number with what it counts; `oldest` is since when the first has waited, `word` is in the glossary."""

    label: str
    url: str
    tone: str
    count: int = 0
    sums: dict[str, int] = field(default_factory=dict)
    oldest: datetime | None = None
    word: str = ""
    late: str = ""
    """What follows the age."""


_REFUNDS = (
    (RefundStatus.IN_DOUBT, "Refunds in doubt", "bad", "in doubt"),
    (RefundStatus.FAILED, "Refunds failed", "bad", "failed"),
    (RefundStatus.PROPOSED, "Refunds to decide", "warn", ""),
    (RefundStatus.ON_HOLD, "Refunds on hold", "warn", ""),
    (RefundStatus.APPROVED, "Approved, sending", "info", ""),
    (RefundStatus.EXECUTING, "Sending to the provider", "info", ""),
    (RefundStatus.PENDING, "Pending at the provider", "info", ""),
)
_NEEDS = (
    ("two", RefundStatus.PROPOSED, "Need two approvals", "warn", "limit"),
    ("second", RefundStatus.PROPOSED, "Waiting for second approval", "warn", ""),
    ("hand", RefundStatus.APPROVED, "To pay by hand", "bad", ""),
)
_MESSAGES = (
    (ArchivedMessage.State.REJECTED, "Messages rejected", "warn", "rejected"),
    (ArchivedMessage.State.PARKED, "Messages parked", "warn", "parked"),
    (ArchivedMessage.State.PENDING, "Messages pending", "info", ""),
)
_COUNTED_AS_REFUNDS = (Kind.REFUND_IN_DOUBT, Kind.REFUND_FAILED)
# Money may be lost, or nothing arrives any more.
_WORST = {
    Kind.SHIPPED_AFTER_REFUND,
    Kind.EXTERNAL_OVER_LIMIT,
    Kind.UNEXPLAINED_REFUND,
    Kind.PROVIDER_DIFFERENCE,
    Kind.REFUND_IN_DOUBT,
    Kind.REFUND_FAILED,
    Kind.SYNC_FAILING,
    Kind.KEY_REFUSED,
    Kind.EMPTY_LIST,
    Kind.SILENCE,
}


def tiles(user: User) -> list[Tile]:
    """Everything that this person may see; four queries."""
    found: list[Tile] = []
    if user.has_perm("refunds.view_refund"):
        found += _refunds(user)
    if user.has_perm("orders.view_order"):
        found.append(_late(user))
    if user.has_perm("orders.view_attentionitem"):
        found += _attention(user)
    if user.has_perm("integrations.view_archivedmessage"):
        found += _messages(user)
    return found


def _refunds(user: User) -> list[Tile]:
    by_status = {
        str(status): Tile(label, _to("refunds_refund", status=status), tone, word=word)
        for status, label, tone, word in _REFUNDS
    }
    by_need = {
        need: Tile(label, _to("refunds_refund", status=status, needs=need), tone, word=word)
        for need, status, label, tone, word in _NEEDS
    }
    by_status[RefundStatus.APPROVED].url += "&needs=provider"
    called = set(automatic_providers())
    waiting = seller_scope.narrow(Refund.objects.filter(status__in=list(by_status)), user, "seller_id")
    given = Case(When(approved_by__isnull=False, then=True), default=False)
    rows = waiting.order_by("currency").annotate(given=given)
    rows = rows.values("status", "currency", "approvals_needed", "provider", "given")
    # What waits for a second approval waits since the first one.
    since = Case(When(status=RefundStatus.PROPOSED, given=True, then=F("approved_at")), default=F("status_since"))
    for row in rows.annotate(many=Count("id"), total=Sum("amount"), oldest=Min("status_since"), given_since=Min(since)):
        by_hand = row["status"] == RefundStatus.APPROVED and row["provider"] not in called
        _add(by_need["hand"] if by_hand else by_status[row["status"]], row, row["oldest"])
        if row["status"] == RefundStatus.PROPOSED and row["approvals_needed"] > 1:
            _add(by_need["two"], row, row["oldest"])
            if row["given"]:
                _add(by_need["second"], row, row["given_since"])
    found = list(by_status.values())
    return [*found[:3], *by_need.values(), *found[3:]]


def _add(tile: Tile, row: dict[str, Any], oldest: datetime) -> None:
    tile.count += row["many"]
    tile.sums[row["currency"]] = tile.sums.get(row["currency"], 0) + row["total"]
    tile.oldest = min(tile.oldest or oldest, oldest)


def _late(user: User) -> Tile:
    late = seller_scope.narrow(past_promise(Order.objects.all()), user, "seller_id")
    found = late.order_by().aggregate(many=Count("pk"), oldest=Min(ship_by()))
    url = _to("orders_order", promise="late")
    return Tile("Late orders", url, "warn", found["many"], {}, found["oldest"], "late", " late")


def _attention(user: User) -> list[Tile]:
    rows = seller_scope.narrow(AttentionItem.objects.filter(closed_at__isnull=True), user, "seller_id").order_by()
    if user.has_perm("refunds.view_refund"):
        rows = rows.exclude(kind__in=_COUNTED_AS_REFUNDS)
    labels = dict(Kind.choices)
    found = [
        Tile(
            str(labels.get(kind, kind)),
            _to("orders_attentionitem", kind=kind),
            "bad" if kind in _WORST else "warn",
            many,
            {},
            oldest,
        )
        for kind, many, oldest in rows.values_list("kind").annotate(many=Count("id"), oldest=Min("opened_at"))
    ]
    return sorted(found, key=lambda tile: -tile.count) or [
        Tile("Attention", _to("orders_attentionitem"), "warn", word="attention")
    ]


def _messages(user: User) -> list[Tile]:
    waiting = ArchivedMessage.objects.exclude(state=ArchivedMessage.State.APPLIED)
    rows = seller_scope.narrow(waiting, user, "seller_id").order_by().values_list("state")
    found = {state: more for state, *more in rows.annotate(many=Count("id"), oldest=Min("received_at"))}
    tiles = []
    for state, label, tone, word in _MESSAGES:
        many, oldest = found.get(state, (0, None))
        tiles.append(Tile(label, _to("integrations_archivedmessage", state=state), tone, many, {}, oldest, word))
    return tiles


def _to(rows: str, **asked: str) -> str:
    address = reverse(f"admin:{rows}_changelist")
    return f"{address}?{urlencode(asked)}" if asked else address
