"""How does a person decide on many refunds at once? Choose on the list, look at what it comes to, watch it happen."""

import re
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.defaultfilters import pluralize
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from orders.backoffice import seller_scope
from orders.backoffice.lists import Rows
from orders.backoffice.pages import Button, Page
from orders.backoffice.pages.scoped import SHARED
from orders.errors import REASON_REQUIRED, ActionRefused
from orders.money import digits
from orders.templatetags import formatting
from refunds import transitions
from refunds.admin.buttons import REJECTABLE
from refunds.admin.forms import RejectForm
from refunds.decisions import bulk, undo_bulk
from refunds.models import Batch, BatchItem, Refund

LIST = "admin:refunds_refund_changelist"
_SEEN = re.compile(r"([0-9]{1,18}):([0-9]{1,9}):([0-9]{1,18})")
"""Id, version and amount of a refund; longer numbers fit no column."""
OTHER = "other"


class SeenManyForm(forms.Form):
    """What stood on the confirmation page, refund by refund; and the reason, where one is needed."""

    usual = forms.ChoiceField(
        label="Reason for all",
        choices=[*((reason, reason) for reason in RejectForm.usual), (OTHER, "Another reason")],
        required=False,
        widget=forms.RadioSelect,
    )
    why = forms.CharField(label="In your words", max_length=250, required=False)
    seen = forms.CharField(widget=forms.HiddenInput, max_length=100_000)
    needs_reason = False

    def clean_seen(self) -> dict[int, transitions.ExpectedVersion]:
        """By refund, the version and the amount that were seen."""
        each = [_SEEN.fullmatch(one) for one in self.cleaned_data["seen"].split(",")]
        found = [tuple(map(int, one.groups())) for one in each if one]
        if len(found) < len(each):
            raise forms.ValidationError("The page is out of date: choose again.")
        return {pk: transitions.ExpectedVersion(version, amount) for pk, version, amount in found}

    def clean(self) -> dict[str, Any]:
        """With the reason as it goes on record: one of the usual ones, the person's words, or both."""
        cleaned = super().clean() or self.cleaned_data
        usual, words = cleaned.get("usual", ""), cleaned.get("why", "").strip()
        cleaned["why"] = ": ".join(part for part in ("" if usual == OTHER else usual, words) if part)
        if self.needs_reason and not cleaned["why"]:
            self.add_error("why" if usual == OTHER else "usual", REASON_REQUIRED)
        return cleaned


class Bulk:
    """The bar of the list and the page that confirms, as a part of the refunds' page in the admin."""

    before_rows = "admin/refunds/refund/bulk_bar.html"
    decidable = frozenset({"", *REJECTABLE})
    """The states, as the list is filtered by them, of which some may be decided."""

    def urls_bulk(self: Any) -> list[URLPattern]:
        """Their addresses."""
        return [path("bulk/<slug:act>/", self.admin_site.admin_view(self.bulk_view), name="refunds_refund_bulk")]

    def bulk_view(self: Any, request: HttpRequest, act: str) -> HttpResponse:
        """What was chosen, what it comes to, and what may not be included; then begin. POST only."""
        if act not in Batch.Act.values:
            raise Http404
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_view_permission(request) or not request.user.has_perm(bulk.RIGHTS[Batch.Act(act)]):
            raise PermissionDenied
        form = SeenManyForm(request.POST) if "seen" in request.POST else SeenManyForm()
        form.needs_reason = act == Batch.Act.REJECT
        if form.is_bound and form.is_valid():
            user: Any = request.user
            mine = self.get_queryset(request).filter(pk__in=form.cleaned_data["seen"]).values_list("pk", flat=True)
            seen = [(pk, form.cleaned_data["seen"][pk]) for pk in mine.order_by("pk")]
            try:
                batch = bulk.begin(act, seen, by=user, why=form.cleaned_data["why"])
            except ActionRefused as refused:
                messages.error(request, str(refused))
                again: HttpResponse = self._confirm(request, Batch.Act(act), SeenManyForm(), [pk for pk, _ in seen])
                return again
            self.nudge("decide in bulk")
            return HttpResponseRedirect(reverse("admin:refunds_batch_change", args=[batch.pk]))
        # What was chosen is not lost when the reason is missing.
        chosen = sorted(form.cleaned_data["seen"]) if form.is_bound and "seen" in form.cleaned_data else None
        confirmation: HttpResponse = self._confirm(request, Batch.Act(act), form, chosen)
        return confirmation

    def _confirm(
        self: Any, request: HttpRequest, act: Batch.Act, form: SeenManyForm, chosen: list[int] | None = None
    ) -> HttpResponse:
        if chosen is None:
            rows = request.POST.getlist("row")
            chosen = [int(pk) for pk in rows if pk.isascii() and pk.isdecimal() and len(pk) < 19]
        every = "every" in request.POST
        rows = self.wanted(request, request.GET.dict()).rows if every else self.get_queryset(request)
        if not every:
            rows = rows.filter(pk__in=chosen)
        found = list(rows.order_by("proposed_at", "id")[: bulk.MOST + 1])
        if not found:
            messages.warning(request, "Nothing was selected: tick refunds first, then choose the action again.")
            return HttpResponseRedirect(f"{reverse(LIST)}?{request.GET.urlencode()}")
        user: Any = request.user
        plan = bulk.plan(found[: bulk.MOST], act, by=user)
        seen = ",".join(f"{refund.pk}:{refund.version}:{refund.amount}" for refund in plan.included)
        shown = {
            **self.admin_site.each_context(request),
            "title": f"{act.label} {len(plan.included)} refund{pluralize(len(plan.included))}",
            "opts": self.opts,
            "act": act,
            "plan": plan,
            "form": form if form.is_bound else SeenManyForm(initial={"seen": seen}),
            "most": bulk.MOST if len(found) > bulk.MOST else 0,
            "back": f"{reverse(LIST)}?{request.GET.urlencode()}",
        }
        return TemplateResponse(request, "admin/refunds/refund/bulk.html", shown)


def _undo_all(batch: Batch, user: User, said: dict[str, Any]) -> str:
    result = undo_bulk.undo_all(batch.pk, by=user)
    stay = f" {result.stay} could no longer be undone: see below." if result.stay else ""
    return f"{result.undone} undone.{stay}"


class BatchPage(Page):
    """What was decided in bulk: how far it is, and what was refused."""

    list_display = ("decision", "made_by", "made", "refunds", "refused", "why")
    numbers = ("refunds", "refused")
    seller_path = SHARED
    page_template = "admin/refunds/batch/page.html"
    # The verb asks for the right that the decision took.
    buttons = (Button("undo", "Undo all", "refunds.view_refund", _undo_all),)

    def is_on_timeline(self, row: Any) -> bool:
        return True

    empty = "No bulk actions yet. Tick refunds on the list and choose an action above it."

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("refunds.view_refund")

    def get_queryset(self, request: HttpRequest) -> Rows:
        rows = super().get_queryset(request).select_related("made_by")
        # Another person's batch may be about other sellers.
        return rows if seller_scope.of(request.user) is None else rows.filter(made_by=request.user)

    def for_list(self, rows: Rows) -> Rows:
        refused = Q(items__state=BatchItem.State.REFUSED)
        counted: Rows = rows.annotate(many=Count("items"), many_refused=Count("items", filter=refused))
        return counted

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.progress_view)
        return [path("<int:row_id>/progress/", view, name="refunds_batch_progress"), *super().get_urls()]

    def context(self, request: HttpRequest, row: Batch) -> dict[str, Any]:
        items = seller_scope.narrow(row.items.select_related("refund__seller"), request.user, "refund__seller_id")
        named = items.filter(state__in=(BatchItem.State.REFUSED, BatchItem.State.DONE)).exclude(said="").order_by("id")
        may_undo = undo_bulk.offered(row, to=request.user)  # type: ignore[arg-type]
        return {"progress": bulk.progress(row), "named": list(named), "may_undo": may_undo}

    def progress_view(self, request: HttpRequest, row_id: int) -> HttpResponse:
        """Only the part of the page that changes."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self._row(request, row_id)
        return TemplateResponse(
            request, "admin/refunds/batch/progress.html", {"row": row, **self.context(request, row)}
        )

    @admin.display(description="Decision")
    def decision(self, row: Batch) -> str:
        return str(row)

    @admin.display(description="Created")
    def made(self, row: Batch) -> str:
        return formatting.moment(row.made_at)

    @admin.display(description="Refunds")
    def refunds(self, row: Any) -> int:
        return int(row.many)

    @admin.display(description="Refused")
    def refused(self, row: Any) -> str:
        return format_html('<b class="d-bad">{}</b>', row.many_refused) if row.many_refused else "–"


def box(refund: Refund) -> str:
    """The box by which a refund is chosen on the list; it belongs to the form of the bar above."""
    return format_html(
        '<input type="checkbox" class="d-box" form="bulk" name="row" value="{}" data-amount="{}" data-currency="{}"'
        ' data-digits="{}" aria-label="Choose {}"> ',
        *(refund.pk, refund.amount, refund.currency, digits(refund.currency), refund.number),
    )
