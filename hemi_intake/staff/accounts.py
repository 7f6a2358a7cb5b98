"""How are people added, changed, switched off and let in again, and who may do that to whom?

Administrators give every role and have none of the rights in it that move money or change settings. Nobody manages
themselves but for their time zone and password, nor gives a seller out of their own reach. Superusers are made by
`manage.py createsuperuser` and touched by superusers alone. Every act is on record.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from axes.models import AccessAttempt
from axes.utils import reset
from django.conf import settings
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from hemi_intake.roles import ROLES
from orders.backoffice import seller_scope
from orders.errors import ActionRefused
from orders.models import Person, Seller
from refunds import independence

RIGHT = "auth.change_user"


class AccountRefused(ActionRefused):
    """What was asked for is not this person's to do."""


@dataclass(frozen=True, slots=True)
class AccountSpec:
    """What a person is to be. No sellers stands for all of them."""

    first_name: str
    last_name: str
    email: str
    role: Group | None
    sellers: Sequence[Seller]
    time_zone: str


def visible(by: User) -> QuerySet[User]:
    """The people that this person may look at: whoever is limited sees those with no other sellers than their own."""
    mine = seller_scope.of(by)
    if mine is None:
        return User.objects.all()
    theirs = Person.sellers.through.objects.filter(person=OuterRef("pk"))
    within = Exists(theirs.filter(seller__in=mine)) & ~Exists(theirs.exclude(seller__in=mine))
    return User.objects.filter(Q(pk=by.pk) | Q(within), is_superuser=False)


def may_manage(by: User, person: User) -> bool:
    """Whether this person may change that one."""
    if not by.has_perm(RIGHT) or person.pk == by.pk:
        return False
    if by.is_superuser:
        return True
    within = visible(by).filter(pk=person.pk, is_superuser=False).exists()
    return within and not _permissions(person).exclude(pk__in=_given_by_roles()).exists()


def roles(by: User) -> QuerySet[Group]:
    """The roles that this person may give, the least first: of the table, and others without a right beyond it."""
    rows = Group.objects.order_by("pk")
    if by.is_superuser:
        return rows
    return rows.exclude(permissions__in=Permission.objects.exclude(pk__in=_given_by_roles()))


def role_of(person: User) -> Group | None:
    """The person's role, the greatest where there are several."""
    return max(person.groups.all(), key=lambda group: group.pk, default=None)


def add(username: str, password: str, wish: AccountSpec, *, by: User) -> User:
    """Add a person, who may log in from now on."""
    if not by.has_perm("auth.add_user"):
        raise AccountRefused("You do not have permission to add users.", code="adding_not_permitted")
    _expect(by, wish, None)
    with transaction.atomic():
        person = User(username=username, is_staff=True)
        person.set_password(password)
        _write(person, wish)
        independence.record_reset(person, by=by)
        told = [f"{label}: {now}" for label, now in _words(person).items() if now]
        _record(person, by, f"Added. {'; '.join(told)}", ADDITION)
    return person


def change(person: User, wish: AccountSpec, *, by: User) -> list[str]:
    """Make a person what is wished, and say what changed."""
    _expect_manageable(by, person)
    _expect(by, wish, person)
    with transaction.atomic():
        before = _words(person)
        _write(person, wish)
        after = _words(person)
        told = [
            f"{label}: {before[label] or '–'} → {now or '–'}" for label, now in after.items() if before[label] != now
        ]
        if told:
            _record(person, by, "; ".join(told))
    return told


def set_password(person: User, password: str, *, by: User) -> None:
    """Give a person a new password. Where they were logged in with the old one, they are no more.

    For 24 hours whoever does this is no second person beside that account.
    """
    _expect_manageable(by, person)
    with transaction.atomic():
        person.set_password(password)
        person.save(update_fields=["password"])
        independence.record_reset(person, by=by)
        _record(person, by, "Password reset")


def choose_zone(person: User, time_zone: str) -> None:
    """One's own time zone."""
    with transaction.atomic():
        before = _words(person)["time zone"]
        Person.objects.update_or_create(user=person, defaults={"time_zone": time_zone})
        if time_zone != before:
            _record(person, person, f"time zone: {before or '–'} → {time_zone or '–'}")


def change_own_password(person: User, password: str) -> None:
    """A new password of one's own. Wherever else they were logged in, they are no more."""
    with transaction.atomic():
        person.set_password(password)
        person.save(update_fields=["password"])
        _record(person, person, "Changed their own password")


def switch(person: User, *, on: bool, by: User) -> None:
    """Let a person log in, or keep them out from this moment on."""
    _expect_manageable(by, person)
    with transaction.atomic():
        person.is_active = on
        person.save(update_fields=["is_active"])
        _record(person, by, "Reactivated" if on else "Deactivated")


def unlock(person: User, *, by: User) -> None:
    """Let a person try again at once after too many wrong passwords."""
    _expect_manageable(by, person)
    reset(username=person.get_username())
    _record(person, by, "Unlocked after too many wrong passwords")


def locked(usernames: Sequence[str]) -> set[str]:
    """Who of these is kept out for now, from at least one address, after too many wrong passwords."""
    since = timezone.now() - timedelta(hours=settings.AXES_COOLOFF_TIME)
    rows = AccessAttempt.objects.filter(username__in=usernames, attempt_time__gte=since).order_by()
    wrong = rows.values("username", "ip_address").annotate(many=Sum("failures_since_start"))
    return set(wrong.filter(many__gte=settings.AXES_FAILURE_LIMIT).values_list("username", flat=True))


def _expect_manageable(by: User, person: User) -> None:
    if not may_manage(by, person):
        raise AccountRefused(f"You cannot change {person.get_username()}.", code="not_your_account")


def _expect(by: User, wish: AccountSpec, person: User | None) -> None:
    kept = person is not None and wish.role == role_of(person)
    if wish.role is not None and not kept and wish.role not in roles(by):
        raise AccountRefused(f"You cannot assign the role {wish.role.name}.", code="not_your_role")
    mine = seller_scope.of(by)
    if mine is not None and not (wish.sellers and {seller.pk for seller in wish.sellers} <= mine):
        raise AccountRefused("Choose at least one of your sellers.", code="sellers_required")


def _write(person: User, wish: AccountSpec) -> None:
    person.first_name, person.last_name, person.email = wish.first_name, wish.last_name, wish.email
    person.save()
    if wish.role != role_of(person):
        person.groups.set([wish.role] if wish.role else [])
    row, _ = Person.objects.update_or_create(user=person, defaults={"time_zone": wish.time_zone})
    row.sellers.set(wish.sellers)


def _words(person: User) -> dict[str, str]:
    """What a person is, as the record says it."""
    row = Person.objects.filter(user=person).prefetch_related("sellers").first()
    role = role_of(User.objects.get(pk=person.pk))
    return {
        "name": person.get_full_name(),
        "e-mail": person.email,
        "role": role.name if role else "",
        "sellers": ", ".join(seller.code for seller in row.sellers.all()) if row else "",
        "time zone": row.time_zone if row else "",
    }


def _permissions(person: User) -> QuerySet[Permission]:
    # Also of somebody who is switched off: they may be switched on again.
    return Permission.objects.filter(Q(group__user=person.pk) | Q(user=person.pk))


def _given_by_roles() -> QuerySet[Permission, int]:
    return Permission.objects.filter(group__name__in=ROLES).values_list("pk", flat=True)


def _record(person: User, by: User, said: str, act: int = CHANGE) -> None:
    LogEntry.objects.create(
        user=by,
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(person.pk),
        object_repr=person.get_username(),
        action_flag=act,
        change_message=said,
    )
