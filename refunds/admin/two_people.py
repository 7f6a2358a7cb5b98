"""How is a change that loosens limits asked for on a policy's page, and confirmed or refused by a second person?"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest

from orders.backoffice.pages import Button
from orders.errors import ActionRefused
from orders.templatetags.formatting import money
from refunds.admin.forms import LiftForm, WhyForm
from refunds.decisions import auto_approve, limit_changes, pending_changes
from refunds.execution import ceiling
from refunds.models import PendingChange, RefundPolicy
from refunds.rules.auto_approval import Candidate

KINDS = (limit_changes.LIMITS, limit_changes.LIFT)


class ChangeForm(forms.Form):
    """Which change is confirmed."""

    change = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=10**18)


class RefuseForm(WhyForm):
    """Which change is refused, and why."""

    change = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=10**18)


def _confirm(policy: RefundPolicy, user: User, said: dict[str, Any]) -> str:
    pending_changes.confirm(said["change"], by=user, proof=said["proof"])
    return "Confirmed: it counts from now on."


def _refuse(policy: RefundPolicy, user: User, said: dict[str, Any]) -> str:
    pending_changes.refuse(said["change"], by=user, why=said["why"])
    return "Refused: nothing was changed."


def _lift(policy: RefundPolicy, user: User, said: dict[str, Any]) -> str:
    lift = limit_changes.lift(policy.seller, said["currency"], by=user, why=said["why"])
    if lift is None:
        return f"Lifting the daily cap in {said['currency']} waits for a second person to confirm it."
    return f"Daily cap of {policy.seller} in {lift.currency} lifted for {lift.day}."


def _restore(policy: RefundPolicy, user: User, said: dict[str, Any]) -> str:
    lift = ceiling.restore(policy.seller, said["currency"], by=user, why=said["why"])
    return f"Daily cap of {policy.seller} in {lift.currency} holds again."


BUTTONS = (
    Button("lift", "Lift for today", "refunds.lift_ceiling", _lift, form=LiftForm),
    Button("restore", "Restore", "refunds.lift_ceiling", _restore, form=LiftForm),
    Button("confirm", "Confirm", pending_changes.RIGHT, _confirm, form=ChangeForm),
    # Whoever asked may withdraw it: the operation says who else may refuse.
    Button("refuse", "Refuse", "refunds.view_refundpolicy", _refuse, form=RefuseForm),
)


def waiting(policy: RefundPolicy, user: User) -> list[dict[str, Any]]:
    """What waits for a second person of a seller's policy, and what this person may do about it."""
    found = pending_changes.waiting(KINDS, policy.pk)
    shown = [pending_changes.shown(change, user, limit_changes.differences(change)) for change in found]
    return [one | {"approves": _approves(one["change"], user)} if one["may_confirm"] else one for one in shown]


def _approves(change: PendingChange, user: User) -> str:
    """What confirming it would approve without a person, of what waits; nothing of that is done here."""
    if change.kind != limit_changes.LIMITS or change.seller_id is None:
        return ""
    with transaction.atomic():
        before = set(auto_approve.would_approve(change.seller_id))
        try:
            pending_changes.confirm(change.pk, by=user)
            new = set(auto_approve.would_approve(change.seller_id)) - before
        except ActionRefused:
            new = set()
        transaction.set_rollback(True)
    refunds = "1 waiting refund" if len(new) == 1 else f"{len(new)} waiting refunds"
    return f"Confirming approves {refunds} without a person within a minute: {sums(new)}." if new else ""


def sums(refunds: Iterable[Candidate]) -> str:
    """What these come to, by currency."""
    sums = Counter[str]()
    for one in refunds:
        sums[one.currency] += one.amount
    return ", ".join(money(amount, currency) for currency, amount in sorted(sums.items()))


def save_limits(request: HttpRequest, formset: Any) -> None:
    """Save what one person may of the limits in the form, and ask a second one for the rest."""
    formset.save(commit=False)
    user: Any = request.user
    # What only waits was not changed: neither the record nor a lift of today goes by it.
    removed = [limit for limit in formset.deleted_objects if limit_changes.remove(limit, by=user) is None]
    added = [limit for limit in formset.new_objects if limit_changes.save(limit, by=user) is None]
    changed = [one for one in formset.changed_objects if limit_changes.save(one[0], by=user) is None]
    before = len(formset.deleted_objects) + len(formset.new_objects) + len(formset.changed_objects)
    formset.deleted_objects, formset.new_objects, formset.changed_objects = removed, added, changed
    waits = before > len(removed) + len(added) + len(changed)
    if waits and not getattr(request, "is_trial", False):
        messages.warning(
            request, "What loosens a limit waits for a second person to confirm it; what tightens one counts now."
        )
