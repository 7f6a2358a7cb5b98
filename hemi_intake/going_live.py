"""What must be so before this installation sends anything, and who stopped it since? (computed from data)"""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from hemi_intake.staff import accounts
from integrations.models import Account, Heartbeat
from orders.backoffice import seller_scope
from orders.backoffice.theme import AdminSite
from orders.errors import REASON_REQUIRED, ActionRefused
from orders.models import Seller
from refunds import sending
from refunds.execution import execute
from refunds.models import RefundLimit

STOP, RESUME = "refunds.stop_sending", "refunds.resume_sending"


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
        _check("The queue runs", not Heartbeat.objects.filter(name="queue").exists(), "Start the worker."),
    ]


def page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """The checklist, and the stop switch."""
    user: Any = request.user
    if not user.has_perm(STOP):
        raise PermissionDenied
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
    }
    return TemplateResponse(request, "admin/going_live.html", shown)


def visible_stops(user: Any) -> list[Any]:
    """What is stopped of what concerns this person."""
    mine = seller_scope.of(user)
    return [row for row in sending.stops() if mine is None or row.seller_id is None or row.seller_id in mine]


def _check(title: str, fault: Any, advice: str) -> Check:
    return Check(title, advice if fault else "")


def _names(sellers: Any) -> str:
    names = [str(seller) for seller in sellers[:6]]
    return ", ".join(names[:5]) + (" and others" if len(names) > 5 else "")
