"""Which other systems hold a key to our API?"""

from datetime import timedelta
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from integrations.api import keys
from integrations.api.models import ApiKey, Scope
from orders.backoffice.pages import Button, Page
from orders.errors import ActionRefused
from orders.models import Seller
from orders.templatetags import formatting


class KeyForm(forms.Form):
    """What the key is for, and what it may do."""

    name = forms.CharField(max_length=80, help_text="Who uses it, such as “finance export”.")
    scopes = forms.MultipleChoiceField(
        choices=Scope.choices,
        initial=keys.READING,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "d-one"}),
        help_text="Select only what is needed.",
    )
    sellers = forms.ModelMultipleChoiceField(
        Seller.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Limits access to these sellers. Leave empty for all, including future sellers.",
    )
    expires_at = forms.DateTimeField(
        label="Valid until",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text="In your time zone. Leave empty for no expiry.",
    )
    networks = forms.CharField(
        required=False,
        max_length=500,
        help_text="Networks that may use it, such as 203.0.113.0/24; separate with spaces. Leave empty for any.",
    )
    per_minute = forms.IntegerField(
        label="Requests a minute",
        initial=1200,
        min_value=1,
        max_value=100_000,
        help_text="Requests above this get HTTP 429.",
    )

    def clean_networks(self) -> list[str]:
        """The networks one by one."""
        return str(self.cleaned_data["networks"]).split()


class OverlapForm(forms.Form):
    """How long the key that is in use stays valid beside the new one."""

    hours = forms.IntegerField(
        label="Hours of overlap",
        initial=24,
        min_value=0,
        max_value=720,
        help_text="0 = the old key stops working immediately.",
    )


class ApiKeyPage(Page):
    """The keys by name; a key itself is shown once, when it is made."""

    editable = True
    list_display = ("name", "prefix", "state", "made", "used")
    seller_path = None
    sort = ("-id",)
    page_template = "admin/integrations/apikey/page.html"
    empty = "No API keys yet. Add one for each system that uses the API."
    buttons = (
        Button(
            "revoke",
            "Revoke",
            "integrations.change_apikey",
            lambda row, user, _: _revoke(row, user),
            when=lambda row, _: row.revoked_at is None,
            tone="bad",
            confirm=lambda row: f"Requests with {row.name} are rejected from now on. This cannot be undone.",
        ),
    )

    def get_urls(self) -> list[URLPattern]:
        rotate = self.admin_site.admin_view(self.rotate_view)
        return [path("<int:row_id>/rotate/", rotate, name="integrations_apikey_rotate"), *super().get_urls()]

    def context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        names = dict(Scope.choices)
        return {
            "shown": self.state(row),
            "scopes": [(scope, names.get(scope, scope)) for scope in row.scopes],
            "sellers": row.sellers.all(),
            "old_is_valid": row.old_until is not None and row.old_until > timezone.now(),
            "may_rotate": row.revoked_at is None and self.has_change_permission(request, row),
        }

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form, user = KeyForm(request.POST or None), cast(User, request.user)
        if request.method == "POST" and form.is_valid():
            try:
                key, plain = keys.create(**form.cleaned_data, by=user)
            except ActionRefused as refused:
                form.add_error(refused.field or None, str(refused))
            else:
                self.log_addition(request, key, f"API key {key.name} created.")
                messages.success(request, f"API key {key.name} created.")
                return self._secret(request, key, plain)
        return self._form(request, "New API key", form=form, save="Create key")

    def rotate_view(self, request: HttpRequest, row_id: int) -> HttpResponse:
        """Ask how long the key in use stays valid, then show its successor, once."""
        row = self._row(request, row_id)
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        form, user = OverlapForm(request.POST or None), cast(User, request.user)
        if request.method == "POST" and form.is_valid():
            try:
                plain = keys.rotate(row, overlap=timedelta(hours=form.cleaned_data["hours"]), by=user)
            except keys.NotUsable as refused:
                messages.error(request, str(refused))
                return HttpResponseRedirect(self.url_of(row))
            self.log_change(request, row, f"Generated new secret for API key {row.name}.")
            messages.success(request, f"Generated new secret for API key {row.name}.")
            return self._secret(request, row, plain)
        shown = {"form": form, "save": "Generate new secret", "original": row, "row_url": self.url_of(row)}
        return self._form(request, f"New secret for {row.name}", act="Rotate", **shown)

    def _secret(self, request: HttpRequest, row: ApiKey, plain: str) -> HttpResponse:
        shown = {
            "secret": plain,
            "instruction": "Copy it now and pass it on securely. It cannot be shown again.",
            "more": "Send it with each request: Authorization: Bearer …",
            "next_url": self.url_of(row),
            "original": row,
            "row_url": self.url_of(row),
            "act": "Key",
        }
        return self._form(request, f"Key of {row.name}", "admin/integrations/secret.html", **shown)

    def _form(
        self, request: HttpRequest, title: str, template: str = "admin/backoffice/form.html", **shown: Any
    ) -> HttpResponse:
        frame = {**self.admin_site.each_context(request), "title": title, "opts": self.opts, "page": self}
        # The admin lets nobody keep its answers, so the key stays in no cache.
        return TemplateResponse(request, template, frame | shown)

    @admin.display(description="State")
    def state(self, row: ApiKey) -> str:
        if row.revoked_at:
            return formatting.state("failed", "Revoked")
        if row.expires_at and row.expires_at <= timezone.now():
            return formatting.state("failed", "Expired")
        return formatting.state("applied", "Valid")

    @admin.display(description="Created")
    def made(self, row: ApiKey) -> str:
        return formatting.moment(row.created_at)

    @admin.display(description="Last used")
    def used(self, row: ApiKey) -> str:
        return formatting.moment(row.last_used_at)


def _revoke(row: ApiKey, user: User) -> str:
    revoked = keys.revoke(row)
    return f"API key {row.name} revoked." if revoked else f"API key {row.name} was already revoked."
