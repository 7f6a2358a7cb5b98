"""What does a SKU of the warehouse's documents count as here? (aliases, substitutes, kits, leaflets)"""

import re
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html

from integrations import schedules
from orders.backoffice import seller_scope
from orders.backoffice.lists import Filter, Rows, by_row
from orders.backoffice.pages import Page
from orders.models import Order, SkuMapping
from orders.templatetags import formatting
from orders.texts import identifier

MOST_PARTS = 20
_LINE = re.compile(r"(?:(?P<units>[0-9]{1,4})\s*[×x*]\s+)?(?P<sku>.{1,100})")


class SkuMappingForm(forms.ModelForm[SkuMapping]):
    """A SKU, and what one unit of it is."""

    counts_as = forms.CharField(
        label="Counts as",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "class": "d-input"}),
        help_text="The order's SKU. For a kit one part per line, with its units where it has several: 2 × SOCKS.",
    )
    no_goods = forms.BooleanField(
        label="No goods", required=False, help_text="Nothing that anybody orders, such as a leaflet."
    )
    reference = forms.CharField(
        label="Only for order",
        required=False,
        max_length=100,
        help_text="The reference of one order, for a substitute that was sent once. Empty: all orders of the seller.",
    )

    class Meta:
        model = SkuMapping
        fields = ("seller", "sku", "counts_as", "why", "active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mapping = self.instance
        if mapping.pk:
            lines = [sku if units == 1 else f"{units} × {sku}" for sku, units in sorted(mapping.counts_as.items())]
            self.initial["counts_as"] = "\n".join(lines)
            self.initial["no_goods"] = not mapping.counts_as
            self.fields["reference"].disabled = True
            self.initial["reference"] = mapping.order.reference if mapping.order else ""

    def clean_sku(self) -> str:
        """The SKU as documents are read."""
        return identifier(self.cleaned_data["sku"])

    def clean_counts_as(self) -> dict[str, int]:
        """Units by SKU."""
        units: dict[str, int] = {}
        for line in self.cleaned_data["counts_as"].splitlines():
            if not line.strip():
                continue
            found = _LINE.fullmatch(identifier(line))
            if found is None or found["units"] == "0":
                raise ValidationError("Enter one SKU per line, such as RED or 2 × SOCKS.")
            units[found["sku"]] = units.get(found["sku"], 0) + int(found["units"] or 1)
        if len(units) > MOST_PARTS:
            raise ValidationError(f"A kit has at most {MOST_PARTS} parts.")
        return units

    def clean(self) -> dict[str, Any] | None:
        """What it counts as must be said, and the order must be there."""
        cleaned = super().clean() or self.cleaned_data
        if "counts_as" in cleaned and bool(cleaned["counts_as"]) == bool(cleaned.get("no_goods")):
            self.add_error("counts_as", "Enter what it counts as, or tick No goods.")
        seller = cleaned.get("seller") or (self.instance.seller if self.instance.pk else None)
        if (reference := identifier(cleaned.get("reference", ""))) and seller and not self.instance.pk:
            orders = list(Order.objects.filter(seller=seller, reference=reference)[:2])
            if len(orders) == 1:
                self.instance.order = orders[0]
            else:
                known = "Two orders of this seller have" if orders else "No order of this seller has"
                self.add_error("reference", f"{known} this reference.")
        return cleaned


class SkuMappingPage(Page):
    """A SKU of the warehouse's documents, and what it counts as here."""

    editable = True
    form = SkuMappingForm
    list_display = ("sku", "meaning_shown", "seller", "only_for", "state", "mapped")
    seller_path = "seller_id"
    sort = ("-mapped_at", "-id")
    fields = ("seller", "sku", "counts_as", "no_goods", "reference", "why", "active")
    filters = (
        by_row("seller", "Seller", seller_scope.sellers),
        Filter(
            "state",
            "State",
            lambda _: (("on", "In use"), ("off", "Switched off")),
            lambda rows, value: rows.filter(active=value == "on"),
        ),
    )
    empty = "No mappings. Attention says when a warehouse ships a SKU that is not on the order, and leads here."

    def get_queryset(self, request: HttpRequest) -> Rows:
        return super().get_queryset(request).select_related("seller", "order", "mapped_by")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        # What it is about stays; only what it means may change.
        return ("seller", "sku") if obj else ()

    def save_model(self, request: HttpRequest, obj: SkuMapping, form: Any, change: bool) -> None:
        obj.mapped_by, obj.mapped_at, obj.applied_at = request.user, timezone.now(), None  # type: ignore[assignment]
        super().save_model(request, obj, form, change)
        transaction.on_commit(lambda: schedules.trigger_soon("apply waiting messages"))

    @admin.display(description="Counts as")
    def meaning_shown(self, row: SkuMapping) -> str:
        return row.meaning

    @admin.display(description="Only for order")
    def only_for(self, row: SkuMapping) -> str:
        return str(row.order) if row.order else "–"

    @admin.display(description="State")
    def state(self, row: SkuMapping) -> str:
        return formatting.state("applied", "In use") if row.active else formatting.state("parked", "Switched off")

    @admin.display(description="Mapped")
    def mapped(self, row: SkuMapping) -> str:
        return format_html("{}, {}", row.mapped_by.get_username(), formatting.moment(row.mapped_at))
