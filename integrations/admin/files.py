"""How does a shipping file get in through the browser?"""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from integrations.admin.states import state_of
from integrations.connections.models import Account, SwitchedOff
from integrations.warehouses.files.import_file import MOST_BYTES, import_file
from integrations.warehouses.files.report import Report
from integrations.warehouses.files.rows import NoShippingFile
from orders.backoffice.pages import Page

RIGHT = "integrations.change_account"
LINES_SHOWN = 500


class FileForm(forms.Form):
    """The file."""

    file = forms.FileField(
        label="Shipping file",
        max_length=200,
        help_text="CSV with order reference, SKU, quantity, carrier, tracking number, despatch time, despatch number.",
    )

    def clean_file(self) -> Any:
        """Refuse what is too large before it is read."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(f"The file is larger than {MOST_BYTES // 1_000_000} MB.")
        return file


def upload_urls(page: Page) -> list[URLPattern]:
    """The address of the upload page of one account."""

    def view(request: HttpRequest, row_id: int) -> HttpResponse:
        if not request.user.has_perm(RIGHT):
            raise PermissionDenied
        return _upload(request, page, page._row(request, row_id))  # noqa: SLF001 - a page's own view

    return [path("<int:row_id>/file/", page.admin_site.admin_view(view), name="integrations_account_file")]


def _upload(request: HttpRequest, page: Page, account: Account) -> HttpResponse:
    form = FileForm(request.POST or None, request.FILES or None)
    report: Report | None = None
    if request.method == "POST" and form.is_valid():
        file, user = form.cleaned_data["file"], cast("User", request.user)
        try:
            report = import_file(account, file.name, file.read(), written_at=timezone.now(), by=user)
        except (NoShippingFile, SwitchedOff) as refused:
            sentence = str(refused).rstrip(".") + "."
            form.add_error("file", sentence[:1].upper() + sentence[1:])
        else:
            rejected = f", {report.rejected} of them rejected" if report.rejected else ""
            say = messages.success if report.well else messages.warning
            summary = f"{report.name}: {report.rows} rows read{rejected}."
            say(request, summary)
            page.log_change(request, account, f"Uploaded {summary}")
    shown = {
        **page.admin_site.each_context(request),
        "title": f"Shipping file for {account}",
        "opts": page.opts,
        "page": page,
        "original": account,
        "row_url": page.url_of(account),
        "act": "Shipping file",
        "account": account,
        "form": form,
        "report": report,
        "lines": [line | {"shown": state_of(line["state"])} for line in report.lines[:LINES_SHOWN]] if report else [],
    }
    return TemplateResponse(request, "admin/integrations/account/file.html", shown)
