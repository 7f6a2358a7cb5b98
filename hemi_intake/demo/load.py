"""What does the demo write into the database, and how does it know its own?"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from django.apps import apps
from django.contrib.auth.models import Group, User
from django.db import connection, transaction
from django.db.models import Max, QuerySet
from django.db.models.functions import Now

from hemi_intake.demo import catalogue
from hemi_intake.demo.data import DemoOrder
from hemi_intake.demo.paths import ROLES, Secrets
from integrations import schedules
from integrations.api import keys as api_keys
from integrations.models import Account, ApiKey, Connection, SyncRun
from integrations.warehouses import sync
from orders.documents import check
from orders.errors import ActionRefused
from orders.intake.upsert import Outcome, upsert_orders
from orders.models import SalesChannel, Seller
from refunds import sending, transitions
from refunds.decisions import review
from refunds.models import Refund, RefundLimit, RefundPolicy, RefundStatus

CONNECTION = "demo"
ACTOR = "demo"
POLL_SECONDS = 5


class NotOurs(Exception):
    """The database holds what the demo did not put there; the message is a sentence."""


def loaded() -> bool:
    """Is the demo in this database? Raises NotOurs when something else is. The tables may still be missing."""
    if "integrations_connection" not in connection.introspection.table_names():
        return False
    if Connection.objects.filter(name=CONNECTION).exists():
        return True
    if Seller.objects.exists():
        raise NotOurs("The database holds sellers that the demo did not make. Give the demo a database of its own.")
    return False


@transaction.atomic
def load(orders: Sequence[DemoOrder], keys: Mapping[str, str], url: str) -> None:
    """Write sellers, channels, orders and the connection to the warehouse: all of it or nothing."""
    warehouse = Connection.objects.create(name=CONNECTION, base_url=url)
    for brand in catalogue.BRANDS:
        seller = Seller.objects.create(
            code=brand.code, name=brand.name, currency=brand.currency, time_zone=brand.time_zone
        )
        Account.objects.create(connection=warehouse, seller=seller, key=keys[brand.code], poll_seconds=POLL_SECONDS)
        RefundLimit.objects.update_or_create(
            policy=RefundPolicy.objects.get(seller=seller),
            currency=brand.currency,
            defaults={"second_approver_above": 20_000, "daily_ceiling": 1_000_000},
        )
    for code, name, kind in catalogue.CHANNELS:
        SalesChannel.objects.create(code=code, name=name, kind=kind)
    take(orders)
    sending.go_live(for_good=True)


def take(orders: Sequence[DemoOrder]) -> None:
    """Take orders in as any other system's orders are. Taking the same ones again changes nothing."""
    refused = [
        t for t in upsert_orders([check(o.document) for o in orders], actor=ACTOR) if t.outcome == Outcome.REFUSED
    ]
    if refused:
        raise ValueError(f"{len(refused)} demo orders were refused, one because {refused[0].faults[0].message}")


def admit(secrets: Secrets) -> Secrets:
    """Let in one person per role and one API key; whoever is in already stays. Returns what to keep."""
    for role in ROLES:
        user, _new = User.objects.get_or_create(
            username=role, defaults={"is_staff": True, "first_name": role.title(), "email": f"{role}@example.com"}
        )
        if not user.check_password(secrets.passwords[role]):
            user.set_password(secrets.passwords[role])
            user.save(update_fields=["password"])
        user.groups.set([Group.objects.get(name=role.title())])
    if api_keys.authenticate(secrets.api_token) is None:
        ApiKey.objects.filter(name=CONNECTION).delete()
        _key, secrets.api_token = api_keys.create(CONNECTION)
    return secrets


def connect(url: str) -> None:
    """Point the connection to where the sandbox listens this time, and have the clock look there at once."""
    Connection.objects.filter(name=CONNECTION).update(base_url=url)
    _accounts().update(next_poll_at=Now())
    schedules.ensure()


def unread() -> QuerySet[Account]:
    """The sellers whose warehouse has never been read to its end."""
    return _accounts().filter(orders_cursor=None).select_related("connection", "seller")


def sync_once() -> Iterator[SyncRun]:
    """Read each seller for the first time; those that were read before are left to the clock."""
    for account in unread():
        if run := sync.sync(account):
            yield run


def decide_the_past() -> int:
    """Have the approver decide on most of the older proposals, so that the queue looks as on any morning."""
    approver = User.objects.get(username="approver")
    proposed = list(Refund.objects.filter(status=RefundStatus.PROPOSED).order_by("order__placed_at"))
    decided = 0
    for refund in proposed[: len(proposed) * 3 // 5]:
        seen = transitions.ExpectedVersion(refund.version, refund.amount)
        with suppress(ActionRefused):
            if decided % 9 == 8:
                review.reject(refund.pk, by=approver, why="The customer took another colour instead.", seen=seen)
            else:
                review.approve(refund.pk, by=approver, seen=seen)
            decided += 1
    return decided


def to_try() -> Refund | None:
    """The newest proposal that one person may approve and the sandbox provider then pays."""
    waiting = Refund.objects.filter(status=RefundStatus.PROPOSED, approvals_needed=1, provider="sandbox", amount__gt=0)
    single = waiting.alias(most=Max("items__item__quantity")).filter(most=2)
    return single.select_related("order").order_by("-id").first()


def clear() -> None:
    """Empty the database of the demo; nothing happens when it is not there. Raises NotOurs."""
    if not loaded():
        return
    # By the names of the apps: a migration may have left a table that no model knows.
    ours = ("django_", *(f"{app.label}_" for app in apps.get_app_configs()))
    others = sorted(name for name in connection.introspection.table_names() if not name.startswith(ours))
    if others:
        raise NotOurs(f"The database also holds {', '.join(others)}: it is left alone.")
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")


def _accounts() -> QuerySet[Account]:
    return Account.objects.filter(connection__name=CONNECTION)
