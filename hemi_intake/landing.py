"""What needs a person now? (the landing page: a constant number of queries, each number a link to what it counts)"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, Min, OuterRef, QuerySet, Subquery, Sum
from django.urls import reverse

from integrations.models import ArchivedMessage, ProSkuSeller, SyncRun
from orders import reach
from orders.models import AttentionItem, Order
from orders.templatetags.desk import money
from refunds.models import Refund, RefundStatus


@dataclass(slots=True)
class Tile:
    """One number with what it counts; `oldest` is since when the first of them waits."""

    label: str
    url: str
    tone: str
    count: int = 0
    sums: str = ""
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """How the sync of one ProSKU seller does."""

    name: str
    url: str
    runs_url: str
    state: str
    said: str
    last_at: datetime | None
    last_good_at: datetime | None


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything on the landing page; a part is None for those who may not see it."""

    refunds: list[Tile] | None
    attention: list[Tile] | None
    messages: list[Tile] | None
    syncs: list[Health] | None
    orders: bool
    empty: bool


_REFUNDS = (
    (RefundStatus.PROPOSED, "Refunds to decide", "warn"),
    (RefundStatus.ON_HOLD, "On hold", "warn"),
    (RefundStatus.APPROVED, "Approved, not sent yet", "info"),
    (RefundStatus.EXECUTING, "At the provider now", "info"),
    (RefundStatus.IN_DOUBT, "In doubt", "bad"),
    (RefundStatus.FAILED, "Failed", "bad"),
)
_MESSAGES = (
    (ArchivedMessage.State.PARKED, "Parked: wait for their order", "warn"),
    (ArchivedMessage.State.REJECTED, "Rejected: could not be used", "bad"),
    (ArchivedMessage.State.PENDING, "Not looked at yet", "info"),
)


def overview(user: User) -> Overview:
    """What waits, as far as this person may see it."""
    sees_orders = user.has_perm("orders.view_order")
    return Overview(
        refunds=_refunds(user) if user.has_perm("refunds.view_refund") else None,
        attention=_attention(user) if user.has_perm("orders.view_attentionitem") else None,
        messages=_messages(user) if user.has_perm("integrations.view_archivedmessage") else None,
        syncs=_syncs(user) if user.has_perm("integrations.view_proskuseller") else None,
        orders=sees_orders,
        empty=sees_orders and not reach.narrow(Order.objects.all(), user, "seller_id").exists(),
    )


def _refunds(user: User) -> list[Tile]:
    address = reverse("admin:refunds_refund_changelist")
    tiles: dict[str, Tile] = {
        status: Tile(label, f"{address}?status={status}", tone) for status, label, tone in _REFUNDS
    }
    two = Tile("Wait for a second person", f"{address}?status=proposed&needs=second", "warn")
    rows = (
        reach.narrow(Refund.objects.filter(status__in=list(tiles)), user, "seller_id")
        .order_by("currency")
        .values("status", "currency")
        .annotate(many=Count("id"), total=Sum("amount"), oldest=Min("proposed_at"), second=Count("approved_by"))
    )
    for row in rows:
        tile = tiles[row["status"]]
        tile.count += row["many"]
        tile.sums = ", ".join(part for part in (tile.sums, money(row["total"], row["currency"])) if part)
        tile.oldest = min(tile.oldest or row["oldest"], row["oldest"])
        if row["status"] == RefundStatus.PROPOSED:
            two.count += row["second"]
    return [*tiles.values(), two]


def _attention(user: User) -> list[Tile]:
    address = reverse("admin:orders_attentionitem_changelist")
    rows = (
        reach.narrow(AttentionItem.objects.filter(closed_at__isnull=True), user, "seller_id")
        .order_by()
        .values("kind")
        .annotate(many=Count("id"), oldest=Min("opened_at"))
    )
    labels = dict(AttentionItem.Kind.choices)
    tiles = []
    for row in rows:
        label = str(labels.get(row["kind"], row["kind"]))
        tiles.append(Tile(label, f"{address}?kind={row['kind']}", "bad", row["many"], "", row["oldest"]))
    return sorted(tiles, key=lambda tile: -tile.count)


def _messages(user: User) -> list[Tile]:
    address = reverse("admin:integrations_archivedmessage_changelist")
    waiting = ArchivedMessage.objects.exclude(state=ArchivedMessage.State.APPLIED)
    rows = reach.narrow(waiting, user, "seller_id").order_by().values("state")
    found: dict[str, Any] = {row["state"]: row for row in rows.annotate(many=Count("id"), oldest=Min("received_at"))}
    return [
        Tile(
            label,
            f"{address}?state={state}",
            tone,
            found.get(state, {}).get("many", 0),
            "",
            found.get(state, {}).get("oldest"),
        )
        for state, label, tone in _MESSAGES
    ]


def _syncs(user: User) -> list[Health]:
    runs = SyncRun.objects.filter(prosku_seller=OuterRef("pk")).order_by("-id")
    good = runs.filter(state=SyncRun.State.SUCCEEDED)
    accounts = ProSkuSeller.objects.select_related("connector", "seller")
    rows: QuerySet[Any] = reach.narrow(accounts, user, "seller_id").annotate(
        last_at=Subquery(runs.values("started_at")[:1]), last_good_at=Subquery(good.values("finished_at")[:1])
    )
    return [_health(row) for row in rows]


def _health(row: Any) -> Health:
    if row.paused_because:
        state, said = "failed", f"Paused: {row.paused_because}"
    elif not (row.active and row.connector.active):
        state, said = "", "Switched off"
    elif row.failures:
        state, said = "failed", f"Failing: {row.failures} in a row"
    elif row.last_at is None:
        state, said = "pending", "Has not run yet"
    else:
        state, said = "succeeded", "Well"
    return Health(
        name=str(row),
        url=reverse("admin:integrations_proskuseller_change", args=[row.pk]),
        runs_url=f"{reverse('admin:integrations_syncrun_changelist')}?seller={row.pk}",
        state=state,
        said=said,
        last_at=row.last_at,
        last_good_at=row.last_good_at,
    )
