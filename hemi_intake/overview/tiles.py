"""How much waits of each kind? (each number with the address of exactly the rows that it counts)"""

from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.db.models import Count, Min, Sum
from django.urls import reverse

from integrations.models import ArchivedMessage
from orders.backoffice import seller_scope
from orders.backoffice.overdue import past_promise
from orders.models import AttentionItem, Order
from refunds.models import Refund, RefundStatus

Kind = AttentionItem.Kind


@dataclass(slots=True)
class Tile:
    """One number with what it counts; `oldest` is since when the first of them waits, `word` is in the glossary."""

    label: str
    url: str
    tone: str
    count: int = 0
    sums: dict[str, int] = field(default_factory=dict)
    oldest: datetime | None = None
    word: str = ""


_REFUNDS = (
    (RefundStatus.IN_DOUBT, "Refunds in doubt", "bad", "in doubt"),
    (RefundStatus.FAILED, "Refunds failed", "bad", "failed"),
    (RefundStatus.PROPOSED, "Refunds to decide", "warn", ""),
    (RefundStatus.ON_HOLD, "Refunds on hold", "warn", ""),
    (RefundStatus.APPROVED, "Approved, not sent yet", "info", ""),
    (RefundStatus.EXECUTING, "At the provider now", "info", ""),
)
_PEOPLE = (("two", "Over the limit: two people", "limit"), ("second", "Wait for a second person", ""))
_MESSAGES = (
    (ArchivedMessage.State.REJECTED, "Messages rejected", "warn", "rejected"),
    (ArchivedMessage.State.PARKED, "Messages parked", "warn", "parked"),
    (ArchivedMessage.State.PENDING, "Messages not looked at yet", "info", ""),
)
# Money may be lost, or nothing comes in any more.
_WORST = {
    Kind.SHIPPED_AFTER_REFUND,
    Kind.EXTERNAL_OVER_LIMIT,
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
        need: Tile(label, _to("refunds_refund", status=RefundStatus.PROPOSED, needs=need), "warn", word=word)
        for need, label, word in _PEOPLE
    }
    waiting = seller_scope.narrow(Refund.objects.filter(status__in=list(by_status)), user, "seller_id")
    rows = waiting.order_by("currency").values("status", "currency", "approvals_needed")
    for row in rows.annotate(
        many=Count("id"), total=Sum("amount"), oldest=Min("proposed_at"), given=Count("approved_by")
    ):
        counted = [by_status[row["status"]]]
        if row["status"] == RefundStatus.PROPOSED and row["approvals_needed"] > 1:
            counted.append(by_need["two"])
            by_need["second"].count += row["given"]
        for tile in counted:
            tile.count += row["many"]
            tile.sums[row["currency"]] = tile.sums.get(row["currency"], 0) + row["total"]
            tile.oldest = min(tile.oldest or row["oldest"], row["oldest"])
    found = list(by_status.values())
    return [*found[:3], *by_need.values(), *found[3:]]


def _late(user: User) -> Tile:
    late = seller_scope.narrow(past_promise(Order.objects.all()), user, "seller_id")
    found = late.order_by().aggregate(many=Count("pk"), oldest=Min("placed_at"))
    url = _to("orders_order", promise="late")
    return Tile("Orders past their promise", url, "warn", found["many"], {}, found["oldest"], "promise")


def _attention(user: User) -> list[Tile]:
    rows = seller_scope.narrow(AttentionItem.objects.filter(closed_at__isnull=True), user, "seller_id").order_by()
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
