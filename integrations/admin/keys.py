"""Which other systems hold a key to our API?"""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from integrations import api_keys
from integrations.models import ApiKey
from orders.page import Button, Page
from orders.templatetags import desk


class NameForm(forms.Form):
    """What the key is for."""

    name = forms.CharField(max_length=80, help_text="Who will use it, such as “finance export”.")


class ApiKeyPage(Page):
    """The keys by name; a key itself is shown once, when it is made."""

    editable = True
    list_display = ("name", "prefix", "state", "made", "used")
    sort = ("-id",)
    page_template = "admin/integrations/apikey/page.html"
    empty = "No key yet. Add one for each system that reads the API."
    buttons = (
        Button(
            "revoke",
            "Revoke",
            "integrations.change_apikey",
            lambda row, user, _: _revoke(row, user),
            when=lambda row, _: row.revoked_at is None,
            tone="bad",
        ),
    )

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form, plain = NameForm(request.POST or None), ""
        if request.method == "POST" and form.is_valid():
            try:
                key, plain = api_keys.create(form.cleaned_data["name"])
            except api_keys.NameTaken as taken:
                form.add_error("name", str(taken))
            else:
                messages.success(request, f"The key {key.name} is made.")
        shown = {
            **self.admin_site.each_context(request),
            "title": "New API key",
            "opts": self.opts,
            "form": form,
            "plain": plain,
        }
        # The admin lets nobody keep its answers, so the key stays in no cache.
        return TemplateResponse(request, "admin/integrations/apikey/new.html", shown)

    @admin.display(description="State")
    def state(self, row: ApiKey) -> str:
        return desk.state("failed", "Revoked") if row.revoked_at else desk.state("applied", "Valid")

    @admin.display(description="Made")
    def made(self, row: ApiKey) -> str:
        return desk.moment(row.created_at)

    @admin.display(description="Last used")
    def used(self, row: ApiKey) -> str:
        return desk.moment(row.last_used_at)


def _revoke(row: ApiKey, user: User) -> str:
    revoked = api_keys.revoke(row)
    return f"{row.name} is revoked: whoever uses it is refused from now on." if revoked else f"{row.name} was revoked."
