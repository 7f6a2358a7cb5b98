"""A change that a second, independent person confirms before it counts: request, confirm, refuse it.

Which kinds there are, and what each does once it is confirmed, stands in the setting CONFIRMED_CHANGES. The database
refuses a change that nobody confirmed (refunds/models/sql/pending_changes.sql).
"""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.module_loading import import_string

from orders.backoffice import seller_scope
from orders.backoffice.proof import Proof, require_recent_proof
from orders.errors import require_reason
from orders.models import AttentionItem, Seller
from orders.timeline import attention, audit, events
from refunds import errors, independence, rights
from refunds.models import PendingChange, RefundPolicy, SendingSwitch

RIGHT = "refunds.confirm_change"
KIND = AttentionItem.Kind.CHANGE_WAITING
State = PendingChange.State


def needed() -> bool:
    """Whether a second person is asked: from going live on. Before, whoever sets it up does so alone."""
    return SendingSwitch.objects.filter(seller=None, went_live_at__isnull=False).exists()


def waiting(kinds: tuple[str, ...], seller_id: int | None = None) -> QuerySet[PendingChange]:
    """What waits for a second person, oldest first."""
    rows = PendingChange.objects.filter(kind__in=kinds, seller=seller_id, state=State.WAITING)
    return rows.select_related("requested_by", "seller").order_by("id")


def request(
    kind: str, subject: str, *, seller: Seller | None, was: Any, wanted: Any, by: User, words: str, why: str = ""
) -> PendingChange:
    """Ask for a change. It takes the place of another one of the same thing that waits. In the caller's transaction."""
    replace(kind, subject)
    change = PendingChange.objects.create(
        kind=kind, subject=subject, seller=seller, was=was, wanted=wanted, why=why, requested_by=by
    )
    summary = f"{by.get_username()} asked for this: {words}. It counts once somebody else confirms it."[:300]
    item = attention.AttentionRequest(KIND, _subject(change), summary, seller.pk if seller else None, None, {})
    attention.open_items([item])
    audit.record(events.staff(by), f"Requested: {words}", about=str(seller or "Installation"))
    return change


def replace(kind: str, subject: str) -> None:
    """Nothing waits for this thing any more: it was set anew. A second call changes nothing."""
    for change in PendingChange.objects.select_for_update().filter(kind=kind, subject=subject, state=State.WAITING):
        PendingChange.objects.filter(pk=change.pk).update(state=State.REPLACED, decided_at=Now())
        attention.resolve(KIND, [_subject(change)])


def refusal(change: PendingChange, by: User) -> errors.NotYours | None:
    """Why this person cannot confirm a change; None when they can."""
    if by.is_superuser:
        return errors.NotYours(rights.SUPERUSER, code="superusers_decide_nothing")
    if change.requested_by_id == by.pk:
        return errors.NotYours("You asked for this, so someone else must confirm it.", code="own_change")
    same = independence.inseparable(by) & {change.requested_by_id}
    return errors.NotYours(independence.sentence(same), code="not_independent") if same else None


def confirm(change_id: int, *, by: User, proof: Proof | None = None) -> PendingChange:
    """Confirm what somebody else asked for, and make it so. Refused when it was decided or is not what it was."""
    with transaction.atomic():
        person, change = _locked(change_id, rights.expect_right(by, RIGHT))
        require_recent_proof(proof)
        if (refused := refusal(change, person)) is not None:
            raise refused
        PendingChange.objects.filter(pk=change.pk).update(state=State.CONFIRMED, decided_by=person, decided_at=Now())
        change.refresh_from_db()
        import_string(settings.CONFIRMED_CHANGES[change.kind])(change)
        _close(change, person, "Confirmed")
    return change


def refuse(change_id: int, *, by: User, why: str) -> PendingChange:
    """Say no to a change; whoever asked for it may withdraw it so. Nothing was changed, and nothing is."""
    reason = require_reason(why)
    with transaction.atomic():
        person, change = _locked(change_id, User.objects.get(pk=by.pk))
        if change.requested_by_id != person.pk:
            rights.expect_right(person, RIGHT)
        PendingChange.objects.filter(pk=change.pk).update(
            state=State.REFUSED, decided_by=person, decided_at=Now(), refused_because=reason
        )
        _close(change, person, f"Refused ({reason})")
    return change


def shown(change: PendingChange, user: User, differences: Iterable[Any] = ()) -> dict[str, Any]:
    """A change as the pages show it, with what this person may do about it."""
    may, refused = user.has_perm(RIGHT), refusal(change, user)
    return {
        "change": change,
        "differences": list(differences),
        "may_confirm": may and refused is None,
        "may_refuse": may or change.requested_by_id == user.pk,
        "why_not": refused if may else "",
    }


def _locked(change_id: int, person: User) -> tuple[User, PendingChange]:
    seen = PendingChange.objects.filter(pk=change_id).first()
    mine = seller_scope.of(person)
    if seen is None or (mine is not None and seen.seller_id not in mine):
        raise errors.DecisionRefused("There is no such change.", code="change_not_found")
    # The policy first, as whoever saves it locks.
    RefundPolicy.objects.select_for_update(no_key=True).filter(pk=seen.seller_id).order_by("pk").first()
    change = PendingChange.objects.select_for_update(of=("self",)).select_related("seller").get(pk=change_id)
    if change.state != State.WAITING:
        raise errors.AlreadyDecided(f"This change was {change.get_state_display().lower()} already.")
    return person, change


def _close(change: PendingChange, by: User, what: str) -> None:
    attention.resolve(KIND, [_subject(change)])
    asked = f"the change of {change.kind.replace('_', ' ')} that {change.requested_by} asked for"
    audit.record(events.staff(by), f"{what} {asked}", about=str(change.seller or "Installation"))


def _subject(change: PendingChange) -> str:
    return f"change:{change.seller_id or 'installation'}:{change.pk}"
