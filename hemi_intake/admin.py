"""Which pages are put together from the parts of several apps?

An app lower down never asks who is above it: its page has places (`sections`, `evidence_url`), which are filled here.
"""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest

from integrations.admin import archive
from orders.admin import OrderPage
from orders.models import Order
from orders.page import Page
from orders.theme import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from refunds.admin import RefundPage, refunds_of_order
from refunds.models import Refund


@admin.register(Order)
class OrderDesk(OrderPage):
    """An order with its refunds and the evidence of its events."""

    sections = (refunds_of_order,)

    def evidence_url(self, message_id: int) -> str:
        return archive.evidence_url(message_id)


@admin.register(Refund)
class RefundDesk(RefundPage):
    """A refund beside what the warehouse said."""

    sections = (archive.evidence_of_refund,)

    def evidence_url(self, message_id: int) -> str:
        return archive.evidence_url(message_id)


# Django registered these when the import above read its module. Roles are made by the migrations.
admin.site.unregister(Group)
admin.site.unregister(User)


@admin.register(User)
class UserPage(UserAdmin[User], Page):
    """Who may log in, and in which role. Only superusers may change that."""

    editable = True
    form: type[Any] = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "first_name", "last_name", "email", "roles", "is_active")
    sort = ("id",)
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        ("Rights", {"fields": ("is_active", "is_staff", "is_superuser", "groups")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")

    def for_list(self, rows: Any) -> Any:
        return rows.prefetch_related("groups")

    @admin.display(description="Roles")
    def roles(self, row: User) -> str:
        return ", ".join(group.name for group in row.groups.all()) or "–"

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        # A digest is nobody's business who cannot change it.
        if obj is not None and not self.has_change_permission(request, obj):
            return ((None, {"fields": ("username",)}), *fieldsets[1:])
        return fieldsets
