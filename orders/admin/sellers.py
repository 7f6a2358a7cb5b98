"""Whose orders are these, where are they placed, and who ships them? (the pages of sellers, channels, warehouses)"""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from orders.backoffice import seller_scope
from orders.backoffice.lists import Rows
from orders.backoffice.pages import SHARED, Page, PlainFields
from orders.backoffice.theme import TabularInline
from orders.models import NonShippingSku, Seller, SellerWarehouse, Warehouse


class NonShippingSkus(PlainFields, TabularInline[NonShippingSku, Seller]):
    model = NonShippingSku
    extra = 1


class SellerPage(Page):
    """The brands whose orders we run."""

    editable = True
    seller_path = "pk"
    sort = ("id",)
    list_display = ("name", "code", "currency", "time_zone", "promise_days", "active")
    fields = ("code", "name", "currency", "time_zone", "promise_days", "ignore_sku_case", "active")
    inlines = (NonShippingSkus,)
    empty = "No sellers yet. Add one, then connect its warehouse."


class ChannelPage(Page):
    """Where orders are placed."""

    editable = True
    seller_path = SHARED
    sort = ("id",)
    list_display = ("name", "code", "kind", "active")
    fields = ("code", "name", "kind", "active")
    empty = "No sales channels yet. Add one for each place where orders come from."

    def get_queryset(self, request: HttpRequest) -> Rows:
        return seller_scope.channels(request.user)


def _warehouses(request: HttpRequest) -> Rows:
    """Those that the sellers of this person use."""
    sellers = seller_scope.of(request.user)
    if sellers is None:
        return Warehouse.objects.all()
    return Warehouse.objects.filter(pk__in=SellerWarehouse.objects.filter(seller__in=sellers).values("warehouse"))


class WarehousePage(Page):
    """The places that ship."""

    editable = True
    seller_path = SHARED
    sort = ("id",)
    list_display = ("name", "code", "time_zone", "state")
    fields = ("code", "name", "time_zone", "state")
    empty = "No warehouses yet. Connecting a warehouse system adds one."

    def get_queryset(self, request: HttpRequest) -> Rows:
        return _warehouses(request)


class SellerWarehousePage(Page):
    """Which warehouses each seller uses."""

    editable = True
    seller_path = "seller_id"
    sort = ("seller_id", "position", "id")
    list_display = ("named", "seller", "position")
    fields = ("seller", "warehouse", "position")
    empty = "No seller uses a warehouse yet. Connecting a seller to a warehouse system says so."

    @admin.display(description="Warehouse")
    def named(self, row: SellerWarehouse) -> str:
        return str(row.warehouse)

    def get_queryset(self, request: HttpRequest) -> Rows:
        rows: Rows = super().get_queryset(request)
        return rows.select_related("seller", "warehouse")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if db_field.name == "warehouse":
            options["queryset"] = _warehouses(request)
        return super().formfield_for_foreignkey(db_field, request, **options)
