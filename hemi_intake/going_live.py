"""What must be so before this installation sends anything, and who stopped it since? (computed from data)"""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from hemi_intake.staff import accounts
from integrations.models import Account, Heartbeat
from orders.backoffice import proof, seller_scope
from orders.backoffice.theme import AdminSite
from orders.errors import REASON_REQUIRED, ActionRefused
from orders.models import Seller
from orders.money import shown
from refunds import rights, sending
from refunds.decisions import pending_changes
from refunds.execution import execute
from refunds.models import PendingChange, RefundLimit

STOP, RESUME = "refunds.stop_sending", "refunds.resume_sending"
GOING_LIVE = "going_live"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must be so: what it is, whether it is, and what to do when it is not."""

    title: str
    missing: str = ""


class SwitchForm(forms.Form):
    """For whom sending is stopped or resumed, and why."""

    seller = forms.ModelChoiceField(Seller.objects.none(), required=False, empty_label="Everyone")
    why = forms.CharField(label="Reason", max_length=300, error_messages={"required": REASON_REQUIRED})

    def __init__(self, by: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["seller"]
        chosen.queryset = seller_scope.sellers(by)


def checklist(sellers: QuerySet[Seller]) -> list[Check]:
    """What must be so before going live, as far as it is about these sellers."""
    sellers = sellers.filter(active=True)
    limits = RefundLimit.objects.filter(policy=OuterRef("pk"), currency=OuterRef("currency"))
    guarded = limits.filter(second_approver_above__isnull=False, daily_ceiling__isnull=False)
    read = Account.objects.switched_on().filter(seller=OuterRef("pk"), orders_cursor__isnull=False)
    people = User.objects.filter(is_active=True, is_superuser=False)
    approvers = [person for person in people if person.has_perm("refunds.approve_refund")]
    managers = [person for person in people if person.has_perm(RESUME)]
    administrators = [person for person in people if person.has_perm(accounts.RIGHT)]
    return [
        _check("This is a production installation", not settings.PRODUCTION, "Set HEMI_ENV=production."),
        _check("At least one seller is active", not sellers, "Add one, or import orders."),
        _check("An administrator can log in", not administrators, "Add one under Users; superusers are for repairs."),
        _check("A manager can log in", not managers, "Add one under Users."),
        _check("Two people may approve", len(approvers) < 2, "Add approvers under Users: large refunds need two."),
        _check(
            "Every seller has a second approval and a daily cap in its currency",
            bare := _names(sellers.exclude(Exists(guarded))),
            f"Set them in the refund policy of {bare}.",
        ),
        _check(
            "Every seller's warehouse was read",
            unread := _names(sellers.exclude(Exists(read))),
            f"Connect {unread}, then press Sync now.",
        ),
        _check(
            "Every payment provider that refunds wait for is set up",
            unready := execute.unready_providers(),
            " ".join(unready.values()),
        ),
        _check(
            "Two people have confirmed the limits",
            confirmed() is None,
            "One asks below, another one confirms what stands there.",
        ),
        _check("The queue runs", not Heartbeat.objects.filter(name="queue").exists(), "Start the worker."),
    ]


def values() -> dict[str, str]:
    """What two people look at before going live: the limits of every active seller, by seller and currency."""
    limits = RefundLimit.objects.filter(policy__seller__active=True).select_related("policy__seller")
    return {f"{limit.policy.seller}, {limit.currency}": _words(limit) for limit in limits.order_by("policy", "id")}


def confirmed() -> PendingChange | None:
    """Who asked to go live with the values of now, and who confirmed them; None while nobody has."""
    rows = PendingChange.objects.filter(kind=GOING_LIVE, state=PendingChange.State.CONFIRMED)
    newest = rows.select_related("requested_by", "decided_by").order_by("-decided_at", "-id").first()
    return newest if newest is not None and newest.wanted == values() else None


def request_going_live(*, by: User) -> PendingChange:
    """Ask to go live with the values of now."""
    with transaction.atomic():
        person = rights.expect_right(by, RESUME)
        if seller_scope.of(person) is not None:
            raise ActionRefused("Only people without a limit to sellers can do this.", code="not_permitted")
        words = "going live with all values"
        return pending_changes.request(
            GOING_LIVE, "installation", seller=None, was=None, wanted=values(), by=person, words=words
        )


def apply(change: PendingChange) -> None:
    """Confirmed: the command on the server goes live, with these values alone."""
    if change.wanted != values():
        raise ActionRefused("The values have changed since: ask to go live again.", code="changed")


def go_live() -> bool:
    """Go live, and say whether it was not live before. Refused until two people confirmed the values of now."""
    with transaction.atomic():
        if confirmed() is None:
            raise ActionRefused(
                "Two people confirm the values under “Going live” in the admin first: one asks, another one confirms.",
                code="two_people_needed",
            )
        return sending.go_live(for_good=True)


def _words(limit: RefundLimit) -> str:
    above, upto, cap = limit.second_approver_above, limit.unattended_upto, limit.daily_ceiling
    parts = (("second approval above", above, "never"), ("auto-approve up to", upto, "off"), ("daily cap", cap, "none"))
    return "; ".join(
        f"{label} {empty if amount is None else shown(amount, limit.currency)}" for label, amount, empty in parts
    )


def page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """The checklist, who confirmed the values, and the stop switch."""
    user: Any = request.user
    if not user.has_perm(STOP):
        raise PermissionDenied
    if request.method == "POST" and not {"ask", "confirm", "refuse"}.isdisjoint(request.POST):
        here = reverse("admin:going_live")
        try:
            if proof.given(request) is False:
                raise proof.ProofRequired
            _two_people(request, user)
        except proof.ProofRequired:
            return proof.ask(request, site, back=here, what="Confirming what goes live")
        return HttpResponseRedirect(here)
    form = SwitchForm(user, request.POST if request.method == "POST" else None, auto_id="stop-%s")
    if request.method == "POST" and form.is_valid():
        verb = sending.resume if "resume" in request.POST else sending.stop
        try:
            verb(form.cleaned_data["seller"], by=user, why=form.cleaned_data["why"])
        except ActionRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"Sending is {'resumed' if 'resume' in request.POST else 'stopped'}.")
            return HttpResponseRedirect(reverse("admin:going_live"))
    checks = checklist(seller_scope.sellers(user))
    shown = {
        **site.each_context(request),
        "title": "Going live",
        "form": form,
        "live": sending.is_live(),
        "stops": visible_stops(user),
        "may_resume": user.has_perm(RESUME),
        "checks": checks,
        "missing": sum(bool(check.missing) for check in checks),
        "values": values(),
        "confirmed": confirmed(),
        "may_ask": user.has_perm(RESUME) and seller_scope.of(user) is None,
        "waiting": [pending_changes.shown(change, user) for change in pending_changes.waiting((GOING_LIVE,))],
    }
    return TemplateResponse(request, "admin/going_live.html", shown)


def _two_people(request: HttpRequest, user: User) -> None:
    """Ask to go live, confirm or refuse that."""
    change = request.POST.get("change", "")
    number = int(change) if change.isascii() and change.isdecimal() and len(change) < 19 else 0
    try:
        if "ask" in request.POST:
            request_going_live(by=user)
            messages.success(request, "Asked for: somebody else confirms the values.")
        elif "confirm" in request.POST:
            pending_changes.confirm(number, by=user, proof=proof.of(request))
            messages.success(request, "Confirmed: run manage.py go_live on the server.")
        else:
            pending_changes.refuse(number, by=user, why=request.POST.get("why", ""))
            messages.success(request, "Refused: nothing was changed.")
    except proof.ProofRequired:
        raise
    except ActionRefused as refused:
        messages.error(request, str(refused))


def visible_stops(user: Any) -> list[Any]:
    """What is stopped of what concerns this person."""
    mine = seller_scope.of(user)
    return [row for row in sending.stops() if mine is None or row.seller_id is None or row.seller_id in mine]


def _check(title: str, fault: Any, advice: str) -> Check:
    return Check(title, advice if fault else "")


def _names(sellers: Any) -> str:
    names = [str(seller) for seller in sellers[:6]]
    return ", ".join(names[:5]) + (" and others" if len(names) > 5 else "")
