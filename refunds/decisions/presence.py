"""Who has which refund open? (said by their pages every 15 seconds, forgotten 45 seconds after the last time)"""

from collections.abc import Sequence
from datetime import timedelta

from django.contrib.auth.models import User
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Coalesce, Now, NullIf

from refunds.models import Presence

BEAT_SECONDS = 15
FORGOTTEN = timedelta(seconds=3 * BEAT_SECONDS)


def heartbeat(refund_id: int, user: User) -> None:
    """This person has the refund open now. A second call says it anew."""
    Presence.objects.filter(seen_at__lt=Now() - FORGOTTEN).delete()
    Presence.objects.bulk_create(
        [Presence(refund_id=refund_id, user=user, seen_at=Now())],
        update_conflicts=True,
        unique_fields=("refund", "user"),
        update_fields=("seen_at",),
    )


def leave(refund_id: int, user: User) -> None:
    """This person has closed it. A second call changes nothing."""
    Presence.objects.filter(refund=refund_id, user=user).delete()


def leave_all(user: User) -> None:
    """This person has gone. Their pages cannot say so themselves any more."""
    Presence.objects.filter(user=user).delete()


def others(refund_id: int, user: User) -> str:
    """A sentence about who else has it open, "" when nobody has."""
    names = list(_named(_fresh().filter(refund=refund_id).exclude(user=user)))
    return f"{_listed(names)} {'is' if len(names) == 1 else 'are'} reviewing this." if names else ""


def open_by() -> ArraySubquery:
    """For a list of refunds, annotated with who reads it (`reader`): the names of all others who have each open."""
    return ArraySubquery(_named(_fresh().filter(refund=OuterRef("pk")).exclude(user=OuterRef("reader"))))


def by_another(user: User) -> Exists:
    """For a query of refunds: whether somebody else has it open."""
    return Exists(_fresh().filter(refund=OuterRef("pk")).exclude(user=user.pk))


def _fresh() -> QuerySet[Presence]:
    return Presence.objects.filter(seen_at__gte=Now() - FORGOTTEN)


def _named(rows: QuerySet[Presence]) -> QuerySet[Presence, str]:
    first = NullIf("user__first_name", Value(""))
    called = Coalesce(first, "user__username", output_field=CharField())
    return rows.order_by("user_id").values_list(called, flat=True)


def _listed(names: Sequence[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
