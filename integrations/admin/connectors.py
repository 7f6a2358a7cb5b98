"""Which warehouses do we talk to, for which sellers, and what do their words mean?"""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from integrations.models import ProSkuConnector, ProSkuSeller, StatusWord
from orders.listing import Rows, by_field, by_row
from orders.models import Seller
from orders.page import Page
from orders.snapshot import Meaning
from orders.templatetags import desk


class ConnectorPage(Page):
    """One ProSKU installation."""

    editable = True
    list_display = ("name", "base_url", "format", "time_zone", "active", "sellers_shown")
    sort = ("id",)
    fields = ("name", "base_url", "format", "time_zone", "active")
    empty = "No connector yet. Add one with the address of your ProSKU, then give it sellers with their keys."

    def for_list(self, rows: Rows) -> Rows:
        return rows.prefetch_related("sellers")

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
    )
    readonly_fields = ("despatches_cursor", "orders_cursor", "next_poll_at", "failures", "paused_because")
    empty = "No seller has access to a ProSKU yet. Add a connector first, then its sellers with their keys."
    filters = (by_row("connector", "Connector", ProSkuConnector), by_row("seller", "Seller", Seller))

    def get_queryset(self, request: HttpRequest) -> Rows:
        return super().get_queryset(request).select_related("connector", "seller")

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
    list_display = ("word", "meaning_shown", "detail")
    sort = ("id",)
    fields = ("word", "meaning", "detail")
    filters = (by_field("meaning", "Meaning", [(word.value, word.value.replace("_", " ")) for word in Meaning]),)
    empty = "No words yet. A word that the warehouse uses for the first time appears under attention."

    @admin.display(description="Meaning")
    def meaning_shown(self, row: StatusWord) -> str:
        return row.get_meaning_display() if row.meaning else desk.state("parked", "No meaning yet")
