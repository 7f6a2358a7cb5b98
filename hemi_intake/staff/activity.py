"""Who did what? (the timelines' acts by people, exports, changes of settings and of people, log-ins and failed ones)

Six sources are read by one key, the moment and then where it stands: each page costs the same however far back it is.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from axes.models import AccessFailureLog, AccessLog
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.urls import reverse

from hemi_intake.staff import accounts
from orders.backoffice import lists, seller_scope
from orders.backoffice.lists import Chosen, Filter
from orders.backoffice.search import search
from orders.models import AuditEntry, Export, OrderEvent
from orders.timeline import wording
from refunds.models import Refund

SIZE = 50
STAFF = "staff:"
_AUDITED = {"exports": AuditEntry.Kind.EXPORT, "settings": AuditEntry.Kind.SETTINGS, "logins": AuditEntry.Kind.LOGIN}
KINDS = (
    ("refunds", "Refunds"),
    ("orders", "Orders"),
    ("exports", "Exports"),
    ("settings", "Settings and users"),
    ("logins", "Log-ins"),
    ("failed", "Wrong passwords"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for; `since` and `until` are the first instant and the first one after."""

    who: str = ""
    kind: str = ""
    about: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that somebody did."""

    at: datetime
    rank: int
    id: int
    who: str
    what: str
    about: str = ""
    url: str = ""

    @property
    def key(self) -> str:
        """Where the next page begins when this is the last act of a page."""
        return f"{self.at.isoformat()}_{self.rank}_{self.id}"


Key = tuple[datetime, int, int]


def acts(by: User, asked: Asked, after: str = "") -> tuple[list[Act], str]:
    """One page of what this person may see, the newest first, and the key of the next page, "" where there is none."""
    key = _read(after)
    found = [act for source in _sources(asked) for act in source(by, asked, key)]
    found.sort(key=lambda act: (act.at, act.rank, act.id), reverse=True)
    return found[:SIZE], found[SIZE - 1].key if len(found) > SIZE else ""


def _sources(asked: Asked) -> list[Callable[[User, Asked, Key | None], Iterator[Act]]]:
    if asked.kind in ("refunds", "orders"):
        return [_events]
    if asked.kind:
        own = {"exports": [_exports], "settings": [_changes], "logins": [_logins], "failed": [_failures]}
        return [*own[asked.kind], _audit]
    return [_events, _changes, _audit] if asked.about else [_events, _exports, _changes, _logins, _failures, _audit]


def _events(by: User, asked: Asked, key: Key | None) -> Iterator[Act]:
    # The first condition is that of the index. A status that an act led to ("from" another one) is no act.
    people = OrderEvent.objects.filter(actor__startswith=STAFF).exclude(data__has_key="from")
    rows = seller_scope.narrow(people, by, "seller_id")
    if asked.who:
        rows = rows.filter(actor=f"{STAFF}{asked.who}")
    if asked.kind:
        refunds = Q(kind__startswith="refund.")
        rows = rows.filter(refunds if asked.kind == "refunds" else ~refunds)
    if asked.about:
        rows = rows.filter(_of(by, asked.about))
    wanted = ("id", "recorded_at", "actor", "kind", "data", "order_id", "order__reference", "order__currency")
    found = list(_cut(rows, "recorded_at", 3, asked, key).values(*wanted))
    pages = _refunds_of(found)
    for row in found:
        order, number = row["order_id"], row["data"].get("refund")
        refund = pages.get((order, number))
        yield Act(
            row["recorded_at"],
            3,
            row["id"],
            row["actor"].removeprefix(STAFF),
            wording.sentence(row["kind"], row["data"], row["order__currency"]),
            number if refund else row["order__reference"],
            reverse("admin:refunds_refund_change", args=[refund])
            if refund
            else reverse("admin:orders_order_change", args=[order]),
        )


def _refunds_of(rows: Sequence[dict[str, Any]]) -> dict[tuple[int, str], int]:
    """The refunds that these events name, by their order and number."""
    named = [(row["order_id"], row["data"]["refund"]) for row in rows if "refund" in row["data"]]
    orders, numbers = {order for order, _ in named}, {number for _, number in named}
    found = Refund.objects.filter(order__in=orders, number__in=numbers).values_list("order_id", "number", "pk")
    return {(order, number): pk for order, number, pk in found}


def _of(by: User, text: str) -> Q:
    """The acts on one refund, by its number; or else on the orders with this reference."""
    refunds = seller_scope.narrow(Refund.objects.filter(number=text.upper()), by, "seller_id")
    orders = list(refunds.values_list("order_id", flat=True))
    if orders:
        return Q(order__in=orders, data__refund=text.upper())
    return Q(order__in=search(text, sellers=seller_scope.of(by)).exactly)


def _exports(by: User, asked: Asked, key: Key | None) -> Iterator[Act]:
    rows = Export.objects.filter(person__in=accounts.visible(by)).select_related("person").defer("after", "columns")
    if asked.who:
        rows = rows.filter(person__username=asked.who)
    filters: dict[str, list[Filter]] = {}
    for row in _cut(rows, "asked_at", 4, asked, key):
        if row.of not in filters:
            page: Any = admin.site.get_model_admin(apps.get_model(row.of))
            filters[row.of] = [_asked_once(one) for one in lists.choose(page.filters, {}, by)]
        which = _which(row, filters[row.of], by)
        yield Act(row.asked_at, 4, row.pk, row.person.get_username(), _exported(row), which)


def _asked_once(one: Chosen) -> Filter:
    # What may be chosen in it would be asked for again with each row.
    return replace(one.filter, choices=lambda _: one.choices)


def _exported(row: Export) -> str:
    rows = f"{row.noun}s" if row.total is None else f"{row.total:,} {row.noun}{'' if row.total == 1 else 's'}"
    what = f"{rows} as {row.get_kind_display()}"
    # A file is deleted after some days, and has been exported all the same.
    return f"Exported {what}" if row.ready_at else f"Requested {what}: {row.why or row.get_state_display().lower()}"


def _which(row: Export, filters: Sequence[Filter], by: User) -> str:
    """What its rows were narrowed down to, in words; what was searched for is forgotten."""
    words = [f"{one.filter.label}: {one.words}" for one in lists.choose(filters, row.asked, by) if one.value]
    words += ["a search"] if "q" in row.asked else []
    return ", ".join(words) or f"{'some' if row.asked else 'all'} {row.noun}s"


def _changes(by: User, asked: Asked, key: Key | None) -> Iterator[Act]:
    rows = LogEntry.objects.select_related("user", "content_type")
    if seller_scope.of(by) is not None:
        rows = rows.filter(user__in=accounts.visible(by))
    if asked.who:
        rows = rows.filter(user__username=asked.who)
    if asked.about:
        rows = rows.filter(object_repr__icontains=asked.about)
    for row in _cut(rows, "action_time", 2, asked, key):
        about = f"{row.content_type.name} {row.object_repr}" if row.content_type else row.object_repr
        what = row.get_change_message() or row.get_action_flag_display()
        yield Act(row.action_time, 2, row.pk, row.user.get_username(), what, about, row.get_admin_url() or "")


def _audit(by: User, asked: Asked, key: Key | None) -> Iterator[Act]:
    rows = AuditEntry.objects.all()
    if seller_scope.of(by) is not None:
        rows = rows.filter(actor__in=[f"{STAFF}{person.get_username()}" for person in accounts.visible(by)])
    if asked.who:
        rows = rows.filter(actor=f"{STAFF}{asked.who}")
    if asked.kind:
        rows = rows.filter(kind=_AUDITED.get(asked.kind, ""))
    if asked.about:
        rows = rows.filter(about__icontains=asked.about)
    for row in _cut(rows, "recorded_at", 5, asked, key):
        who = row.actor.removeprefix(STAFF).replace("key:", "API key ", 1)
        yield Act(row.recorded_at, 5, row.pk, who, row.act, row.about)


def _logins(by: User, asked: Asked, key: Key | None) -> Iterator[Act]:
    for row in _cut(_named(AccessLog.objects.all(), by, asked), "attempt_time", 1, asked, key):
        yield Act(row.attempt_time, 1, row.pk, row.username or "", f"Logged in{_from(row)}")


def _failures(by: User, asked: Asked, key: Key | None) -> Iterator[Act]:
    for row in _cut(_named(AccessFailureLog.objects.all(), by, asked), "attempt_time", 0, asked, key):
        words = "Locked out after too many wrong passwords" if row.locked_out else "Wrong password"
        yield Act(row.attempt_time, 0, row.pk, row.username or "", f"{words}{_from(row)}")


def _from(row: Any) -> str:
    return f" from {row.ip_address}" if row.ip_address else ""


def _named(rows: QuerySet[Any], by: User, asked: Asked) -> QuerySet[Any]:
    # A name that nobody has may be a password, typed into the wrong field.
    people = accounts.visible(by).filter(username=asked.who) if asked.who else accounts.visible(by)
    return rows.filter(username__in=people.values("username"))


def _cut(rows: QuerySet[Any], at: str, rank: int, asked: Asked, key: Key | None) -> QuerySet[Any]:
    if asked.since:
        rows = rows.filter(**{f"{at}__gte": asked.since})
    if asked.until:
        rows = rows.filter(**{f"{at}__lt": asked.until})
    if key:
        moment, key_rank, key_id = key
        same = Q(**{at: moment})
        beyond = Q(**{f"{at}__lt": moment})
        if rank < key_rank:
            beyond |= same
        elif rank == key_rank:
            beyond |= same & Q(pk__lt=key_id)
        # The bare first condition lets the index find where to begin.
        rows = rows.filter(beyond, **{f"{at}__lte": moment})
    return rows.order_by(f"-{at}", "-pk")[: SIZE + 1]


def _read(text: str) -> Key | None:
    moment, _, numbers = text.partition("_")
    rank, _, number = numbers.partition("_")
    if not (rank.isdecimal() and number.isdecimal() and len(number) <= 18):
        return None
    try:
        return datetime.fromisoformat(moment), int(rank), int(number)
    except ValueError:
        return None
