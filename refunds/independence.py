"""Who counts as a second person beside whom? Asked again at each act, in its transaction."""

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db.models.functions import Now
from django.utils import timezone

from refunds.models import CredentialReset
from refunds.rules.second_person import FRESH, Reset, independent


def record_reset(account: User, *, by: User) -> None:
    """Put on record that this person set the password of that account, or created it."""
    CredentialReset.objects.create(account=account, set_by=by)


def inseparable(by: User) -> frozenset[int]:
    """The accounts beside which this person is no second one: their own, and those that one person could use as both.

    One query, whatever is asked of it afterwards.
    """
    rows = CredentialReset.objects.filter(set_at__gt=Now() - FRESH).values_list("set_by", "account", "set_at")
    resets, at = [Reset(*row) for row in rows], timezone.now()
    known = {one for reset in resets for one in (reset.by, reset.of)}
    return frozenset({by.pk, *(one for one in known if not independent({by.pk}, {one}, resets, at))})


def sentence(accounts: Iterable[int]) -> str:
    """Why somebody does not count as a second person beside these accounts, and what to do."""
    found = User.objects.filter(pk__in=set(accounts)).order_by("username").values_list("username", flat=True)
    return (
        f"A password was set within the last 24 hours with which one person could act both as you and as "
        f"{', '.join(found)}. Ask somebody else to approve, or wait until the 24 hours are over."
    )
