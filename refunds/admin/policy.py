"""What does each seller want of its refunds, who changed it, and what would a change have done?"""

from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.forms.formsets import all_valid
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from orders.backoffice import seller_scope
from orders.backoffice.lists import Rows
from orders.backoffice.pages import Page, PlainFields
from orders.backoffice.theme import TabularInline
from orders.templatetags.formatting import money
from refunds.admin import two_people
from refunds.admin.changes import changes
from refunds.admin.forms import ReasonWordsForm, RefundLimitForm
from refunds.decisions import auto_approve
from refunds.decisions.reconsider import reconsider
from refunds.execution import ceiling
from refunds.models import ReasonWords, Refund, RefundLimit, RefundPolicy, RefundStatus
from refunds.proposals import dry_run

DAYS = (7, 30, 90)
SHOWN = 200


class Limits(PlainFields, TabularInline[RefundLimit, RefundPolicy]):
    model = RefundLimit
    form = RefundLimitForm
    extra = 1
    verbose_name = "currency"
    verbose_name_plural = "limits per currency"


class Words(PlainFields, TabularInline[ReasonWords, RefundPolicy]):
    model = ReasonWords
    form = ReasonWordsForm
    extra = 1
    verbose_name = "text"
    verbose_name_plural = "reason text sent with the refund (where the provider supports it)"

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = seller_scope.channels(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class PolicyPage(Page):
    """One seller's policy; a seller without one has the defaults that the form begins with."""

    editable = True
    list_display = ("seller", "causes", "shipping", "two_above", "unattended", "at_most")
    seller_path = "seller_id"
    sort = ("seller_id",)
    fields = (
        *("seller", "propose_cancelled", "propose_closed_short", "propose_overdue_after"),
        *("refund_shipping", "refund_services"),
    )
    inlines = (Limits, Words)
    below_form = "admin/refunds/refundpolicy/around.html"
    buttons = two_people.BUTTONS
    empty = "No policies yet. By default refunds are proposed for cancelled and short-shipped units; two approve."

    def get_queryset(self, request: HttpRequest) -> Rows:
        return super().get_queryset(request).select_related("seller")

    def for_list(self, rows: Rows) -> Rows:
        return rows.prefetch_related("limits")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("seller",) if obj else ()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "seller":
            kwargs["queryset"] = seller_scope.sellers(request.user).filter(refund_policy__isnull=True)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_inline_instances(self, request: HttpRequest, obj: Any = None) -> Any:
        # Whoever may only look reads the amounts below the form, as amounts.
        may = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        return super().get_inline_instances(request, obj) if may else []

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        if formset.model is RefundLimit:
            two_people.save_limits(request, formset)
        else:
            super().save_formset(request, form, formset, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        user: Any = request.user
        for limit, changed in [*formsets[0].changed_objects] if formsets else ():
            if "daily_ceiling" in changed:
                ceiling.replace_lift(limit, by=user)
        reconsider(form.instance.pk)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.dry_run_view)
        name = "refunds_refundpolicy_dry_run"
        return [
            path("add/dry-run/", view, name=f"{name}_new"),
            path("<int:seller_id>/dry-run/", view, name=name),
            *super().get_urls(),
        ]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        around = {"dry_run_url": reverse("admin:refunds_refundpolicy_dry_run_new"), "days": DAYS}
        return super().add_view(request, form_url, around | (extra_context or {}))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        policy = self._row(request, object_id)
        around = {
            "policy": policy,
            "waiting": two_people.waiting(policy, request.user),  # type: ignore[arg-type]
            "may_change": self.has_change_permission(request, policy),
            "may_lift": request.user.has_perm("refunds.lift_ceiling"),
            "limits": policy.limits.all(),
            "without_limits": _without_limits(policy),
            "words": policy.reason_words.select_related("channel"),
            "purses": _purses(policy),
            "changes": changes(policy.pk),
            "dry_run_url": reverse("admin:refunds_refundpolicy_dry_run", args=[policy.pk]),
            "days": DAYS,
        }
        return super().change_view(request, object_id, form_url, around | (extra_context or {}))

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The form; what saving it would approve without a person is said first, and asked."""
        seller = object_id or request.POST.get("seller", "")
        if request.method != "POST" or not seller.isdecimal():
            return super().changeform_view(request, object_id, form_url, extra_context)
        with transaction.atomic():
            before = auto_approve.would_approve(int(seller))
            request.is_trial = True  # type: ignore[attr-defined]
            saved = super().changeform_view(request, object_id, form_url, extra_context).status_code == HTTPStatus.FOUND
            new = set(auto_approve.would_approve(int(seller))) - set(before) if saved else set()
            transaction.set_rollback(True)
        request.is_trial = False  # type: ignore[attr-defined]
        said, asked = two_people.sums(new), {}
        sure = f"{len(new)}: {said}"
        if new and request.POST.get("sure") != sure:
            refunds = "1 waiting refund" if len(new) == 1 else f"{len(new)} waiting refunds"
            request.asked_back = (  # type: ignore[attr-defined]
                f"Nothing is saved yet. Saving this approves {refunds} without a person within a minute: {said}. "
                "Save again to do so."
            )
            asked = {"sure": sure, "save": f"Save and approve {refunds}"}
        return super().changeform_view(request, object_id, form_url, {**(extra_context or {}), **asked})

    def message_user(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Say what happened, unless it is a trial."""
        if not getattr(request, "is_trial", False):
            super().message_user(request, *args, **kwargs)

    def dry_run_view(self, request: HttpRequest, seller_id: int | None = None) -> HttpResponse:
        """Apply the policy that is stored (GET), or the one in the form (POST), to the last days. Saves nothing."""
        policy = None if seller_id is None else self._row(request, seller_id)
        if not self.has_view_permission(request, policy):
            raise PermissionDenied
        asked = request.POST if request.method == "POST" else request.GET
        days = next((number for number in DAYS if asked.get("days") == str(number)), 30)
        if request.method != "POST" and policy is not None:
            rules = policy.rules()
        else:
            read = self._read(request, policy)
            if read is None:
                return self.add_view(request) if policy is None else self.change_view(request, str(policy.pk))
            policy, rules = read
        result = dry_run.dry_run(policy.seller, rules, days=days)
        shown = {
            **self.admin_site.each_context(request),
            "title": f"Dry run for {policy.seller}",
            "opts": self.opts,
            "policy": policy,
            "rules": rules,
            "result": result,
            "unsaved": request.method == "POST",
            "rows": result.rows[:SHOWN],
            "days": DAYS,
            "most": dry_run.MOST_ORDERS,
        }
        return TemplateResponse(request, "admin/refunds/refundpolicy/dry_run.html", shown)

    def _read(self, request: HttpRequest, policy: RefundPolicy | None) -> tuple[RefundPolicy, Any] | None:
        """The policy in the posted form with its limits, unsaved; None when something in it is wrong."""
        may = self.has_add_permission(request) if policy is None else self.has_change_permission(request, policy)
        if not may:
            raise PermissionDenied
        form = self.get_form(request, policy, change=policy is not None)(request.POST, instance=policy)
        valid = form.is_valid()
        formsets, _ = self._create_formsets(request, form.instance, change=policy is not None)  # type: ignore[attr-defined]
        if not (all_valid(formsets) and valid):
            return None
        kept: list[RefundLimit] = [
            one.instance
            for one in formsets[0].forms
            if one.cleaned_data.get("currency") and not one.cleaned_data.get(forms.formsets.DELETION_FIELD_NAME)
        ]
        return form.instance, form.instance.rules(kept)

    @admin.display(description="Proposes")
    def causes(self, row: RefundPolicy) -> str:
        found = ["cancelled"] if row.propose_cancelled else []
        found += ["closed short"] if row.propose_closed_short else []
        found += [f"short after {row.propose_overdue_after} days"] if row.propose_overdue_after else []
        return ", ".join(found) or "nothing"

    @admin.display(description="Shipping")
    def shipping(self, row: RefundPolicy) -> str:
        return "when nothing ships" if row.refund_shipping else "never"

    @admin.display(description="Second approval above")
    def two_above(self, row: RefundPolicy) -> str:
        return _amounts(row, "second_approver_above")

    @admin.display(description="Auto-approve up to")
    def unattended(self, row: RefundPolicy) -> str:
        return _amounts(row, "unattended_upto")

    @admin.display(description="Daily cap")
    def at_most(self, row: RefundPolicy) -> str:
        return _amounts(row, "daily_ceiling")


def _without_limits(policy: RefundPolicy) -> list[str]:
    """The currencies of the seller and of its refunds in which it has set no limits."""
    used = Refund.objects.filter(seller=policy.pk).order_by().values_list("currency", flat=True).distinct()
    return sorted({policy.seller.currency, *used} - {limit.currency for limit in policy.limits.all()})


def _amounts(row: RefundPolicy, name: str) -> str:
    found = [(getattr(limit, name), limit.currency) for limit in row.limits.all()]
    return ", ".join(money(amount, currency) for amount, currency in found if amount is not None) or "–"


def _purses(policy: RefundPolicy) -> list[dict[str, Any]]:
    """Each ceiling with what was paid back today and how much waits for it."""
    purses = []
    for limit in policy.limits.filter(daily_ceiling__isnull=False):
        day, spent, lifted = ceiling.today(policy.pk, limit.currency)
        waiting = Refund.objects.filter(seller=policy.pk, currency=limit.currency, status=RefundStatus.APPROVED)
        verb = "restore" if lifted else "lift"
        purses.append(
            {
                "limit": limit,
                "day": day,
                "spent": spent,
                "lifted": lifted,
                "waiting": waiting.count(),
                "url": reverse("admin:refunds_refundpolicy_do", args=[policy.pk, verb]),
            }
        )
    return purses
