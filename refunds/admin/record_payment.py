"""How does a person record that they paid a refund elsewhere? Typed first, then asked back with what it says."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import URLPattern, path, reverse

from orders.backoffice import export
from orders.backoffice.export.write import MARK
from orders.backoffice.export.write import RIGHT as EXPORT
from orders.backoffice.pages import Button, RowForm
from orders.backoffice.spreadsheets import csv_lines
from orders.errors import ActionRefused
from refunds.execution.manual_payment import in_use, instruction, record_payment, require_reference
from refunds.gateway import gateway_for
from refunds.models import Refund, RefundStatus
from refunds.reports import to_pay_by_hand

SETTLE = "refunds.settle_refund"


class RecordPaymentForm(RowForm):
    """The reference of the payment; `confirmed` is the one that was asked back."""

    reference = forms.CharField(
        label="Payment reference", max_length=200, error_messages={"required": "Enter the payment reference."}
    )
    why = forms.CharField(label="Why one payment covers several refunds", max_length=300, required=False)
    confirmed = forms.CharField(max_length=200, required=False, widget=forms.HiddenInput)

    asked_back = False
    """Whether all that is missing is that the person confirms."""

    @property
    def instruction(self) -> str:
        """What the person has to do."""
        return instruction(self.row)

    @property
    def in_use(self) -> str:
        """Which other refunds were paid under the same reference."""
        reference = self.cleaned_data.get("reference", "") if self.is_bound else ""
        return in_use(reference, self.row) if reference else ""

    def clean_reference(self) -> str:
        """As it will be stored."""
        try:
            return require_reference(self.cleaned_data["reference"])
        except ActionRefused as refused:
            raise forms.ValidationError(str(refused)) from None

    def clean(self) -> dict[str, Any]:
        """Valid once the reference was asked back, and a reason given where it was used before."""
        cleaned = super().clean() or self.cleaned_data
        reference = cleaned.get("reference")
        if reference and cleaned.get("confirmed") != reference:
            self.asked_back = True
            raise forms.ValidationError("Check what is recorded, then confirm.")
        if reference and self.in_use and not cleaned.get("why", "").strip():
            self.asked_back = True
            self.add_error("why", "Give a reason, or go back and enter another reference.")
        return cleaned


def _record(refund: Refund, user: User, said: dict[str, Any]) -> str:
    record_payment(refund.pk, by=user, reference=said["reference"], why=said["why"])
    return f"{refund.number} recorded as paid under {said['reference']}."


def paid_by_hand(refund: Refund, user: User) -> bool:
    """Whether the refund waits for a person to pay it."""
    return refund.status == RefundStatus.APPROVED and gateway_for(refund.provider).by_hand


RECORD_PAYMENT = Button(
    "record-payment",
    "Record manual payment",
    SETTLE,
    _record,
    paid_by_hand,
    RecordPaymentForm,
    tone="good",
    template="admin/refunds/refund/record_payment.html",
)


class ToPayByHand:
    """The list of what people have to pay as a file, as a part of the refunds' page in the admin."""

    def urls_to_pay(self: Any) -> list[URLPattern]:
        """Its address."""
        return [path("to-pay.csv", self.admin_site.admin_view(self.to_pay_view), name="refunds_refund_to_pay")]

    def tools(self: Any, request: HttpRequest, querystring: str) -> list[tuple[str, str]]:
        """Offered where the list shows nothing else."""
        asked = QueryDict(querystring)
        shown = asked.get("needs") == "hand" and asked.get("status") == RefundStatus.APPROVED
        may = shown and request.user.has_perm(EXPORT)
        return [("Export CSV", f"{reverse('admin:refunds_refund_to_pay')}?{querystring}")] if may else []

    def to_pay_view(self: Any, request: HttpRequest) -> HttpResponse:
        """The refunds that the list shows and a person has to pay; who took them is on record."""
        if not self.has_view_permission(request) or not request.user.has_perm(EXPORT):
            raise PermissionDenied
        asked = {**request.GET.dict(), "status": RefundStatus.APPROVED.value, "needs": "hand"}
        refunds = self.rows_asked(request, asked).order_by("decided_at", "id")
        lines = list(to_pay_by_hand.rows(refunds))
        made = export.record(
            self.person(request), asked, to_pay_by_hand.COLUMNS, "csv", len(lines) - 1, of="refunds.refund"
        )
        headers = {"Content-Disposition": f'attachment; filename="to-pay-{made}"', "Cache-Control": "no-store"}
        return HttpResponse(MARK + csv_lines(lines), content_type="text/csv; charset=utf-8", headers=headers)
