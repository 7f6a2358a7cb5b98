"""Which warehouses do we talk to, for which sellers, and what do their words mean?"""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, reverse
from django.utils.html import format_html

from integrations import schedules
from integrations.admin.accounts import connectors
from integrations.admin.files import upload_urls
from integrations.admin.watch import around_connector, around_seller, sync_now
from integrations.models import ArchivedMessage, ProSkuConnector, ProSkuSeller, StatusWord
from integrations.prosku.asking import NotConnected, probe
from orders import reach
from orders.listing import Rows, by_field, by_row
from orders.page import SHARED, Button, Page
from orders.snapshot import Meaning
from orders.templatetags import desk


class ConnectorPage(Page):
    """One ProSKU installation."""

    editable = True
    list_display = ("name", "base_url", "format", "time_zone", "active", "sellers_shown")
    seller_path = None
    sort = ("id",)
    fields = ("name", "base_url", "format", "time_zone", "active")
    change_form_outer_before_template = "admin/integrations/proskuconnector/around.html"
    empty = "No connector yet. Add one with the address of your ProSKU, then give it sellers with their keys."

    def for_list(self, rows: Rows) -> Rows:
        return rows.prefetch_related("sellers")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        accounts: Any = self.admin_site.get_model_admin(ProSkuSeller)
        seen = around_connector(self._row(request, object_id))
        around = {"around": [(one, accounts.offers(request, one.glance.account)) for one in seen]}
        return super().change_view(request, object_id, form_url, around | (extra_context or {}))

    @admin.display(description="Sellers")
    def sellers_shown(self, row: ProSkuConnector) -> str:
        address = reverse("admin:integrations_proskuseller_changelist")
        return format_html('<a href="{}?connector={}">{}</a>', address, row.pk, len(row.sellers.all()))


class ProSkuSellerForm(forms.ModelForm[ProSkuSeller]):
    """Access to a ProSKU. The key is written, never read: an empty field keeps the one that is there."""

    key = forms.CharField(
        label="Key (company reference)",
        required=False,
        max_length=500,
        strip=True,
        # What was typed is not rendered again, even when another field is wrong.
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password", "class": "d-input"}),
        help_text="Kept encrypted and never shown. Leave empty to keep the present key.",
    )

    class Meta:
        model = ProSkuSeller
        fields = ("connector", "seller", "key", "get_shipments", "get_refunds", "poll_seconds", "active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.pop("key", None)

    def clean(self) -> dict[str, Any] | None:
        """Leave the present key alone when none was typed; a new access needs one."""
        cleaned = super().clean()
        if not self.cleaned_data.get("key"):
            self.cleaned_data.pop("key", None)
            if self.instance.pk is None:
                self.add_error("key", "Enter the key that ProSKU gave this seller.")
        return cleaned


class ProSkuSellerPage(Page):
    """One seller's access to a ProSKU."""

    editable = True
    form = ProSkuSellerForm
    list_display = ("named", "health", "next_poll", "get_shipments", "get_refunds", "active")
    seller_path = "seller_id"
    sort = ("id",)
    fields = (
        "connector",
        "seller",
        "key",
        "get_shipments",
        "get_refunds",
        "poll_seconds",
        "active",
        "despatches_cursor",
        "orders_cursor",
        "next_poll_at",
        "failures",
        "paused_because",
        "compared_at",
    )
    readonly_fields = (
        "despatches_cursor",
        "orders_cursor",
        "next_poll_at",
        "failures",
        "paused_because",
        "compared_at",
    )
    change_form_outer_before_template = "admin/integrations/proskuseller/around.html"
    buttons = (
        Button("sync_now", "Sync now", "integrations.change_proskuseller", lambda row, _user, _: sync_now(row)),
        Button("probe", "Test connection", "integrations.change_proskuseller", lambda row, _user, _: probe(row)),
    )
    refusals = (NotConnected,)
    empty = "No seller has access to a ProSKU yet. Add a connector first, then its sellers with their keys."
    filters = (
        by_row("connector", "Connector", connectors),
        by_row("seller", "Seller", reach.sellers),
    )

    def get_queryset(self, request: HttpRequest) -> Rows:
        return super().get_queryset(request).select_related("connector", "seller")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "connector" and reach.of(request.user) is not None:
            kwargs["queryset"] = connectors(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        return [*upload_urls(self), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self._row(request, object_id)
        around = {"around": around_seller(row), "account": row, "offers": self.offers(request, row)}
        return super().change_view(request, object_id, form_url, around | (extra_context or {}))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        # Whoever may only look gets no key field: the stock page would show the column.
        may = self.has_change_permission(request, obj) or self.has_add_permission(request)
        return [name for name in self.fields if may or name != "key"]

    @admin.display(description="ProSKU seller")
    def named(self, row: ProSkuSeller) -> str:
        return str(row)

    @admin.display(description="Health")
    def health(self, row: ProSkuSeller) -> str:
        if row.paused_because:
            return desk.state("failed", "Paused", row.paused_because)
        if row.failures:
            return desk.state("failed", "Failing", f"{row.failures} in a row")
        return desk.state("succeeded", "Well")

    @admin.display(description="Next poll")
    def next_poll(self, row: ProSkuSeller) -> str:
        return desk.moment(row.next_poll_at)


class StatusWordPage(Page):
    """What a status word of the warehouse means here."""

    editable = True
    list_display = ("word", "meaning_shown", "detail", "waiting")
    numbers = ("waiting",)
    seller_path = SHARED
    # Words that wait for a meaning stand first.
    sort = ("meaning", "id")
    fields = ("word", "meaning", "detail", "waiting")
    readonly_fields = ("waiting",)
    filters = (by_field("meaning", "Meaning", [(word.value, word.value.replace("_", " ")) for word in Meaning]),)
    empty = "No words yet. A word that the warehouse uses for the first time appears under attention."

    def get_queryset(self, request: HttpRequest) -> Rows:
        parked = ArchivedMessage.objects.filter(state=ArchivedMessage.State.PARKED, word=OuterRef("word"))
        many = (
            reach.narrow(parked, request.user, "seller_id")
            .order_by()
            .values("word")
            .annotate(many=Count("pk"))
            .values("many")
        )
        rows: Rows = super().get_queryset(request).annotate(messages=Coalesce(Subquery(many), 0))
        return rows

    def save_model(self, request: HttpRequest, obj: StatusWord, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if obj.meaning:
            transaction.on_commit(lambda: schedules.nudge("apply waiting messages"))

    @admin.display(description="Meaning")
    def meaning_shown(self, row: StatusWord) -> str:
        return row.get_meaning_display() if row.meaning else desk.state("parked", "No meaning yet")

    @admin.display(description="Messages waiting")
    def waiting(self, row: Any) -> str:
        # A word that is being added has none yet.
        if not getattr(row, "messages", 0):
            return "–"
        asked = urlencode({"state": ArchivedMessage.State.PARKED.value, "q": row.word})
        address = reverse("admin:integrations_archivedmessage_changelist")
        return format_html('<a class="d-link" href="{}?{}">{}</a>', address, asked, row.messages)
