"""Which warehouses do we talk to, for which sellers, and how do they do?"""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html

from integrations.admin import health
from integrations.admin.accounts import connections
from integrations.admin.files import upload_urls
from integrations.connections.connect import NotConnectable, check_address, save_account, save_connection
from integrations.connections.models import Account, Connection
from integrations.warehouses import connection_check
from integrations.warehouses.models import SyncRun
from orders.backoffice import seller_scope
from orders.backoffice.lists import Rows, by_row
from orders.backoffice.pages import Button, FormedPage
from orders.templatetags import formatting

ACCOUNT_FIELDS = (
    *("connection", "seller", "key", "report_scope"),
    *("get_shipments", "get_refunds", "poll_seconds", "active"),
)


class ConnectionForm(forms.ModelForm[Connection]):
    """Where a warehouse system is reached; the page names its fields."""

    def clean(self) -> dict[str, Any] | None:
        """Refuse an address that is never called."""
        cleaned = super().clean()
        try:
            check_address(self.cleaned_data.get("kind", ""), self.cleaned_data.get("base_url", ""))
        except NotConnectable as refused:
            self.add_error("base_url", str(refused))
        return cleaned


class ConnectionPage(FormedPage):
    """One ProSKU installation, and how each of its sellers does."""

    form = ConnectionForm
    list_display = ("name", "base_url", "format", "time_zone", "active", "sellers_shown")
    seller_path = None
    sort = ("id",)
    fields = ("name", "kind", "base_url", "format", "time_zone", "warehouse", "active")
    page_template = "admin/integrations/connection/page.html"
    empty = "No connections yet. Add one with the address of your ProSKU, then add accounts with their keys."

    def for_list(self, rows: Rows) -> Rows:
        return rows.prefetch_related("accounts")

    def save_model(self, request: HttpRequest, obj: Connection, form: Any, change: bool) -> None:
        save_connection(obj)

    def context(self, request: HttpRequest, row: Connection) -> dict[str, Any]:
        page: Any = self.admin_site.get_model_admin(Account)
        return {
            "edit_url": self.edit_url(request, row),
            "may_add": page.has_add_permission(request),
            "around": [(one, page.offers(request, one.glance.account)) for one in health.of_connection(row)],
        }

    @admin.display(description="Sellers")
    def sellers_shown(self, row: Connection) -> str:
        address = reverse("admin:integrations_account_changelist")
        return format_html('<a class="d-link" href="{}?connection={}">{}</a>', address, row.pk, len(row.accounts.all()))


class AccountForm(forms.ModelForm[Account]):
    """Access to a ProSKU. The key is written, never read: an empty field keeps the one that is there."""

    key = forms.CharField(
        label="Key (company reference)",
        required=False,
        error_messages={"required": "Enter the ProSKU key of this seller."},
        max_length=500,
        strip=True,
        # What was typed is not rendered again, even when another field is wrong.
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"}),
        help_text="Stored encrypted and never shown. Leave empty to keep the current key.",
    )

    class Meta:
        model = Account
        fields = ACCOUNT_FIELDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.pop("key", None)
        if self.instance.pk is None:
            key = self.fields["key"]
            key.required, key.help_text = True, "As shown in ProSKU for this seller. Stored encrypted and never shown."

    def clean(self) -> dict[str, Any] | None:
        """Leave the present key alone when none was typed."""
        cleaned = super().clean()
        if not self.cleaned_data.get("key"):
            self.cleaned_data.pop("key", None)
            if self.instance.pk and "connection" in self.changed_data:
                self.add_error("key", "Enter the key again: with another connection it is sent to another address.")
        return cleaned


class AccountPage(FormedPage):
    """One seller's access to a ProSKU."""

    form = AccountForm
    list_display = ("named", "health", "next_poll", "get_shipments", "get_refunds", "active")
    seller_path = "seller_id"
    sort = ("id",)
    fields = ACCOUNT_FIELDS
    page_template = "admin/integrations/account/page.html"
    buttons = (
        Button("sync_now", "Sync now", "integrations.change_account", lambda row, _user, _: health.sync_now(row)),
        Button(
            "probe",
            "Test connection",
            "integrations.change_account",
            lambda row, _user, _: connection_check.test_connection(row),
        ),
    )
    empty = "No accounts yet. Add a connection first, then its accounts with their keys."
    filters = (
        by_row("connection", "Connection", connections),
        by_row("seller", "Seller", seller_scope.sellers),
    )

    def get_queryset(self, request: HttpRequest) -> Rows:
        return super().get_queryset(request).select_related("connection", "seller")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "connection" and seller_scope.of(request.user) is not None:
            kwargs["queryset"] = connections(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Account, form: Any, change: bool) -> None:
        save_account(obj, changed=[name for name in form.changed_data if name in form.cleaned_data])

    def for_list(self, rows: Rows) -> Rows:
        read = SyncRun.objects.filter(account=OuterRef("pk"), file="").order_by("-id")
        annotated: Rows = rows.annotate(newest_run=Subquery(read.values("state")[:1]))
        return annotated

    def get_urls(self) -> list[URLPattern]:
        seen = self.admin_site.admin_view(self.watch_view)
        watched = path("<int:row_id>/watch/", seen, name="integrations_account_watch")
        return [watched, *upload_urls(self), *super().get_urls()]

    def context(self, request: HttpRequest, row: Account) -> dict[str, Any]:
        return {"edit_url": self.edit_url(request, row), **self._seen(request, row)}

    def watch_view(self, request: HttpRequest, row_id: int) -> HttpResponse:
        """The part of the page that changes while the account is read."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self._row(request, row_id)
        return render(request, "admin/integrations/account/watch.html", {"row": row, **self._seen(request, row)})

    def _seen(self, request: HttpRequest, row: Account) -> dict[str, Any]:
        may_see = self.admin_site.get_model_admin(Connection).has_view_permission(request)
        may = request.user.has_perm("integrations.change_account")
        return {"seen": health.of_account(row), "may_see_connection": may_see, "may_change": may}

    @admin.display(description="Account")
    def named(self, row: Account) -> str:
        return str(row)

    @admin.display(description="Health")
    def health(self, row: Any) -> str:
        state, word, says = connection_check.health(row, row.newest_run, timezone.now())
        return formatting.state("on_hold" if state == "off" else state, word, says)

    @admin.display(description="Next poll")
    def next_poll(self, row: Account) -> str:
        return formatting.moment(row.next_poll_at)
