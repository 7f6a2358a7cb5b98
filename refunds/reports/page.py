"""What do the people responsible read about refunds, and what does finance download?"""

from collections import defaultdict
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from orders import money
from orders.backoffice import seller_scope
from orders.backoffice.theme import AdminSite
from orders.durations import format_duration
from orders.models import Seller
from orders.timeline import audit, events
from refunds.models import Refund
from refunds.reports import payments_csv, statistics

LONGEST = timedelta(days=366)
SHOWN = 400


class PeriodForm(forms.Form):
    """A period of days, both included, and perhaps one seller."""

    first = forms.DateField(label="From", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    last = forms.DateField(label="To", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    seller = forms.ModelChoiceField(Seller.objects.none(), required=False, empty_label="All sellers")

    def __init__(self, asked: Any, user: Any) -> None:
        super().__init__(asked)
        field: Any = self.fields["seller"]
        field.queryset = seller_scope.sellers(user)
        self.reached = seller_scope.of(user)

    def sellers(self) -> Collection[int] | None:
        """The seller that was chosen; or else all that the person may see, None for no limit."""
        chosen = self.cleaned_data["seller"]
        return (chosen.pk,) if chosen else self.reached

    def clean(self) -> dict[str, Any]:
        """Refuse periods that run backwards, or for longer than a year."""
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and not timedelta(0) <= last - first <= LONGEST:
            raise forms.ValidationError("The start must be before the end, and the period at most one year.")
        return cleaned


def page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """The numbers of a period; the last 30 days when none was asked for."""
    form = _period(request)
    shown = {**site.each_context(request), "title": "Reports", "form": form}
    if form.is_valid():
        first, last, seller = form.cleaned_data["first"], form.cleaned_data["last"], form.cleaned_data["seller"]
        shown |= _numbers(first, last, form.sellers())
        shown["download"] = f"{reverse('admin:refunds_payments')}?{_query(first, last, seller)}"
    return TemplateResponse(request, "admin/refunds/reports.html", shown)


def download(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """The payments of a period as CSV, streamed."""
    form = _period(request)
    if not form.is_valid():
        return HttpResponseBadRequest("Give a period: ?first=2026-11-01&last=2026-11-30", content_type="text/plain")
    first, last, seller = form.cleaned_data["first"], form.cleaned_data["last"], form.cleaned_data["seller"]
    whose = f"of {seller}" if seller else "of every seller in reach"
    user: Any = request.user
    audit.record(
        events.staff(user), f"Downloaded the payments {whose}", about=f"{first} to {last}", kind=audit.Kind.EXPORT
    )
    lines = payments_csv.lines(first, last, sellers=form.sellers())
    name = "-".join(["refunds", *([seller.code] if seller else []), first.isoformat(), last.isoformat()])
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


def _period(request: HttpRequest) -> PeriodForm:
    if not request.user.has_perm("refunds.view_refund"):
        raise PermissionDenied
    today = datetime.now(UTC).date()
    asked = request.GET if "first" in request.GET else {"first": today - timedelta(days=29), "last": today}
    return PeriodForm(asked, request.user)


def _query(first: date, last: date, seller: Seller | None) -> str:
    return f"first={first}&last={last}" + (f"&seller={seller.pk}" if seller else "")


def _numbers(first: date, last: date, sellers: Collection[int] | None) -> dict[str, Any]:
    rows = statistics.refunded(first, last, sellers=sellers)
    sums: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        sums[row.currency][0] += row.refunds
        sums[row.currency][1] += row.amount
    times = statistics.times(first, last, sellers=sellers)
    shares = statistics.shares(first, last, sellers=sellers)
    reasons = dict(Refund.Reason.choices)
    return {
        "sums": [(currency, many, money.shown(amount, currency)) for currency, (many, amount) in sorted(sums.items())],
        "rows": [(row, reasons.get(row.reason, row.reason)) for row in rows[:SHOWN]],
        "more": len(rows) - SHOWN,
        "steps": [
            (label, step.refunds, format_duration(step.median, parts=2), format_duration(step.p90, parts=2))
            for label, step in (
                ("Warehouse report → proposal", times.to_proposal),
                ("Proposal → approval", times.to_approval),
                ("Approval → paid", times.to_money),
            )
        ],
        "proposed": shares.proposed,
        "shares": [
            (label, count, shares.share(count))
            for label, count in (
                ("Changed or edited after proposal", shares.changed),
                ("Rejected", shares.rejected),
                ("Withdrawn (units shipped)", shares.withdrawn),
                ("Auto-approved", shares.by_rule),
            )
        ],
    }
